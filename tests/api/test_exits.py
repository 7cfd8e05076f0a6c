"""Exclusivity, acceptance and leaving through REST, against the real policy."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from access_broker.domain.endings import Component
from access_broker.use_cases.acknowledging import FILE_REMOVED, WORKERS_STOPPED, Step, acknowledge_end
from tests.support.broker import Broker, make_broker
from tests.support.factories import NOW, make_contract
from tests.support.leaving import rivals


@pytest.fixture
def broker(policy: EmbeddedPolicy) -> Broker:
    return make_broker(make_contract(state=ContractState.ACTIVE), rivals(), policy=policy)


def granted(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def refused(answer: Any) -> tuple[int, str, str]:
    problem = answer.json()
    return answer.status_code, problem["code"], problem["rule"]


def carry_out(broker: Broker) -> None:
    with broker.records.write() as writer:
        generation = writer.standing("P1").generation
        for component, step in ((Component.GATEWAY, WORKERS_STOPPED), (Component.PUBLISHER, FILE_REMOVED)):
            acknowledge_end(writer, "P1", generation, Step(component, step), NOW)


def test_everybody_is_told_who_works_alone_and_until_when(broker: Broker) -> None:
    for who in ("analyst", "outsider", "chair", "steward"):
        told = granted(broker.get("/problems/clinics/exclusivity", who))
        assert [(h["executor"], h["phase"]) for h in told["holders"]] == [("tahlil", "development")]
        assert told["opens_at"] == told["holders"][0]["until"]
    assert broker.get("/problems/gone/exclusivity", "chair").status_code == 404


def test_a_second_executor_is_refused_at_activation_and_at_the_award(broker: Broker) -> None:
    problem = broker.post("/contracts/R1/activation", "chair").json()
    assert ("EXCLUSIVE", "S3-P9-R1") in {(e["code"], e["rule"]) for e in problem.get("errors", [problem])}
    award = {"executor": "raqib", "decision": "mc-1"}
    for executor in ("raqib", "tahlil"):
        told = broker.post("/problems/clinics/awards", "chair", award | {"executor": executor})
        assert refused(told) == (409, "EXCLUSIVE", "S3-P9-R1")
    shared = {"dataset": "health", "decision": "mc-2"}
    assert granted(broker.post("/problems/clinics/shared-datasets", "chair", shared))["dataset"] == "health"
    assert refused(broker.post("/problems/clinics/awards", "analyst", award))[:2] == (403, "NOT_PERMITTED")


def test_acceptance_ends_the_access_and_says_until_when_the_market_may_be_served(broker: Broker) -> None:
    body = {"decision": "mc-7"}
    first = granted(broker.post("/contracts/P1/acceptance", "chair", body))
    assert granted(broker.post("/contracts/P1/acceptance", "chair", body)) == first
    assert first["market_until"] == "2026-12-22T20:29:59Z"  # 1405-10-01
    seen = granted(broker.get("/contracts/P1", "analyst"))
    assert (seen["state"], seen["accepted_at"], seen["profile"]) == ("ended", first["accepted_at"], "development")
    assert refused(broker.post("/contracts/P1/acceptance", "chair", {"decision": "mc-8"})) == (
        409,
        "STATE_FORBIDS",
        "F-14",
    )
    assert granted(broker.get("/problems/clinics/exclusivity", "chair"))["opens_at"] == first["market_until"]
    assert granted(broker.get("/contracts/P1/end", "chair"))["rule"] == "F-14"


def test_from_the_question_to_the_certificate(broker: Broker) -> None:
    exits = "/contracts/P1/exits"
    asked = granted(broker.post(exits, "analyst", {"kind": "failure", "text": "It cannot be done."}))
    assert (asked["number"], asked["state"], asked["needs"]) == (1, "asked", ["monitoring", "qualification"])
    key = {"committee": "qualification", "decision": "qc-2"}
    assert granted(broker.post(f"{exits}/1/keys", "herasat", key))["state"] == "one_approval"
    assert granted(broker.get("/contracts/P1", "analyst"))["state"] == "active"
    closing = granted(broker.post(f"{exits}/1/keys", "chair", {"committee": "monitoring", "decision": "mc-4"}))
    assert closing["state"] == "closing"
    assert {c["item"]: c["state"] for c in closing["checklist"]}["workers_stopped"] == "open"
    assert granted(broker.get("/contracts/P1", "analyst"))["state"] == "ended"
    close = {"decision": "mc-5"}
    assert refused(broker.post(f"{exits}/1/closing", "chair", close)) == (409, "END_NOT_COMPLETE", "D-2")
    carry_out(broker)
    assert refused(broker.post(f"{exits}/1/closing", "chair", close)) == (409, "FAILURE_REPORT_MISSING", "D-1")
    assert broker.get(f"{exits}/1/certificate", "chair").status_code == 404
    granted(broker.post(f"{exits}/1/failure-report", "chair", {"text": "The data were too old."}))
    closed = granted(broker.post(f"{exits}/1/closing", "chair", close))
    assert closed["state"] == "closed"
    for who in ("chair", "herasat", "analyst", "auditor"):
        told = granted(broker.get(f"{exits}/1/certificate", who))
        assert told["digest"] == closed["digest"] == sha256(told["text"].encode()).hexdigest()
        assert {c["item"]: c["state"] for c in told["certificate"]["checklist"]}["workspace_wiped"] == "planned"
    assert granted(broker.get(exits, "auditor")) == [closed]
    assert granted(broker.get("/problems/clinics/exclusivity", "chair"))["holders"] == []


def test_a_refusal_says_why(broker: Broker) -> None:
    granted(broker.post("/contracts/P1/exits", "analyst", {"kind": "voluntary", "text": "Enough."}))
    said = {"committee": "qualification", "text": "The reports are owed."}
    answer = granted(broker.post("/contracts/P1/exits/1/refusals", "herasat", said))
    assert answer["state"] == "refused"
    assert [(k["approved"], k["text"]) for k in answer["keys"]] == [(False, "The reports are owed.")]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/acceptance", {"decision": "d"}),
        ("post", "/exits", {"kind": "voluntary", "text": "x"}),
        ("post", "/exits/1/keys", {"committee": "monitoring", "decision": "d"}),
        ("post", "/exits/1/refusals", {"committee": "monitoring", "text": "x"}),
        ("post", "/exits/1/failure-report", {"text": "x"}),
        ("post", "/exits/1/closing", {"decision": "d"}),
        ("get", "/exits", None),
        ("get", "/exits/1/certificate", None),
    ],
)
def test_a_contract_of_others_is_not_there(broker: Broker, method: str, path: str, body: Any) -> None:
    address = f"/contracts/P1{path}"
    answer = broker.get(address, "outsider") if method == "get" else broker.post(address, "outsider", body)
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/contracts/P1/exits", {"kind": "whim", "text": "x"}),
        ("/contracts/P1/exits", {"kind": "voluntary", "text": ""}),
        ("/contracts/P1/exits", {"kind": "voluntary", "text": "x" * 10_001}),
        ("/contracts/P1/exits", {"kind": "voluntary", "text": "turned \u202e round"}),
        ("/contracts/P1/exits", {"kind": "voluntary", "text": "x", "state": "closed"}),
        ("/contracts/P1/exits/0/keys", {"committee": "monitoring"}),
        ("/contracts/P1/exits/1/keys", {"committee": "tea"}),
    ],
)
def test_what_is_no_request_is_said_so(broker: Broker, path: str, body: Any) -> None:
    assert broker.post(path, "chair", body).status_code == 422
