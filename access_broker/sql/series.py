"""A series of constants: whole numbers or moments between two literals, one step apart.

Its rows are known before anything runs, and so is how many they are. Steps count one from another, as the engine
takes them: a month after 31 January is 29 February, and a month after that 29 March.
"""

from __future__ import annotations

import calendar
import datetime
import operator
import re
from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql import allowed

Point = int | datetime.datetime
Test = Callable[[Any, Any], bool]
TESTS: dict[type[exp.Expr], Test] = {exp.LT: operator.lt, exp.LTE: operator.le}
"""How a series may end: only upwards, so that it does."""

_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_DAYS = {"DAY": 1, "WEEK": 7}
_SECONDS = {"SECOND": 1, "MINUTE": 60, "HOUR": 3600}
_DATE = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(_DATE.pattern + r"([ T][0-9]{2}:[0-9]{2}:[0-9]{2})?")
_COUNTED = re.compile(r"([0-9]{1,6}) ?([a-z]+)", re.IGNORECASE)
_STEPS = {"to_months": "MONTH", "to_days": "DAY", "to_weeks": "WEEK", "to_years": "YEAR", "to_hours": "HOUR"}
_EPOCH = datetime.datetime(1970, 1, 1)
_MOMENTS = frozenset({"TIMESTAMP", "TIMESTAMPNTZ"})
_LAST_YEAR = 9000  # further than the engine's and our calendars need to agree
_WHOLE = {"INT": 2**31, "BIGINT": 2**63}


@dataclass(frozen=True)
class Step:
    """From one row to the next. Of a series of numbers `days` is the number."""

    months: int = 0
    days: int = 0
    seconds: int = 0


@dataclass(frozen=True)
class Series:
    """From `first` to `last`, both of them rows; `rows`: how many there are."""

    first: Point
    last: Point
    step: Step
    rows: int

    @property
    def type(self) -> str:
        """The engine's, of every row."""
        return "BIGINT" if isinstance(self.first, int) else "TIMESTAMP"

    @property
    def kept_apart_as(self) -> frozenset[str]:
        """Types that no two rows are alike in, and every row has a value of."""
        if isinstance(self.first, int):
            return frozenset(kind for kind in _WHOLE if fits(kind, self.first, self.last))
        whole = self.first.time() == datetime.time() and not self.step.seconds
        return frozenset({"DATE", "TIMESTAMP", "TIMESTAMPNTZ"} if whole else {"TIMESTAMP", "TIMESTAMPNTZ"})

    @property
    def parameters(self) -> tuple[Any, ...]:
        """The three arguments as the engine's plan shows them: numbers, or microseconds and a length of time."""
        if isinstance(self.first, int):
            return self.first, self.last, self.step.days
        length = (self.step.months, self.step.days, self.step.seconds * 1_000_000)
        return _micros(self.first), _micros(self.last), length

    def call(self) -> exp.GenerateSeries:
        """`generate_series(first, last, step)`, the only way a series is ever written."""
        if isinstance(self.first, int):
            start, end, step = (number(n) for n in self.parameters)
        else:
            start, end = (exp.cast(exp.Literal.string(str(p)), "TIMESTAMP") for p in (self.first, self.last))
            size, unit = next((n, u) for n, u in zip(_sizes(self.step), ("MONTH", "DAY", "SECOND"), strict=True) if n)
            step = exp.Interval(this=exp.Literal.string(str(size)), unit=exp.Var(this=unit))
        return exp.GenerateSeries(start=start, end=end, step=step, is_end_exclusive=False)


def series_of(call: exp.Expr | None) -> Series | None:
    """`range` or `generate_series` of literals that lead upwards; None for any other, an empty one too.

    Raises Refused TOO_COMPLEX for a series of more than `allowed.MAX_SERIES` rows, or that leaves the calendar.
    """
    if not isinstance(call, exp.GenerateSeries):
        return None
    start, kind = point(call.args.get("start"))
    end, _ = point(call.args.get("end"))
    step = step_of(call.args.get("step") or exp.Literal.number(1), kind, arithmetic=False)
    if start is None or end is None or step is None or isinstance(start, int) != isinstance(end, int):
        return None
    return _between(start, end, step, bool(call.args.get("is_end_exclusive")))


@lru_cache(256)
def _between(start: Any, end: Any, step: Step, exclusive: bool) -> Series | None:
    """The same series is counted at several stations of its statement."""
    test: Test = operator.lt if exclusive else operator.le
    return walk(start, step, lambda row, after: test(after, end)) if test(start, end) else None


def walk(start: Any, step: Step, goes_on: Test) -> Series:
    """`goes_on`: after this row, is there the next one? Both are given, and what is no longer never is again."""

    def ends(place: int) -> bool:
        try:
            return not goes_on(_row(start, step, place), _row(start, step, place + 1))
        except (OverflowError, ValueError):  # beyond our calendar, and beyond every end
            return True

    if not ends(allowed.MAX_SERIES - 1):
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_SERIES)
    place = bisect_left(range(allowed.MAX_SERIES), True, key=ends)
    last = _row(start, step, place)
    _after(last, step)  # the engine takes one step more than it shows
    return Series(start, last, step, place + 1)


