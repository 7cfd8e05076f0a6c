"""Acceptance and leaving at the console, against the real policy: forms for who may, and the certificate to print."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.agreement import text_digest
from access_broker.domain.contracts import ContractState
from access_broker.domain.endings import Component
from access_broker.domain.motions import Motion, MotionState, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.acknowledging import FILE_REMOVED, WORKERS_STOPPED, Step, acknowledge_end
from tests.console.world import Browser, World, make_world
from tests.support.factories import CHAIR, NOW, make_contract
from tests.support.leaving import EVENT

HERE = "/contracts/P1/leaving"
MOTIONS = {
    "motion-1": (Committee.MONITORING, Subject.ACCEPT),
    "motion-2": (Committee.MONITORING, Subject.EXIT),
    "motion-3": (Committee.QUALIFICATION, Subject.EXIT),
    "motion-4": (Committee.MONITORING, Subject.CLOSE_FAILURE),
}


@pytest.fixture
def world(policy: EmbeddedPolicy) -> World:
    """The committees have carried every motion that is needed."""
    contract = make_contract(state=ContractState.ACTIVE)
    world, digest = make_world(contract, policy=policy), text_digest(contract)
    bare = Motion("", Committee.MONITORING, Subject.EXIT, "P1", "", digest, "chair", NOW, state=MotionState.CARRIED)
    with world.records.write() as writer:
        for id, (committee, subject) in MOTIONS.items():
            outcome = "failure" if subject is Subject.EXIT else ""
            writer.file(replace(bare, id=id, committee=committee, subject=subject, outcome=outcome), EVENT)
    return world


def state(world: World) -> ContractState:
    with world.records.read() as reader:
        contract = reader.contract("P1")
    assert contract is not None
    return contract.state


def carry_out(world: World) -> None:
    with world.records.write() as writer:
        generation = writer.standing("P1").generation  # type: ignore[union-attr]
        for component, step in ((Component.GATEWAY, WORKERS_STOPPED), (Component.PUBLISHER, FILE_REMOVED)):
            acknowledge_end(writer, "P1", generation, Step(component, step), NOW)


def forms(browser: Browser) -> set[str]:
    """Where the forms of the page lead, without what stands on every page."""
    return {a.split("/leaving")[1] for a in re.findall(r'action="([^"]*/leaving[^"]*)"', browser.get(HERE).text)}


def test_who_works_alone_stands_there_with_its_end(world: World) -> None:
    text = world.browser("analyst").get(HERE).text
    assert "tahlil" in text
    assert "at work" in text
    assert "Others may be called from" in text


def test_acceptance_is_offered_to_the_monitoring_committee_and_ends_the_access(world: World) -> None:
    chair = world.browser("chair")
    assert forms(world.browser("analyst")) == {""}
    assert forms(world.browser("herasat")) == set()
    assert forms(chair) == {"", "/acceptance"}
    answer = chair.post(f"{HERE}/acceptance", decision="motion-1")
    assert answer.status_code == 200
    assert state(world) is ContractState.ENDED
    assert "Market access until" in answer.text
    assert world.told == ["P1"]
    assert "/acceptance" not in forms(chair)


def test_a_decision_on_paper_is_not_written_down_here(world: World) -> None:
    answer = world.browser("chair").post(f"{HERE}/acceptance", decision="paper-1")
    assert answer.status_code == 409
    assert "BALLOT_NEEDED" in answer.text
    assert state(world) is ContractState.ACTIVE


def test_from_the_question_to_the_certificate(world: World) -> None:
    analyst, chair, herasat = (world.browser(who) for who in ("analyst", "chair", "herasat"))
    assert "It cannot be done." in analyst.post(HERE, kind="failure", text="It cannot be done.").text
    assert forms(analyst) == set()
    assert "/1/keys" in forms(chair) & forms(herasat)
    herasat.post(f"{HERE}/1/keys", committee="qualification", decision="motion-3")
    assert state(world) is ContractState.ACTIVE
    assert "approved by one committee" in chair.get(HERE).text
    chair.post(f"{HERE}/1/keys", committee="monitoring", decision="motion-2")
    assert state(world) is ContractState.ENDED
    assert "END_NOT_COMPLETE" in chair.post(f"{HERE}/1/closing", decision="motion-4").text
    carry_out(world)
    assert "FAILURE_REPORT_MISSING" in chair.post(f"{HERE}/1/closing", decision="motion-4").text
    assert "The data were too old." in chair.post(f"{HERE}/1/report", text="The data were too old.").text
    assert chair.post(f"{HERE}/1/closing", decision="motion-4").status_code == 200
    for browser in (analyst, chair, world.browser("auditor")):
        page = browser.get(f"{HERE}/1/certificate")
        assert page.status_code == 200
        assert "planned, not done" in page.text
        assert re.search(r"<code dir=\"ltr\">[0-9a-f]{64}</code>", page.text)
    assert "گواهی خروج" in world.browser("analyst", language="fa").get(f"{HERE}/1/certificate").text


def test_a_refusal_is_shown_with_its_reason_and_what_was_typed_stays(world: World) -> None:
    analyst = world.browser("analyst")
    answer = analyst.post(HERE, kind="termination", text="I know a way.")
    assert (answer.status_code, "NOT_PERMITTED" in answer.text, "I know a way." in answer.text) == (403, True, True)
    analyst.post(HERE, kind="voluntary", text="Enough.")
    said = world.browser("herasat").post(f"{HERE}/1/refusals", committee="qualification", text="The reports are owed.")
    assert "The reports are owed." in said.text
    assert state(world) is ContractState.ACTIVE


@pytest.mark.parametrize(("language", "chair", "company"), [("en", "Chair", "Tahlil"), ("fa", "رئیس", "شرکت تحلیل")])
def test_people_and_organisations_have_their_names(world: World, language: str, chair: str, company: str) -> None:
    """An id alone tells a reader in a committee nothing."""
    with world.records.write() as writer:
        writer.save_person(replace(CHAIR, name_fa="رئیس"), EVENT)
    analyst = world.browser("analyst", language)
    assert f'<bdi>{company}</bdi> <span class="id"><bdi dir="ltr">tahlil</bdi></span>' in analyst.get(HERE).text
    world.browser("chair").post(f"{HERE}/acceptance", decision="motion-1")
    assert f'<bdi>{chair}</bdi> <span class="id"><bdi dir="ltr">chair</bdi></span>' in analyst.get(HERE).text


def test_the_certificate_names_who_asked_and_who_approved(world: World) -> None:
    analyst, chair, herasat = (world.browser(who) for who in ("analyst", "chair", "herasat"))
    analyst.post(HERE, kind="failure", text="It cannot be done.")
    herasat.post(f"{HERE}/1/keys", committee="qualification", decision="motion-3")
    chair.post(f"{HERE}/1/keys", committee="monitoring", decision="motion-2")
    carry_out(world)
    told = chair.post(f"{HERE}/1/report", text="The data were too old.").text
    chair.post(f"{HERE}/1/closing", decision="motion-4")
    for text in (told, chair.get(f"{HERE}/1/certificate").text):
        for name in ("Analyst", "Herasat", "Chair"):
            assert f"<bdi>{name}</bdi>" in text


def test_it_is_not_there_for_others(world: World) -> None:
    outsider = world.browser("outsider")
    assert outsider.get(HERE).status_code == 404
    assert outsider.get(f"{HERE}/1/certificate").status_code == 404
    assert outsider.post(HERE, kind="voluntary", text="x").status_code == 404
    assert world.browser("chair").get(f"{HERE}/1/certificate").status_code == 404
