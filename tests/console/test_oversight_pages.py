"""The oversight of a contract: what its people see of it, and what the committee does there."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from access_broker.adapters.evidence_pack import verify_pack
from access_broker.domain.acts import Act, WarningNotice, WarningState
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason
from access_broker.domain.suspensions import Suspension, SuspensionState
from access_broker.domain.violations import Violation
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.contracts import acknowledge_warning
from tests.console.world import Browser, World, make_world
from tests.support.factories import ANALYST, CHAIR, ITO, NOW, make_contract, person, position, seat_deputy

PAGE = "/contracts/P1/oversight"


@pytest.fixture
def world() -> World:
    world = make_world(make_contract("P1", ContractState.ACTIVE))
    seat_deputy(world.records)
    return world


@pytest.fixture
def chair(world: World) -> Browser:
    return world.browser("chair")


def act(world: World, act: Act, ground: str, **more: object) -> None:
    with world.records.write() as writer:
        commit_act(writer, world.policy, ActRequest("P1", act, ground, "chair", **more), NOW)  # type: ignore[arg-type]


def warned(world: World) -> WarningNotice:
    with world.records.read() as reader:
        return reader.warnings("P1")[-1]


def suspension(world: World) -> Suspension:
    with world.records.read() as reader:
        return reader.filed(Suspension, contract="P1")[-1]


def violations(world: World) -> list[Violation]:
    with world.records.read() as reader:
        return reader.filed(Violation, contract="P1")


def test_a_violation_is_recorded_shown_and_discounted(world: World, chair: Browser) -> None:
    typed = {"kind": "purpose", "text": "Used for <b>advertising</b>", "evidence": "audit 12\n\n audit 13 "}
    text = chair.post("/contracts/P1/violations", **typed).text
    assert "Used for &lt;b&gt;advertising" in text
    assert "It is on record" in text
    assert violations(world)[0].evidence == ("audit 12", "audit 13")
    assert world.told == ["P1"]
    text = chair.post("/contracts/P1/violations/1/discount", reason="A test of ours").text
    assert "A test of ours" in text
    assert not violations(world)[0].counts


def test_a_protective_one_ends_access_and_shows_the_deadline_in_both_calendars(world: World, chair: Browser) -> None:
    text = chair.post("/contracts/P1/violations", kind="egress", text="A file went out").text
    assert "2026-11-25 20:29" in text
    assert "access is given back" in text
    assert "۱۴۰۵/۰۹/۰۴" in world.browser("chair", "fa").get(PAGE).text.replace("-", "/")
    text = world.browser("deputy").post("/contracts/P1/suspensions/ratification", reference="M-4").text
    assert suspension(world).state is SuspensionState.RATIFIED
    assert "M-4" in text
    assert "Ratify the suspension" not in text


def test_the_committee_finds_what_waits_for_it(world: World, chair: Browser) -> None:
    act(world, Act.WARN, "S3-P6-R2", text="late")
    with world.records.write() as writer:
        acknowledge_warning(writer, "P1", 1, "analyst", NOW)
    world.browser("analyst").post("/contracts/P1/warnings/1/appeal", text="It was sent")
    act(world, Act.SUSPEND, "F-13")
    text = chair.get("/committee").text
    assert "Appeals to decide: 1" in text
    assert "The committee decides by" in text
    assert "2026-11-25 20:29" in text


def test_ratifying_needs_a_decision_and_tells_so(world: World, chair: Browser) -> None:
    act(world, Act.SUSPEND, "F-13")
    answer = world.browser("deputy").post("/contracts/P1/suspensions/ratification", reference=" ")
    assert answer.status_code == 409
    assert "DECISION_NEEDED" in answer.text
    assert suspension(world).state is SuspensionState.PROVISIONAL


def test_a_warning_with_a_cure_date_is_appealed_and_decided(world: World, chair: Browser) -> None:
    typed = {"ground": "S3-P6-R2", "text": "late", "decision": "", "cure": "۱۴۰۵-۰۹-۱۰"}
    chair.post("/contracts/P1/acts/warn", **typed)
    assert warned(world).cure_by == datetime(2026, 12, 1, 20, 29, 59, tzinfo=UTC)
    analyst = world.browser("analyst")
    assert "Appeal to the committee" not in analyst.get(PAGE).text, "it has not arrived yet"
    with world.records.write() as writer:
        acknowledge_warning(writer, "P1", 1, "analyst", NOW)
    assert "Appeal to the committee" in analyst.get(PAGE).text
    analyst.post("/contracts/P1/warnings/1/appeal", text="It was sent")
    assert warned(world).state is WarningState.APPEALED
    text = chair.get(PAGE).text
    assert "It was sent" in text
    assert "The warning stands" in text
    world.browser("deputy").post("/contracts/P1/warnings/1/appeal/decision", answer="uphold", reference="M-7")
    assert (warned(world).state, warned(world).appeal_decision) == (WarningState.UPHELD, "M-7")


def test_an_act_rests_on_a_violation_that_is_chosen(world: World, chair: Browser) -> None:
    chair.post("/contracts/P1/violations", kind="purpose", text="Used for advertising")
    text = chair.get("/contracts/P1/acts/warn").text
    assert "1 · use for another purpose · contractual" in text
    typed = {"ground": "S3-P6-R2", "text": "stop it", "decision": "", "cure": ""}
    assert chair.post("/contracts/P1/acts/warn", **typed, violation="1x").status_code == 422
    chair.post("/contracts/P1/acts/warn", **typed, violation="1")
    assert warned(world).violation == 1
    assert len(violations(world)) == 1
    assert "put on record with this act" not in world.browser("chair").get("/contracts/P1/acts/lift").text


def test_what_the_committee_ratified_is_lifted_by_its_vote(world: World, chair: Browser) -> None:
    act(world, Act.SUSPEND, "F-13")
    world.browser("deputy").post("/contracts/P1/suspensions/ratification", reference="M-4")
    world.policy.script["recording"] = [Reason("BALLOT_NEEDED", "S1-C2")]
    answer = chair.post("/contracts/P1/acts/lift", ground="F-13", decision="1405-7")
    assert "BALLOT_NEEDED" in answer.text
    assert suspension(world).state is SuspensionState.RATIFIED


@pytest.mark.parametrize("cure", ["soon", "1405-13-01", "1405-01-01"])
def test_a_cure_date_that_is_none_is_refused_with_what_was_typed(world: World, chair: Browser, cure: str) -> None:
    before = position(world.records)
    typed = {"ground": "S3-P6-R2", "text": "late", "decision": "", "cure": cure}
    answer = chair.post("/contracts/P1/acts/warn", **typed)
    assert answer.status_code == 422
    assert f'value="{cure}"' in answer.text
    assert position(world.records) == before


@pytest.mark.parametrize("answer", ["", "maybe"])
def test_an_appeal_is_upheld_or_granted_and_nothing_else(world: World, chair: Browser, answer: str) -> None:
    act(world, Act.WARN, "S3-P6-R2", text="late")
    told = chair.post("/contracts/P1/warnings/1/appeal/decision", answer=answer, reference="M-7")
    assert told.status_code == 422


def test_people_of_the_executor_see_their_warnings_and_no_violations(world: World) -> None:
    act(world, Act.WARN, "S3-P6-R2", text="late")
    with world.records.read() as reader:
        assert reader.filed(Violation)
    text = world.browser("analyst").get(PAGE).text
    assert "late" in text
    assert "Counts as served" in text
    assert "Acknowledge it on the page of the contract" in text, "before that there is no appeal"
    for hidden in ("Record a violation", "Discount it", "Download the evidence", ">Violations<"):
        assert hidden not in text


@pytest.mark.parametrize(
    ("who", "sees", "acts", "takes"),
    [("chair", True, True, True), ("herasat", True, False, False), ("auditor", True, False, True)],
)
def test_who_finds_what_there(world: World, who: str, sees: bool, acts: bool, takes: bool) -> None:
    text = world.browser(who).get(PAGE).text
    assert ("Violations" in text) is sees
    assert ("Record a violation" in text) is acts
    assert ("Download the evidence" in text) is takes


def test_it_is_nobody_elses(world: World) -> None:
    assert world.browser("outsider").get(PAGE).status_code == 404
    assert world.browser("outsider").get("/contracts/P1/evidence").status_code == 404


def test_a_cut_contract_goes_to_law(world: World, chair: Browser) -> None:
    assert "Take it to law" not in chair.get(PAGE).text
    act(world, Act.CUT, "F-13")
    text = chair.post("/contracts/P1/legal-follow-up", reason="Copies were sold").text
    assert "Copies were sold" in text
    assert "Take it to law" not in text


@pytest.mark.parametrize("language", ["en", "fa"])
def test_everybody_on_the_page_has_a_name(world: World, chair: Browser, language: str) -> None:
    with world.records.write() as writer:
        for one in (CHAIR, ANALYST, person("deputy", ITO)):
            names = {"name_en": f"{one.name_en} A.", "name_fa": f"{one.name_en} ف"}
            writer.save_person(replace(one, **names), AuditEvent("test.arranged", "test", one.id, "F-2"))
    act(world, Act.WARN, "S3-P6-R2", text="late")
    with world.records.write() as writer:
        acknowledge_warning(writer, "P1", 1, "analyst", NOW)
    chair.post("/contracts/P1/violations", kind="purpose", text="Used for advertising")
    last = violations(world)[-1].number
    world.browser("deputy").post(f"/contracts/P1/violations/{last}/discount", reason="A test of ours")
    text = world.browser("auditor", language).get(PAGE).text
    for name in ("Chair", "Analyst", "Deputy"):
        assert f"<bdi>{name} {'A.' if language == 'en' else 'ف'}</bdi>" in text


def test_the_evidence_is_a_file_that_holds(world: World, chair: Browser) -> None:
    answer = chair.get("/contracts/P1/evidence")
    found = verify_pack(io.BytesIO(answer.content))
    assert found.contract == "P1"
    with world.records.read() as reader:
        record = reader.audit(0, 1000)[-1]
    assert record.event.kind == "evidence.taken"
    assert record.event.body["manifest_sha256"] == found.digest
