"""Suspensions: taken at once, ratified by the committee in time, or lapsed by the clerk on record (F-13).

Access is gone with the commit of the suspension, so a clerk who was asleep puts nobody at risk: what lapses late,
lapses as it would have lapsed in time, once, with one step of the generation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from access_broker.domain.acts import Act, CommitteeAct
from access_broker.domain.audit import CLERK, AuditEvent
from access_broker.domain.contracts import TRANSITIONS, Contract, ContractState, ContractType
from access_broker.domain.datasets import Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Motion, MotionState, Subject, Way
from access_broker.domain.people import Committee, Family
from access_broker.domain.suspensions import SUSPENSION_TRANSITIONS, OnLapse, Suspension, SuspensionState
from access_broker.domain.working_days import WorkingCalendar, deadline
from access_broker.use_cases.calendar import end_of_day, today
from access_broker.use_cases.committed import RULE, contract_after, event_of, write_act
from access_broker.use_cases.contracts import contract_named, level_covers
from access_broker.use_cases.decided import words_on
from access_broker.use_cases.matters import check_may_judge, has_acted, is_voted_on
from access_broker.use_cases.new_terms import GROUND, is_overtaken, protective
from access_broker.use_cases.of_now import is_of_now
from access_broker.use_cases.permissions import Caller, check_may_read_contract, check_sits_over
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.resting import rest_on
from access_broker.use_cases.violations import LEVEL_TOO_LOW, Classed, classed
from access_broker.use_cases.working_days import working_calendar


def suspend_by_rule(
    writer: Writer, policy: PolicyEngine, contract: Contract, why: dict[str, str], now: datetime
) -> CommitteeAct:
    """Access stops because a rule says so, and no person had to; nothing was done against the contract.

    `why` goes into the audit. The committee ratifies or lifts, as with any other suspension.
    """
    return write_suspension(writer, contract, RULE, classed(policy, contract, LEVEL_TOO_LOW), now, why=why)


def write_suspension(
    writer: Writer,
    contract: Contract,
    by: str,
    rules: Classed,
    now: datetime,
    violation: int | None = None,
    why: dict[str, str] | None = None,
    decision: str | None = None,
) -> CommitteeAct:
    """The act and the record of the suspension. Raises Refused STATE_FORBIDS unless the contract is in force."""
    if contract.state is not ContractState.ACTIVE:
        raise Refused("STATE_FORBIDS", GROUND, state=contract.state)
    after = contract_after(contract, Act.SUSPEND)
    act = CommitteeAct(contract.id, Act.SUSPEND, GROUND, by, decision, now, after.generation)
    named: dict[str, Any] = {} if violation is None else {"violation": violation}
    write_act(writer, after, act, event_of(contract, after, act, named | (why or {})))
    suspension = Suspension(
        contract.id, after.generation, GROUND, by, now, rules.ratify_days, rules.on_lapse, violation
    )
    body = {"generation": after.generation, "ratify_days": rules.ratify_days, "on_lapse": rules.on_lapse.value}
    writer.file(suspension, AuditEvent("suspension.began", by, contract.id, GROUND, body | named))
    return act


def open_suspension(reader: Reader, contract: Contract) -> Suspension | None:
    """The one the contract is suspended by now; None too for one of before suspensions were records of their own."""
    if contract.state is not ContractState.SUSPENDED:
        return None
    found = reader.filed(Suspension, contract=contract.id, generation=contract.generation)
    return found[0] if found and found[0].is_open else None


def close_suspension(
    writer: Writer, suspension: Suspension, state: SuspensionState, by: str, decision: str | None, now: datetime
) -> Suspension:
    """Take it to another state of its table. Raises Refused STATE_FORBIDS for one it does not lead to."""
    if state not in SUSPENSION_TRANSITIONS[suspension.state]:
        raise Refused("STATE_FORBIDS", GROUND, state=suspension.state)
    changed = replace(suspension, state=state, changed_by=by, changed_at=now, decision=decision or suspension.decision)
    body = {"generation": suspension.generation, "from": suspension.state.value, "decision": decision}
    writer.file(changed, AuditEvent(f"suspension.{state.value}", by, suspension.contract, GROUND, body))
    return changed


def ratify_by(reader: Reader, suspension: Suspension) -> datetime:
    """The last second in which the committee may ratify it. What is declared a day off since extends it (I-29)."""
    calendar = committee_calendar(reader)
    return end_of_day(deadline(today(suspension.at), suspension.ratify_days, calendar, suspension.at))


def committee_calendar(reader: Reader) -> WorkingCalendar:
    """The working days of ITO, where the committees sit (F-2)."""
    ito = next((o.id for o in reader.organisations() if o.family is Family.ITO), "")
    return working_calendar(reader, ito)


def ratify_suspension(
    writer: Writer, caller: Caller, contract_id: str, reference: str | None, now: datetime
) -> Suspension:
    """The committee confirms a suspension, which then stands until it is lifted or cut. Again is a no-op.

    Raises Refused NOT_PERMITTED without a seat of Monitoring, CONFLICT_OF_INTEREST for somebody of a side or behind it,
    DECISION_NEEDED, STATE_FORBIDS for a contract that is not suspended or a suspension whose time is over.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_sits_over(caller, contract)
    suspension = open_suspension(writer, contract)
    if suspension is None or is_lapsed(writer, contract, suspension, now):
        raise Refused("STATE_FORBIDS", GROUND, state=contract.state)
    if suspension.state is SuspensionState.RATIFIED:
        return suspension
    check_may_judge(writer, caller, contract, Subject.RATIFY_SUSPENSION, reference)
    by = caller.person.id
    decision = rest_on(writer, Committee.MONITORING, Subject.RATIFY_SUSPENSION, contract_id, reference, by, now)
    return close_suspension(writer, suspension, SuspensionState.RATIFIED, by, decision, now)


