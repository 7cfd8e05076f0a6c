"""What a page tells about a motion: how it stands, who voted, and what the person here may do about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from access_broker.console.here import Here
from access_broker.console.motion_things import outcome_told, thing_of
from access_broker.console.names import names_of, organisation_names
from access_broker.console.wording import Titled, Told, Wording
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.motions import (
    ABOUT,
    SUBJECTS_OF_QUALIFICATION,
    About,
    Motion,
    MotionState,
    Subject,
    Vote,
)
from access_broker.domain.people import SECURITY_SEAT, Committee, Organisation, Person, Seat
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.minutes import Minutes, minutes_of
from access_broker.use_cases.motions import number_of
from access_broker.use_cases.permissions import can, check_may_read_audit
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.tallying import Chair
from access_broker.use_cases.voting import granted_columns, voting_seat


@dataclass(frozen=True)
class Place:
    """A seat in the minutes: who sits there, and the vote from it that counts, if there is one."""

    chair: Chair
    vote: Vote | None


@dataclass(frozen=True)
class MotionStory:
    """`seat`: from which the person here may vote now. `mine`: what they voted last. `columns`: that may be refused.

    `finds`: a vote for it says what was found. `opines`: their seat has to say why. `missing`: why it is not carried.
    `names`: of everybody in the minutes, `organisations`: of those that have a seat there. `thing`: what it is about.
    `until`: the last second in which it may be decided, None once it has ended.
    """

    minutes: Minutes
    places: tuple[Place, ...]
    names: dict[str, Person]
    missing: tuple[Told, ...]
    seat: Seat | None
    mine: Vote | None
    columns: tuple[str, ...]
    finds: bool
    opines: bool
    may_withdraw: bool
    until: datetime | None
    thing: Titled | None
    outcome: Markup
    organisations: dict[str, Organisation]

    @property
    def motion(self) -> Motion:
        return self.minutes.motion

    @property
    def kind(self) -> About:
        return ABOUT[self.motion.subject]


def motion_story(reader: Reader, here: Here, motion: Motion) -> MotionStory:
    """Read within one view of the records."""
    minutes = minutes_of(reader, here.desk.policy, motion, here.now)
    wording = Wording(here.language)
    seat = voting_seat(reader, here.caller, motion) if can(voting_seat, reader, here.caller, motion) else None
    mine = [vote for vote in minutes.votes if vote.person == here.person]
    return MotionStory(
        minutes=minutes,
        places=tuple(_place(minutes, chair) for chair in minutes.chairs),
        names=names_of(reader, _people_in(minutes)),
        missing=tuple(wording.reason(reason) for reason in minutes.tally.reasons),
        seat=seat,
        mine=mine[-1] if mine else None,
        columns=tuple(sorted(granted_columns(matter_of(reader, motion.subject, motion.about)))) if seat else (),
        finds=motion.subject is Subject.APPROVE_PROBLEM,
        opines=seat is not None and seat.number == SECURITY_SEAT.get(motion.committee),
        may_withdraw=motion.state is MotionState.OPEN and motion.opened_by == here.person and not minutes.votes,
        until=minutes.until,
        thing=thing_of(reader, motion.subject, motion.about),
        outcome=outcome_told(reader, wording, motion.subject, motion.outcome),
        organisations=organisation_names(reader, (c.seat.organisation for c in minutes.chairs if c.seat.organisation)),
    )


@dataclass(frozen=True)
class Motions:
    """About one contract, newest first. `subjects`: what the person here may put to the vote about it."""

    stories: tuple[MotionStory, ...]
    subjects: tuple[Subject, ...]


def motions_of(reader: Reader, here: Here, contract: Contract) -> Motions | None:
    """None for who may not read motions."""
    if not can(check_may_read_audit, here.caller):
        return None
    found = [motion for motion in reader.filed(Motion, about=contract.id) if motion.about_contract]
    stories = tuple(motion_story(reader, here, motion) for motion in sorted(found, key=number_of, reverse=True))
    is_draft = contract.state is ContractState.DRAFTED
    asked = [s for s in subjects_about(About.CONTRACT) if (s is Subject.APPROVE_CONTRACT) is is_draft]
    return Motions(stories, tuple(subject for subject in asked if proposable(here, subject)))


def open_motions(reader: Reader, here: Here) -> tuple[MotionStory, ...]:
    """Those that wait for votes, oldest first."""
    found = sorted(reader.filed(Motion, state=MotionState.OPEN), key=number_of)
    return tuple(motion_story(reader, here, motion) for motion in found)


def subjects_about(kind: About) -> tuple[Subject, ...]:
    """What may be put to the vote about a thing of that kind."""
    return tuple(subject for subject in Subject if ABOUT[subject] is kind)


def proposable(here: Here, subject: Subject) -> tuple[Committee, ...]:
    """The committees in which the person here could put it."""
    mine = {seat.committee for seat in here.caller.seats}
    decides = {Committee.MONITORING} | ({Committee.QUALIFICATION} if subject in SUBJECTS_OF_QUALIFICATION else set())
    return tuple(committee for committee in Committee if committee in mine & decides)


def _people_in(minutes: Minutes) -> Iterator[str]:
    yield minutes.motion.opened_by
    yield from (chair.seat.person for chair in minutes.chairs)
    yield from (vote.person for vote in minutes.votes)
    yield from (recusal.person for recusal in minutes.recusals)


def _place(minutes: Minutes, chair: Chair) -> Place:
    votes = (v for v in minutes.votes if minutes.counts(v) and v.person == chair.seat.person)
    return Place(chair, next((vote for vote in votes if vote.seat == chair.seat.number), None))
