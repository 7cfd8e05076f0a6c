"""Dates as people write them and moments as records keep them.

People count in Jalali days of Tehran; records keep UTC. A term begins with the first second of its first day and ends
with the last second of its last (I-28).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, timezone

from persiantools.jdatetime import JalaliDate

from access_broker.domain.text import digits

TEHRAN = timezone(timedelta(hours=3, minutes=30), "Asia/Tehran")
"""Fixed: Tehran has had no summer time since 1401, and slim systems carry no zone database to ask."""

LONGEST_TERM_MONTHS = 6
"""Jalali months a contract may run at most (S3-P9-R1)."""

MARKET_MONTHS = 1
"""Jalali months from acceptance in which the product comes to the market (S3-P9-R2a, F-14)."""

_FIRST_GREGORIAN_YEAR = 1700  # below it a year is Jalali: 1405 is next to today, 1405 AD is nobody's contract
_LAST_GREGORIAN_YEAR = 2999  # the term counted from such a day must still fit into the calendar
_RELATIVE = re.compile(r"today(?:\s*([+-])\s*([0-9]{1,6})\s*d)?", re.ASCII)
_ABSOLUTE = re.compile(r"([0-9]{4})([-/])([0-9]{1,2})\2([0-9]{1,2})", re.ASCII)


class NotADate(Exception):  # noqa: N818 - says what the text is, not that the program failed
    """The text is written in none of the ways a date may be written."""


class NoSuchDay(Exception):  # noqa: N818
    """The text is written like a date, but the calendar has no such day."""


def today(now: datetime) -> date:
    """The day it is in Tehran."""
    return now.astimezone(TEHRAN).date()


def start_of_day(day: date) -> datetime:
    """00:00:00 in Tehran, as UTC."""
    return datetime.combine(day, time.min, TEHRAN).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    """23:59:59 in Tehran, as UTC: the last second at which a term that ends on `day` still runs."""
    return datetime.combine(day, time(23, 59, 59), TEHRAN).astimezone(UTC)


def parse_date(text: str, now: datetime) -> date:
    """`today`, `today+90d`, an ISO date or a Jalali one (year below 1700), with Latin or Persian digits.

    Raises NotADate or NoSuchDay.
    """
    plain = digits(text).strip()
    relative, absolute = _RELATIVE.fullmatch(plain), _ABSOLUTE.fullmatch(plain)
    try:
        if relative:
            day = _days_from(today(now), relative)
        elif absolute:
            day = _day(int(absolute[1]), int(absolute[3]), int(absolute[4]))
        else:
            raise NotADate(text)
    except (ValueError, OverflowError):
        raise NoSuchDay(text) from None
    if day.year > _LAST_GREGORIAN_YEAR:
        raise NoSuchDay(text)
    return day


def latest_end(start: datetime) -> datetime:
    """The last second of the longest term that begins at `start`: six Jalali months on, end of day (S3-P9-R1, I-28)."""
    return end_of_day(add_jalali_months(today(start), LONGEST_TERM_MONTHS))


def market_end(accepted: datetime, start: datetime) -> datetime:
    """The last second of the month of the market after a plan was accepted; `start`: of the work, seven months before

    at most, so that nobody works alone for longer than six months and one (F-14, I-09).
    """
    month = add_jalali_months(today(accepted), MARKET_MONTHS)
    return end_of_day(min(month, add_jalali_months(today(start), LONGEST_TERM_MONTHS + MARKET_MONTHS)))


def add_jalali_months(day: date, months: int) -> date:
    """The same day of a later Jalali month, or that month's last day when it is shorter."""
    jalali = _jalali(day)
    years, month = divmod(jalali.month - 1 + months, 12)
    year, month = jalali.year + years, month + 1
    return _jalali(year, month, min(jalali.day, JalaliDate.days_in_month(month, year))).to_gregorian()


def first_of_month(day: date) -> date:
    """Of the Jalali month that the day is in."""
    return day - timedelta(days=_jalali(day).day - 1)


def month_number(day: date) -> int:
    """Of the Jalali month that the day is in: 140509."""
    jalali = _jalali(day)
    return int(jalali.year * 100 + jalali.month)


def _days_from(day: date, relative: re.Match[str]) -> date:
    return day + timedelta(days=int(relative[2] or 0)) * (-1 if relative[1] == "-" else 1)


def _day(year: int, month: int, day: int) -> date:
    if year < _FIRST_GREGORIAN_YEAR:
        return _jalali(year, month, day).to_gregorian()
    return date(year, month, day)


def _jalali(*parts: date | int) -> JalaliDate:
    """From a Gregorian date, or from year, month and day. The library types everything but its constructors."""
    return JalaliDate(*parts)  # type: ignore[no-untyped-call]
