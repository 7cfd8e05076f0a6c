"""A small chart of days: what was answered, and on top of it what was refused. Numbers for an SVG, no drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from access_broker.domain.activity import NOTHING
from access_broker.domain.reports import ActivityReport

HEIGHT = 72
STEP, BAR = 8, 6
MOST_DAYS = 91


@dataclass(frozen=True)
class Bar:
    """One day. Lengths in the chart's own units; `answered` and `refused` are the numbers behind them."""

    day: date
    x: int
    answered: int
    refused: int
    answered_height: float
    refused_height: float

    @property
    def answered_y(self) -> float:
        return HEIGHT - self.answered_height

    @property
    def refused_y(self) -> float:
        return HEIGHT - self.answered_height - self.refused_height


@dataclass(frozen=True)
class Chart:
    """`most`: statements of the busiest day, which is as high as the chart."""

    bars: tuple[Bar, ...]
    most: int
    width: int
    height: int = HEIGHT


def chart_of(weeks: Sequence[ActivityReport], backwards: bool) -> Chart:
    """The last days of these weeks, the oldest first. `backwards`: from right to left, as one reads there."""
    counted = {day: activity for week in weeks for day, activity in week.by_day.items()}
    days = _days(weeks, max(counted, default=None))
    numbers = [(counted.get(day, NOTHING).statements, counted.get(day, NOTHING).refused) for day in days]
    most = max((answered + refused for answered, refused in numbers), default=0)
    unit = HEIGHT / most if most else 0.0
    width = max(1, len(days)) * STEP
    bars = []
    for place, (day, (answered, refused)) in enumerate(zip(days, numbers, strict=True)):
        x = (len(days) - 1 - place if backwards else place) * STEP
        bars.append(Bar(day, x, answered, refused, round(answered * unit, 2), round(refused * unit, 2)))
    return Chart(tuple(bars), most, width)


def _days(weeks: Sequence[ActivityReport], last: date | None) -> list[date]:
    """From the first week's first day to the last one on which anything was done."""
    if not weeks or last is None:
        return []
    first = max(min(week.first for week in weeks), last - timedelta(days=MOST_DAYS - 1))
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
