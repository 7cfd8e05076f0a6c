"""A vote, and a recusal (S1-C2, S3-P1-R2, S3-P5, F-5). What follows from them is in `settling_motions`.

Everybody votes on the text that lay there when the motion was put. A person has one vote, from the lowest seat they
hold; it may be given anew as long as the motion is open, and every one of them stays on record.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Choice, Finding, Motion, Recusal, Subject, Vote
from access_broker.domain.people import SECURITY_SEAT, Seat
from access_broker.use_cases.matters import Matter, matter_of, spoken_elsewhere, votes_of
from access_broker.use_cases.motions import (
    check_words,
    event_of,
    motion_named,
    seat_of,
)
from access_broker.use_cases.permissions import Caller, rule_of_seat
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.settling_motions import check_is_open, check_not_over, settle_motion
from access_broker.use_cases.tallying import is_disabled


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
    matter = matter_of(writer, motion.subject, motion.about, motion.outcome)
    seat = seat_of(writer, caller, motion.committee, matter)
    earlier = votes_of(writer, motion)
    vote = _vote(motion, seat, ballot, len(earlier) + 1, now)
    if _is_last_of(earlier, vote):
        return motion
    _check_open(writer, caller, motion, matter)
    if ballot.seen != motion.digest:
        raise Refused("CONFLICT", "S3-P1", text_of=motion.about)
    _check_ballot(motion, matter, vote)
    check_not_over(writer, policy, motion, now)
    told: dict[str, Any] = {"seat": vote.seat, "choice": vote.choice.value, "number": vote.number}
    told |= {"digest": motion.digest, "refused": list(vote.refused)}
    writer.file(vote, event_of(motion, "motion.voted", caller.person.id, told))
    return settle_motion(writer, policy, motion, caller.person.id, now)


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
    check_is_open(motion, matter)
    event = event_of(motion, "motion.recused", person, {"reason": reason})
    writer.file(Recusal(motion.id, person, reason, now), event)
    return settle_motion(writer, policy, motion, person, now)


def voting_seat(reader: Reader, caller: Caller, motion: Motion) -> Seat:
    """The seat from which the caller may vote on it now. Raises Refused as `give_vote` does."""
    matter = matter_of(reader, motion.subject, motion.about, motion.outcome)
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
    """Whether this is what the person said last, seen from the same seat, with nobody else from that seat since.

    Whoever says again what they said before their delegate voted takes the seat's voice back, and must be heard.
    """
    mine = [given for given in earlier if given.person == vote.person or given.seat == vote.seat]
    return bool(mine) and replace(mine[-1], number=vote.number, at=vote.at) == vote


def _check_open(reader: Reader, caller: Caller, motion: Motion, matter: Matter) -> None:
    person = caller.person.id
    if reader.filed(Recusal, motion=motion.id, person=person):
        raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=person)
    check_is_open(motion, matter)
    if person in spoken_elsewhere(reader, matter, motion.committee):
        rule = "D-2" if motion.subject is Subject.EXIT else "S3-P5"
        raise Refused("SAME_PERSON_TWICE", rule, name=person)


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
