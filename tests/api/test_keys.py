from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason
from access_broker.domain.people import Committee, Seat
from access_broker.use_cases.contracts import draft_contract
from tests.support.broker import make_broker
from tests.support.factories import DAY, NOW, make_contract
from tests.support.fakes import ScriptedPolicy

BARE = make_contract(approvals=(), signatures=(), guarantees=())
SEEN = text_digest(BARE)
LATER = (NOW + 180 * DAY).isoformat()


def test_a_draft_comes_into_force_through_this_door_alone() -> None:
    broker = make_broker(BARE)
    with broker.records.write() as writer:
        writer.save_seat(Seat(Committee.MONITORING, 2, "auditor"), AuditEvent("test.arranged", "test", "test", "F-1"))
    steps = [
        ("chair", "/approvals", {"committee": "monitoring", "reference": "M-3", "seen": SEEN}),
        ("herasat", "/approvals", {"committee": "qualification", "decision": "approved", "seen": SEEN}),
        ("steward", "/signatures", {"signatory": "government", "seen": SEEN}),
        ("analyst", "/signatures", {"signatory": "executor", "seen": SEEN}),
        ("auditor", "/signatures", {"signatory": "ito", "seen": SEEN}),
        ("chair", "/guarantees", {"kind": "nda", "expires_at": LATER}),
        ("herasat", "/guarantees", {"kind": "non_publication", "expires_at": LATER}),
    ]
    for who, path, body in steps:
        answer = broker.post(f"/contracts/P1{path}", who, body)
        assert answer.status_code == 200, answer.text
    given = answer.json()
    assert given["signatures"] == ["government", "executor"]
    assert given["ito_approved"] is True
    assert [(a["committee"], a["person"]) for a in given["approvals"]] == [
        ("monitoring", "chair"),
        ("qualification", "herasat"),
    ]
    assert {g["kind"] for g in given["guarantees"]} == {"nda", "non_publication"}
    assert broker.post("/contracts/P1/activation", "chair").json()["state"] == "active"


def test_the_missing_keys_are_told_to_overseers_in_their_language() -> None:
    missing = [Reason("APPROVAL_MISSING", "S3-P5"), Reason("GUARANTEE_MISSING", "S3-P7-R1")]
    broker = make_broker(BARE, policy=ScriptedPolicy(activation=missing))
    for who in ("chair", "auditor", "steward"):
        answer = broker.get("/contracts/P1/missing-keys", who, headers={"Accept-Language": "fa"})
        assert answer.json() == [
            {"code": "APPROVAL_MISSING", "rule": "S3-P5", "detail": "fa: APPROVAL_MISSING"},
            {"code": "GUARANTEE_MISSING", "rule": "S3-P7-R1", "detail": "fa: GUARANTEE_MISSING"},
        ]
    for who in ("analyst", "outsider"):
        assert broker.get("/contracts/P1/missing-keys", who).status_code == 404


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/approvals", {"committee": "monitoring", "seen": SEEN}),
        ("/signatures", {"signatory": "executor", "seen": SEEN}),
        ("/consents", {"dataset": "health", "seen": SEEN}),
        ("/guarantees", {"kind": "nda", "expires_at": LATER}),
    ],
)
def test_a_contract_of_others_and_none_at_all_are_answered_alike(path: str, body: dict[str, str]) -> None:
    broker = make_broker(BARE)
    others, none = (broker.post(f"/contracts/{id}{path}", "outsider", body) for id in ("P1", "P9"))
    assert others.status_code == none.status_code == 404
    assert others.text.replace("P1", "P9") == none.text


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/approvals", {"committee": "parliament", "seen": SEEN}),
        ("/approvals", {"committee": "monitoring", "decision": "yes", "seen": SEEN}),
        ("/approvals", {"committee": "monitoring", "person": "herasat", "seen": SEEN}),
        ("/signatures", {"signatory": "citizen", "seen": SEEN}),
        ("/approvals", {"committee": "monitoring"}),
        ("/approvals", {"committee": "monitoring", "seen": "yesterday's"}),
        ("/signatures", {"signatory": "executor"}),
        ("/consents", {"dataset": "health"}),
        ("/guarantees", {"kind": "nda", "expires_at": "2027-01-01T00:00:00"}),
        ("/guarantees", {"kind": "nda", "expires_at": "9999-12-31T23:59:59-12:00"}),
        ("/guarantees", {"kind": "nda", "expires_at": "0001-01-01T00:00:00+12:00"}),
        ("/guarantees", {"kind": "nda", "expires_at": NOW.isoformat()}),
    ],
)
def test_keys_that_are_none(path: str, body: dict[str, str]) -> None:
    response = make_broker(BARE).post(f"/contracts/P1{path}", "chair", body)
    assert (response.status_code, response.json()["code"]) == (422, "INVALID")


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("chair", "/approvals", {"committee": "monitoring"}),
        ("steward", "/signatures", {"signatory": "government"}),
        ("analyst", "/signatures", {"signatory": "executor"}),
        ("chair", "/signatures", {"signatory": "ito"}),
        ("steward", "/consents", {"dataset": "health"}),
    ],
)
def test_a_key_for_a_text_that_has_changed_since(who: str, path: str, body: dict[str, str]) -> None:
    broker = make_broker(BARE)
    seen = broker.get("/contracts/P1", who).json()["digest"]
    assert seen == SEEN
    with broker.records.write() as writer:
        draft_contract(writer, replace(BARE, purpose="another"), "operator")
    answer = broker.post(f"/contracts/P1{path}", who, body | {"seen": seen})
    assert (answer.status_code, answer.json()["code"]) == (409, "CONFLICT")
    again = broker.get("/contracts/P1", who).json()["digest"]
    assert broker.post(f"/contracts/P1{path}", who, body | {"seen": again}).status_code == 200


def test_the_keys_of_an_earlier_text_are_told_as_lost() -> None:
    broker = make_broker(make_contract())
    with broker.records.write() as writer:
        draft_contract(writer, replace(BARE, purpose="another"), "operator")
    history = broker.get("/contracts/P1", "chair").json()["history"]
    assert (history["signatures"], history["ito_approved"], history["approvals"]) == ([], False, [])
    assert history["keys_lost"] == ["government", "executor", "ito", "monitoring", "qualification"]


def test_a_steward_lends_a_dataset_to_a_contract_of_another_owner() -> None:
    contract = make_contract(owner="ito", approvals=(), signatures=())
    broker = make_broker(contract)
    body = {"dataset": "health", "seen": text_digest(contract)}
    assert broker.post("/contracts/P1/consents", "chair", body).json()["code"] == "NOT_PERMITTED"
    given = broker.post("/contracts/P1/consents", "steward", body).json()
    assert [(c["dataset"], c["person"]) for c in given["consents"]] == [("health", "steward")]


def test_a_new_guarantee_is_announced() -> None:
    broker = make_broker(make_contract(state=ContractState.ACTIVE))
    body = {"kind": "nda", "expires_at": (NOW + 300 * DAY).isoformat()}
    assert broker.post("/contracts/P1/guarantees", "chair", body).status_code == 200
    assert broker.told == ["P1"]
