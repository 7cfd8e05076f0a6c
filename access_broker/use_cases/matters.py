"""What a motion is about: the contract, problem or dataset, whose matter that is, and who may not judge it (S1-C2)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from access_broker.domain.acts import Act
from access_broker.domain.agreement import current, text_digest
from access_broker.domain.contracts import Contract, Level
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import ABOUT, About, Motion, MotionState, Subject, Vote, Way
from access_broker.domain.people import Committee, Family, Seat
from access_broker.use_cases.approving import APPROVED
from access_broker.use_cases.interests import Interest, interest_of
from access_broker.use_cases.ports import Reader


@dataclass(frozen=True)
class Matter:
    """`organisation`: whose own seat is heard in it. `digest`: of its text as it lies there now."""

    subject: Subject
    about: str
    organisation: str
    digest: str
    contract: Contract | None = None
    steward: str | None = None


def matter_of(reader: Reader, subject: Subject, about: str) -> Matter:
    """Raises Refused NOT_FOUND."""
    kind = ABOUT[subject]
    if kind is About.CONTRACT:
        contract = reader.contract(about)
        if contract is not None:
            return Matter(subject, about, contract.owner, text_digest(contract), contract)
    elif kind is About.PROBLEM:
        problem = reader.problem(about)
        if problem is not None:
            return Matter(subject, about, problem.owner, _digest(problem, "approved"))
    else:
        dataset = reader.dataset(about)
        if dataset is not None:
            return Matter(subject, about, dataset.owner, _digest(dataset, "sovereignty"), steward=dataset.steward)
    raise Refused("NOT_FOUND", name=about)


def interest_in(reader: Reader, matter: Matter, person: str) -> Interest | None:
    """What keeps the person from judging it, beside sitting for the organisation concerned; None for nothing."""
    if matter.contract is not None:
        tie = interest_of(reader, matter.contract, person)
        return Interest.ACTED if tie is None and _has_acted(reader, matter, person) else tie
    if person == matter.steward:
        return Interest.STEWARD
    someone = reader.person(person)
    if someone is None or person == matter.organisation:
        return Interest.OWNER
    is_of_owner = someone.organisation == matter.organisation and someone.family is not Family.ITO
    return Interest.OWNER if is_of_owner else None


def may_judge(matter: Matter, seat: Seat, interest: Interest | None) -> bool:
    """Without an interest; or from the owner's own seat, which is there to be heard, with no other interest."""
    return interest is None or (interest is Interest.OWNER and seat.organisation == matter.organisation)


def votes_of(reader: Reader, motion: Motion) -> list[Vote]:
    """Every vote that was given, in order."""
    return sorted(reader.filed(Vote, motion=motion.id), key=lambda vote: vote.number)


def spoken_elsewhere(reader: Reader, matter: Matter, committee: Committee) -> frozenset[str]:
    """Whose voice is in the other committee's approval of personal data already: two keys, no hand in both (S3-P5)."""
    contract = matter.contract
    if contract is None or matter.subject is not Subject.APPROVE_CONTRACT or contract.level is not Level.PERSONAL:
        return frozenset()
    keys = current(contract, contract.approvals)
    people = {key.person for key in keys if key.committee is not committee and key.decision == APPROVED}
    for motion in reader.filed(Motion, subject=matter.subject, about=matter.about, state=MotionState.CARRIED):
        if motion.committee is not committee and motion.digest == matter.digest and motion.way is Way.BALLOTED:
            people |= {vote.person for vote in votes_of(reader, motion) if vote.number in motion.counted}
    return frozenset(people)


def _has_acted(reader: Reader, matter: Matter, person: str) -> bool:
    """Nobody ratifies or lifts their own suspension, nor hears the appeal against their own warning."""
    if matter.subject in (Subject.RATIFY_SUSPENSION, Subject.LIFT):
        suspensions = [act for act in reader.acts(matter.about) if act.act is Act.SUSPEND]
        return any(act.by == person for act in suspensions[-1:])
    if matter.subject is Subject.APPEAL:
        return any(notice.issued_by == person for notice in reader.warnings(matter.about) if not notice.withdrawn)
    return False


def _digest(thing: Any, *without: str) -> str:
    told = {name: value for name, value in asdict(thing).items() if name not in without}
    return sha256(json.dumps(told, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