def _row(start: Any, step: Step, place: int) -> Any:
    """The row that stands `place` steps after the first, as if each had been taken."""
    if isinstance(start, int):
        return start + step.days * place
    if not step.months:
        return start + datetime.timedelta(days=step.days, seconds=step.seconds) * place
    year, month = _month(start, step.months * place)
    moved = start.replace(year=year, month=month, day=_day(start, step.months, place))
    return moved + datetime.timedelta(days=step.days, seconds=step.seconds) * place


def _day(start: datetime.datetime, months: int, place: int) -> int:
    """Of the shortest month on the way: what a day of the month once loses it does not get back."""
    day, has_february = start.day, False
    for taken in range(1, place + 1):
        if day <= 28 or (taken > 12 and not has_february):  # after twelve steps the same months come again
            break
        year, month = _month(start, months * taken)
        day, has_february = min(day, calendar.monthrange(year, month)[1]), has_february or month == 2
    return day


def _month(start: datetime.datetime, months: int) -> tuple[int, int]:
    count = start.year * 12 + start.month - 1 + months
    return count // 12, count % 12 + 1


def _after(row: Any, step: Step) -> Any:
    if isinstance(row, int):
        return row + step.days
    year, month = _month(row, step.months)
    if year > _LAST_YEAR or step.days > 366 * _LAST_YEAR:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_SERIES)
    day = min(row.day, calendar.monthrange(year, month)[1])
    try:
        moved: datetime.datetime = row.replace(year=year, month=month, day=day)
        return moved + datetime.timedelta(days=step.days, seconds=step.seconds)
    except OverflowError:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_SERIES) from None


def point(node: exp.Expr | None) -> tuple[Point | None, str]:
    """A literal and its type: INT, BIGINT, DATE or TIMESTAMP; (None, "") for anything else."""
    whole = _whole(node)
    if whole is not None:
        return whole, "INT" if fits("INT", whole) else "BIGINT"
    node = _bare(node)
    if not isinstance(node, exp.Cast) or not isinstance(node.this, exp.Literal) or not node.this.is_string:
        return None, ""
    kind = node.to.sql(dialect="duckdb")
    form = {"DATE": _DATE, "TIMESTAMP": _MOMENT}.get(kind)
    if form is None or not form.fullmatch(node.this.name):
        return None, ""
    try:
        return datetime.datetime.fromisoformat(node.this.name), kind
    except ValueError:
        return None, ""


def step_of(node: exp.Expr | None, kind: str, *, arithmetic: bool) -> Step | None:
    """A literal step upwards between rows of type `kind`. `arithmetic`: it is added, so that a date takes numbers."""
    bare = _bare(node)
    whole = _whole(bare)
    if whole is not None:
        fitting = kind in _WHOLE or (kind == "DATE" and arithmetic)
        return Step(days=whole) if fitting and whole > 0 else None
    count, unit = _length(bare)
    if kind not in ("DATE", "TIMESTAMP") or not count:
        return None
    if unit in _MONTHS:
        return Step(months=count * _MONTHS[unit])
    if unit in _DAYS:
        return Step(days=count * _DAYS[unit])
    # a date plus an hour is cut back to the date where the rows before it say that the column is one
    moments = kind == "TIMESTAMP" or not arithmetic
    return Step(seconds=count * _SECONDS[unit]) if unit in _SECONDS and moments else None


def _length(node: exp.Expr | None) -> tuple[int, str]:
    """(how many, of which unit) of a literal length of time, (0, "") for anything else."""
    text = ""
    if isinstance(node, exp.Interval) and isinstance(_bare(node.this), exp.Literal):
        text = f"{_bare(node.this).name} {node.args.get('unit') or ''}"  # type: ignore[union-attr]
    elif isinstance(node, exp.Cast) and node.to.sql(dialect="duckdb") == "INTERVAL":
        text = node.this.name if isinstance(node.this, exp.Literal) else ""
    elif isinstance(node, exp.Anonymous) and len(node.expressions) == 1:
        text = f"{_whole(node.expressions[0])} {_STEPS.get(node.name.lower(), '')}"
    found = _COUNTED.fullmatch(text.strip())
    return (int(found[1]), found[2].upper().removesuffix("S")) if found else (0, "")


def number(value: int) -> exp.Expr:
    literal = exp.Literal.number(str(abs(value)))
    return exp.Neg(this=literal) if value < 0 else literal


def fits(kind: str, *values: Any) -> bool:
    return all(-_WHOLE[kind] <= value < _WHOLE[kind] for value in values) if kind in _WHOLE else True


def _whole(node: exp.Expr | None) -> int | None:
    bare = _bare(node)
    sign, bare = (-1, _bare(bare.this)) if isinstance(bare, exp.Neg) else (1, bare)
    found = isinstance(bare, exp.Literal) and not bare.is_string and re.fullmatch("[0-9]{1,18}", bare.name)
    return sign * int(bare.name) if found and bare else None


def _bare(node: exp.Expr | None) -> exp.Expr | None:
    return node.unnest() if isinstance(node, exp.Paren) else node


def _sizes(step: Step) -> tuple[int, int, int]:
    return step.months, step.days, step.seconds


def _micros(moment: Any) -> int:
    return int((moment - _EPOCH) // datetime.timedelta(microseconds=1))
