"""What a motion is about: the contract, problem or dataset, whose matter that is, and who may not judge it (S1-C2)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from access_broker.domain.acts import Act, WarningNotice, WarningState
from access_broker.domain.agreement import current, text_digest
from access_broker.domain.contracts import Contract, Level
from access_broker.domain.datasets import DataClass
from access_broker.domain.decisions import Refused
from access_broker.domain.exits import Exit, ExitKey
from access_broker.domain.guarantees import GuaranteeDemand
from access_broker.domain.motions import ABOUT, About, Motion, MotionState, Subject, Vote, Way, warning_in
from access_broker.domain.people import Committee, Family, Seat
from access_broker.domain.suspensions import Suspension
from access_broker.domain.violations import Violation, ViolationClass
from access_broker.use_cases.interests import Interest, interest_of, is_interested
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import Reader


@dataclass(frozen=True)
class Matter:
    """`organisation`: whose own seat is heard in it. `digest`: of its text as it lies there now.

    `outcome`: of the motion that it is looked at for; an appeal says there which warning it is about.
    """

    subject: Subject
    about: str
    organisation: str
    digest: str
    contract: Contract | None = None
    steward: str | None = None
    outcome: str = ""


def matter_of(reader: Reader, subject: Subject, about: str, outcome: str = "") -> Matter:
    """Raises Refused NOT_FOUND."""
    kind = ABOUT[subject]
    if kind is About.CONTRACT:
        contract = reader.contract(about)
        if contract is not None:
            return Matter(subject, about, contract.owner, text_digest(contract), contract, outcome=outcome)
    elif kind is About.PROBLEM:
        problem = reader.problem(about)
        if problem is not None:
            return Matter(subject, about, problem.owner, _digest(problem, "approved"))
    elif kind is About.DATA_CLASS:
        if about in set(DataClass):
            return _class_matter(reader, subject, about)
    else:
        dataset = reader.dataset(about)
        if dataset is not None:
            return Matter(subject, about, dataset.owner, _digest(dataset, "sovereignty"), steward=dataset.steward)
    raise Refused("NOT_FOUND", name=about)


def _class_matter(reader: Reader, subject: Subject, about: str) -> Matter:
    """Everybody's matter, decided by the common seats; what is asked for now is its text."""
    standing = reader.filed(GuaranteeDemand, data_class=DataClass(about))
    digest = _digest(standing[0]) if standing else sha256(about.encode()).hexdigest()
    return Matter(subject, about, next((o.id for o in reader.organisations() if o.family is Family.ITO), about), digest)


def interest_in(reader: Reader, matter: Matter, person: str) -> Interest | None:
    """What keeps the person from judging it, beside sitting for the organisation concerned; None for nothing."""
    if matter.contract is not None:
        tie = interest_of(reader, matter.contract, person)
        is_judge = tie in (None, Interest.OWNER)  # the owner's own seat is heard, but not on what it did itself
        acted = has_acted(reader, matter.subject, matter.about, person, matter.outcome)
        return Interest.ACTED if is_judge and acted else tie
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


def check_may_judge(
    reader: Reader,
    caller: Caller,
    contract: Contract,
    subject: Subject | None = None,
    reference: str | None = None,
    outcome: str = "",
) -> None:
    """Raises Refused CONFLICT_OF_INTEREST for somebody of a side of the contract, and for whoever took the act that is
    judged: a decision on paper is in the hands of the one seat that writes it down.

    `subject`, `outcome`: what is judged; None where nobody's act is. `reference`: of the decision; where the committee
    voted here, who writes it down decides nothing.
    """
    person = caller.person.id
    is_paper = bool(reference) and not reader.filed(Motion, id=reference, way=Way.BALLOTED)
    acted = is_paper and subject is not None and has_acted(reader, subject, contract.id, person, outcome)
    if acted or is_interested(reader, contract, person, caller.seats):
        raise Refused("CONFLICT_OF_INTEREST", "S1-C2", name=person)


def votes_of(reader: Reader, motion: Motion) -> list[Vote]:
    """Every vote that was given, in order."""
    return sorted(reader.filed(Vote, motion=motion.id), key=lambda vote: vote.number)


