from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from tests.support.broker import Broker, make_broker
from tests.support.factories import DATASET, give_token, make_contract, position

ACTIVE = make_contract(state=ContractState.ACTIVE)


def test_health_needs_no_token_and_tells_nothing() -> None:
    assert make_broker().get("/health").json() == {"status": "ok"}


def test_me() -> None:
    broker = make_broker(ACTIVE)
    chair, analyst = broker.get("/me", "chair").json(), broker.get("/me", "analyst@P1").json()
    assert (chair["person"], chair["family"], chair["contract"]) == ("chair", "ito", None)
    assert chair["seats"] == [{"committee": "monitoring", "number": 1}]
    assert (analyst["contract"], analyst["roles"], analyst["seats"]) == ("P1", [], [])


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic chair", "chair", "Bearer  "])
def test_no_token_is_no_caller(header: str) -> None:
    response = make_broker().get("/me", headers={"Authorization": header} if header else {})
    assert (response.status_code, response.json()["code"]) == (401, "NO_TOKEN")


def test_a_token_that_is_none_of_ours() -> None:
    broker = make_broker()
    for text in ("amt_guess", "x" * 8000):
        assert broker.get("/me", text).json()["code"] == "TOKEN_NOT_VALID"
    strange = broker.get("/me", headers={b"Authorization": b"Bearer \xff\xfe"})
    assert strange.json()["code"] == "TOKEN_NOT_VALID"


def test_a_local_token_is_worth_nothing_from_elsewhere() -> None:
    local = make_broker(ACTIVE)
    elsewhere = Broker(local.records, local.clock, address="172.30.0.2")
    response = elsewhere.get(
        "/me", "analyst@P1", headers={"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1"}
    )
    assert (response.status_code, response.json()["code"], response.json()["rule"]) == (401, "WRONG_DOOR", "S3-P8")


def test_datasets_are_described_without_where_they_lie() -> None:
    response = make_broker().get("/datasets", "outsider")
    (dataset,) = response.json()
    assert [table["table"] for table in dataset["tables"]] == ["citizens", "provinces"]
    assert "private/" not in response.text
    assert "aaaa" not in response.text


def test_datasets_come_in_pages() -> None:
    broker = make_broker()
    with broker.records.write() as writer:
        for id in ("alpha", "beta"):
            writer.save_dataset(replace(DATASET, id=id), AuditEvent("test.arranged", "t", "t", "F-1"))
    first = broker.get("/datasets?limit=2", "chair").json()
    assert [dataset["dataset"] for dataset in first] == ["alpha", "beta"]
    rest = broker.get("/datasets?after=beta", "chair").json()
    assert [dataset["dataset"] for dataset in rest] == ["health"]


@pytest.mark.parametrize("path", ["/audit", "/audit/verification"])
@pytest.mark.parametrize(
    ("who", "status"),
    [("auditor", 200), ("chair", 200), ("herasat", 200), ("analyst", 403), ("steward", 403), ("chair@P1", 403)],
)
def test_the_audit_is_for_auditors_and_committees(path: str, who: str, status: int) -> None:
    assert make_broker(ACTIVE).get(path, who).status_code == status


def test_the_audit_can_be_followed_page_by_page() -> None:
    broker = make_broker(ACTIVE)
    end = position(broker.records)
    broker.post("/contracts/P1/cuts", "chair", {"ground": "F-13"})
    entries = broker.get(f"/audit?after={end}&limit=2", "auditor").json()
    assert [(entry["position"], entry["kind"]) for entry in entries] == [
        (end + 1, "violation.recorded"),
        (end + 2, "contract.cut"),
    ]
    assert entries[1]["previous"] == entries[0]["hash"]
    assert broker.get("/audit/verification", "auditor").json() == {"ok": True, "records": 12, "first_broken": None}


def test_the_audit_is_searched() -> None:
    broker = make_broker(ACTIVE)
    end = position(broker.records)
    broker.post("/contracts/P1/cuts", "chair", {"ground": "F-13"})
    broker.clock.advance(timedelta(hours=4))
    broker.operate("POST", "/passwords", {"person": "chair", "password": "a long password"})

    def kinds(query: str) -> list[str]:
        return [entry["kind"] for entry in broker.get(f"/audit?after={end}&{query}", "auditor").json()]

    assert kinds("kind=contract.") == ["contract.cut"]
    assert kinds("actor=broker") == ["end.acknowledged"]
    assert kinds("actor=chair&subject=P1&kind=act") == ["act.recorded"]
    assert kinds("subject=chair") == kinds("since=2026-11-22T10:00:00Z") == ["person.password_set"]
    assert kinds("until=2026-11-22T12:00:00%2B03:30") == kinds("subject=P1")
    assert kinds("kind=%25") == []


@pytest.mark.parametrize("query", ["since=yesterday", "since=2026-11-22T08:30:00", "until=0001-01-01T00:00:00%2B14:00"])
def test_a_time_that_is_none(query: str) -> None:
    response = make_broker().get(f"/audit?{query}", "auditor")
    assert (response.status_code, response.json()["code"]) == (422, "INVALID")


def test_an_expired_token_is_told_so() -> None:
    broker = make_broker()
    token = give_token(broker.records, "old", "chair")
    broker.clock.now = token.expires_at
    assert broker.get("/me", "old").json()["code"] == "TOKEN_EXPIRED"
