"""The operator declares closures and working weeks; whoever is no operator does not."""

from __future__ import annotations

from datetime import date

import pytest

from access_broker.domain.contracts import ContractState
from access_broker.domain.working_days import Closure, WorkingWeek
from tests.console.world import World, make_world
from tests.support.factories import make_contract


@pytest.fixture
def world() -> World:
    return make_world(make_contract("P1", ContractState.ACTIVE))


def test_a_closure_is_declared_in_either_calendar(world: World) -> None:
    operator = world.browser("operator")
    assert "None was declared." in operator.get("/days").text
    answer = operator.post("/days/closures", organisation="", day="۱۴۰۵/۰۹/۰۳", name="آلودگی هوا")
    assert "The closure is on record" in answer.text
    operator.post("/days/closures", organisation="ministry", day="2026-11-25", name="سرما")
    with world.records.read() as reader:
        found = [(closure.organisation, closure.day, closure.declared_by) for closure in reader.filed(Closure)]
    assert found == [("", date(2026, 11, 24), "operator"), ("ministry", date(2026, 11, 25), "operator")]


def test_a_week_is_declared(world: World) -> None:
    answer = world.browser("operator").post(
        "/days/weeks", **{"organisation": "tahlil", "week": "thursday", "from": "today", "until": ""}
    )
    assert "The working week is on record" in answer.text
    with world.records.read() as reader:
        (week,) = reader.filed(WorkingWeek)
    assert (week.organisation, week.days_off, week.valid_to) == ("tahlil", (3, 4), None)


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/days/closures", {"organisation": "", "day": "soon", "name": "x"}),
        ("/days/closures", {"organisation": "", "day": "1405-13-01", "name": "x"}),
        ("/days/closures", {"organisation": "", "day": "today", "name": ""}),
        ("/days/weeks", {"organisation": "tahlil", "week": "sunday", "from": "today"}),
        ("/days/weeks", {"organisation": "tahlil", "week": "friday", "from": "today", "until": "today-3d"}),
    ],
)
def test_what_cannot_be_declared_is_told(world: World, path: str, form: dict[str, str]) -> None:
    answer = world.browser("operator").post(path, **form)
    assert (answer.status_code, "INVALID" in answer.text) == (422, True)


def test_nobody_else_declares(world: World) -> None:
    answer = world.browser("chair").post("/days/closures", organisation="", day="today", name="x")
    assert (answer.status_code, "NOT_PERMITTED" in answer.text) == (403, True)
