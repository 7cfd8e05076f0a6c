"""Working days: the three examples that were counted by hand, and what later declarations may do to a deadline."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_broker.domain.working_days import (
    FRIDAY,
    FRIDAY_ONLY,
    THURSDAY,
    THURSDAY_AND_FRIDAY,
    Closure,
    WorkingCalendar,
    WorkingWeek,
    add_working_days,
    deadline,
    working_days_over,
)
from access_broker.use_cases.working_days import public_holiday

SATURDAY = date(2026, 11, 21)
BEGUN = datetime(2026, 11, 21, 6, tzinfo=UTC)
PLAIN = WorkingCalendar("ministry")
EXAMPLES = [
    (date(2026, 11, 21), date(2026, 12, 8), date(2026, 12, 12)),
    (date(2026, 2, 28), date(2026, 3, 30), date(2026, 4, 5)),
    (date(2026, 6, 1), date(2026, 6, 20), date(2026, 6, 22)),
]


def closure(day: date, declared_at: datetime = BEGUN) -> Closure:
    return Closure("ministry", day, "cold", "operator", declared_at)


def week(number: int, days_off: tuple[int, ...], declared_at: datetime, since: date = SATURDAY) -> WorkingWeek:
    return WorkingWeek("ministry", number, days_off, since, None, "operator", declared_at)


@pytest.mark.parametrize(("published", "friday_only", "both"), EXAMPLES, ids=str)
def test_fifteen_working_days(published: date, friday_only: date, both: date) -> None:
    calendar = WorkingCalendar("ministry", FRIDAY_ONLY, holiday=public_holiday)
    assert add_working_days(published, 15, calendar) == friday_only
    assert add_working_days(published, 15, replace(calendar, usual=THURSDAY_AND_FRIDAY)) == both


def test_day_one_is_the_next_working_day() -> None:
    thursday = date(2026, 11, 26)
    assert add_working_days(thursday, 1, PLAIN) == date(2026, 11, 28)
    assert add_working_days(thursday, 0, PLAIN) == thursday
    with pytest.raises(ValueError, match="forwards"):
        add_working_days(thursday, -1, PLAIN)


def test_why_a_day_is_off() -> None:
    calendar = replace(PLAIN, closures=(closure(SATURDAY),), holiday=public_holiday)
    assert calendar.why_off(SATURDAY) == "cold"
    assert calendar.why_off(date(2026, 11, 27)) == "weekend"
    assert calendar.why_off(date(2026, 3, 22)) is not None
    assert calendar.why_off(date(2026, 11, 22)) is None


def test_the_week_that_was_declared_last_holds_as_long_as_it_says() -> None:
    first = week(1, (THURSDAY, FRIDAY), BEGUN)
    second = replace(week(2, (FRIDAY,), BEGUN, date(2026, 12, 1)), valid_to=date(2026, 12, 31))
    calendar = replace(PLAIN, weeks=(first, second))
    assert calendar.why_off(date(2026, 11, 19)) is None
    assert calendar.why_off(date(2026, 11, 26)) == "weekend"
    assert calendar.why_off(date(2026, 12, 3)) is None
    assert calendar.why_off(date(2027, 1, 7)) == "weekend"


def test_a_closure_declared_later_extends_a_running_deadline() -> None:
    later = replace(PLAIN, closures=(closure(date(2026, 11, 23), BEGUN + timedelta(days=1)),))
    assert deadline(SATURDAY, 3, PLAIN, BEGUN) == date(2026, 11, 24)
    assert deadline(SATURDAY, 3, later, BEGUN) == date(2026, 11, 25)


def test_a_shorter_weekend_declared_later_shortens_nothing_that_runs() -> None:
    strict = replace(PLAIN, weeks=(week(1, (THURSDAY, FRIDAY), BEGUN - timedelta(days=9)),))
    loosened = replace(strict, weeks=(*strict.weeks, week(2, (FRIDAY,), BEGUN + timedelta(days=1))))
    assert deadline(SATURDAY, 5, loosened, BEGUN) == deadline(SATURDAY, 5, strict, BEGUN) == date(2026, 11, 28)
    assert deadline(SATURDAY, 5, loosened, BEGUN + timedelta(days=1)) == date(2026, 11, 26)


DAYS = st.integers(-5, 40).map(lambda n: SATURDAY + timedelta(days=n))
MOMENTS = st.integers(-100, 400).map(lambda hours: BEGUN + timedelta(hours=hours))
DECLARED = st.lists(st.builds(closure, DAYS, MOMENTS), max_size=6, unique_by=lambda c: c.day).map(tuple)
WEEKS = st.lists(
    st.tuples(st.sampled_from([(FRIDAY,), (THURSDAY, FRIDAY), (1, THURSDAY, FRIDAY)]), MOMENTS, DAYS), max_size=3
)


@given(DECLARED, WEEKS, st.integers(0, 15), MOMENTS)
def test_no_declaration_ever_shortens(closures: tuple[Closure, ...], weeks: list, n: int, now: datetime) -> None:  # type: ignore[type-arg]
    ordered = sorted(weeks, key=lambda declared: declared[1])
    declared = tuple(week(place, off, at, since) for place, (off, at, since) in enumerate(ordered, 1))
    calendar = replace(PLAIN, closures=closures, weeks=declared)
    before, after = calendar.known_at(max(now, BEGUN)), calendar
    assert deadline(SATURDAY, n, before, BEGUN) <= deadline(SATURDAY, n, after, BEGUN)
    counted = deadline(SATURDAY, n, calendar, BEGUN)
    assert counted >= add_working_days(SATURDAY, n, calendar)


@given(DECLARED, WEEKS, st.integers(1, 15), st.integers(-3, 40))
def test_days_are_over_when_the_deadline_is(closures: tuple[Closure, ...], weeks: list, n: int, later: int) -> None:  # type: ignore[type-arg]
    ordered = sorted(weeks, key=lambda declared: declared[1])
    declared = tuple(week(place, off, at, since) for place, (off, at, since) in enumerate(ordered, 1))
    calendar, now = replace(PLAIN, closures=closures, weeks=declared), SATURDAY + timedelta(days=later)
    is_over = deadline(SATURDAY, n, calendar, BEGUN) < now
    assert (working_days_over(SATURDAY, now, calendar, BEGUN) >= n) is is_over
