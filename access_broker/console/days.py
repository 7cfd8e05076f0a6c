"""Days as people type them: Jalali or Gregorian, with any digits. The year tells which calendar is meant."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from access_broker.adapters.sentences import day_of
from access_broker.domain.decisions import Refused
from access_broker.domain.text import digits

_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_FIRST_GREGORIAN = 1700


def read_day(typed: str, field: str) -> datetime | None:
    """The beginning of a day, None for nothing typed. A Jalali day begins in Tehran, a Gregorian one in UTC.

    Raises Refused INVALID with the name of the field.
    """
    text = digits(typed.strip())
    if not text:
        return None
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        year, month, day = (int(part) for part in found.groups())
        return datetime(year, month, day, tzinfo=UTC) if year >= _FIRST_GREGORIAN else day_of(year, month, day)
    except ValueError:
        raise Refused("INVALID", where=field) from None
