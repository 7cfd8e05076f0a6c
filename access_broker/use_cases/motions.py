"""Putting a motion, taking it back, and writing down what a committee decided on paper (S1-C2, S3-P1-R2)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import (
    ABOUT,
    MOTION,
    MOTION_TRANSITIONS,
    SUBJECTS_OF_QUALIFICATION,
    Motion,
    MotionState,
    Subject,
    Way,
    question_of,
)
from access_broker.domain.people import Committee, Seat
from access_broker.domain.text import misleading_character
from access_broker.use_cases.decided import paper
from access_broker.use_cases.filing import filed_or_refused
from access_broker.use_cases.matters import Matter, interest_in, is_voted_on, matter_of, may_judge
from access_broker.use_cases.of_now import is_of_before
from access_broker.use_cases.outcomes import check_outcome
from access_broker.use_cases.permissions import Caller, check_may_read_audit, rule_of_seat
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.said import LONGEST


@dataclass(frozen=True)
class Proposal:
    """What is put to the vote. `seen`: the digest of the text it is about, as its mover read it.

    `outcome`: what exactly is proposed, for the subjects `WITH_OUTCOME`.
    """

    committee: Committee
    subject: Subject
    about: str
    seen: str
    text: str = ""
    outcome: str = ""


@dataclass(frozen=True)
class Outcome:
    """As in `Motion`: which votes counted, which columns were refused, why it was not carried, who could not judge."""

    counted: tuple[int, ...] = ()
    refused: tuple[str, ...] = ()
    reasons: tuple[tuple[str, str], ...] = ()
    barred: tuple[tuple[int, str, str], ...] = ()


NO_TALLY = Outcome()


def motion_named(reader: Reader, motion_id: str) -> Motion:
    """Raises Refused NOT_FOUND."""
    return filed_or_refused(reader, Motion, motion_id, id=motion_id)


def motions_about(reader: Reader, caller: Caller, about: str | None = None) -> list[Motion]:
    """Newest first, for committee seats and auditors. Raises Refused NOT_PERMITTED."""
    check_may_read_audit(caller)
    found = reader.filed(Motion) if about is None else reader.filed(Motion, about=about)
    return sorted(found, key=lambda motion: (motion.opened_at, number_of(motion)), reverse=True)


def open_motion(writer: Writer, caller: Caller, proposal: Proposal, now: datetime) -> Motion:
    """Put a motion. The same one again, by the same person, is answered with the first.

    One that was put before there was what it is to decide makes room. Raises Refused: NOT_FOUND, NOT_PERMITTED without
    a seat that has a say in it or for a subject that is not that committee's, INVALID, CONFLICT_OF_INTEREST, CONFLICT
    when the text is not the one that was seen or a motion on it is open already, STATE_FORBIDS for a contract that is
    no draft any more.
    """
    if proposal.committee is Committee.QUALIFICATION and proposal.subject not in SUBJECTS_OF_QUALIFICATION:
        raise Refused("NOT_PERMITTED", rule_of_seat(proposal.committee))
    if not any(seat.committee is proposal.committee for seat in caller.seats):
        raise Refused("NOT_PERMITTED", rule_of_seat(proposal.committee))
    matter = matter_of(writer, proposal.subject, proposal.about, proposal.outcome)
    seat_of(writer, caller, proposal.committee, matter)
    check_words(proposal.text, "text")
    put = [motion for motion in ballots(writer, proposal.committee, matter) if motion.state is MotionState.OPEN]
    question = question_of(proposal.subject, proposal.outcome)  # votes on one appeal do not hold up another
    standing = [motion for motion in put if question_of(motion.subject, motion.outcome) == question]
    for motion in standing:
        words = (motion.text, motion.digest, motion.outcome)
        same = motion.opened_by == caller.person.id and words == (proposal.text, proposal.seen, proposal.outcome)
        if same and not is_of_before(writer, motion):
            return motion
    check_can_decide(matter)
    check_outcome(writer, proposal.subject, proposal.about, proposal.outcome)
    if proposal.seen != matter.digest:
        raise Refused("CONFLICT", "S3-P1", text_of=proposal.about)
    for motion in standing:
        if not is_of_before(writer, motion):
            raise Refused("CONFLICT", rule_of_seat(proposal.committee), name=motion.id)
        ended(writer, motion, MotionState.LAPSED, caller.person.id, now)
    made = Motion(
        _next_id(writer),
        proposal.committee,
        proposal.subject,
        proposal.about,
        proposal.text,
        matter.digest,
        caller.person.id,
        now,
        outcome=proposal.outcome,
    )
    told = {"digest": made.digest, "text": made.text} | _told_outcome(made)
    writer.file(made, event_of(made, "motion.opened", caller.person.id, told))
    return made


def withdraw_motion(writer: Writer, caller: Caller, motion_id: str, now: datetime) -> Motion:
    """Taken back by whoever put it, while it is open and nobody else has voted. Again is a no-op.

    Raises Refused NOT_PERMITTED, STATE_FORBIDS. Taken back with others' votes against it, a motion that is about to be
    lost would make room for a paper that says the contrary; but with the mover's own vote it could stand for ever.
    """
    if not caller.seats:
        raise Refused("NOT_PERMITTED", "S1-C2")
    motion = motion_named(writer, motion_id)
    if motion.opened_by != caller.person.id:
        raise Refused("NOT_PERMITTED", motion.rule)
    if motion.state is MotionState.WITHDRAWN:
        return motion
    if is_voted_on(writer, motion):
        raise Refused("STATE_FORBIDS", motion.rule, state=motion.state)
    return ended(writer, motion, MotionState.WITHDRAWN, caller.person.id, now)


def record_decision(
    writer: Writer,
    committee: Committee,
    subject: Subject,
    about: str,
    reference: str,
    by: str,
    now: datetime,
    outcome: str = "",
) -> Motion | None:
    """What was decided on paper, as a carried motion; None where `reference` is a motion or was written down before."""
    on_record = writer.filed(Motion, committee=committee, subject=subject, about=about)
    known = writer.filed(Motion, id=reference)
    papers = [(paper(motion.reference), motion.outcome) for motion in on_record if motion.reference is not None]
    if known or (paper(reference), outcome) in papers:
        return None
    digest = matter_of(writer, subject, about).digest
    made = Motion(_next_id(writer), committee, subject, about, "", digest, by, now, Way.RECORDED, outcome=outcome)
    made = replace(made, state=MotionState.CARRIED, closed_by=by, closed_at=now, reference=reference)
    told = {"reference": reference, "digest": digest} | _told_outcome(made)
    writer.file(made, event_of(made, "motion.recorded", by, told))
    return made


def ended(
    writer: Writer, motion: Motion, state: MotionState, by: str, now: datetime, outcome: Outcome = NO_TALLY
) -> Motion:
    """The motion in its last state, with the tally as it stood. Raises Refused STATE_FORBIDS for one that has ended."""
    if state not in MOTION_TRANSITIONS[motion.state]:
        raise Refused("STATE_FORBIDS", motion.rule, state=motion.state)
    closed = replace(
        motion,
        state=state,
        closed_by=by,
        closed_at=now,
        counted=outcome.counted,
        refused=outcome.refused,
        reasons=outcome.reasons,
        barred=outcome.barred,
    )
    body = {name: list(told) for name, told in vars(outcome).items() if told}
    writer.file(closed, event_of(closed, f"motion.{state.value}", by, body))
    return closed


def seat_of(reader: Reader, caller: Caller, committee: Committee, matter: Matter) -> Seat:
    """The seat from which the caller votes: the lowest that has a say in it (S1-C2).

    Raises Refused NOT_PERMITTED without any, CONFLICT_OF_INTEREST for somebody of a side.
    """
    rule = rule_of_seat(committee)
    seats = [s for s in caller.seats if s.committee is committee and s.speaks_for(matter.organisation)]
    if not seats:
        raise Refused("NOT_PERMITTED", rule)
    interest = interest_in(reader, matter, caller.person.id)
    fit = [seat for seat in seats if may_judge(matter, seat, interest)]
    if not fit:
        raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=caller.person.id)
    return min(fit, key=lambda seat: seat.number)


def ballots(reader: Reader, committee: Committee, matter: Matter) -> list[Motion]:
    """Those put to the vote in that committee on that very text, in the order in which they were put."""
    about = reader.filed(Motion, committee=committee, subject=matter.subject, about=matter.about, way=Way.BALLOTED)
    return sorted((motion for motion in about if motion.digest == matter.digest), key=number_of)


def check_can_decide(matter: Matter) -> None:
    """What is in force was put there with the keys it had; and a text that may still change is not accepted or cut."""
    contract = matter.contract
    is_approval = matter.subject is Subject.APPROVE_CONTRACT
    if contract is not None and is_approval is not (contract.state is ContractState.DRAFTED):
        raise Refused("STATE_FORBIDS", "F-12", state=contract.state)


def check_words(text: str, where: str, needed: bool = False) -> None:
    """Raises Refused INVALID for a text that is too long, hides something, or is empty where it is `needed`."""
    if len(text) > LONGEST or (needed and not text.strip()):
        raise Refused("INVALID", where=where)
    hidden = misleading_character(text)
    if hidden is not None:
        raise Refused("INVALID", where=f"{where}: {hidden}")


def event_of(motion: Motion, kind: str, actor: str, body: dict[str, Any]) -> AuditEvent:
    """Found under the motion, and under the contract it is about."""
    told = {"committee": motion.committee.value, "subject": motion.subject.value}
    return AuditEvent(kind, actor, motion.id, motion.rule, told | {ABOUT[motion.subject].value: motion.about} | body)


def _told_outcome(motion: Motion) -> dict[str, Any]:
    return {"outcome": motion.outcome} if motion.outcome else {}


def number_of(motion: Motion) -> int:
    """The number in its id: motions are numbered through."""
    return int(motion.id.removeprefix(MOTION))


def _next_id(reader: Reader) -> str:
    return f"{MOTION}{max((number_of(motion) for motion in reader.filed(Motion)), default=0) + 1}"
