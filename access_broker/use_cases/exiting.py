"""Leaving the platform (D-1, D-2): somebody asks, the committees agree, access ends, and then it is certified.

Two gates in a row, as for the acts: the policy `exits` says who may take which step when, the tables of the domain say
it again. At the last key access ends in the same transaction; everything after that only carries it out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import TRANSITIONS, Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.exits import (
    EXIT_KEYS,
    EXIT_TRANSITIONS,
    EXITS_FROM,
    OPEN_TO,
    Exit,
    ExitKey,
    ExitKind,
    ExitState,
    ExitStep,
    FailureReport,
)
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.domain.text import digest_of_text
from access_broker.use_cases.accepting import end_contract
from access_broker.use_cases.awarding import record_openings
from access_broker.use_cases.certificate import certificate_of
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.deciding import ask, require
from access_broker.use_cases.exit_facts import exit_facts
from access_broker.use_cases.exit_keys import (
    check_is_open_to_a_seat,
    check_two_hands,
    has_approved,
    has_refused,
    standing_keys,
)
from access_broker.use_cases.filing import filed_one, filed_or_refused
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.resting import rest_on
from access_broker.use_cases.said import said


def exits_of(reader: Reader, contract_id: str) -> list[Exit]:
    """Every exit that was asked for, oldest first."""
    return reader.filed(Exit, contract=contract_id)


def exit_numbered(reader: Reader, contract_id: str, number: int) -> Exit:
    """Raises Refused NOT_FOUND."""
    return filed_or_refused(reader, Exit, f"{contract_id} {number}", contract=contract_id, number=number)


def ask_exit(
    writer: Writer, policy: PolicyEngine, caller: Caller, contract_id: str, kind: ExitKind, text: str, now: datetime
) -> Exit:
    """Ask to leave, with the reason: a named person, or a monitoring seat; a termination only the latter.

    A termination takes the place of another exit that is not agreed yet, which is refused with it: an executor could
    else keep the committee from it by a question that nobody answers; what the committee itself votes on or has carried
    stays. Raises Refused NOT_PERMITTED, CONFLICT_OF_INTEREST for a termination by somebody of a side, STATE_FORBIDS,
    BALLOT_NEEDED, CONFLICT. Asked again while nobody has spoken, the same is the same exit.
    """
    contract = contract_named(writer, contract_id)
    last = next(reversed(exits_of(writer, contract_id)), None)
    asked = (kind, text.strip(), caller.person.id)
    if last is not None and last.state is ExitState.ASKED and (last.kind, last.text, last.asked_by) == asked:
        return last
    facts = exit_facts(writer, caller, contract, ExitStep.ASK, kind, Committee.MONITORING, last, now)
    require(ask(policy, "exits", facts).reasons)
    if contract.state not in EXITS_FROM[kind] or not may_follow(last, kind):
        raise Refused("STATE_FORBIDS", "D-2", state=contract.state)
    text = said(text, "text", "D-2")
    made = Exit(contract_id, (last.number if last else 0) + 1, kind, text, caller.person.id, now)
    if last is not None and last.state is not ExitState.REFUSED:
        check_is_open_to_a_seat(writer, last, Committee.MONITORING)
        _give_way(writer, caller, last, made)
    writer.file(made, _event("exit.asked", caller, made))
    return made


def may_follow(last: Exit | None, kind: ExitKind) -> bool:
    """Whether an exit of that kind may be asked for after the `last` one; keys to that one are no keys to it."""
    if last is None or last.state is ExitState.REFUSED:
        return True
    return kind is ExitKind.TERMINATION and last.kind is not kind and last.state in OPEN_TO[ExitStep.REFUSE]


def approve_exit(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    contract_id: str,
    number: int,
    committee: Committee,
    decision: str | None,
    now: datetime,
) -> Exit:
    """A committee's key. With the last one that is needed (I-33) access ends in this transaction.

    Raises Refused NOT_PERMITTED, CONFLICT_OF_INTEREST, SAME_PERSON_TWICE, STATE_FORBIDS, DECISION_NEEDED.
    """
    contract, known = contract_named(writer, contract_id), exit_numbered(writer, contract_id, number)
    if has_approved(writer, known, committee, caller.person.id):
        return known
    _check(writer, policy, caller, contract, known, ExitStep.APPROVE, committee, now)
    if contract.state not in EXITS_FROM[known.kind]:
        raise Refused("STATE_FORBIDS", "D-2", state=contract.state)
    by, kind = caller.person.id, known.kind.value
    check_two_hands(writer, known, committee, by)
    reference = rest_on(writer, committee, Subject.EXIT, contract_id, decision, by, now, kind)
    key = ExitKey(contract_id, number, committee, by, reference, True, now)
    writer.file(key, _event("exit_key.given", caller, known, committee=committee.value, decision=decision))
    given = {standing.committee for standing in standing_keys(writer, known)}
    if not given >= EXIT_KEYS[known.kind]:
        if known.state is ExitState.ONE_APPROVAL:  # the other committee has taken its key back since
            return known
        return _moved(writer, caller, known, ExitState.ONE_APPROVAL, "exit.approved", committee=committee.value)
    known = replace(known, ended_at=now)
    after = _moved(writer, caller, known, ExitState.CLOSING, "exit.approved", committee=committee.value)
    if TRANSITIONS[contract.state]:
        event = AuditEvent("contract.ended", caller.person.id, contract_id, "D-2", {"exit": number})
        end_contract(writer, contract, event, now)
    return after


def refuse_exit(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    contract_id: str,
    number: int,
    committee: Committee,
    text: str,
    now: datetime,
) -> Exit:
    """A committee whose approval is needed says no, with its reason; the contract goes on.

    Not against what the committee itself votes on or has agreed to: one seat would undo what all of them decide. Raises
    Refused NOT_PERMITTED, CONFLICT_OF_INTEREST, STATE_FORBIDS with its key given, BALLOT_NEEDED, CONFLICT with a motion
    of its that was carried.
    """
    contract, known = contract_named(writer, contract_id), exit_numbered(writer, contract_id, number)
    if has_refused(writer, known, committee, caller.person.id):
        return known
    _check(writer, policy, caller, contract, known, ExitStep.REFUSE, committee, now)
    check_is_open_to_a_seat(writer, known, committee)
    text = said(text, "text", "D-2")
    key = ExitKey(contract_id, number, committee, caller.person.id, "", False, now, text)
    writer.file(key, _event("exit_key.refused", caller, known, committee=committee.value))
    return _moved(writer, caller, known, ExitState.REFUSED, "exit.refused", committee=committee.value)


def report_failure(
    writer: Writer, policy: PolicyEngine, caller: Caller, contract_id: str, number: int, text: str, now: datetime
) -> FailureReport:
    """What the Monitoring Committee found out about a failure, for the organisation concerned (D-1).

    Until the exit is closed it may be written anew; the audit keeps the digest of each. Raises Refused.
    """
    contract, known = contract_named(writer, contract_id), exit_numbered(writer, contract_id, number)
    stored = filed_one(writer, FailureReport, contract=contract_id, number=number)
    if stored is not None and (stored.text, stored.by) == (text, caller.person.id):
        return stored
    _check(writer, policy, caller, contract, known, ExitStep.REPORT, Committee.MONITORING, now)
    text = said(text, "text", "D-1")
    report = FailureReport(contract_id, number, text, caller.person.id, now)
    body = {"number": number, "to": contract.owner, "digest": digest_of_text(text)}
    writer.file(report, AuditEvent("exit.failure_reported", caller.person.id, contract_id, "D-1", body))
    return report


def close_exit(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    contract_id: str,
    number: int,
    decision: str | None,
    now: datetime,
) -> Exit:
    """Certify an exit that every component has carried out; the problem is open to others again (D-2).

    Raises Refused: END_NOT_COMPLETE, FAILURE_REPORT_MISSING for a failure nobody has reported on (D-1), for which the
    committee's decision is needed as well; NOT_PERMITTED, CONFLICT_OF_INTEREST, STATE_FORBIDS.
    """
    contract, known = contract_named(writer, contract_id), exit_numbered(writer, contract_id, number)
    if known.state is ExitState.CLOSED:
        return known
    _check(writer, policy, caller, contract, known, ExitStep.CLOSE, Committee.MONITORING, now)
    if known.kind is ExitKind.FAILURE:
        by = caller.person.id
        rest_on(writer, Committee.MONITORING, Subject.CLOSE_FAILURE, contract_id, decision, by, now)
    certificate = certificate_of(writer, contract, known, now)
    certified = replace(known, certificate=certificate, digest=digest_of_text(certificate), closed_at=now)
    closed = _moved(writer, caller, certified, ExitState.CLOSED, "exit.closed", digest=certified.digest)
    record_openings(writer, now, caller.person.id)
    return closed


def _check(
    reader: Reader,
    policy: PolicyEngine,
    caller: Caller,
    contract: Contract,
    known: Exit,
    step: ExitStep,
    committee: Committee,
    now: datetime,
) -> None:
    facts = exit_facts(reader, caller, contract, step, known.kind, committee, known, now)
    require(ask(policy, "exits", facts).reasons)
    if known.state not in OPEN_TO[step]:
        raise Refused("STATE_FORBIDS", "D-2", state=known.state)


def _give_way(writer: Writer, caller: Caller, last: Exit, to: Exit) -> None:
    """The reason stands where the committee's own word would; a key it had given stays what it was."""
    monitoring = Committee.MONITORING
    if not writer.filed(ExitKey, contract=last.contract, number=last.number, committee=monitoring):
        key = ExitKey(last.contract, last.number, monitoring, to.asked_by, "", False, to.asked_at, to.text)
        writer.file(key, _event("exit_key.refused", caller, last, committee=monitoring.value))
    _moved(writer, caller, last, ExitState.REFUSED, "exit.refused", committee=monitoring.value, reason=to.kind.value)


def _moved(writer: Writer, caller: Caller, known: Exit, state: ExitState, kind: str, **more: str | None) -> Exit:
    if state not in EXIT_TRANSITIONS[known.state]:
        raise Refused("STATE_FORBIDS", "D-2", state=known.state)
    after = replace(known, state=state)
    writer.file(after, _event(kind, caller, after, **more))
    return after


def _event(kind: str, caller: Caller, about: Exit, **more: str | None) -> AuditEvent:
    body = {"number": about.number, "kind": about.kind.value, "state": about.state.value, **more}
    return AuditEvent(kind, caller.person.id, about.contract, "D-2", body)
