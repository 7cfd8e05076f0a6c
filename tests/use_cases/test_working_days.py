"""Declaring working weeks and closures, and the calendar that an organisation has because of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from access_broker.domain.decisions import Refused
from access_broker.domain.people import Family
from access_broker.domain.working_days import FRIDAY, THURSDAY, add_working_days
from access_broker.use_cases.working_days import USUAL, declare_closure, declare_week, working_calendar
from tests.support.factories import COMPANY, ITO, MINISTRY, NOW, audit_kinds, make_records, position
from tests.support.fakes import InMemoryRecords

SATURDAY = date(2026, 11, 21)
THURSDAY_NEXT = date(2026, 11, 26)


def off(records: InMemoryRecords, organisation: str, day: date) -> bool:
    with records.read() as reader:
        return not working_calendar(reader, organisation).is_working(day)


def close(records: InMemoryRecords, organisation: str, day: date, name: str = "سرما") -> Any:
    with records.write() as writer:
        return declare_closure(writer, organisation, day, name, "operator", NOW)


def week(records: InMemoryRecords, organisation: str, days: Any, since: date, until: date | None = None) -> Any:
    with records.write() as writer:
        return declare_week(writer, organisation, days, (since, until), "operator", NOW)


def refused(act: Any, *arguments: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(*arguments)
    return caught.value.reason.code


def test_headquarters_are_closed_on_thursdays_and_companies_are_not() -> None:
    records = make_records()
    assert set(USUAL) == set(Family)
    thursdays = [off(records, organisation.id, THURSDAY_NEXT) for organisation in (MINISTRY, ITO, COMPANY)]
    assert thursdays == [True, True, False]
    assert not off(records, "nobody", THURSDAY_NEXT)
    assert off(records, "nobody", THURSDAY_NEXT + timedelta(days=1))


def test_a_public_holiday_is_off_for_everybody_and_lunar_estimates_are_there() -> None:
    records = make_records()
    for holiday in (date(2026, 3, 1), date(2026, 3, 21), date(2027, 3, 10)):
        assert off(records, "tahlil", holiday) == off(records, "ministry", holiday) is True


def test_a_closure_is_of_one_organisation_or_of_all() -> None:
    records = make_records()
    start = position(records)
    first = close(records, "ministry", SATURDAY)
    assert close(records, "ministry", SATURDAY, "another name") == first
    assert (off(records, "ministry", SATURDAY), off(records, "ito", SATURDAY)) == (True, False)
    close(records, "", SATURDAY)
    assert off(records, "ito", SATURDAY)
    assert audit_kinds(records, start) == ["closure.declared"] * 2


def test_a_week_holds_from_one_day_to_another() -> None:
    records = make_records()
    start = position(records)
    week(records, "tahlil", [FRIDAY, THURSDAY], SATURDAY, SATURDAY + timedelta(days=13))
    again = week(records, "tahlil", (THURSDAY, FRIDAY, FRIDAY), SATURDAY, SATURDAY + timedelta(days=13))
    assert again.number == 1
    assert [off(records, "tahlil", THURSDAY_NEXT + timedelta(days=7 * n)) for n in (-1, 0, 1, 2)] == [
        False,
        True,
        True,
        False,
    ]
    with records.read() as reader:
        calendar = working_calendar(reader, "tahlil")
    assert add_working_days(SATURDAY, 5, calendar) == date(2026, 11, 28)
    assert audit_kinds(records, start) == ["working_week.declared"]


@pytest.mark.parametrize("days", [[], [THURSDAY], [FRIDAY, 7], [FRIDAY, -1], [0, 1, 2, FRIDAY]])
def test_a_week_has_its_friday_and_enough_other_days(days: list[int]) -> None:
    assert refused(week, make_records(), "tahlil", days, SATURDAY) == "INVALID"


def test_what_is_not_declared() -> None:
    records = make_records()
    assert refused(week, records, "tahlil", [FRIDAY], SATURDAY, SATURDAY - timedelta(days=1)) == "INVALID"
    assert refused(week, records, "nobody", [FRIDAY], SATURDAY) == "NOT_FOUND"
    assert refused(week, records, "", [FRIDAY], SATURDAY) == "NOT_FOUND"
    assert refused(close, records, "nobody", SATURDAY) == "NOT_FOUND"
    assert refused(close, records, "ministry", SATURDAY, "  ") == "INVALID"
    assert refused(close, records, "ministry", SATURDAY, "for\u202eward") == "INVALID"
