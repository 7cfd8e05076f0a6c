"""Reports, activity, statements, signals and working days through the REST door."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.api.rounds import Rounds
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.signals import Signal, SignalKind
from tests.support.broker import Broker, make_broker
from tests.support.factories import DAY, NOW, make_contract

P1 = make_contract("P1", ContractState.ACTIVE, starts_at=NOW - 20 * DAY, ends_at=NOW + 60 * DAY)
TODAY = date(2026, 11, 22)
EVENT = AuditEvent("test.arranged", "test", "P1", "F-1")


@pytest.fixture
def broker() -> Broker:
    made = make_broker(P1, policy=EmbeddedPolicy())
    with made.records.write() as writer:
        writer.file(Signal("P1", SignalKind.BUDGET, TODAY, "", 1, 1, "S3-P5", NOW), EVENT)
        uses = {"uses": [{"table": "health.citizens"}]}
        writer.record(AuditEvent("query.allowed", "analyst", "P1", "S3-P5", uses))
        writer.record(AuditEvent("query.closed", "analyst", "P1", "S3-P5", {"rows": 12, "bytes": 99, "ms": 7}))
    return made


def told(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_a_report_from_what_is_due_to_what_was_read(broker: Broker) -> None:
    owed = broker.get("/contracts/P1/reports", "analyst").json()
    assert [(one["kind"], one["number"], one["state"]) for one in owed[:2]] == [
        ("periodic", 1, "overdue"),
        ("periodic", 2, "overdue"),
    ]
    body = {"kind": "periodic", "number": 1, "text": "سه جدول دیده شد."}
    filed = broker.post("/contracts/P1/reports", "analyst", body)
    assert (filed.status_code, filed.json()["state"]) == (200, "filed")
    assert broker.post("/contracts/P1/reports", "analyst", body).json() == filed.json()
    assert told(broker.post("/contracts/P1/reports", "analyst", body | {"text": "x"})) == (409, "CONFLICT")
    read = broker.get("/contracts/P1/reports", "chair").json()[0]
    assert (read["text"], read["late"], read["digest"]) == (body["text"], True, filed.json()["digest"])
    path = "/contracts/P1/reports/periodic/1/seen"
    assert told(broker.post(path, "chair", {"seen": "0" * 64})) == (409, "CONFLICT")
    assert broker.post(path, "chair", {"seen": read["digest"]}).json()["state"] == "seen"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "periodic", "number": 1, "text": ""}, 422),
        ({"kind": "periodic", "number": 1, "text": "a\u202eb"}, 422),
        ({"kind": "periodic", "number": 1, "text": "x" * 10_001}, 422),
        ({"kind": "tea", "number": 1, "text": "x"}, 422),
        ({"kind": "periodic", "number": 0, "text": "x"}, 422),
        ({"kind": "periodic", "number": 77, "text": "x"}, 404),
        ({"kind": "periodic", "number": 1, "text": "x", "more": 1}, 422),
    ],
)
def test_what_is_no_report(broker: Broker, body: dict[str, Any], status: int) -> None:
    answer = broker.post("/contracts/P1/reports", "analyst", body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_activity_and_the_statement_say_the_same(broker: Broker) -> None:
    weeks = broker.get("/contracts/P1/activity", "steward").json()
    assert [week["number"] for week in weeks] == [1, 2, 3]
    assert (weeks[2]["total"]["rows"], weeks[2]["total"]["datasets"], weeks[2]["whole"]) == (12, ["health"], False)
    month = broker.get("/contracts/P1/statements/140509", "analyst").json()
    assert month["total"] == weeks[2]["total"]
    assert month["days"] == {"2026-11-22": month["total"]}
    assert told(broker.get("/contracts/P1/statements/140501", "chair")) == (404, "NOT_FOUND")


def test_a_stored_week_is_counted_again(broker: Broker) -> None:
    assert told(broker.get("/contracts/P1/activity/1/recount", "auditor")) == (404, "NOT_FOUND")
    Rounds(broker.records, EmbeddedPolicy(), broker.clock, broker.told.append).step()
    assert broker.get("/contracts/P1/activity/1/recount", "auditor").json()["ok"] is True


def test_signals_are_for_the_committee(broker: Broker) -> None:
    assert told(broker.get("/contracts/P1/signals", "analyst")) == (404, "NOT_FOUND")
    assert [signal["kind"] for signal in broker.get("/contracts/P1/signals", "chair").json()] == ["budget"]
    path = "/contracts/P1/signals/budget/2026-11-22"
    assert told(broker.post(f"{path}/discount", "herasat", {"reason": "x"})) == (403, "NOT_PERMITTED")
    assert told(broker.post(f"{path}/discount", "chair", {"reason": " "})) == (422, "INVALID")
    discounted = broker.post(f"{path}/discount", "chair", {"reason": "ابزار خراب بود"})
    assert discounted.json()["state"] == "discounted"
    assert told(broker.post(f"{path}/violation", "chair", {"text": "x"})) == (409, "STATE_FORBIDS")


def test_a_violation_of_a_signal(broker: Broker) -> None:
    path = "/contracts/P1/signals/budget/2026-11-22/violation"
    pursued = broker.post(path, "chair", {"text": "بودجه هر روز تمام می‌شود"}).json()
    assert (pursued["state"], pursued["violation"]) == ("pursued", "1")
    assert broker.post(path, "chair", {"text": "again"}).json() == pursued


def test_whoever_is_of_no_side_hears_of_nothing(broker: Broker) -> None:
    for path in ("reports", "activity", "activity/1/recount", "statements/140509", "signals"):
        assert told(broker.get(f"/contracts/P1/{path}", "outsider")) == (404, "NOT_FOUND"), path


def test_a_closure_is_declared_and_seen(broker: Broker) -> None:
    body = {"organisation": None, "day": "2026-11-24", "name": "سرما"}
    declared = broker.operate("POST", "/closures", body)
    assert declared.status_code == 200
    assert broker.operate("POST", "/closures", body | {"name": "again"}).json() == declared.json()
    days = broker.get("/working-days/ministry?first=2026-11-22&days=7", "analyst").json()
    assert [day["why"] for day in days] == [None, None, "سرما", None, "weekend", "weekend", None]
    assert broker.post("/operator/closures", "chair", body).status_code == 403
    assert told(broker.operate("POST", "/closures", body | {"day": "1066-10-14"})) == (422, "INVALID")
    assert told(broker.get("/working-days/nobody", "analyst")) == (404, "NOT_FOUND")


def test_a_working_week_is_declared(broker: Broker) -> None:
    body = {"organisation": "tahlil", "days_off": [3, 4], "valid_from": "2026-11-22"}
    assert broker.operate("POST", "/working-weeks", body).json()["number"] == 1
    days = broker.get("/working-days/tahlil?first=2026-11-26&days=2", "analyst").json()
    assert [day["working"] for day in days] == [False, False]
    assert told(broker.operate("POST", "/working-weeks", body | {"days_off": [3]})) == (422, "INVALID")


def test_a_contract_that_is_drafted_owes_nothing() -> None:
    broker = make_broker(replace(P1, state=ContractState.DRAFTED, generation=0))
    assert broker.get("/contracts/P1/reports", "chair").json() == []
    assert broker.get("/contracts/P1/activity", "chair").json() == []
