"""The committee's acts: a form that says what will end, and the end as it comes about."""

from __future__ import annotations

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Reason
from access_broker.domain.endings import Component
from access_broker.domain.sandboxes import Sandbox
from access_broker.use_cases.acknowledging import Step, acknowledge_end
from tests.console.world import Browser, World, make_world
from tests.support.factories import NOW, make_contract, position

CUT = {"ground": "F-13", "confirm": "P1", "decision": ""}


@pytest.fixture
def world() -> World:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    event = AuditEvent("test.arranged", "test", "P1", "F-1")
    with world.records.write() as writer:
        writer.save_sandbox(Sandbox("a1b2c3d4e5f6", "analyst", "P1", 1, 1, "198.18.16.10", "d" * 64, NOW), event)
        writer.record(AuditEvent("query.allowed", "analyst", "P1", "S3-P5", {"text": "SELECT 1", "uses": []}))
    return world


@pytest.fixture
def chair(world: World) -> Browser:
    return world.browser("chair")


def stored(world: World) -> Contract:
    with world.records.read() as reader:
        contract = reader.contract("P1")
    assert contract is not None
    return contract


def test_the_form_of_a_cut_shows_what_will_end(chair: Browser) -> None:
    text = chair.get("/contracts/P1/acts/cut").text

    assert "frozen as evidence: 1" in text
    assert "stopped where they stand: 1" in text
    assert "A cut is final" in text
    assert "checked" not in text  # the ground is chosen, not waved through


def test_a_cut_is_committed_told_and_leads_to_its_end(world: World, chair: Browser) -> None:
    answer = chair.post("/contracts/P1/acts/cut", **CUT)

    assert stored(world).state is ContractState.CUT
    assert world.told == ["P1"]
    assert "End of access" in answer.text
    assert "CONTRACT_CUT" in answer.text
    assert "still tidying up" in answer.text
    assert "a1b2c3d4e5f6" in answer.text


@pytest.mark.parametrize("changed", [{"confirm": ""}, {"confirm": "P2"}, {"confirm": "p1"}, {"ground": ""}])
def test_a_cut_that_is_not_confirmed_changes_nothing(world: World, chair: Browser, changed: dict[str, str]) -> None:
    before = position(world.records)
    answer = chair.post("/contracts/P1/acts/cut", **(CUT | {"decision": "1405-7"} | changed))

    assert answer.status_code == 422
    assert 'value="1405-7"' in answer.text
    assert position(world.records) == before
    assert stored(world).state is ContractState.ACTIVE


def test_what_the_policy_refuses_is_told_with_code_and_rule(world: World, chair: Browser) -> None:
    world.policy.script["acts"] = [Reason("WARNING_NEEDED", "S3-P6-R2"), Reason("DECISION_NEEDED", "S3-P6-R2")]
    answer = chair.post("/contracts/P1/acts/cut", **CUT)

    assert answer.status_code == 409
    assert "WARNING_NEEDED" in answer.text
    assert "DECISION_NEEDED" in answer.text
    assert stored(world).state is ContractState.ACTIVE


def test_acts_that_are_not_open_have_no_button(world: World, chair: Browser) -> None:
    world.policy.script["acts"] = lambda facts: [] if facts["act"] == "warn" else [Reason("NOT_PERMITTED", "S1-C2")]
    text = chair.get("/committee").text

    assert "/contracts/P1/acts/warn" in text
    assert "/contracts/P1/acts/cut" not in text


def test_sending_a_cut_twice_is_one_cut(world: World, chair: Browser) -> None:
    chair.post("/contracts/P1/acts/cut", **CUT)
    after = position(world.records)

    assert chair.post("/contracts/P1/acts/cut", **CUT).status_code == 200
    assert position(world.records) == after


def test_the_end_is_asked_for_until_everybody_has_answered(world: World, chair: Browser) -> None:
    chair.post("/contracts/P1/acts/cut", **CUT)
    assert 'hx-trigger="every 1s"' in chair.get("/contracts/P1/end").text
    assert chair.get("/contracts/P1/end/live").status_code == 200

    generation = stored(world).generation
    with world.records.write() as writer:
        for component, step in (
            (Component.GATEWAY, "workers_stopped"),
            (Component.PUBLISHER, "file_removed"),
            (Component.WARDEN, "paused"),
            (Component.WARDEN, "something new"),
            (Component.HUB, "server removed"),
        ):
            acknowledge_end(writer, "P1", generation, Step(component, step), NOW, {"workers": 2})
        sandbox = writer.sandbox("a1b2c3d4e5f6")
        assert sandbox is not None
        writer._state.sandboxes.clear()
    live = chair.get("/contracts/P1/end/live")

    assert live.status_code == 286
    assert "Everything has ended" in live.text
    assert "Published file deleted" in live.text
    assert "something new" in live.text
    assert "<html" not in live.text
    assert "hx-trigger" not in chair.get("/contracts/P1/end").text


def test_evidence_that_could_not_be_kept_is_not_passed_over(world: World, chair: Browser) -> None:
    chair.post("/contracts/P1/acts/cut", **CUT)
    with world.records.write() as writer:
        step = Step(Component.WARDEN, "evidence", "a1b2c3d4e5f6", "analyst")
        acknowledge_end(writer, "P1", stored(world).generation, step, NOW, {"failed": "the disk is full"})

    assert 'class="failed"' in chair.get("/contracts/P1/end/live").text


def test_a_suspension_is_lifted_again(world: World, chair: Browser) -> None:
    chair.post("/contracts/P1/acts/suspend", ground="F-13")
    assert stored(world).state is ContractState.SUSPENDED
    answer = chair.post("/contracts/P1/acts/lift", ground="F-13")

    assert "The suspension is lifted" in answer.text
    assert stored(world).state is ContractState.ACTIVE


def test_a_warning_needs_words(world: World, chair: Browser) -> None:
    assert chair.post("/contracts/P1/acts/warn", ground="S3-P6-R2", text=" ").status_code == 422
    answer = chair.post("/contracts/P1/acts/warn", ground="S3-P6-R2", text="Rows were kept.\r\nDelete them.")
    with world.records.read() as reader:
        notices = reader.warnings("P1")

    assert "on record" in answer.text
    assert [notice.text for notice in notices] == ["Rows were kept.\nDelete them."]


def test_what_runs_now_is_shown_and_asked_for_again(chair: Browser) -> None:
    page, live = chair.get("/running"), chair.get("/running/live")

    assert 'hx-get="/services/console/running/live"' in page.text
    for text in (page.text, live.text):
        assert "198.18.16.10" in text
        assert '<bdi>Analyst</bdi> <span class="id"><bdi dir="ltr">analyst</bdi>' in text
        assert "<bdi>SELECT</bdi> <bdi>1</bdi>" in text
    assert "<html" not in live.text


def test_the_number_of_a_violation_that_is_not_there_does_not_cost_what_was_typed(world: World, chair: Browser) -> None:
    before = position(world.records)
    typed = {"ground": "S3-P6-R2", "text": "The report is three weeks late", "violation": "7"}
    answer = chair.post("/contracts/P1/acts/warn", **typed)
    assert answer.status_code == 404
    assert "NOT_FOUND" in answer.text
    assert "The report is three weeks late" in answer.text
    assert position(world.records) == before
    assert chair.post("/contracts/P9/acts/warn", **typed).status_code == 404
    assert "three weeks" not in chair.post("/contracts/P9/acts/warn", **typed).text
