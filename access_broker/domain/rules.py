"""The directive's rules as data: what each demands, what enforces it, and which tests prove it.

Texts stand in `access_broker/rules/`, in our own words. A rule is told in clauses, so that nobody has to call a rule
kept because half of it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class RuleKind(StrEnum):
    """What the directive itself calls it. `paragraph`: text that has no number of its own there."""

    PROCEDURE = "procedure"
    RULE = "rule"
    CONSIDERATION = "consideration"
    SCENARIO = "scenario"
    STEP = "step"
    PARAGRAPH = "paragraph"


class Force(StrEnum):
    """How strongly the directive says it; where one rule says several things, the strongest of them."""

    MUST = "must"
    SHOULD = "should"
    MAY = "may"
    TELLS = "tells"


class Reach(StrEnum):
    """What it is to this product. `core`: code enforces it; `workflow`: a record that code reads; `record`: text."""

    CORE = "core"
    WORKFLOW = "workflow"
    RECORD = "record"


class Pending(StrEnum):
    """Why a clause has no test. `planned`: waits for a capability; `gap`: not built; `later`: not its turn yet."""

    PLANNED = "planned"
    GAP = "gap"
    LATER = "later"


class RuleStatus(StrEnum):
    """How far a rule has come. `organisational`: it asks nothing of the software."""

    ENFORCED = "enforced"
    PARTLY = "partly"
    PLANNED = "planned"
    ORGANISATIONAL = "organisational"


_KINDS = (
    (re.compile(r"S[1-3]-P[1-9]"), RuleKind.PROCEDURE),
    (re.compile(r"S[1-3]-P[1-9]-R[1-9][ab]?"), RuleKind.RULE),
    (re.compile(r"S[12]-C[1-3]"), RuleKind.CONSIDERATION),
    (re.compile(r"B-SC[1-4]"), RuleKind.SCENARIO),
    (re.compile(r"F-[1-9][0-9]?"), RuleKind.STEP),
    (re.compile(r"PRE-1|A-0|S[1-3]-0|[BCD]-[1-3]|E-0"), RuleKind.PARAGRAPH),
)


def kind_of(rule: str) -> RuleKind:
    """What the rule of this id is. Raises ValueError for a text that is no id of the directive."""
    kind = next((kind for pattern, kind in _KINDS if pattern.fullmatch(rule)), None)
    if kind is None:
        raise ValueError(f"{rule} is no rule id")
    return kind


@dataclass(frozen=True)
class Clause:
    """One thing that a rule demands of the software: `S3-P5 c` is the third of rule S3-P5.

    Either `tests` prove it (`file::name`), or `pending` says why none does and `missing` what is not there.
    """

    id: str
    text_en: str
    text_fa: str
    tests: tuple[str, ...] = ()
    pending: Pending | None = None
    missing: str = ""

    def __post_init__(self) -> None:
        if bool(self.tests) is (self.pending is not None):
            raise ValueError(f"{self.id}: either tests prove it, or it says why none does")
        if (self.pending in (Pending.PLANNED, Pending.GAP)) is not bool(self.missing):
            raise ValueError(f"{self.id}: says what is missing exactly when something is")


@dataclass(frozen=True)
class Rule:
    """`enforced_by`: files and folders of this repository; a policy is its folder below `policies/`."""

    id: str
    force: Force
    reach: Reach
    text_en: str
    text_fa: str
    enforced_by: tuple[str, ...] = ()
    clauses: tuple[Clause, ...] = ()

    def __post_init__(self) -> None:
        kind_of(self.id)
        if self.reach is not Reach.RECORD and not self.clauses:
            raise ValueError(f"{self.id}: a rule that code is to enforce or to read has clauses")
        if bool(self.enforced_by) is not any(clause.tests for clause in self.clauses):
            raise ValueError(f"{self.id}: what is proven is enforced somewhere, and nothing else is")

    @property
    def kind(self) -> RuleKind:
        return kind_of(self.id)

    @cached_property
    def status(self) -> RuleStatus:
        """Follows from the clauses alone, so that it cannot claim more than they do."""
        proven = [bool(clause.tests) for clause in self.clauses]
        if not proven:
            return RuleStatus.ORGANISATIONAL
        if all(proven):
            return RuleStatus.ENFORCED
        return RuleStatus.PARTLY if any(proven) else RuleStatus.PLANNED
