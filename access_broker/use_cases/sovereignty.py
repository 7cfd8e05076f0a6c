"""The Monitoring Committee decides on a dataset, or changes its mind; what that means for contracts (S1-P4-R4, B-2).

Sovereign data goes out under a public-private partnership alone. A contract of another type that stands on the dataset
is suspended in the same transaction, protective, with the rule as actor; the policy refuses it from then on as well.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState, ContractType
from access_broker.domain.dataset_records import SovereigntyDecision
from access_broker.domain.datasets import Dataset, Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.permissions import Caller, check_holds_seat
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.register import decide_sovereignty
from access_broker.use_cases.resting import check_may_write_down, rest_on
from access_broker.use_cases.suspending import suspend_by_rule

RULE = "S1-P4-R4"


def decide(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    dataset_id: str,
    sovereignty: Sovereignty,
    reference: str | None,
    now: datetime,
) -> SovereigntyDecision | None:
    """What a seat writes down about a dataset, the first time or anew; the one that stands is a no-op.

    It rests on the committee's decision on this very kind: otherwise one seat's word would open the data. Raises
    Refused as `decide_anew` does, but decides on what nothing was decided about as well.
    """
    dataset = _to_decide_on(writer, caller, dataset_id, sovereignty)
    if dataset.sovereignty is not Sovereignty.UNDETERMINED:
        return _changed(writer, policy, caller, dataset, sovereignty, reference, now)
    by, subject = caller.person.id, Subject.SOVEREIGNTY
    check_may_write_down(writer, caller, Committee.MONITORING, subject, dataset_id, reference)
    decision = rest_on(writer, Committee.MONITORING, subject, dataset_id, reference, by, now, sovereignty.value)
    decide_sovereignty(writer, dataset_id, sovereignty, by, decision)
    return None


def decide_anew(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    dataset_id: str,
    sovereignty: Sovereignty,
    reference: str | None,
    now: datetime,
) -> SovereigntyDecision | None:
    """Another decision about a dataset that was decided on before; None when it is the one that stands.

    Raises Refused NOT_PERMITTED but for the Monitoring Committee, NOT_FOUND, STATE_FORBIDS for a dataset that nothing
    was decided about, INVALID for `undetermined`, DECISION_NEEDED without the committee's decision,
    CONFLICT_OF_INTEREST for its keeper with a paper.
    """
    dataset = _to_decide_on(writer, caller, dataset_id, sovereignty)
    if dataset.sovereignty is Sovereignty.UNDETERMINED:
        raise Refused("STATE_FORBIDS", RULE, state=dataset.sovereignty)
    return _changed(writer, policy, caller, dataset, sovereignty, reference, now)


def standing_on(reader: Reader, dataset_id: str) -> list[Contract]:
    """The contracts in force that grant something of a dataset."""
    active = (c for c in reader.contracts() if c.state is ContractState.ACTIVE)
    return [c for c in active if any(grant.dataset == dataset_id for grant in c.scope)]


def _to_decide_on(reader: Reader, caller: Caller, dataset_id: str, sovereignty: Sovereignty) -> Dataset:
    """The dataset, if the caller has a seat that decides on it. The seat comes first: strangers learn of no dataset."""
    check_holds_seat(caller, Committee.MONITORING)
    dataset = reader.dataset(dataset_id)
    if dataset is None:
        raise Refused("NOT_FOUND", name=dataset_id)
    check_holds_seat(caller, Committee.MONITORING, dataset.owner)
    if sovereignty is Sovereignty.UNDETERMINED:
        raise Refused("INVALID", RULE, where="sovereignty")
    return dataset


def _changed(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    dataset: Dataset,
    sovereignty: Sovereignty,
    reference: str | None,
    now: datetime,
) -> SovereigntyDecision | None:
    """What was decided before is decided otherwise, with what that means for contracts in force."""
    if dataset.sovereignty is sovereignty:
        return None
    dataset_id, before, by = dataset.id, dataset.sovereignty, caller.person.id
    check_may_write_down(writer, caller, Committee.MONITORING, Subject.SOVEREIGNTY, dataset_id, reference)
    rest_on(writer, Committee.MONITORING, Subject.SOVEREIGNTY, dataset_id, reference, by, now, sovereignty.value)
    event = AuditEvent(
        "dataset.sovereignty_changed",
        by,
        dataset_id,
        RULE,
        {"from": before.value, "to": sovereignty.value, "decision": reference},
    )
    writer.save_dataset(replace(dataset, sovereignty=sovereignty), event)
    misfits = [c for c in standing_on(writer, dataset_id) if not _may_hold(c, sovereignty)]
    number = len(writer.filed(SovereigntyDecision, dataset=dataset_id)) + 1
    suspended = tuple(contract.id for contract in misfits)
    decision = SovereigntyDecision(dataset_id, number, sovereignty, by, now, reference or "", suspended)
    writer.file(decision, replace(event, kind="sovereignty.filed", body={"number": number, "suspended": suspended}))
    for contract in misfits:
        why = {"dataset": dataset_id, "why": "TYPE_NOT_ALLOWED"}
        suspend_by_rule(writer, policy, contract, why, now)
    return decision


def _may_hold(contract: Contract, sovereignty: Sovereignty) -> bool:
    return sovereignty is not Sovereignty.SOVEREIGN or contract.type is ContractType.PPP