def is_lapsed(reader: Reader, contract: Contract, suspension: Suspension, now: datetime) -> bool:
    """Nobody ratified it in time. One whose cause a rule still sees waits: lifted, it would begin again at once; and so
    does one with a violation that it does not rest on yet, which would never be looked at.
    """
    if suspension.state is not SuspensionState.PROVISIONAL or now <= ratify_by(reader, suspension):
        return False
    if is_overtaken(reader, suspension):
        return False
    return suspension.on_lapse is OnLapse.CUT or _may_go_on(reader, contract)


def is_lifted_by_committee(reader: Reader, contract: Contract, suspension: Suspension) -> bool:
    """One seat lifts what is provisional, until the committee has taken it into its hands: ratified it, votes on it or
    has voted on it. Otherwise one seat would undo what the others have just decided.
    """
    if not suspension.is_provisional or is_overtaken(reader, suspension):
        return True
    since = max((act.committed_at for act in reader.acts(contract.id) if act.act is Act.SUSPEND), default=None)
    put = {MotionState.OPEN, MotionState.CARRIED, MotionState.LOST}
    return any(
        motion.state in put and (since is None or motion.opened_at >= since)
        for subject in (Subject.LIFT, Subject.RATIFY_SUSPENSION)
        for motion in reader.filed(
            Motion, committee=Committee.MONITORING, subject=subject, about=contract.id, way=Way.BALLOTED
        )
    )


def check_may_lift(reader: Reader, suspension: Suspension, by: str, reference: str | None) -> None:
    """Nobody writes down on paper that their own suspension is lifted; and nothing that was put to the vote before a
    protective violation was found lifts it, as long as that violation counts: the committee has not looked at it.
    Discounted, it holds nothing back. Raises Refused CONFLICT_OF_INTEREST, DECISION_NEEDED.
    """
    motions = reader.filed(Motion, id=reference, way=Way.BALLOTED) if reference else []
    if reference and not motions and has_acted(reader, Subject.LIFT, suspension.contract, by):
        raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=by)
    if any(motion.opened_at < violation.at for motion in motions for violation in protective(reader, suspension)):
        raise Refused("DECISION_NEEDED", GROUND, name=suspension.contract)


def check_may_cut(reader: Reader, suspension: Suspension | None) -> None:
    """No seat ends for good what the committee has decided to lift, or has begun to vote on, as long as nothing
    protective was found since it was put. Raises Refused BALLOT_NEEDED, CONFLICT with the motion that was carried.
    """
    if suspension is None:
        return
    contract, monitoring = suspension.contract, Committee.MONITORING
    words = words_on(reader, monitoring, Subject.LIFT, contract)
    begun = reader.filed(Motion, committee=monitoring, subject=Subject.LIFT, about=contract, state=MotionState.OPEN)
    said = [(motion, "BALLOT_NEEDED") for motion in begun if is_voted_on(reader, motion)]
    if words and (words[-1].subject, words[-1].state) == (Subject.LIFT, MotionState.CARRIED):
        said.append((words[-1], "CONFLICT"))
    for motion, code in said:
        found = any(violation.at > motion.opened_at for violation in protective(reader, suspension))
        if is_of_now(reader, motion) and not found:
            raise Refused(code, GROUND, name=motion.id)


def _may_go_on(reader: Reader, contract: Contract) -> bool:
    """Level and type fit what the contract grants (F-12, B-2)."""
    datasets = (reader.dataset(id) for id in {grant.dataset for grant in contract.scope})
    is_sovereign = any(d is not None and d.sovereignty is Sovereignty.SOVEREIGN for d in datasets)
    return level_covers(reader, contract) and (contract.type is ContractType.PPP or not is_sovereign)


def unsettled(reader: Reader) -> Iterator[Suspension]:
    """Those the clerk looks after: nobody has ratified, lifted or cut them."""
    for state in SuspensionState:
        if SUSPENSION_TRANSITIONS[state]:
            yield from reader.filed(Suspension, state=state)


def is_due(reader: Reader, suspension: Suspension, now: datetime) -> bool:
    """Whether `settle_suspension` would find something to do."""
    contract = contract_named(reader, suspension.contract)
    return not TRANSITIONS[contract.state] or is_lapsed(reader, contract, suspension, now)


def settle_suspension(writer: Writer, suspension: Suspension, now: datetime) -> bool:
    """The clerk's part: the lapse of one that was not ratified, the end of one whose contract ended. True when done."""
    contract = contract_named(writer, suspension.contract)
    current = open_suspension(writer, contract)
    if not TRANSITIONS[contract.state]:
        return _settle_with_contract(writer, contract, suspension, now)
    if current != suspension or not is_lapsed(writer, contract, suspension, now):
        return False
    act = Act.LIFT if suspension.on_lapse is OnLapse.LIFTED else Act.CUT
    after = contract_after(contract, act)
    taken = CommitteeAct(contract.id, act, GROUND, CLERK, None, now, after.generation)
    write_act(writer, after, taken, event_of(contract, after, taken, {"why": "not ratified in time"}))
    close_suspension(writer, suspension, suspension.on_lapse.state, CLERK, None, now)
    return True


def _settle_with_contract(writer: Writer, contract: Contract, suspension: Suspension, now: datetime) -> bool:
    stored = writer.filed(Suspension, contract=contract.id, generation=suspension.generation)
    if not stored or not stored[0].is_open:
        return False
    close_suspension(writer, stored[0], SuspensionState.OVER, CLERK, None, now)
    return True
