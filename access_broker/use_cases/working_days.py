"""The working days of an organisation: public holidays, its week, and closures that operators declare (I-29)."""

from __future__ import annotations

import threading
from collections.abc import Collection
from datetime import date, datetime
from functools import cache
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Family
from access_broker.domain.working_days import (
    EVERYBODY,
    FRIDAY,
    FRIDAY_ONLY,
    MOST_DAYS_OFF,
    THURSDAY_AND_FRIDAY,
    Closure,
    WorkingCalendar,
    WorkingWeek,
)
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.said import said

RULE = "F-7"  # the directive counts in working days there, and says nowhere which days they are

LONGEST_NAME = 200

_ONE_AT_A_TIME = threading.Lock()
"""The library fills in a year when it is first asked for one; another thread would see it half filled in."""

USUAL: dict[Family, frozenset[int]] = {
    Family.GOVERNMENT: THURSDAY_AND_FRIDAY,
    Family.ITO: THURSDAY_AND_FRIDAY,
    Family.PRIVATE: FRIDAY_ONLY,
    Family.CITIZEN: FRIDAY_ONLY,
}
"""Days off where none were declared: headquarters in Tehran are closed on Thursdays, by law only Fridays are free."""


def working_calendar(reader: Reader, organisation: str) -> WorkingCalendar:
    """The working days of an organisation; of one that is not on record, Fridays and public holidays are free."""
    known = reader.organisation(organisation)
    usual = USUAL[known.family] if known else FRIDAY_ONLY
    weeks = tuple(reader.filed(WorkingWeek, organisation=organisation))
    closures = [*reader.filed(Closure, organisation=organisation), *reader.filed(Closure, organisation=EVERYBODY)]
    return WorkingCalendar(organisation, usual, weeks, tuple(closures), public_holiday)


def public_holiday(day: date) -> str | None:
    """Its Persian name, or None. Lunar days are announced by sighting: from 2027 on they are estimates, and say so."""
    with _ONE_AT_A_TIME:
        name = _iran().get(day)
    return None if name is None else str(name)


def declare_closure(writer: Writer, organisation: str, day: date, name: str, by: str, now: datetime) -> Closure:
    """Close an organisation, or everybody (""), on a day. The same again is answered with the first.

    Raises Refused NOT_FOUND, or INVALID without a name that can be read.
    """
    _check_organisation(writer, organisation)
    told = said(name, "name", RULE, most=LONGEST_NAME)
    declared = filed_one(writer, Closure, organisation=organisation, day=day)
    if declared is not None:
        return declared
    closure = Closure(organisation, day, told, by, now)
    body = {"day": day.isoformat(), "name": closure.name}
    writer.file(closure, AuditEvent("closure.declared", by, organisation or "everybody", RULE, body))
    return closure


def declare_week(
    writer: Writer,
    organisation: str,
    days_off: Collection[int],
    valid: tuple[date, date | None],
    by: str,
    now: datetime,
) -> WorkingWeek:
    """Say which days of the week an organisation is closed, from `valid[0]` to `valid[1]`. Fridays always are.

    Raises Refused NOT_FOUND, or INVALID for days that are none, too many of them, or an end before the beginning.
    """
    if organisation == EVERYBODY:
        raise Refused("NOT_FOUND", name=organisation)
    _check_organisation(writer, organisation)
    days = tuple(sorted({*days_off}))
    if FRIDAY not in days or len(days) > MOST_DAYS_OFF or not all(0 <= day <= 6 for day in days):
        raise Refused("INVALID", RULE, where="days_off")
    if valid[1] is not None and valid[1] < valid[0]:
        raise Refused("INVALID", RULE, where="valid_to")
    weeks = writer.filed(WorkingWeek, organisation=organisation)
    if weeks and (weeks[-1].days_off, weeks[-1].valid_from, weeks[-1].valid_to) == (days, *valid):
        return weeks[-1]
    week = WorkingWeek(organisation, len(weeks) + 1, days, *valid, by, now)
    body = {"days_off": list(days), "from": valid[0].isoformat(), "to": valid[1] and valid[1].isoformat()}
    writer.file(week, AuditEvent("working_week.declared", by, organisation, RULE, body))
    return week


def _check_organisation(reader: Reader, organisation: str) -> None:
    if organisation != EVERYBODY and reader.organisation(organisation) is None:
        raise Refused("NOT_FOUND", name=organisation)


@cache
def _iran() -> Any:
    """Imported when first asked for: the library brings every country of the world along."""
    from holidays.countries.iran import Iran

    return Iran(language="fa_IR")
