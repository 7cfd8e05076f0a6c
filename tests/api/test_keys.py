from __future__ import annotations

import pytest

from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason
from tests.support.broker import make_broker
from tests.support.factories import DAY, NOW, make_contract
from tests.support.fakes import ScriptedPolicy

BARE = make_contract(approvals=(), signatures=(), guarantees=(), ito_approved=False)
LATER = (NOW + 180 * DAY).isoformat()


def test_a_draft_comes_into_force_through_this_door_alone() -> None:
    broker = make_broker(BARE)
    steps = [
        ("chair", "/approvals", {"committee": "monitoring", "reference": "M-3"}),
        ("herasat", "/approvals", {"committee": "qualification", "decision": "approved"}),
        ("steward", "/signatures", {"signatory": "government"}),
        ("analyst", "/signatures", {"signatory": "executor"}),
        ("chair", "/signatures", {"signatory": "ito"}),
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
        ("/approvals", {"committee": "monitoring"}),
        ("/signatures", {"signatory": "executor"}),
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
        ("/approvals", {"committee": "parliament"}),
        ("/approvals", {"committee": "monitoring", "decision": "yes"}),
        ("/approvals", {"committee": "monitoring", "person": "herasat"}),
        ("/signatures", {"signatory": "citizen"}),
        ("/guarantees", {"kind": "nda", "expires_at": "2027-01-01T00:00:00"}),
        ("/guarantees", {"kind": "nda", "expires_at": "9999-12-31T23:59:59-12:00"}),
        ("/guarantees", {"kind": "nda", "expires_at": "0001-01-01T00:00:00+12:00"}),
        ("/guarantees", {"kind": "nda", "expires_at": NOW.isoformat()}),
    ],
)
def test_keys_that_are_none(path: str, body: dict[str, str]) -> None:
    response = make_broker(BARE).post(f"/contracts/P1{path}", "chair", body)
    assert (response.status_code, response.json()["code"]) == (422, "INVALID")


def test_a_new_guarantee_is_announced() -> None:
    broker = make_broker(make_contract(state=ContractState.ACTIVE))
    body = {"kind": "nda", "expires_at": (NOW + 300 * DAY).isoformat()}
    assert broker.post("/contracts/P1/guarantees", "chair", body).status_code == 200
    assert broker.told == ["P1"]
