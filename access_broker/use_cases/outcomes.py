"""What a motion may propose where its subject alone leaves open what is decided: which executor, which kind of data."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from itertools import combinations

from access_broker.domain.acts import WarningState
from access_broker.domain.datasets import Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.exits import ExitKind
from access_broker.domain.guarantees import ALWAYS, GuaranteeKind
from access_broker.domain.motions import RULES, WITH_OUTCOME, Subject, on_appeal
from access_broker.domain.people import Family
from access_broker.use_cases.ports import Reader

WORDS: dict[Subject, type[StrEnum]] = {
    Subject.SOVEREIGNTY: Sovereignty,
    Subject.EXIT: ExitKind,
}
"""Whose words the outcomes are; on an appeal they are one of `ANSWERS` with a number, on the other subjects ids."""

ANSWERS = (WarningState.UPHELD, WarningState.WITHDRAWN)
"""What the committee may answer an appeal: the warning stands, or the appeal is granted."""


def outcomes(reader: Reader, subject: Subject, about: str) -> tuple[str, ...]:
    """Every outcome that may be proposed on the subject; none for a subject that needs none."""
    if subject is Subject.SOVEREIGNTY:
        return Sovereignty.SOVEREIGN.value, Sovereignty.NON_SOVEREIGN.value
    if subject is Subject.APPEAL:
        appealed = [notice.number for notice in reader.warnings(about) if notice.state is WarningState.APPEALED]
        return tuple(on_appeal(answer.value, number) for number in appealed for answer in ANSWERS)
    if subject is Subject.EXIT:
        return tuple(kind.value for kind in ExitKind)
    if subject is Subject.AWARD:
        return tuple(sorted(o.id for o in reader.organisations() if o.family is Family.PRIVATE))
    if subject is Subject.SHARE_DATASET:
        return tuple(sorted(problem.id for problem in reader.problems() if about in problem.resources))
    if subject is Subject.GUARANTEES:
        kinds = [kind for kind in GuaranteeKind if kind not in ALWAYS]
        return tuple(asked_for(some) for n in range(len(kinds) + 1) for some in combinations(kinds, n))
    return ()


def asked_for(kinds: Iterable[str]) -> str:
    """Kinds of guarantees as the outcome of a motion, in the order of their enumeration; `none` for none."""
    return "+".join(kind.value for kind in GuaranteeKind if kind in set(kinds)) or "none"


def check_outcome(reader: Reader, subject: Subject, about: str, outcome: str) -> None:
    """Raises Refused INVALID where it is missing, not among those that may be proposed, or not asked for."""
    known = outcomes(reader, subject, about)
    if outcome not in (known if subject in WITH_OUTCOME else ("",)):
        raise Refused("INVALID", RULES[subject], where="outcome")
