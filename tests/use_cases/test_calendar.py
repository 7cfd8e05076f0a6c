from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_broker.use_cases.calendar import (
    NoSuchDay,
    NotADate,
    add_jalali_months,
    end_of_day,
    first_of_month,
    latest_end,
    month_number,
    parse_date,
    start_of_day,
    today,
)

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", date(2026, 11, 21)),
        ("today+90d", date(2027, 2, 19)),
        (" today - 3 d ", date(2026, 11, 18)),
        ("2026-11-21", date(2026, 11, 21)),
        ("1405-08-30", date(2026, 11, 21)),
        ("1405/8/30", date(2026, 11, 21)),
        ("۱۴۰۵-۰۸-۳۰", date(2026, 11, 21)),
        ("today+۹۰d", date(2027, 2, 19)),
        ("1403-12-30", date(2025, 3, 20)),
    ],
)
def test_a_day_may_be_written_in_many_ways(text: str, day: date) -> None:
    assert parse_date(text, NOW) == day


@pytest.mark.parametrize(
    "text", ["", "soon", "tomorrow", "today+d", "today+1w", "30-08-1405", "2026-11/21", "20261121"]
)
def test_other_texts_are_no_dates(text: str) -> None:
    with pytest.raises(NotADate):
        parse_date(text, NOW)


@pytest.mark.parametrize(
    "text", ["2026-02-29", "1404-12-30", "1405-13-01", "0000-01-01", "3000-01-01", "today+999999d"]
)
def test_some_days_do_not_exist(text: str) -> None:
    with pytest.raises(NoSuchDay):
        parse_date(text, NOW)


def test_today_is_the_day_in_tehran() -> None:
    assert today(datetime(2026, 11, 21, 20, 29, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert today(datetime(2026, 11, 21, 20, 30, tzinfo=UTC)) == date(2026, 11, 22)


def test_a_term_ends_with_the_last_second_in_tehran_six_jalali_months_on() -> None:
    start = start_of_day(parse_date("1405-08-30", NOW))
    assert latest_end(start) == datetime(2027, 5, 20, 20, 29, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("1405-01-31", "1405-07-30"),
        ("1405-06-31", "1405-12-29"),
        ("1403-06-31", "1403-12-30"),
        ("1405-12-29", "1406-06-29"),
    ],
)
def test_a_shorter_month_ends_the_term_with_its_last_day(start: str, end: str) -> None:
    assert add_jalali_months(parse_date(start, NOW), 6) == parse_date(end, NOW)


@given(st.dates(date(1980, 1, 1), date(2200, 1, 1)))
def test_six_jalali_months_are_179_to_186_days(day: date) -> None:
    assert timedelta(179) <= add_jalali_months(day, 6) - day <= timedelta(186)


@given(st.dates(date(1980, 1, 1), date(2200, 1, 1)))
def test_a_day_has_86400_seconds(day: date) -> None:
    assert end_of_day(day) - start_of_day(day) == timedelta(seconds=86_399)
    assert today(start_of_day(day)) == today(end_of_day(day)) == day


def test_the_jalali_month_of_a_day() -> None:
    assert (month_number(date(2026, 11, 22)), first_of_month(date(2026, 11, 22))) == (140509, date(2026, 11, 22))
    assert (month_number(date(2026, 11, 21)), first_of_month(date(2026, 11, 21))) == (140508, date(2026, 10, 23))
    assert (month_number(date(2026, 3, 21)), first_of_month(date(2026, 3, 21))) == (140501, date(2026, 3, 21))