def is_voted_on(reader: Reader, motion: Motion) -> bool:
    """Whether anybody but its mover has voted: before that a motion is one seat's doing, not the committee's."""
    return any(vote.person != motion.opened_by for vote in votes_of(reader, motion))


def spoken_elsewhere(reader: Reader, matter: Matter, committee: Committee) -> frozenset[str]:
    """Whose voice is in the other committee's approval of personal data already, or in its word on the exit that is

    asked for now: two keys, no hand in both (S3-P5, D-2).
    """
    contract = matter.contract
    if contract is not None and matter.subject is Subject.EXIT:
        return _agreed_elsewhere(reader, contract.id, committee)
    if contract is None or matter.subject is not Subject.APPROVE_CONTRACT or contract.level is not Level.PERSONAL:
        return frozenset()
    keys = current(contract, contract.approvals)
    people = {key.person for key in keys if key.committee is not committee and key.decision == "approved"}
    for motion in reader.filed(Motion, subject=matter.subject, about=matter.about, state=MotionState.CARRIED):
        if motion.committee is not committee and motion.digest == matter.digest and motion.way is Way.BALLOTED:
            people |= _counted_in(reader, motion)
    return frozenset(people)


def _agreed_elsewhere(reader: Reader, contract_id: str, committee: Committee) -> frozenset[str]:
    last = next(reversed(reader.filed(Exit, contract=contract_id)), None)
    if last is None:
        return frozenset()
    keys = reader.filed(ExitKey, contract=contract_id, number=last.number, approved=True)
    people = {key.person for key in keys if key.committee is not committee}
    carried = {"subject": Subject.EXIT, "about": contract_id, "outcome": last.kind.value, "way": Way.BALLOTED}
    for motion in reader.filed(Motion, state=MotionState.CARRIED, **carried):
        if motion.committee is not committee and motion.opened_at >= last.asked_at:
            people |= _counted_in(reader, motion)
    return frozenset(people)


def _counted_in(reader: Reader, motion: Motion) -> set[str]:
    return {vote.person for vote in votes_of(reader, motion) if vote.number in motion.counted}


def has_acted(reader: Reader, subject: Subject, contract_id: str, person: str, outcome: str = "") -> bool:
    """Nobody ratifies or lifts the suspension that they took or brought about, nor hears the appeal against their own
    warning, which is the one that `outcome` names.

    A protective violation suspends by rule, so whoever recorded it is as close to it as a seat that suspended. Other
    warnings bar nobody: with three seats that have ever warned, no appeal would find a quorum any more.
    """
    if subject in (Subject.RATIFY_SUSPENSION, Subject.LIFT):
        return person in _suspended_by(reader, contract_id)
    if subject is Subject.APPEAL:
        return any(notice.issued_by == person for notice in _appealed(reader, contract_id, warning_in(outcome)))
    return False


def _appealed(reader: Reader, contract_id: str, number: int | None) -> list[WarningNotice]:
    """The warning of that number; None: every one whose appeal is undecided, for a motion that names none."""
    warnings = reader.warnings(contract_id)
    if number is None:
        return [notice for notice in warnings if notice.state is WarningState.APPEALED]
    return [notice for notice in warnings if notice.number == number]


def _suspended_by(reader: Reader, contract_id: str) -> set[str]:
    """Of the last suspension; with those who found what it rests on, or what came on top of it and counts.

    What came on top and was none bars nobody: every seat that reports something would be lost to the vote, until too
    few are left to lift it or to ratify it.
    """
    acts = [act for act in reader.acts(contract_id) if act.act is Act.SUSPEND]
    if not acts:
        return set()
    last = acts[-1]
    suspensions = reader.filed(Suspension, contract=contract_id, generation=last.generation)
    named = {suspension.violation for suspension in suspensions}
    found = {
        violation.recorded_by
        for violation in reader.filed(Violation, contract=contract_id)
        if (violation.counts or violation.at <= last.committed_at)
        and (
            violation.number in named
            or (violation.violation_class is ViolationClass.PROTECTIVE and violation.at >= last.committed_at)
        )
    }
    return found | {last.by}


def _digest(thing: Any, *without: str) -> str:
    told = {name: value for name, value in asdict(thing).items() if name not in without}
    return sha256(json.dumps(told, sort_keys=True, default=_plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, set | frozenset) else str(value)
