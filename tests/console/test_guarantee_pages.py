"""Guarantees by class of data at the console: what is asked for, and writing down what the committee carried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from access_broker.domain.guarantees import GuaranteeDemand
from access_broker.domain.motions import Motion, MotionState, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.matters import matter_of
from tests.console.world import World, make_world
from tests.support.factories import NOW, make_contract
from tests.support.leaving import EVENT

HERE = "/guarantees"


@pytest.fixture
def world(policy: EmbeddedPolicy) -> World:
    """The Qualification Committee has carried that sensitive data needs a deposit."""
    world = make_world(make_contract("P1", ContractState.ACTIVE), policy=policy)
    with world.records.write() as writer:
        digest = matter_of(writer, Subject.GUARANTEES, "sensitive").digest
        asked = (Committee.QUALIFICATION, Subject.GUARANTEES, "sensitive", "", digest, "herasat", NOW)
        motion = Motion("motion-1", *asked, outcome="deposit")
        writer.file(replace(motion, state=MotionState.CARRIED), EVENT)
    return world


def asked(world: World) -> list[GuaranteeDemand]:
    with world.records.read() as reader:
        return reader.filed(GuaranteeDemand)


TYPED = {"class": "sensitive", "kind.deposit": "yes", "decision": "motion-1"}


@pytest.mark.parametrize(("language", "name"), [("en", "Herasat"), ("fa", "herasat")])
def test_what_the_committee_carried_is_written_down_and_shown(world: World, language: str, name: str) -> None:
    answer = world.browser("herasat", language).post(HERE, **TYPED)
    assert answer.status_code == 200
    assert f"<bdi>{name}</bdi>" in answer.text
    assert [(d.data_class.value, d.kinds, d.reference) for d in asked(world)] == [
        ("sensitive", ("deposit",), "motion-1")
    ]
    assert world.told == ["P1"], "what runs is looked at again"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"decision": "1405-7"}, "BALLOT_NEEDED"),
        ({"decision": ""}, "DECISION_NEEDED"),
        ({"kind.insurance": "yes"}, "DECISION_NEEDED"),
        ({"class": "secret"}, "INVALID"),
    ],
)
def test_a_refusal_is_told_with_what_was_typed(world: World, changed: dict[str, str], code: str) -> None:
    answer = world.browser("herasat").post(HERE, **(TYPED | changed))
    assert (answer.status_code >= 400, code in answer.text) == (True, True)
    assert 'name="kind.deposit" value="yes" checked' in answer.text
    assert asked(world) == []


def test_only_the_qualification_committee_finds_the_form(world: World) -> None:
    assert 'name="kind.deposit"' in world.browser("herasat").get(HERE).text
    chair = world.browser("chair")
    assert 'name="kind.deposit"' not in chair.get(HERE).text
    assert chair.post(HERE, **TYPED).status_code == 403
    for who in ("analyst", "steward"):
        assert world.browser(who).get(HERE).status_code == 403
        assert world.browser(who).post(HERE, **TYPED).status_code == 403
    assert asked(world) == []
