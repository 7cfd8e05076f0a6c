"""What the committees have said to an exit: the keys that stand, and what no single seat undoes (D-2)."""

from __future__ import annotations

from access_broker.domain.decisions import Refused
from access_broker.domain.exits import Exit, ExitKey
from access_broker.domain.motions import Motion, MotionState, Subject, Way
from access_broker.domain.people import Committee
from access_broker.use_cases.decided import words_on
from access_broker.use_cases.matters import is_voted_on, matter_of, spoken_elsewhere
from access_broker.use_cases.ports import Reader


def standing_keys(reader: Reader, known: Exit) -> list[ExitKey]:
    """The approvals that count. Where the committee has voted against the exit since, its key was taken back by that:

    otherwise a paper, or an earlier vote, would end a contract that the committee has decided to keep.
    """
    given = reader.filed(ExitKey, contract=known.contract, number=known.number)
    return [key for key in given if key.approved and not _is_taken_back(reader, known, key)]


def has_approved(reader: Reader, known: Exit, committee: Committee, person: str) -> bool:
    return any((key.committee, key.person) == (committee, person) for key in standing_keys(reader, known))


def has_refused(reader: Reader, known: Exit, committee: Committee, person: str) -> bool:
    keys = reader.filed(ExitKey, contract=known.contract, number=known.number, committee=committee)
    return any((key.person, key.approved) == (person, False) for key in keys)


def check_two_hands(reader: Reader, known: Exit, committee: Committee, person: str) -> None:
    """Whoever voted in the other committee's agreement gives no key of this one. Raises Refused SAME_PERSON_TWICE."""
    matter = matter_of(reader, Subject.EXIT, known.contract)
    if person in spoken_elsewhere(reader, matter, committee):
        raise Refused("SAME_PERSON_TWICE", "D-2", name=person)


def check_is_open_to_a_seat(reader: Reader, known: Exit, committee: Committee) -> None:
    """One seat speaks against an exit only where its committee does not vote on it here, and has not agreed to it.

    Otherwise one seat would undo what all of them decide. What only its mover has spoken to holds up nothing: put again
    and again, it would keep the committee from a termination. Raises Refused BALLOT_NEEDED, CONFLICT with a motion
    carried.
    """
    asked = {"committee": committee, "subject": Subject.EXIT, "about": known.contract, "outcome": known.kind.value}
    for motion in reader.filed(Motion, state=MotionState.OPEN, way=Way.BALLOTED, **asked):
        if motion.opened_at >= known.asked_at and is_voted_on(reader, motion):
            raise Refused("BALLOT_NEEDED", "D-2", name=motion.id)
    words = words_on(reader, committee, Subject.EXIT, known.contract, known.kind.value)
    if words and _agrees(words[-1], known) and words[-1].opened_at >= known.asked_at:
        raise Refused("CONFLICT", "D-2", name=words[-1].id)


def _is_taken_back(reader: Reader, known: Exit, key: ExitKey) -> bool:
    """For good, even where the committee agrees again: then it gives its key anew."""
    words = words_on(reader, key.committee, Subject.EXIT, known.contract, known.kind.value)
    return any(not _agrees(word, known) and (word.closed_at or word.opened_at) >= key.at for word in words)


def _agrees(motion: Motion, known: Exit) -> bool:
    return motion.state is MotionState.CARRIED and motion.outcome == known.kind.value
