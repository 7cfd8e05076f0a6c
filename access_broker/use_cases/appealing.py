"""Warnings once they are issued: served by the clerk, appealed by the executor, settled by the committee."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from access_broker.domain.acts import WARNING_TRANSITIONS, WarningNotice, WarningState
from access_broker.domain.audit import CLERK, AuditEvent
from access_broker.domain.contracts import TRANSITIONS, Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject, on_appeal
from access_broker.domain.people import Committee
from access_broker.domain.working_days import deadline
from access_broker.use_cases.calendar import end_of_day, today
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.matters import check_may_judge
from access_broker.use_cases.permissions import Caller, check_is_named, check_may_read_contract, check_sits_over
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.resting import rest_on
from access_broker.use_cases.said import said
from access_broker.use_cases.voted_on import check_may_appeal
from access_broker.use_cases.withdrawing import warning_named
from access_broker.use_cases.working_days import working_calendar

RULE = "S3-P6-R2"


def appeal_warning(
    writer: Writer, caller: Caller, contract_id: str, number: int, text: str, now: datetime
) -> WarningNotice:
    """A named person objects to a warning that has arrived. Until the committee has decided it counts for nothing.

    There is one appeal; again is answered with the first. Raises Refused NOT_NAMED, INVALID, STATE_FORBIDS also once
    the committee has decided to cut for its repetition.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_is_named(contract, caller.person.id)
    notice = warning_named(writer, contract_id, number)
    if notice.appealed_at is not None:
        return notice
    if not TRANSITIONS[contract.state]:
        raise Refused("STATE_FORBIDS", RULE, state=contract.state)
    _check_leads(notice, WarningState.APPEALED)
    check_may_appeal(writer, notice)
    told = said(text, "text", RULE)
    appealed = replace(notice, appeal_text=told, appealed_by=caller.person.id, appealed_at=now)
    _save(writer, appealed, "warning.appealed", caller.person.id, {"from": notice.state.value, "text": told})
    return appealed


def decide_appeal(
    writer: Writer, caller: Caller, contract_id: str, number: int, upheld: bool, reference: str | None, now: datetime
) -> WarningNotice:
    """The committee's decision on an appeal: the warning is upheld and counts again, or withdrawn for good.

    A decision is of one warning; the same again is a no-op. Raises Refused NOT_PERMITTED without a seat of Monitoring,
    CONFLICT_OF_INTEREST for somebody of a side or who issued that warning, DECISION_NEEDED also for a motion or paper
    about another one, STATE_FORBIDS for a warning that is not appealed.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_sits_over(caller, contract)
    notice = warning_named(writer, contract_id, number)
    target = WarningState.UPHELD if upheld else WarningState.WITHDRAWN
    if notice.appeal_decided_at is not None and notice.state is target:
        return notice
    if notice.state is not WarningState.APPEALED:
        raise Refused("STATE_FORBIDS", RULE, state=notice.state)
    by, outcome = caller.person.id, on_appeal(target.value, number)
    check_may_judge(writer, caller, contract, Subject.APPEAL, reference, outcome)
    decision = rest_on(writer, Committee.MONITORING, Subject.APPEAL, contract_id, reference, by, now, outcome)
    decided = replace(notice, appeal_decision=decision, appeal_decided_by=by, appeal_decided_at=now)
    if not upheld:
        why = notice.appeal_text
        decided = replace(decided, withdrawn=True, withdrawn_by=by, withdrawn_at=now, withdrawn_why=why)
    _save(writer, decided, f"warning.{target.value}", by, {"from": "appealed", "decision": decision})
    return decided


def served_by(reader: Reader, contract: Contract, notice: WarningNotice) -> datetime | None:
    """The last second before it counts as served, in the executor's working days; None when it never will."""
    if notice.serve_days is None or notice.state is not WarningState.ISSUED:
        return None
    calendar = working_calendar(reader, contract.executor)
    return end_of_day(deadline(today(notice.issued_at), notice.serve_days, calendar, notice.issued_at))


def serve_warnings(writer: Writer, contract_id: str, now: datetime) -> int:
    """The clerk's part: warnings that nobody acknowledged in time count as served from then on. Returns how many."""
    contract = contract_named(writer, contract_id)
    due = [notice for notice in writer.warnings(contract_id) if _is_due(writer, contract, notice, now)]
    for notice in due:
        served = replace(notice, served_at=now)
        _save(writer, served, "warning.served", CLERK, {"serve_days": notice.serve_days})
    return len(due)


def next_served_by(reader: Reader, contract_id: str) -> datetime | None:
    """When `serve_warnings` has something to do next; None while nothing waits to be acknowledged."""
    open_ones = [notice for notice in reader.warnings(contract_id) if notice.state is WarningState.ISSUED]
    contract = contract_named(reader, contract_id) if open_ones else None
    found = (served_by(reader, contract, notice) for notice in open_ones if contract is not None)
    return min((last for last in found if last is not None), default=None)


def _is_due(reader: Reader, contract: Contract, notice: WarningNotice, now: datetime) -> bool:
    if not TRANSITIONS[contract.state]:
        return False
    last = served_by(reader, contract, notice)
    return last is not None and now > last


def _check_leads(notice: WarningNotice, target: WarningState) -> None:
    if target not in WARNING_TRANSITIONS[notice.state]:
        raise Refused("STATE_FORBIDS", RULE, state=notice.state)


def _save(writer: Writer, notice: WarningNotice, kind: str, by: str, body: dict[str, object]) -> None:
    writer.save_warning(notice, AuditEvent(kind, by, notice.contract, RULE, {"number": notice.number} | body))
