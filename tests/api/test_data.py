"""Guarantees by class, datasets taken back, sovereignty decided anew and visits, over REST."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState, ContractType
from access_broker.domain.dataset_records import RowCount
from access_broker.domain.datasets import Sovereignty
from tests.support.broker import Broker, make_broker
from tests.support.factories import DATASET, NOW, audit_kinds, make_contract

ACTIVE = make_contract("P1", ContractState.ACTIVE)
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
DEMAND = {"kinds": ["deposit"], "decision": "QC-7"}


def put(broker: Broker, path: str, who: str, body: object) -> httpx.Response:
    return broker.call("PUT", path, who, json=body)


def test_a_class_asks_for_guarantees_once_the_committee_says_so() -> None:
    broker = make_broker(ACTIVE)
    before = {told["data_class"]: told["kinds"] for told in broker.get("/guarantees", "analyst").json()}
    assert set(map(tuple, before.values())) == {("nda", "non_publication")}
    answer = put(broker, "/guarantees/sensitive", "herasat", DEMAND)
    assert answer.json() == {
        "data_class": "sensitive",
        "kinds": ["nda", "non_publication", "deposit"],
        "by": "herasat",
        "at": NOW.isoformat().replace("+00:00", "Z"),
        "decision": "QC-7",
    }
    assert broker.get("/contracts/P1", "analyst").json()["guarantees_needed"] == ["nda", "non_publication", "deposit"]
    assert "P1" in broker.told, "whoever remembers the contract is told"


@pytest.mark.parametrize(
    ("who", "path", "body", "status"),
    [
        ("chair", "/guarantees/sensitive", DEMAND, 403),
        ("analyst", "/guarantees/sensitive", DEMAND, 403),
        ("herasat", "/guarantees/secret", DEMAND, 422),
        ("herasat", "/guarantees/sensitive", DEMAND | {"kinds": ["promise"]}, 422),
        ("herasat", "/guarantees/sensitive", {"kinds": ["deposit"]}, 422),
        ("herasat", "/guarantees/sensitive", DEMAND | {"decision": " "}, 409),
        ("herasat", "/guarantees/sensitive", DEMAND | {"decision": "a\u202eb"}, 422),
    ],
)
def test_who_asks_for_what_on_which_decision(who: str, path: str, body: object, status: int) -> None:
    broker = make_broker(ACTIVE)
    assert put(broker, path, who, body).status_code == status
    assert "guarantees.demanded" not in audit_kinds(broker.records)


def test_a_promise_taken_back_is_an_incident_for_the_committees() -> None:
    broker = make_broker(ACTIVE)
    path, body = "/problems/clinics/resources/health/withdrawal", {"reason": "منبع بسته شد."}
    assert broker.post(path, "chair", body).status_code == 403
    incident = broker.post(path, "steward", body).json()
    assert (incident["contracts"], incident["reason"]) == (["P1"], "منبع بسته شد.")
    assert broker.get("/incidents", "chair").json() == [incident]
    assert broker.get("/incidents", "auditor").json() == [incident]
    assert broker.get("/incidents", "analyst").status_code == 403


def test_sovereignty_is_decided_anew_with_a_decision_only() -> None:
    licence = make_contract("P2", ContractState.ACTIVE, type=ContractType.LICENCE)
    broker = make_broker(ACTIVE, licence)
    with broker.records.write() as writer:
        writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.NON_SOVEREIGN), EVENT)
    path, body = "/datasets/health/sovereignty", {"sovereignty": "sovereign"}
    assert put(broker, path, "chair", body).json()["code"] == "DECISION_NEEDED"
    assert put(broker, path, "herasat", body | {"decision": "MC-3"}).json()["code"] == "NOT_PERMITTED"
    assert put(broker, path, "chair", body | {"decision": "MC-3"}).json()["sovereignty"] == "sovereign"
    assert broker.get("/contracts/P2", "analyst").json()["state"] == "suspended"
    assert broker.get("/contracts/P1", "analyst").json()["state"] == "active"
    assert "P2" in broker.told


def test_a_visit_is_on_record_and_the_executor_sees_it() -> None:
    broker = make_broker(ACTIVE)
    body = {"person": "analyst", "reason": "Is anything of people kept?"}
    assert broker.post("/contracts/P1/visits", "analyst", body).json()["code"] == "NOT_PERMITTED"
    assert broker.post("/contracts/P1/visits", "outsider", body).json()["code"] == "NOT_FOUND"
    visit = broker.post("/contracts/P1/visits", "auditor", body).json()
    assert (visit["number"], visit["by"], visit["person"]) == (1, "auditor", "analyst")
    assert broker.get("/contracts/P1", "analyst").json()["visits"] == [visit]


def test_a_contract_shows_its_clauses_and_the_legal_basis() -> None:
    contract = make_contract("P1", ContractState.ACTIVE, legal_access_level_ref="شماره ۱۲")
    view = make_broker(contract).get("/contracts/P1", "analyst").json()
    assert view["legal_access_level_ref"] == "شماره ۱۲"
    assert [clause["kind"] for clause in view["clauses"]] == [
        "governance",
        "upkeep",
        "cooperation",
        "competitor_entry",
        "anti_monopoly",
    ]
    assert all(clause["text_en"] and clause["text_fa"] for clause in view["clauses"])


def test_a_description_tells_how_many_rows_there_are() -> None:
    broker = make_broker()
    tables = broker.get("/datasets/health", "analyst").json()["tables"]
    assert [(table["rows"], table["rows_about"]) for table in tables] == [(None, False), (None, False)]
    with broker.records.write() as writer:
        writer.file(RowCount("health", "citizens", 1_300, True, "a" * 64, NOW - timedelta(days=1)), EVENT)
        writer.file(RowCount("health", "provinces", 31, False, "a" * 64, NOW - timedelta(days=1)), EVENT)
    for path in ("/datasets/health", "/datasets"):
        told = broker.get(path, "analyst").json()
        tables = (told[0] if path == "/datasets" else told)["tables"]
        assert [(table["rows"], table["rows_about"]) for table in tables] == [(1_300, True), (31, False)]
