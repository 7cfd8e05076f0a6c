"""A vote, a recusal, and what follows when the tally leaves `open` (S1-C2, S3-P1-R2, S3-P5, F-5).

Everybody votes on the text that lay there when the motion was put. A person has one vote, from the lowest seat they
hold; it may be given anew as long as the motion is open, and every one of them stays on record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Approval
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Choice, Finding, Motion, MotionState, Recusal, Subject, Vote, Way
from access_broker.domain.people import SECURITY_SEAT, Seat
from access_broker.domain.suspensions import SuspensionState
from access_broker.use_cases.approving import APPROVED, REJECTED, rule_of_approval
from access_broker.use_cases.interests import interest_of
from access_broker.use_cases.matters import Matter, matter_of, spoken_elsewhere, votes_of
from access_broker.use_cases.motions import (
    Outcome,
    check_can_decide,
    check_words,
    ended,
    event_of,
    motion_named,
    seat_of,
)
from access_broker.use_cases.permissions import Caller, rule_of_seat
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.suspending import close_suspension, is_lapsed, open_suspension
from access_broker.use_cases.tallying import chairs_of, is_disabled, tally


@dataclass(frozen=True)
class Ballot:
    """What somebody votes. `seen`: the digest of the text before them. The rest is as in `Vote`."""

    choice: Choice
    seen: str
    opinion: str = ""
    findings: tuple[tuple[Finding, str], ...] = ()
    refused: tuple[str, ...] = ()


def give_vote(
    writer: Writer, policy: PolicyEngine, caller: Caller, motion_id: str, ballot: Ballot, now: datetime
) -> Motion:
    """The motion as it stands then. The same vote again changes nothing, whatever became of the motion.

    Raises Refused: NOT_PERMITTED without a seat that has a say in it, CONFLICT_OF_INTEREST for somebody of a side or
    recused, SAME_PERSON_TWICE for a voice that is in the other committee's approval, STATE_FORBIDS after the end,
    CONFLICT when the text is not the one that was seen, FINDING_MISSING, OPINION_MISSING, INVALID, PERSON_DISABLED.
    """
    _check_may_speak(writer, caller)
    motion = motion_named(writer, motion_id)
    matter = matter_of(writer, motion.subject, motion.about)
    seat = seat_of(writer, caller, motion.committee, matter)
    earlier = votes_of(writer, motion)
    vote = _vote(motion, seat, ballot, len(earlier) + 1, now)
    if _is_last_of(earlier, vote):
        return motion
    _check_open(writer, caller, motion, matter)
    if ballot.seen != motion.digest:
        raise Refused("CONFLICT", "S3-P1", text_of=motion.about)
    _check_ballot(motion, matter, vote)
    told: dict[str, Any] = {"seat": vote.seat, "choice": vote.choice.value, "number": vote.number}
    told |= {"digest": motion.digest, "refused": list(vote.refused)}
    writer.file(vote, event_of(motion, "motion.voted", caller.person.id, told))
    return _settled(writer, policy, motion, caller.person.id, now)


def recuse(writer: Writer, policy: PolicyEngine, caller: Caller, motion_id: str, reason: str, now: datetime) -> Motion:
    """Somebody will not judge, and says why; a vote they gave counts no more. Again is a no-op.

    Raises Refused NOT_PERMITTED, STATE_FORBIDS, CONFLICT when the text has changed, INVALID without a reason,
    PERSON_DISABLED.
    """
    _check_may_speak(writer, caller)
    motion = motion_named(writer, motion_id)
    matter, person = matter_of(writer, motion.subject, motion.about), caller.person.id
    if not any(s.committee is motion.committee and s.speaks_for(matter.organisation) for s in caller.seats):
        raise Refused("NOT_PERMITTED", rule_of_seat(motion.committee))
    check_words(reason, "reason", needed=True)
    if writer.filed(Recusal, motion=motion.id, person=person):
        return motion
    _check_is_open(motion, matter)
    event = event_of(motion, "motion.recused", person, {"reason": reason})
    writer.file(Recusal(motion.id, person, reason, now), event)
    return _settled(writer, policy, motion, person, now)


def voting_seat(reader: Reader, caller: Caller, motion: Motion) -> Seat:
    """The seat from which the caller may vote on it now. Raises Refused as `give_vote` does."""
    matter = matter_of(reader, motion.subject, motion.about)
    seat = seat_of(reader, caller, motion.committee, matter)
    _check_open(reader, caller, motion, matter)
    return seat


def _check_may_speak(reader: Reader, caller: Caller) -> None:
    """The caller may have been read before they were shut out: what the records say within the transaction counts."""
    if not caller.seats:
        raise Refused("NOT_PERMITTED", "S1-C2")
    if is_disabled(reader, caller.person.id):
        raise Refused("PERSON_DISABLED", "S3-P3", name=caller.person.id)


def _vote(motion: Motion, seat: Seat, ballot: Ballot, number: int, now: datetime) -> Vote:
    findings = tuple((finding.value, text) for finding, text in ballot.findings)
    refused = tuple(sorted(set(ballot.refused)))
    return Vote(motion.id, number, seat.person, seat.number, ballot.choice, now, ballot.opinion, findings, refused)


def _is_last_of(earlier: list[Vote], vote: Vote) -> bool:
    """Whether this is what the person said last, seen from the same seat."""
    mine = [given for given in earlier if given.person == vote.person]
    return bool(mine) and replace(mine[-1], number=vote.number, at=vote.at) == vote


def _check_open(reader: Reader, caller: Caller, motion: Motion, matter: Matter) -> None:
    person = caller.person.id
    if reader.filed(Recusal, motion=motion.id, person=person):
        raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=person)
    _check_is_open(motion, matter)
    if person in spoken_elsewhere(reader, matter, motion.committee):
        raise Refused("SAME_PERSON_TWICE", "S3-P5", name=person)


def _check_is_open(motion: Motion, matter: Matter) -> None:
    if motion.state is not MotionState.OPEN or motion.way is not Way.BALLOTED:
        raise Refused("STATE_FORBIDS", motion.rule, state=motion.state)
    check_can_decide(matter)
    if motion.digest != matter.digest:
        raise Refused("CONFLICT", "S3-P1", text_of=motion.about)


def _check_ballot(motion: Motion, matter: Matter, vote: Vote) -> None:
    check_words(vote.opinion, "opinion")
    for name, text in vote.findings:
        check_words(text, name)
    if len(dict(vote.findings)) < len(vote.findings):
        raise Refused("INVALID", "F-5", where="findings")
    if vote.seat == SECURITY_SEAT.get(motion.committee) and not vote.opinion.strip():
        raise Refused("OPINION_MISSING", "S3-P1-R2")
    if motion.subject is Subject.APPROVE_PROBLEM and vote.choice is Choice.FOR:
        found = {name for name, text in vote.findings if text.strip()}
        for finding in Finding:
            if finding.value not in found:
                raise Refused("FINDING_MISSING", "F-5", name=finding)
    elif vote.findings and motion.subject is not Subject.APPROVE_PROBLEM:
        raise Refused("INVALID", "F-5", where="findings")
    if unknown := set(vote.refused) - granted_columns(matter):
        raise Refused("INVALID", "S3-P5", where=min(unknown))


def granted_columns(matter: Matter) -> set[str]:
    """What a vote may refuse of a draft, as `dataset.table.column`."""
    if matter.contract is None or matter.subject is not Subject.APPROVE_CONTRACT:
        return set()
    return {
        f"{grant.dataset}.{grant.table}.{column.column}" for grant in matter.contract.scope for column in grant.columns
    }


def _settled(writer: Writer, policy: PolicyEngine, motion: Motion, by: str, now: datetime) -> Motion:
    """The motion after the tally; carried or lost, it has ended, and what was decided takes effect with it."""
    found = tally(writer, policy, motion, now)
    if found.state is MotionState.OPEN:
        return motion
    reasons = tuple((reason.code, reason.rule) for reason in found.reasons)
    chairs = chairs_of(writer, motion, now)
    barred = tuple((chair.seat.number, chair.seat.person, chair.barred) for chair in chairs if chair.barred)
    outcome = Outcome(tuple(sorted(found.counted)), found.refused, reasons, barred)
    closed = ended(writer, motion, found.state, by, now, outcome)
    if motion.subject is Subject.APPROVE_CONTRACT:
        _turn_key(writer, closed)
    elif closed.state is MotionState.CARRIED:
        _take_effect(writer, closed, by, now)
    return closed


def _take_effect(writer: Writer, motion: Motion, by: str, now: datetime) -> None:
    """What follows at once. Whatever else is decided is looked up when somebody acts on it."""
    if motion.subject is Subject.RATIFY_SUSPENSION:
        _ratify(writer, motion, by, now)
    if motion.subject is Subject.APPROVE_PROBLEM:
        problem = writer.problem(motion.about)
        if problem is not None and not problem.approved:
            event = AuditEvent("problem.approved", motion.opened_by, problem.id, "F-5", {"motion": motion.id})
            writer.save_problem(replace(problem, approved=True), event)


def _ratify(writer: Writer, motion: Motion, by: str, now: datetime) -> None:
    """The vote itself ratifies: a clerk who came before somebody wrote it down would lift what the committee upheld.

    Only the suspension of now, one that began before the motion was put, and in its time (F-13).
    """
    contract = writer.contract(motion.about)
    suspension = open_suspension(writer, contract) if contract is not None else None
    if contract is None or suspension is None or suspension.state is not SuspensionState.PROVISIONAL:
        return
    if suspension.at <= motion.opened_at and not is_lapsed(writer, contract, suspension, now):
        close_suspension(writer, suspension, SuspensionState.RATIFIED, by, motion.id, now)


def _turn_key(writer: Writer, motion: Motion) -> None:
    """What was decided on the draft is the committee's key from now on, instead of any it had: lost, a rejection.

    Otherwise an earlier approval, on paper or by vote, would outlive the vote that took it back. The key names one
    person, the minutes all: the lowest seat that voted so, and of no side where it approves.
    """
    contract = matter_of(writer, motion.subject, motion.about).contract
    votes = [vote for vote in votes_of(writer, motion) if vote.number in motion.counted]
    if motion.state is MotionState.CARRIED:
        decision, given = APPROVED, [vote for vote in votes if vote.choice is Choice.FOR]
        given = [v for v in given if contract is not None and interest_of(writer, contract, v.person) is None]
    else:
        decision, given = REJECTED, [vote for vote in votes if vote.choice is Choice.AGAINST] or votes
    if contract is None or not given:
        raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=motion.id)
    holder = min(given, key=lambda vote: vote.seat)
    others = tuple(a for a in contract.approvals if a.committee is not motion.committee)
    key = Approval(motion.committee, holder.person, decision, holder.at, motion.digest)
    body = {"committee": motion.committee.value, "decision": decision, "reference": motion.id, "digest": motion.digest}
    rule = rule_of_approval(contract, motion.committee)
    event = AuditEvent(f"contract.{decision}", holder.person, contract.id, rule, body)
    writer.save_contract(replace(contract, approvals=(*others, key)), event)
