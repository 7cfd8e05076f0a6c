"""Working days: which days count when a deadline is counted in them (I-29).

A working week belongs to an organisation and holds from one day to another; closures are declared as they come, often
on the evening before. What is declared later extends a running deadline and never shortens it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import ClassVar

THURSDAY, FRIDAY = 3, 4
"""As `date.weekday` counts: Monday is 0."""

FRIDAY_ONLY = frozenset({FRIDAY})
THURSDAY_AND_FRIDAY = frozenset({THURSDAY, FRIDAY})
MOST_DAYS_OFF = 3
"""Days off in one week: a week without working days would never let a deadline end."""

EVERYBODY = ""
"""The organisation of a closure that holds for all of them."""

Holiday = Callable[[date], str | None]
"""The name of the public holiday on a day, or None."""


@dataclass(frozen=True)
class WorkingWeek:
    """Which days of the week an organisation is closed. `valid_to`: its last day; None until another week follows.

    Where several hold on one day, the one declared last does.
    """

    KEY: ClassVar[tuple[str, ...]] = ("organisation", "number")
    organisation: str
    number: int
    days_off: tuple[int, ...]
    valid_from: date
    valid_to: date | None
    declared_by: str
    declared_at: datetime

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Closure:
    """A day on which an organisation, or everybody, is closed beside the public holidays. It is not taken back."""

    KEY: ClassVar[tuple[str, ...]] = ("organisation", "day")
    organisation: str
    day: date
    name: str
    declared_by: str
    declared_at: datetime


def no_holidays(_day: date) -> str | None:
    """For an organisation that works on every day of its week."""
    return None


@dataclass(frozen=True)
class WorkingCalendar:
    """The days of one organisation. `usual`: days off where no week was declared; `weeks` as they were declared."""

    organisation: str
    usual: frozenset[int] = FRIDAY_ONLY
    weeks: tuple[WorkingWeek, ...] = ()
    closures: tuple[Closure, ...] = ()
    holiday: Holiday = field(default=no_holidays, compare=False)

    def is_working(self, day: date) -> bool:
        return self.why_off(day) is None

    def why_off(self, day: date) -> str | None:
        """The name of the holiday or closure, `weekend`, or None on a working day."""
        closed = next((closure.name for closure in self.closures if closure.day == day), None)
        if closed is not None:
            return closed
        return self.holiday(day) or ("weekend" if day.weekday() in self.days_off(day) else None)

    def days_off(self, day: date) -> frozenset[int]:
        """Of the week that holds on the day."""
        declared = [week for week in self.weeks if week.holds_on(day)]
        return frozenset(declared[-1].days_off) if declared else self.usual

    def next_working(self, day: date) -> date:
        """The day itself, or the first working one after it."""
        while not self.is_working(day):
            day += timedelta(days=1)
        return day

    def known_at(self, moment: datetime) -> WorkingCalendar:
        """The calendar as it was declared at that moment."""
        return replace(
            self,
            weeks=tuple(week for week in self.weeks if week.declared_at <= moment),
            closures=tuple(closure for closure in self.closures if closure.declared_at <= moment),
        )


def add_working_days(day: date, n: int, calendar: WorkingCalendar) -> date:
    """The `n`th working day after `day`; day 1 is the next working day. Raises ValueError for a negative `n`."""
    if n < 0:
        raise ValueError("working days are counted forwards")
    for _ in range(n):
        day = calendar.next_working(day + timedelta(days=1))
    return day


def never_shortened(calendar: WorkingCalendar, since: datetime, ends: Callable[[WorkingCalendar], date]) -> date:
    """The last day of a deadline that began at `since`: the latest that any declaration since then has made of it."""
    return max(ends(known) for known in _known_since(calendar, since))


def deadline(day: date, n: int, calendar: WorkingCalendar, since: datetime) -> date:
    """`add_working_days` for a deadline that runs since `since`: declared closures extend it, nothing shortens it."""
    return never_shortened(calendar, since, lambda known: add_working_days(day, n, known))


def working_days_over(day: date, now: date, calendar: WorkingCalendar, since: datetime) -> int:
    """How many working days lie between `day` and `now`, neither of them counted.

    The fewest that any declaration since then makes of it, so that `n` of them are over when a `deadline` of `n` is.
    """
    between = [day + timedelta(days=n) for n in range(1, (now - day).days)]
    return min(sum(map(known.is_working, between)) for known in _known_since(calendar, since))


def _known_since(calendar: WorkingCalendar, since: datetime) -> list[WorkingCalendar]:
    """The calendar as it was at that moment, and after each declaration since."""
    declared = {since, *(week.declared_at for week in calendar.weeks)}
    declared |= {closure.declared_at for closure in calendar.closures}
    return [calendar.known_at(moment) for moment in declared if moment >= since]
