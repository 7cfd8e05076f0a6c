"""What becomes of a motion: the tally after a vote or with time, and what is decided with it (S1-C2, S3-P5, F-13).

What was decided takes effect in the transaction of the vote that decided it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from access_broker.domain.audit import CLERK, AuditEvent
from access_broker.domain.contracts import Approval
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Choice, Motion, MotionState, Subject, Vote, Way
from access_broker.domain.suspensions import SuspensionState
from access_broker.use_cases.approving import APPROVED, REJECTED, rule_of_approval
from access_broker.use_cases.committed import RULE
from access_broker.use_cases.interests import interest_of
from access_broker.use_cases.matters import Matter, matter_of, votes_of
from access_broker.use_cases.motions import Outcome, check_can_decide, ended, motion_named
from access_broker.use_cases.of_now import is_of_before
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.suspending import close_suspension, is_lapsed, open_suspension
from access_broker.use_cases.tallying import chairs_of, tally


def check_is_open(motion: Motion, matter: Matter) -> None:
    """Raises Refused STATE_FORBIDS for what is decided or can be decided no more, CONFLICT for another text."""
    if motion.state is not MotionState.OPEN or motion.way is not Way.BALLOTED:
        raise Refused("STATE_FORBIDS", motion.rule, state=motion.state)
    check_can_decide(matter)
    if motion.digest != matter.digest:
        raise Refused("CONFLICT", "S3-P1", text_of=motion.about)


def settle_motion(writer: Writer, policy: PolicyEngine, motion: Motion, by: str, now: datetime) -> Motion:
    """The motion after the tally; unless that leaves it open it has ended, and what was decided takes effect."""
    found = tally(writer, policy, motion, now)
    if found.state is MotionState.OPEN:
        return motion
    reasons = tuple((reason.code, reason.rule) for reason in found.reasons)
    chairs = chairs_of(writer, motion, now)
    barred = tuple((chair.seat.number, chair.seat.person, chair.barred) for chair in chairs if chair.barred)
    outcome = Outcome(tuple(sorted(found.counted)), found.refused, reasons, barred)
    closed = ended(writer, motion, found.state, by, now, outcome)
    if closed.state is MotionState.LAPSED:
        return closed
    if motion.subject is Subject.APPROVE_CONTRACT:
        _turn_key(writer, closed)
    elif closed.state is MotionState.CARRIED:
        _take_effect(writer, closed, by, now)
    return closed


def check_not_over(reader: Reader, policy: PolicyEngine, motion: Motion, now: datetime) -> None:
    """An open motion that was lost or has lapsed with time, and only the clerk has not come yet, is voted on no more.

    Otherwise a clerk who was asleep would decide what is decided. Nor is one that was put before there was what it is
    to decide. Raises Refused STATE_FORBIDS.
    """
    if is_of_before(reader, motion):
        raise Refused("STATE_FORBIDS", motion.rule, state=MotionState.LAPSED)
    state = tally(reader, policy, motion, now).state
    if state in (MotionState.LOST, MotionState.LAPSED):
        raise Refused("STATE_FORBIDS", motion.rule, state=state)


def motions_due(reader: Reader, policy: PolicyEngine, now: datetime) -> Iterator[Motion]:
    """Open motions that nobody's vote will end: put on another text, or at their end by the calendar or the seats."""
    for motion in reader.filed(Motion, state=MotionState.OPEN):
        if _is_moot(reader, motion) or tally(reader, policy, motion, now).state is not MotionState.OPEN:
            yield motion


def settle_due_motion(writer: Writer, policy: PolicyEngine, motion_id: str, now: datetime) -> bool:
    """The clerk's part: end a motion that is due, as the tally stands. True when done.

    Without it, one on which nobody votes any more would keep its matter from being decided on paper, or anew.
    """
    motion = motion_named(writer, motion_id)
    if motion.state is not MotionState.OPEN:
        return False
    if _is_moot(writer, motion):
        ended(writer, motion, MotionState.LAPSED, CLERK, now)
        return True
    return settle_motion(writer, policy, motion, CLERK, now).state is not MotionState.OPEN


def _is_moot(reader: Reader, motion: Motion) -> bool:
    """What it was put on is there no more, or came later, so that nobody can vote on it, nor may it take effect."""
    try:
        check_is_open(motion, matter_of(reader, motion.subject, motion.about, motion.outcome))
    except Refused:
        return True
    return is_of_before(reader, motion)


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
    person, the minutes all: the lowest seat that voted so, and of no side where it approves. Lost with nobody against
    it, the committee has no key, and the rule has rejected it: whoever abstained would be named as rejecting it.
    """
    contract = matter_of(writer, motion.subject, motion.about, motion.outcome).contract
    if contract is None:
        raise Refused("NOT_FOUND", name=motion.about)
    votes = [vote for vote in votes_of(writer, motion) if vote.number in motion.counted]
    if motion.state is MotionState.CARRIED:
        decision, given = APPROVED, [vote for vote in votes if vote.choice is Choice.FOR]
        given = [vote for vote in given if interest_of(writer, contract, vote.person) is None]
        if not given:
            raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=motion.id)
    else:
        decision, given = REJECTED, [vote for vote in votes if vote.choice is Choice.AGAINST]
    holder: Vote | None = min(given, key=lambda vote: vote.seat, default=None)
    keys = tuple(a for a in contract.approvals if a.committee is not motion.committee)
    if holder is not None:
        keys = (*keys, Approval(motion.committee, holder.person, decision, holder.at, motion.digest))
    body = {"committee": motion.committee.value, "decision": decision, "reference": motion.id, "digest": motion.digest}
    rule = rule_of_approval(contract, motion.committee)
    event = AuditEvent(f"contract.{decision}", holder.person if holder else RULE, contract.id, rule, body)
    writer.save_contract(replace(contract, approvals=keys), event)
