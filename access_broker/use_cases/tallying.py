"""The tally of a motion: what the policy `votes` is told, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access_broker.domain.decisions import Reason
from access_broker.domain.motions import VOTING_DAYS, Motion, MotionState, Recusal, Vote
from access_broker.domain.people import Family, Seat
from access_broker.domain.working_days import deadline, working_days_over
from access_broker.use_cases.calendar import end_of_day, today
from access_broker.use_cases.deciding import reasons_of
from access_broker.use_cases.facts import epoch
from access_broker.use_cases.matters import Matter, interest_in, matter_of, may_judge, spoken_elsewhere, votes_of
from access_broker.use_cases.ports import PolicyEngine, Reader, Unavailable
from access_broker.use_cases.suspending import committee_calendar

_TALLIES = frozenset({MotionState.OPEN, MotionState.CARRIED, MotionState.LOST, MotionState.LAPSED})


RECUSED, ELSEWHERE, DISABLED = "recused", "spoke_elsewhere", "disabled"


@dataclass(frozen=True)
class Chair:
    """A seat that has a say in the motion.

    `barred`: `disabled`, `recused`, an `Interest`, `spoke_elsewhere`; None: may vote.
    """

    seat: Seat
    barred: str | None


@dataclass(frozen=True)
class Tally:
    """`counted`: numbers of the votes that count. `refused`: columns. `reasons`: why it is not carried."""

    state: MotionState
    counted: frozenset[int]
    refused: tuple[str, ...]
    reasons: tuple[Reason, ...]


def tally(reader: Reader, policy: PolicyEngine, motion: Motion, now: datetime) -> Tally:
    """How an open motion stands. Raises Unavailable("POLICY_UNAVAILABLE") for an answer that is none."""
    document = policy.decide("votes", vote_facts(reader, motion, now))
    reasons = reasons_of("votes", document)
    try:
        state = MotionState(document["state"])
        counted, refused = frozenset(map(int, document["counted"])), tuple(map(str, document["refused"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable("POLICY_UNAVAILABLE", "votes: no tally") from error
    if state not in _TALLIES or (state is MotionState.CARRIED) is not (not reasons):
        raise Unavailable("POLICY_UNAVAILABLE", "votes: state and reasons disagree")
    return Tally(state, counted, refused, reasons)


def chairs_of(reader: Reader, motion: Motion, now: datetime) -> list[Chair]:
    """The seats that have a say, the common ones and that of the organisation concerned, in order.

    Of an ended motion those that were held at its end, with what barred people from judging then.
    """
    matter = matter_of(reader, motion.subject, motion.about, motion.outcome)
    at = motion.closed_at or now
    sitting = (seat for seat in reader.seats() if seat.committee is motion.committee and seat.is_held(at))
    seats = [seat for seat in sitting if seat.speaks_for(matter.organisation)]
    if motion.state is MotionState.OPEN:
        chairs = [Chair(seat, _why_barred(reader, motion, matter, seat)) for seat in seats]
    else:
        barred = {(number, person): why for number, person, why in motion.barred}
        chairs = [Chair(seat, barred.get((seat.number, seat.person))) for seat in seats]
    return sorted(chairs, key=lambda chair: (chair.seat.number, chair.seat.person))


def _why_barred(reader: Reader, motion: Motion, matter: Matter, seat: Seat) -> str | None:
    """Asked of a seat, not of its person: whoever holds the owner's seat and another may judge from the one alone."""
    if is_disabled(reader, seat.person):
        return DISABLED
    if reader.filed(Recusal, motion=motion.id, person=seat.person):
        return RECUSED
    interest = interest_in(reader, matter, seat.person)
    if interest is not None and not may_judge(matter, seat, interest):
        return interest.value
    return ELSEWHERE if seat.person in spoken_elsewhere(reader, matter, motion.committee) else None


def is_disabled(reader: Reader, person: str) -> bool:
    """As the records say now; so is who is not on record."""
    someone = reader.person(person)
    return someone is None or someone.disabled


def vote_facts(reader: Reader, motion: Motion, now: datetime) -> dict[str, Any]:
    """Facts of `votes`: the seats that have a say now, and every vote that was given.

    A disabled person holds no seat: their place is vacant. `own_seat`: the matter is that of a government organisation,
    whose seat belongs to the quorum (S1-C2); nobody else, as ITO itself or a citizen, has one that could be missing.
    `days`: working days of the committee that are over since the motion was put, the day itself and this one not among
    them.
    """
    matter = matter_of(reader, motion.subject, motion.about, motion.outcome)
    owner = reader.organisation(matter.organisation)
    return {
        "now": epoch(now),
        "committee": motion.committee.value,
        "subject": motion.subject.value,
        "organisation": matter.organisation,
        "own_seat": owner is not None and owner.family is Family.GOVERNMENT,
        "days": working_days_over(today(motion.opened_at), today(now), committee_calendar(reader), motion.opened_at),
        "seats": [
            {"number": chair.seat.number, "person": chair.seat.person, "barred": chair.barred is not None}
            for chair in chairs_of(reader, motion, now)
            if chair.barred != DISABLED
        ],
        "votes": [_vote(reader, motion, matter, vote) for vote in votes_of(reader, motion)],
    }


def voting_ends(reader: Reader, motion: Motion) -> datetime:
    """The end of the last working day of an open motion; a day off that is declared since extends it (I-29)."""
    last = deadline(today(motion.opened_at), VOTING_DAYS, committee_calendar(reader), motion.opened_at)
    return end_of_day(last)


def _vote(reader: Reader, motion: Motion, matter: Matter, vote: Vote) -> dict[str, Any]:
    """`seated`: the seat was held when the vote was given, and has a say in this matter.

    `barred`: whoever was disabled since, too, or the votes of a thief who was found out would carry it. `of_side`: is
    heard from the owner's own seat, and gives no key.
    """
    seats = [
        seat
        for seat in reader.seats_of(vote.person)
        if (seat.committee, seat.number) == (motion.committee, vote.seat) and seat.speaks_for(matter.organisation)
    ]
    interest = interest_in(reader, matter, vote.person)
    barred = is_disabled(reader, vote.person) or any(
        recusal.person == vote.person for recusal in reader.filed(Recusal, motion=motion.id)
    )
    return {
        "number": vote.number,
        "seat": vote.seat,
        "person": vote.person,
        "choice": vote.choice.value,
        "seated": any(seat.is_held(vote.at) for seat in seats),
        "barred": barred or not any(may_judge(matter, seat, interest) for seat in seats),
        "of_side": interest is not None,
        "elsewhere": vote.person in spoken_elsewhere(reader, matter, motion.committee),
        "opinion": vote.opinion.strip() != "",
        "findings": [name for name, found in vote.findings if found.strip()],
        "refused": list(vote.refused),
    }
