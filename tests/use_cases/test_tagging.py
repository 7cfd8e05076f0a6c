from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from access_broker.domain.acts import Act
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState, Level
from access_broker.domain.datasets import ColumnRef, DataClass, Dataset, Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Role
from access_broker.domain.tokens import digest_of
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.contracts import level_covers
from access_broker.use_cases.register import is_stricter, register_dataset
from access_broker.use_cases.tagging import Tagged, describe_dataset, on_record, tag_column
from access_broker.use_cases.tokens import caller_of
from tests.support.factories import (
    DATASET,
    ITO,
    NOW,
    PROVINCES,
    audit_kinds,
    give_token,
    make_contract,
    make_records,
    person,
    position,
)
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

POLICY = ScriptedPolicy()

PROVINCE, NAME = ColumnRef("health", "provinces", "province"), ColumnRef("health", "citizens", "full_name")
OPEN = make_contract("P1", ContractState.ACTIVE, level=Level.OPEN, scope=(PROVINCES,))
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")


def tag(records: InMemoryRecords, ref: ColumnRef, data_class: DataClass, who: str = "steward", **more: Any) -> Tagged:
    token = give_token(records, f"token of {who}", who)
    with records.write() as writer:
        return tag_column(writer, POLICY, caller_of(writer, token, NOW), ref, data_class, NOW, **more)


def describe(records: InMemoryRecords, dataset: Dataset, who: str = "steward") -> bool:
    token = give_token(records, f"token of {who}", who)
    with records.write() as writer:
        return describe_dataset(writer, caller_of(writer, token, NOW), dataset)


