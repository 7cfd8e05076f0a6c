"""Violations: what went against a contract, as it was put on record (S3-P6-R2, F-13).

Policy and contract say of which class a kind is, whoever records it: a protective one ends access at once, a
contractual one is warned of. One that turns out to be none is discounted, with the reason, and counts no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class ViolationClass(StrEnum):
    PROTECTIVE = "protective"
    CONTRACTUAL = "contractual"


class ViolationSource(StrEnum):
    """Who found it: a committee's seat, an automatic signal, a report that is missing, or a rule of the system."""

    PERSON = "person"
    SIGNAL = "signal"
    REPORT = "report"
    RULE = "rule"


class ViolationState(StrEnum):
    RECORDED = "recorded"
    DISCOUNTED = "discounted"


VIOLATION_TRANSITIONS: dict[ViolationState, frozenset[ViolationState]] = {
    ViolationState.RECORDED: frozenset({ViolationState.DISCOUNTED}),
    ViolationState.DISCOUNTED: frozenset(),
}
"""A discounted violation counts towards nothing, and neither does a warning of it. It stays on record."""


@dataclass(frozen=True)
class Violation:
    """Numbered within its contract. `at`: when it was put on record.

    `evidence`: references only, e.g. `audit 4711` or a digest. `decision`: of the committee, where one stood behind it.
    """

    KEY: ClassVar[tuple[str, ...]] = ("contract", "number")
    contract: str
    number: int
    kind: str
    violation_class: ViolationClass
    source: ViolationSource
    text: str
    evidence: tuple[str, ...]
    recorded_by: str
    at: datetime
    decision: str | None = None
    discounted_by: str | None = None
    discounted_at: datetime | None = None
    discounted_why: str | None = None

    @property
    def state(self) -> ViolationState:
        return ViolationState.RECORDED if self.discounted_at is None else ViolationState.DISCOUNTED

    @property
    def counts(self) -> bool:
        return self.state is ViolationState.RECORDED


@dataclass(frozen=True)
class LegalFollowUp:
    """The matter of a cut contract was taken to law (S3-P6-R2): by whom, when and why."""

    KEY: ClassVar[tuple[str, ...]] = ("contract",)
    contract: str
    by: str
    at: datetime
    why: str
