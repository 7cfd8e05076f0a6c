from __future__ import annotations

from datetime import timedelta

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.endings import Component
from access_broker.use_cases.acknowledging import Step, acknowledge_end
from tests.support.broker import make_broker
from tests.support.factories import NOW, make_contract

ACTIVE = make_contract(state=ContractState.ACTIVE)


def test_an_end_is_followed_until_it_is_complete() -> None:
    broker = make_broker(ACTIVE)
    assert broker.get("/contracts/P1/end", "chair").json() == {
        "state": "active",
        "since": None,
        "code": None,
        "rule": None,
        "generation": None,
        "acknowledgements": [],
        "expected": [],
        "complete": False,
    }
    broker.post("/contracts/P1/cuts", "chair", {"ground": "F-13"})
    end = broker.get("/contracts/P1/end", "chair").json()
    assert (end["state"], end["code"], end["rule"], end["generation"]) == ("cut", "CONTRACT_CUT", "F-13", 2)
    assert (end["expected"], end["complete"]) == (["broker", "gateway", "publisher"], False)
    for component in (Component.GATEWAY, Component.PUBLISHER):
        with broker.records.write() as writer:
            acknowledge_end(writer, "P1", 2, Step(component, "done"), NOW + timedelta(milliseconds=33), {"files": 1})
    end = broker.get("/contracts/P1/end", "auditor").json()
    assert end["complete"] is True
    assert [(a["component"], a["ms"]) for a in end["acknowledgements"]] == [
        ("broker", 0),
        ("gateway", 33),
        ("publisher", 33),
    ]
    assert end["acknowledgements"][-1]["detail"] == {"files": 1}


@pytest.mark.parametrize(
    ("who", "status"),
    [("chair", 200), ("herasat", 200), ("auditor", 200), ("analyst", 403), ("steward", 403), ("outsider", 404)],
)
def test_ends_are_for_committees_and_auditors(who: str, status: int) -> None:
    assert make_broker(ACTIVE).get("/contracts/P1/end", who).status_code == status


@pytest.mark.parametrize(("who", "status"), [("chair", 200), ("auditor", 200), ("analyst", 403), ("chair@P1", 403)])
def test_what_runs_is_for_committees_and_auditors(who: str, status: int) -> None:
    assert make_broker(ACTIVE).get("/running", who).status_code == status


def test_what_runs() -> None:
    broker = make_broker(ACTIVE)
    assert broker.get("/running", "chair").json() == {"sandboxes": [], "statements": []}
    with broker.records.write() as writer:
        asked = AuditEvent("query.allowed", "analyst", "P1", "S3-P5", {"text": "SELECT 1", "uses": []})
        first, second = writer.record(asked), writer.record(asked)
        writer.record(AuditEvent("query.closed", "analyst", "P1", "S3-P5", {"query": first}))
    (statement,) = broker.get("/running", "chair").json()["statements"]
    assert (statement["record"], statement["person"], statement["contract"]) == (second, "analyst", "P1")
    assert statement["text"] == "SELECT 1"
