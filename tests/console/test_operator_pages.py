"""Accounts are shut and opened by the operator, and the health of the parts is told as it is."""

from __future__ import annotations

import socket

import pytest

from access_broker.console.health import answering
from access_broker.domain.contracts import ContractState
from tests.console.world import Browser, World, make_world
from tests.support.factories import audit_kinds, make_contract, position


@pytest.fixture
def world() -> World:
    return make_world(make_contract("P1", ContractState.ACTIVE))


@pytest.fixture
def operator(world: World) -> Browser:
    return world.browser("operator")


def is_disabled(world: World, id: str) -> bool:
    with world.records.read() as reader:
        person = reader.person(id)
    assert person is not None
    return person.disabled


def test_a_person_is_shut_out_in_the_middle_of_their_work_and_let_in_again(world: World, operator: Browser) -> None:
    analyst = world.browser("analyst")
    assert "shut out" in operator.post("/people/analyst/disabled", disabled="yes").text
    assert is_disabled(world, "analyst")
    assert "PERSON_DISABLED" in analyst.get("/contracts").text or analyst.get("/contracts").status_code == 403
    assert "person.disabled" in audit_kinds(world.records)
    assert "P1" in world.told

    assert "may sign in again" in operator.post("/people/analyst/disabled", disabled="no").text
    assert not is_disabled(world, "analyst")


def test_nobody_shuts_the_door_on_themselves(world: World, operator: Browser) -> None:
    answer = operator.post("/people/operator/disabled", disabled="yes")

    assert answer.status_code == 403
    assert not is_disabled(world, "operator")


def test_only_the_operator_does(world: World) -> None:
    browser = world.browser("chair")
    before = position(world.records)

    assert browser.post("/people/analyst/disabled", disabled="yes").status_code == 403
    assert position(world.records) == before


def test_somebody_who_is_not_on_record_is_told(operator: Browser) -> None:
    answer = operator.post("/people/nobody/disabled", disabled="yes")

    assert answer.status_code == 404
    assert "NOT_FOUND" in answer.text


def test_a_part_that_is_silent_is_told_in_words(operator: Browser) -> None:
    text = operator.get("/system").text
    parts = text.split("parts-h")[-1].split("</ul>")[0]

    assert parts.count("answers") == 1
    assert parts.count("no answer") == 1
    assert "being built" in text


def test_a_part_answers_when_it_accepts_a_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert answering({"hub": ("127.0.0.1", port)}) == {"broker": True, "hub": True}
    assert answering({"hub": ("127.0.0.1", port)}) == {"broker": True, "hub": False}
