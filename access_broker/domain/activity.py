"""What was done under a contract, as numbers that add up: counted from audit records, each of which counts once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

DayTuple = tuple[Any, ...]
"""A day and the fields of its activity in their order, as they are kept."""


@dataclass(frozen=True)
class Activity:
    """Of a day, or of many.

    `statements`: that were allowed to run. `explained`: asked about without running. `refusals`: by code, before or
    while running. `rows`, `bytes`, `ms`: delivered, and how long it took. `sandboxes`: started. `warnings`: written.
    `datasets`, `people`: touched by statements that were allowed, and whoever did anything of this.
    """

    statements: int = 0
    explained: int = 0
    rows: int = 0
    bytes: int = 0
    ms: int = 0
    sandboxes: int = 0
    warnings: int = 0
    refusals: tuple[tuple[str, int], ...] = ()
    datasets: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def refused(self) -> int:
        return sum(count for _, count in self.refusals)

    def __add__(self, other: Activity) -> Activity:
        codes = dict(self.refusals)
        for code, count in other.refusals:
            codes[code] = codes.get(code, 0) + count
        return Activity(
            self.statements + other.statements,
            self.explained + other.explained,
            self.rows + other.rows,
            self.bytes + other.bytes,
            self.ms + other.ms,
            self.sandboxes + other.sandboxes,
            self.warnings + other.warnings,
            tuple(sorted(codes.items())),
            tuple(sorted({*self.datasets, *other.datasets})),
            tuple(sorted({*self.people, *other.people})),
        )


NOTHING = Activity()
FIELDS = tuple(Activity.__dataclass_fields__)


def total_of(parts: Iterable[Activity]) -> Activity:
    total = NOTHING
    for part in parts:
        total += part
    return total


def day_tuples(days: Mapping[date, Activity]) -> tuple[DayTuple, ...]:
    """As they are kept: a tuple for each day, in the order of the days."""
    return tuple((day.isoformat(), *(getattr(days[day], name) for name in FIELDS)) for day in sorted(days))


def days_in(kept: Iterable[DayTuple]) -> dict[date, Activity]:
    """`day_tuples` read back."""
    return {date.fromisoformat(day): Activity(*fields) for day, *fields in kept}
