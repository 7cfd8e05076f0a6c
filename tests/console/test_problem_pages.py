"""A problem at the console: an executor is chosen and a dataset shared, by what the committee has carried."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from access_broker.domain.exclusivity import Award, Sharing
from access_broker.domain.motions import Motion, MotionState, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.matters import matter_of
from tests.console.world import Browser, World, make_world
from tests.support.factories import NOW, PROBLEM, make_contract
from tests.support.leaving import EVENT

HERE = "/problems/clinics"
CARRIED = {
    "motion-1": (Subject.AWARD, "clinics", "tahlil"),
    "motion-2": (Subject.AWARD, "clinics", "raqib"),
    "motion-3": (Subject.SHARE_DATASET, "health", "clinics"),
}


@pytest.fixture
def world(policy: EmbeddedPolicy) -> World:
    """The Monitoring Committee has carried what is needed; nobody is at work."""
    world = make_world(make_contract("P1"), policy=policy)
    with world.records.write() as writer:
        for id, (subject, about, outcome) in CARRIED.items():
            digest = matter_of(writer, subject, about).digest
            motion = Motion(id, Committee.MONITORING, subject, about, "", digest, "chair", NOW, outcome=outcome)
            writer.file(replace(motion, state=MotionState.CARRIED), EVENT)
    return world


def forms(browser: Browser) -> set[str]:
    return set(re.findall(rf'action="[^"]*{HERE}/([^"]*)"', browser.get(HERE).text))


def test_the_executors_that_were_voted_for_are_chosen_together(world: World) -> None:
    chair = world.browser("chair")
    assert "Nobody was chosen yet" in chair.get(HERE).text
    for executor, motion in (("tahlil", "motion-1"), ("raqib", "motion-2")):
        answer = chair.post(f"{HERE}/awards", executor=executor, decision=motion)
        assert (answer.status_code, "It is on record" in answer.text) == (200, True)
    assert "<bdi>Tahlil</bdi>" in answer.text
    assert "<bdi>شرکت رقیب</bdi>" in world.browser("herasat", "fa").get(HERE).text
    with world.records.read() as reader:
        assert {given.executor: given.decision for given in reader.filed(Award)} == {
            "raqib": "motion-2",
            "tahlil": "motion-1",
        }


def test_a_dataset_is_shared(world: World) -> None:
    chair = world.browser("chair")
    answer = chair.post(f"{HERE}/shared-datasets", dataset="health", decision="motion-3")
    assert answer.status_code == 200
    with world.records.read() as reader:
        assert [(s.problem, s.dataset, s.decision) for s in reader.filed(Sharing)] == [
            ("clinics", "health", "motion-3")
        ]


@pytest.mark.parametrize(
    ("form", "typed", "code"),
    [
        ("awards", {"executor": "tahlil", "decision": "1405-7"}, "BALLOT_NEEDED"),
        ("awards", {"executor": "tahlil", "decision": " "}, "DECISION_NEEDED"),
        ("awards", {"executor": "raqib", "decision": "motion-1"}, "DECISION_NEEDED"),
        ("awards", {"executor": "ministry", "decision": "motion-1"}, "EXECUTOR_NOT_REGISTERED"),
        ("shared-datasets", {"dataset": "health", "decision": "1405-7"}, "BALLOT_NEEDED"),
        ("shared-datasets", {"dataset": "tax", "decision": "motion-3"}, "NOT_ON_RESOURCE_LIST"),
    ],
)
def test_a_refusal_is_told_and_nothing_is_done(world: World, form: str, typed: dict[str, str], code: str) -> None:
    answer = world.browser("chair").post(f"{HERE}/{form}", **typed)
    assert (answer.status_code >= 400, code in answer.text) == (True, True)
    with world.records.read() as reader:
        assert (reader.filed(Award), reader.filed(Sharing)) == ([], [])


def test_while_somebody_works_the_page_says_until_when_and_refuses(world: World) -> None:
    with world.records.write() as writer:
        writer.save_contract(make_contract("P1", ContractState.ACTIVE), EVENT)
    chair = world.browser("chair")
    assert "at work" in chair.get(HERE).text
    answer = chair.post(f"{HERE}/awards", executor="raqib", decision="motion-2")
    assert (answer.status_code, "EXCLUSIVE" in answer.text) == (409, True)
    assert 'value="motion-2"' in answer.text, "what was typed stays"


def test_who_finds_which_forms_there(world: World) -> None:
    assert forms(world.browser("chair")) == {"awards", "shared-datasets"}
    assert forms(world.browser("herasat")) == set()
    assert f'href="/services/console{HERE}"' in world.browser("chair").get("/committee").text
    for who in ("analyst", "steward"):
        assert world.browser(who).get(HERE).status_code == 403
        typed = {"executor": "tahlil", "decision": "motion-1"}
        assert world.browser(who).post(f"{HERE}/awards", **typed).status_code == 403
    assert world.browser("herasat").post(f"{HERE}/awards", executor="tahlil", decision="motion-1").status_code == 403
    assert world.browser("chair").get("/problems/gone").status_code == 404
    assert PROBLEM.id == "clinics"
