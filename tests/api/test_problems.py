from __future__ import annotations

import pytest

from access_broker.api.problems import status_of
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason
from access_broker.domain.reasons import REASONS
from access_broker.use_cases.ports import Unavailable
from tests.support.broker import make_broker
from tests.support.factories import make_contract
from tests.support.fakes import ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE)


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_code_has_a_status_that_is_no_success(code: str) -> None:
    assert 400 <= status_of(code) < 600
    assert status_of(code) not in (500, 502) or code == "INTERNAL"


def test_a_code_nobody_knows_is_our_fault() -> None:
    assert status_of("MADE_UP") == 500


def test_a_problem_is_a_problem_document() -> None:
    response = make_broker().get("/me")
    assert response.status_code == 401
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json() == {
        "type": "urn:amanat:reason:NO_TOKEN",
        "title": "NO_TOKEN",
        "status": 401,
        "code": "NO_TOKEN",
        "rule": "F-2",
        "detail": "en: NO_TOKEN",
    }


def test_the_language_is_the_callers() -> None:
    response = make_broker().get("/me", headers={"Accept-Language": "fa-IR, en;q=0.5"})
    assert response.json()["detail"] == "fa: NO_TOKEN"
    assert response.headers["content-language"] == "fa"
    assert response.headers["vary"] == "Accept-Language"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "NOT_FOUND"),
        ("DELETE", "/me", 405, "INVALID"),
        ("GET", "/datasets?limit=0", 422, "INVALID"),
        ("GET", "/datasets?limit=many", 422, "INVALID"),
        ("GET", "/audit?after=-1", 422, "INVALID"),
        ("GET", "/audit?after=99999999999999999999999", 422, "INVALID"),
        ("GET", "/contracts/%00", 422, "INVALID"),
        ("GET", "/contracts/" + "x" * 101, 422, "INVALID"),
        ("POST", "/contracts/P1/warnings/0/acknowledgement", 422, "INVALID"),
    ],
)
def test_a_request_that_is_not_understood(method: str, path: str, status: int, code: str) -> None:
    response = make_broker(ACTIVE).call(method, path, "auditor")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"F-13"',
        b"\xff\xfe",
        b'{"ground": 13}',
        b'{"ground": ""}',
        b'{"ground": "F-13\\u0000"}',
        b'{"ground": "\\ud800"}',
        b'{"ground": "F-13", "\\ud800": 1}',
        b'{"ground": "F-13", "surprise": true}',
        b'{"ground": ' + b"9" * 5000 + b"}",
        b"[" * 20_000,
    ],
)
def test_a_body_that_is_not_understood(body: bytes) -> None:
    broker = make_broker(ACTIVE)
    response = broker.call(
        "POST", "/contracts/P1/cuts", "chair", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (400, 422)
    assert response.json()["code"] == "INVALID"
    assert broker.policy.asked == []


def test_a_problem_says_where_and_never_what_was_sent() -> None:
    response = make_broker().post("/sign-in", body={"person": "chair", "password": 12345678})
    (error,) = response.json()["errors"]
    assert error["where"] == "body.password"
    assert "12345678" not in response.text


def test_several_reasons_are_all_told() -> None:
    reasons = [Reason("APPROVAL_MISSING", "S3-P4"), Reason("GUARANTEE_MISSING", "S3-P7-R1")]
    broker = make_broker(make_contract(), policy=ScriptedPolicy(activation=reasons))
    response = broker.post("/contracts/P1/activation", "chair")
    problem = response.json()
    assert (response.status_code, problem["code"], problem["rule"]) == (409, "APPROVAL_MISSING", "S3-P4")
    assert problem["errors"] == [
        {"code": "APPROVAL_MISSING", "rule": "S3-P4", "detail": "en: APPROVAL_MISSING"},
        {"code": "GUARANTEE_MISSING", "rule": "S3-P7-R1", "detail": "en: GUARANTEE_MISSING"},
    ]


@pytest.mark.parametrize("code", ["POLICY_UNAVAILABLE", "RECORDS_UNAVAILABLE", "AUDIT_UNAVAILABLE"])
def test_what_does_not_answer_is_never_an_allow(code: str) -> None:
    broker = make_broker(ACTIVE)
    if code == "POLICY_UNAVAILABLE":
        broker.policy.script["acts"] = Unavailable(code)
    else:
        broker.records.broken = Unavailable(code, "disk on fire at /var/lib")
    response = broker.post("/contracts/P1/cuts", "chair", {"ground": "F-13"})
    assert (response.status_code, response.json()["code"]) == (503, code)
    assert response.headers["retry-after"]
    assert "/var/lib" not in response.text
    assert broker.told == []
