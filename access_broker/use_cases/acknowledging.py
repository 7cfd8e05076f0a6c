"""Who has ended what: every component that carries an end out says so, with its time, in the audit chain.

Nothing waits for these records and no right hangs on them: the commit of an act is the end, this is its proof.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from access_broker.domain.audit import AuditEvent, AuditRecord
from access_broker.domain.contracts import ContractState, Standing
from access_broker.domain.endings import Acknowledgement, Component, End
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.stopped import stopped_by

ACKNOWLEDGED = "end.acknowledged"
TOKENS_REVOKED, WORKERS_STOPPED, FILE_REMOVED = "tokens_revoked", "workers_stopped", "file_removed"
_NOT_YET = frozenset({"CONTRACT_NOT_ACTIVE", "CONTRACT_NOT_STARTED"})


@dataclass(frozen=True)
class Step:
    """What was carried out, on which sandbox or for which person, if it was about one."""

    component: Component
    step: str
    sandbox: str | None = None
    person: str | None = None


def end_of(reader: Reader, contract: str, now: datetime) -> End | None:
    """The end the contract has come to by `now`; None while it stands, is drafted, or has not begun."""
    standing = reader.standing(contract)
    why = why_ended(standing, now) if standing else None
    if standing is None or why is None:
        return None
    if standing.state is ContractState.ACTIVE:  # its term is over, which nobody had to commit
        return End(contract, standing.generation, *why, standing.ends_at)
    rule, since = stopped_by(reader, contract, standing.state, standing.generation) or (why[1], None)
    return End(contract, standing.generation, why[0], rule, since)


def why_ended(standing: Standing, now: datetime) -> tuple[str, str] | None:
    """(code, rule) for a contract that was in force and gives no access any more."""
    why = standing.why_not(standing.generation, now)
    return None if why is None or why[0] in _NOT_YET else why


def acknowledge_end(
    writer: Writer, contract_id: str, generation: int, step: Step, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Record one step of an end. Raises Refused NOT_FOUND for a contract that is not on record."""
    contract_named(writer, contract_id)
    writer.record(acknowledgement(writer, contract_id, generation, step, now, detail))


def acknowledgement(
    reader: Reader, contract: str, generation: int, step: Step, now: datetime, detail: dict[str, Any] | None = None
) -> AuditEvent:
    """The event of one step, for whoever writes the audit another way than through a `Writer`."""
    end = end_of(reader, contract, now)
    known = end if end is not None and end.generation == generation else None
    since = known.since if known else None
    about = {"sandbox": step.sandbox, "person": step.person}
    body = {
        **(detail or {}),
        **{name: value for name, value in about.items() if value is not None},
        "generation": generation,
        "component": step.component.value,
        "step": step.step,
        "at": now.isoformat(),
        "ms": max(0, round((now - since) / timedelta(milliseconds=1))) if since else None,
    }
    return AuditEvent(ACKNOWLEDGED, step.component.value, contract, (known.rule if known else "") or "S3-P8", body)


def acknowledged(reader: Reader, end: End) -> list[Acknowledgement]:
    """The steps of this end that are on record, oldest first.

    An earlier end of the same generation does not count: a person may have been shut out before the term was over.
    """
    told = (_told(record) for record in reader.acknowledgements(end.contract))
    return [a for a in told if a.generation == end.generation and (end.since is None or a.at >= end.since)]


def is_acknowledged(reader: Reader, end: End, component: Component) -> bool:
    """Whether the component has said that this contract as a whole is ended on its side."""
    return any(a.component is component and "person" not in a.detail for a in acknowledged(reader, end))


def expected_components(state: ContractState, told: Collection[Component], has_sandboxes: bool) -> list[Component]:
    """Who has to acknowledge. A suspended contract keeps its published file, unread; a lift then costs no build.

    Warden and hub are waited for as long as a sandbox of the contract is left: when the hub was away, the warden has
    done its part.
    """
    expected = [Component.BROKER, Component.GATEWAY]
    if state is not ContractState.SUSPENDED:
        expected.append(Component.PUBLISHER)
    return expected + [c for c in (Component.WARDEN, Component.HUB) if has_sandboxes or c in told]


def _told(record: AuditRecord) -> Acknowledgement:
    body = dict(record.event.body)
    return Acknowledgement(
        contract=record.event.subject,
        generation=int(body.pop("generation")),
        component=Component(body.pop("component")),
        step=str(body.pop("step")),
        at=datetime.fromisoformat(body.pop("at")),
        ms=body.pop("ms"),
        detail=body,
    )
