"""What belongs to the evidence of a contract, and who may take it away (S3-P6-R2). Decisions and deeds, never rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditEvent, audit_line
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.exits import Exit, FailureReport
from access_broker.domain.motions import Motion, Recusal, Vote
from access_broker.domain.people import Role
from access_broker.domain.reports import Report
from access_broker.domain.signals import Signal
from access_broker.domain.suspensions import Suspension
from access_broker.domain.violations import LegalFollowUp, Violation
from access_broker.use_cases.permissions import Caller, can, check_sits_over
from access_broker.use_cases.ports import Reader, Records, Writer

RULE = "S3-P6-R2"
_AT_ONCE = 500  # records read in one transaction


def check_may_take_evidence(caller: Caller, contract: Contract) -> None:
    """Seats of the Monitoring Committee and auditors."""
    if Role.AUDITOR not in caller.roles and not can(check_sits_over, caller, contract):
        raise Refused("NOT_PERMITTED", RULE)


def record_download(writer: Writer, caller: Caller, contract_id: str, manifest: str, position: int) -> None:
    """Somebody takes it away. `manifest`: its digest. `position`: of the last audit record that can be in it."""
    body = {"manifest_sha256": manifest, "position": position}
    writer.record(AuditEvent("evidence.taken", caller.person.id, contract_id, RULE, body))


def evidence_files(reader: Reader, contract: Contract) -> dict[str, bytes]:
    """File name → its text. Things that were filed under the contract, and the motions about it with their votes."""
    id = contract.id
    motions = [motion for motion in reader.filed(Motion, about=id) if motion.about_contract == id]
    ends = [record.event.body | {"position": record.position} for record in reader.acknowledgements(id)]
    told: dict[str, Any] = {
        "contract.json": {"digest": text_digest(contract), "text": contract},
        "acts.json": reader.acts(id),
        "warnings.json": reader.warnings(id),
        "violations.json": reader.filed(Violation, contract=id),
        "suspensions.json": reader.filed(Suspension, contract=id),
        "legal_follow_up.json": reader.filed(LegalFollowUp, contract=id),
        "motions.json": motions,
        "votes.json": [vote for motion in motions for vote in reader.filed(Vote, motion=motion.id)],
        "recusals.json": [recusal for motion in motions for recusal in reader.filed(Recusal, motion=motion.id)],
        "reports.json": reader.filed(Report, contract=id),
        "signals.json": reader.filed(Signal, contract=id),
        "exits.json": reader.filed(Exit, contract=id),
        "failures.json": reader.filed(FailureReport, contract=id),
        "ends.json": ends,
        "sandbox_evidence.json": [end for end in ends if "manifest_sha256" in end],
    }
    return {name: as_json(value) for name, value in told.items()}


def audit_lines(records: Records, contract_id: str, last: int | None = None) -> Iterator[bytes]:
    """The audit about a contract, a line a record, up to a position or its end.

    Read piece by piece: it may be long, and no transaction should wait for who takes it.
    """
    after = 0
    while True:
        with records.read() as reader:
            found = reader.audit_about(contract_id, after, _AT_ONCE)
        yield b"".join(audit_line(record) for record in found if last is None or record.position <= last)
        if len(found) < _AT_ONCE or (last is not None and found[-1].position >= last):
            return
        after = found[-1].position


def as_json(value: Any) -> bytes:
    """One spelling for each value, readable for people."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    """What JSON has no word for: records as their fields, moments in UTC, enumerations as they are written."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    return str(value)
