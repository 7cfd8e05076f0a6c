"""Asking whether a result may leave (S3-P5). There is no output review yet, so nothing does; the question is on record.

The file itself stays where it is: its digest, kind and size are all that is told here.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Decision, Reason
from access_broker.domain.releases import Output
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.deciding import ask
from access_broker.use_cases.facts import epoch
from access_broker.use_cases.permissions import Caller, can, check_may_oversee, check_may_read_contract, is_party
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer

RULE = "S3-P5"
NOT_OPEN = Reason("RELEASE_NOT_OPEN", RULE)


def ask_release(
    writer: Writer, policy: PolicyEngine, caller: Caller, contract_id: str, output: Output, now: datetime
) -> Decision:
    """The refusal, as a value, so that it is on record with whoever asked. It is never an allow.

    Two gates, as for the acts: the policy `release` refuses, and were it another one, there would be nothing here that
    lets anything out. Raises Refused NOT_FOUND for a contract that the caller may not see.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    reasons = ask(policy, "release", release_facts(writer, caller, contract, output, now)).reasons or (NOT_OPEN,)
    body = {"digest": output.digest, "kind": output.kind.value, "size": output.size}
    told = {"reasons": [{"code": reason.code, "rule": reason.rule} for reason in reasons]}
    writer.record(AuditEvent("release.refused", caller.person.id, contract_id, RULE, body | told))
    return Decision(reasons)


def release_facts(reader: Reader, caller: Caller, contract: Contract, output: Output, now: datetime) -> dict[str, Any]:
    """Facts of `release`. No committee has approved a profile and nobody has reviewed anything: there is no way to."""
    return {
        "now": epoch(now),
        "person": {"id": caller.person.id, "disabled": caller.person.disabled, "role": _role(reader, caller, contract)},
        "contract": {
            "id": contract.id,
            "state": contract.state.value,
            "starts_at": epoch(contract.starts_at),
            "ends_at": epoch(contract.ends_at),
            "release_profile": None,
        },
        "output": {"digest": output.digest, "kind": output.kind.value, "bytes": output.size},
        "reviews": [],
    }


def _role(reader: Reader, caller: Caller, contract: Contract) -> str:
    if is_party(caller, contract):
        return "named"
    return "overseer" if can(check_may_oversee, reader, caller, contract) else "other"
