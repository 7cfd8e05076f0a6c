"""Days as people type them."""

from __future__ import annotations

from datetime import UTC, datetime

from access_broker.commands.output import stop
from access_broker.use_cases.calendar import NoSuchDay, NotADate, end_of_day, parse_date


def last_second(day: str) -> datetime:
    """Of a day in the calendar and the words of scenario files; ends the command for what is none."""
    try:
        return end_of_day(parse_date(day, datetime.now(UTC)))
    except (NotADate, NoSuchDay):
        stop(f"{day} is not a day: write today+90d, 2026-11-21 or 1405-08-30", 2)
