"""The steward tags and registers; the committee decides; everyone else sees nothing of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState, Level
from access_broker.domain.datasets import DataClass, Dataset, Sovereignty
from access_broker.use_cases.scenario import Fault, OnRecord, ScenarioFaulty
from tests.console.world import Browser, World, make_world
from tests.support.factories import DATASET, make_contract, position

CLASSES = {
    "table": "citizens",
    "class.national_id": "direct_identifier",
    "class.birth_date": "personal",
    "class.income": "sensitive",
    "class.full_name": "direct_identifier",
}


@pytest.fixture
def world() -> World:
    return make_world(make_contract("P1", ContractState.ACTIVE))


@pytest.fixture
def steward(world: World) -> Browser:
    return world.browser("steward")


def stored(world: World, id: str = "health") -> Dataset:
    with world.records.read() as reader:
        dataset = reader.dataset(id)
    assert dataset is not None
    return dataset


def test_tagging_writes_what_was_changed_and_nothing_else(world: World, steward: Browser) -> None:
    before = position(world.records)
    answer = steward.post("/datasets/health/classes", **(CLASSES | {"class.birth_date": "sensitive"}))
    table = stored(world).table("citizens")
    assert table is not None

    assert "The classes are on record" in answer.text
    assert [c.data_class for c in table.columns if c.id == "birth_date"] == [DataClass.SENSITIVE]
    assert position(world.records) == before + 1


def test_a_laxer_class_is_refused_and_the_choice_stays_on_the_page(world: World, steward: Browser) -> None:
    before = position(world.records)
    answer = steward.post("/datasets/health/classes", **(CLASSES | {"class.income": "public"}))

    assert answer.status_code == 409
    assert "S2-C3" in answer.text
    row = answer.text.split('name="class.income"')[1].split("</select>")[0]
    assert '"public" selected' in row
    assert position(world.records) == before


def test_a_stricter_class_tells_of_the_contracts_it_suspends(world: World, steward: Browser) -> None:
    with world.records.write() as writer:
        event = AuditEvent("test.arranged", "test", "health", "F-1")
        provinces = make_contract("P2", ContractState.ACTIVE, scope=make_contract().scope[1:], level=Level.OPEN)
        writer.save_contract(provinces, event)
    steward.post("/datasets/health/classes", table="provinces", **{"class.province": "personal"})
    with world.records.read() as reader:
        contract = reader.contract("P2")

    assert contract is not None
    assert contract.state is ContractState.SUSPENDED
    assert world.told == ["P2"]


@pytest.mark.parametrize("changed", [{"table": "nowhere"}, {"class.income": "secret"}, {"class.income": ""}])
def test_a_tag_that_makes_no_sense_changes_nothing(world: World, steward: Browser, changed: dict[str, str]) -> None:
    before = position(world.records)

    assert steward.post("/datasets/health/classes", **(CLASSES | changed)).status_code in (404, 422)
    assert position(world.records) == before


def test_a_committee_looks_but_does_not_tag(world: World) -> None:
    chair = world.browser("chair")
    before = position(world.records)

    assert "<select" not in chair.get("/datasets/health").text
    assert chair.post("/datasets/health/classes", **(CLASSES | {"class.income": "personal"})).status_code == 403
    assert position(world.records) == before


def test_the_monitoring_committee_decides_on_sovereignty_once(world: World) -> None:
    with world.records.write() as writer:
        undetermined = replace(DATASET, sovereignty=Sovereignty.UNDETERMINED)
        writer.save_dataset(undetermined, AuditEvent("test.arranged", "test", "health", "F-1"))
    chair = world.browser("chair")
    assert "health" in chair.get("/committee").text.split("sov-h")[-1].split("</ul>")[0]
    assert "sovereignty" not in world.browser("herasat").get("/datasets/health").text.split("<form")[0]
    assert world.browser("herasat").post("/datasets/health/sovereignty", sovereignty="sovereign").status_code == 403
    assert chair.post("/datasets/health/sovereignty", sovereignty="undetermined").status_code == 422

    assert "DECISION_NEEDED" in chair.post("/datasets/health/sovereignty", sovereignty="sovereign").text
    assert stored(world).sovereignty is Sovereignty.UNDETERMINED
    assert 'name="decision"' in chair.get("/datasets/health").text
    said = chair.post("/datasets/health/sovereignty", sovereignty="sovereign", decision="MC-1").text
    assert "decision is on record" in said
    assert stored(world).sovereignty is Sovereignty.SOVEREIGN


def test_who_used_it_is_counted_from_the_audit(world: World, steward: Browser) -> None:
    touched = {"uses": [{"table": "health.citizens", "column": "income"}]}
    elsewhere = {"uses": [{"table": "other.things", "column": "x"}]}
    with world.records.write() as writer:
        for kind, body in (("allowed", touched), ("allowed", touched), ("refused", touched), ("allowed", elsewhere)):
            writer.record(AuditEvent(f"query.{kind}", "analyst", "P1", "S3-P5", body))
    text = steward.get("/datasets/health").text.split("usage-h")[-1]

    assert '<bdi>Analyst</bdi> <span class="id"><bdi dir="ltr">analyst</bdi>' in text
    assert '<td class="num"><bdi>2</bdi></td><td class="num"><bdi>1</bdi></td>' in text


class TestRegistering:
    @pytest.fixture
    def world(self) -> World:
        world = make_world()

        def read(text: str, organisation: str, _known: OnRecord, _now: datetime) -> Dataset:
            assert organisation == "ministry"
            if "faulty" in text:
                raise ScenarioFaulty((Fault(3, "tables.people", "No <columns>.", "ستونی ندارد."),))
            steward = "chair" if "other" in text else "steward"
            return replace(DATASET, id="water", steward=steward, sovereignty=Sovereignty.UNDETERMINED, joins=())

        object.__setattr__(world.app.state.services.extras, "read_dataset", read)
        return world

    def test_a_description_is_registered(self, world: World, steward: Browser) -> None:
        answer = steward.post("/datasets/-/register", text="id: water")

        assert "The dataset is registered" in answer.text
        assert stored(world, "water").steward == "steward"
        assert "water" in steward.get("/datasets").text

    def test_every_fault_is_told_with_its_line_and_the_text_comes_back(self, steward: Browser) -> None:
        answer = steward.post("/datasets/-/register", text="faulty: </textarea>\n  x: 1")

        assert answer.status_code == 422
        assert "line <bdi>3</bdi>" in answer.text
        assert "No &lt;columns&gt;." in answer.text
        assert "faulty: &lt;/textarea&gt;\n  x: 1" in answer.text

    def test_a_dataset_of_somebody_else_is_refused(self, world: World, steward: Browser) -> None:
        answer = steward.post("/datasets/-/register", text="other")

        assert answer.status_code == 403
        assert "NOT_PERMITTED" in answer.text
        with world.records.read() as reader:
            assert reader.dataset("water") is None

    def test_who_describes_nothing_does_not_even_have_the_text_read(self, world: World) -> None:
        assert world.browser("chair").post("/datasets/-/register", text="faulty").status_code == 403

    def test_a_text_that_is_too_long_is_refused(self, steward: Browser) -> None:
        assert steward.post("/datasets/-/register", text="x" * 60_001).status_code == 422
        assert steward.post("/datasets/-/register", text="x" * 70_000).status_code == 413
