"""Signals: what the audit shows and a person should look at (S3-P6-R2). A signal changes nothing by itself.

A committee member discounts it, with a reason, or makes a violation of it; only a person does either.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar


class SignalKind(StrEnum):
    """`refusals`: of one code. `below_k`: answers that were too narrow. `probing`: names that were not granted.

    `budget`: a budget was used up. `odd_hours`: work at night and on days off. `egress`: a sandbox asked for what it
    is not offered.
    """

    REFUSALS = "refusals"
    BELOW_K = "below_k"
    PROBING = "probing"
    BUDGET = "budget"
    ODD_HOURS = "odd_hours"
    EGRESS = "egress"


class SignalState(StrEnum):
    RAISED = "raised"
    DISCOUNTED = "discounted"
    PURSUED = "pursued"


SIGNAL_TRANSITIONS: dict[SignalState, frozenset[SignalState]] = {
    SignalState.RAISED: frozenset({SignalState.DISCOUNTED, SignalState.PURSUED}),
    SignalState.DISCOUNTED: frozenset(),
    SignalState.PURSUED: frozenset(),
}
"""A discounted signal does not count; a pursued one has become a violation, by a person's decision."""


@dataclass(frozen=True)
class Signal:
    """Raised once for each contract, kind and day in Tehran (`window`). `about`: the code it counts, where it is one.

    `count`, `threshold`: when it was raised; more of the same on that day raises nothing more.
    """

    KEY: ClassVar[tuple[str, ...]] = ("contract", "kind", "window")
    contract: str
    kind: SignalKind
    window: date
    about: str
    count: int
    threshold: int
    rule: str
    at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    why: str = ""
    violation: str | None = None

    @property
    def state(self) -> SignalState:
        if self.decided_at is None:
            return SignalState.RAISED
        return SignalState.PURSUED if self.violation is not None else SignalState.DISCOUNTED