def reason(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.reason.code, refusal.value.reason.rule


def contract(records: InMemoryRecords, id: str = "P1") -> Contract:
    with records.read() as reader:
        found = reader.contract(id)
    assert found is not None
    return found


def class_of(records: InMemoryRecords, ref: ColumnRef) -> DataClass:
    with records.read() as reader:
        table = reader.dataset(ref.dataset).table(ref.table)  # type: ignore[union-attr]
    return next(c.data_class for c in table.columns if c.id == ref.column)  # type: ignore[union-attr]


def test_classes_stand_from_the_loosest_to_the_strictest() -> None:
    assert list(DataClass) == ["public", "organisational", "personal", "sensitive", "direct_identifier"]
    assert is_stricter(DataClass.PERSONAL, DataClass.PUBLIC)
    assert not is_stricter(DataClass.PUBLIC, DataClass.PUBLIC)


def test_a_tag_and_a_title_are_recorded() -> None:
    records = make_records()
    start = position(records) + 1
    tagged = tag(records, PROVINCE, DataClass.ORGANISATIONAL, titles=("Province", "استان"))
    assert (class_of(records, PROVINCE), tagged.suspended) == (DataClass.ORGANISATIONAL, ())
    with records.read() as reader:
        (record,) = reader.audit(start)
    assert (record.event.kind, record.event.actor, record.event.rule) == ("column.tagged", "steward", "S2-C3")
    assert record.event.body == {
        "column": "health.provinces.province",
        "from": "public",
        "to": "organisational",
        "title": "Province",
    }
    again = position(records) + 1
    tag(records, PROVINCE, DataClass.ORGANISATIONAL)
    assert position(records) == again, "titles stay as they are, and nothing new is nothing to record"


def test_a_stricter_tag_suspends_what_it_no_longer_covers_in_the_same_transaction() -> None:
    personal = make_contract("P2", ContractState.ACTIVE)
    elsewhere = make_contract("P3", ContractState.ACTIVE, level=Level.OPEN, scope=(), people=())
    drafted = replace(OPEN, id="P4", state=ContractState.DRAFTED, generation=0)
    records = make_records(OPEN, personal, elsewhere, drafted)
    give_token(records, "at work", "analyst", OPEN)
    start = position(records) + 1
    tagged = tag(records, PROVINCE, DataClass.PERSONAL)
    assert tagged.suspended == ("P1",)
    assert (contract(records).state, contract(records).generation) == (ContractState.SUSPENDED, 2)
    assert contract(records, "P2") == personal
    assert contract(records, "P4") == drafted
    assert audit_kinds(records, start) == [
        "column.tagged",
        "contract.suspended",
        "tokens.revoked",
        "act.recorded",
        "end.acknowledged",
        "suspension.began",
    ]
    with records.read() as reader:
        assert reader.token(digest_of("at work")).revoked  # type: ignore[union-attr]
        (act,) = reader.acts("P1")
        event = reader.audit(start)[1].event
    assert (act.act, act.by, act.ground, act.generation) == (Act.SUSPEND, "rule", "F-13", 2)
    assert (event.actor, event.body["column"], event.body["why"]) == ("rule", str(PROVINCE), "LEVEL_TOO_LOW")


def test_what_the_rule_suspended_is_not_lifted_while_its_level_is_too_low() -> None:
    records = make_records(OPEN)
    tag(records, PROVINCE, DataClass.PERSONAL)

    def lift() -> None:
        with records.write() as writer:
            commit_act(writer, ScriptedPolicy(), ActRequest("P1", Act.LIFT, "F-13", "chair", "M-1"), NOW)

    assert reason(lift) == ("LEVEL_TOO_LOW", "F-12")
    with records.read() as reader:
        assert not level_covers(reader, contract(records))


@pytest.mark.parametrize("state", [ContractState.ACTIVE, ContractState.SUSPENDED])
def test_a_laxer_tag_waits_for_the_contracts_that_grant_the_column(state: ContractState) -> None:
    records = make_records(make_contract(state=state))
    income = ColumnRef("health", "citizens", "income")
    start = position(records) + 1
    assert reason(lambda: tag(records, income, DataClass.PERSONAL)) == ("CONFLICT", "S2-C3")
    assert position(records) == start
    tag(records, NAME, DataClass.PERSONAL)  # denied in the contract, so nobody was promised anything
    assert class_of(records, NAME) is DataClass.PERSONAL


@pytest.mark.parametrize("state", [ContractState.DRAFTED, ContractState.CUT, ContractState.ENDED])
def test_a_laxer_tag_hinders_nobody_who_has_no_access(state: ContractState) -> None:
    records = make_records(make_contract(state=state))
    tag(records, ColumnRef("health", "citizens", "income"), DataClass.PUBLIC)


@pytest.mark.parametrize("who", ["analyst", "chair", "auditor"])
def test_only_its_steward_tags(who: str) -> None:
    records = make_records(OPEN)
    assert reason(lambda: tag(records, PROVINCE, DataClass.PERSONAL, who)) == ("NOT_PERMITTED", "F-2")
    assert contract(records).state is ContractState.ACTIVE


def test_another_steward_tags_nothing_here() -> None:
    records = make_records(OPEN)
    with records.write() as writer:
        writer.save_person(person("other", ITO, Role.STEWARD), EVENT)
    assert reason(lambda: tag(records, PROVINCE, DataClass.PERSONAL, "other")) == ("NOT_PERMITTED", "F-2")


def test_a_steward_who_lost_the_office_tags_nothing() -> None:
    records = make_records(OPEN)
    with records.write() as writer:
        writer.save_person(replace(writer.person("steward"), roles=frozenset()), EVENT)  # type: ignore[type-var]
    assert reason(lambda: tag(records, PROVINCE, DataClass.PERSONAL)) == ("NOT_PERMITTED", "F-2")


@pytest.mark.parametrize("ref", ["other.provinces.province", "health.other.province", "health.provinces.other"])
def test_what_is_not_described_is_not_tagged(ref: str) -> None:
    assert reason(lambda: tag(make_records(), ColumnRef.parse(ref), DataClass.PUBLIC))[0] == "NOT_FOUND"


@pytest.mark.parametrize("title", ["a\u202eb", "\u200b", "zero\u200cwidth", "bell\x07"])
def test_a_title_hides_nothing(title: str) -> None:
    refused = reason(lambda: tag(make_records(), PROVINCE, DataClass.PUBLIC, titles=(title, "")))
    assert refused[0] == "INVALID"
    tag(make_records(), PROVINCE, DataClass.PUBLIC, titles=("", "نام‌ها"))


NEW = replace(DATASET, id="welfare", sovereignty=Sovereignty.UNDETERMINED, joins=())


def test_a_steward_describes_a_dataset_once() -> None:
    records = make_records()
    assert describe(records, NEW)
    assert not describe(records, NEW)
    with records.read() as reader:
        assert reader.dataset("welfare") == NEW
        assert "dataset.registered" in reader.audit_kinds()
    assert reason(lambda: describe(records, replace(NEW, title_en="Another")))[0] == "CONFLICT"


@pytest.mark.parametrize(
    ("who", "change"),
    [("analyst", {}), ("chair", {}), ("steward", {"steward": "chair"}), ("steward", {"owner": "ito"})],
)
def test_a_dataset_of_somebody_else_is_not_described(who: str, change: dict[str, str]) -> None:
    assert reason(lambda: describe(make_records(), replace(NEW, **change), who)) == ("NOT_PERMITTED", "F-2")  # type: ignore[arg-type]


def test_the_file_of_another_organisation_is_not_described() -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_dataset(replace(DATASET, owner="ito", steward="other"), EVENT)
    assert reason(lambda: describe(records, NEW)) == ("NOT_PERMITTED", "F-2")


def test_a_steward_does_not_decide_on_sovereignty() -> None:
    sovereign = replace(NEW, sovereignty=Sovereignty.NON_SOVEREIGN)
    assert reason(lambda: describe(make_records(), sovereign)) == ("NOT_PERMITTED", "S1-P4-R4")


def test_a_file_of_before_is_the_same_after_a_stricter_tag_and_another_one_after_a_laxer() -> None:
    records = make_records()
    tag(records, PROVINCE, DataClass.PERSONAL, titles=("Province", "استان"))
    with records.write() as writer:
        assert not register_dataset(writer, DATASET, "operator")
    assert class_of(records, PROVINCE) is DataClass.PERSONAL
    tag(records, NAME, DataClass.PUBLIC)
    with pytest.raises(Refused, match="CONFLICT"), records.write() as writer:
        register_dataset(writer, DATASET, "operator")


def test_what_a_description_may_refer_to() -> None:
    with make_records().read() as reader:
        known = on_record(reader)
    assert known.organisations == {"ministry", "ito", "tahlil", "raqib"}
    assert {found.id for found in known.people} >= {"steward", "chair"}
    assert PROVINCE in known.columns
