"""What answer mode `dp` draws noise for: one number per group, that one person can change by a known amount."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

UNITS = 1_000_000
"""Whole units that the largest amount one person may add to a group is counted in: noise is drawn over whole numbers,

because floating-point noise gives values away in its last digits (Mironov, On significance of the least significant
bits for differential privacy).
"""


@dataclass(frozen=True)
class Share:
    """How much of one person counts: rows and groups, where a person may have several."""

    rows: int = 1
    groups: int = 1


@dataclass(frozen=True)
class Quantity:
    """One number per group: the sum of what its people add.

    `expression`: over the rows of one person in a group. `low`, `high`: what one person may add, in the measure's own
    units. `digest`: the same for the same question in whatever words, and no other.
    """

    expression: exp.Expr | None
    low: float
    high: float
    digest: str
    is_count: bool

    @property
    def most(self) -> int:
        """By how much one person can change it in one group, in the units it is drawn in."""
        return int(self.high) if self.is_count else UNITS

    @property
    def unit(self) -> float:
        return 1.0 if self.is_count else max(abs(self.low), abs(self.high)) / UNITS
