from __future__ import annotations

from pathlib import Path

import pytest

from access_broker.domain.acts import Act
from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Catalogue, Publication
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason
from access_broker.use_cases.scenario import PlannedAct, PlannedContract
from tests.support.broker import make_broker
from tests.support.factories import make_contract, make_scenario, position
from tests.support.fakes import ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE)
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")


@pytest.mark.parametrize("secret", [None, "", "guess", "the-secret-of-the-machin", "the-secret-of-the-machine "])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/load"),
        ("POST", "/tokens"),
        ("POST", "/passwords"),
        ("POST", "/people/chair/disabled"),
        ("GET", "/publications"),
    ],
)
def test_without_the_secret_nothing_is_the_operators(secret: str | None, method: str, path: str) -> None:
    broker = make_broker(ACTIVE)
    body = {"text": "x", "person": "chair", "password": "long enough", "disabled": True}
    headers = {} if secret is None else {"X-Amanat-Operator": secret}
    fields = {"load": ("text",), "tokens": ("person",), "passwords": ("person", "password"), "disabled": ("disabled",)}
    accepted = fields.get(path.rpartition("/")[2], ())
    response = broker.call(
        method, f"/operator{path}", "chair", json={name: body[name] for name in accepted}, headers=headers
    )
    assert (response.status_code, response.json()["code"]) == (403, "NOT_PERMITTED")


def test_a_scenario_is_loaded_whole_and_the_others_are_told() -> None:
    broker = make_broker()
    loaded = broker.operate("POST", "/load", {"text": "anything", "base": "/somewhere"}).json()
    assert loaded["created"]["contracts"] == 1
    assert loaded["contracts"] == [
        {"contract": "P1", "state": "active", "missing": [], "dates_kept": False, "acts_taken": 0}
    ]
    assert broker.bases == [Path("/somewhere")]
    assert broker.told == ["P1"]


def test_a_missing_key_is_told_with_its_rule_in_the_callers_language() -> None:
    broker = make_broker(policy=ScriptedPolicy(activation=[Reason("REPORTS_MISSING", "S3-P1-R1")]))
    (contract,) = broker.operate("POST", "/load", {"text": "anything"}).json()["contracts"]
    assert contract["state"] == "drafted"
    assert contract["missing"] == [{"code": "REPORTS_MISSING", "rule": "S3-P1-R1", "detail": "en: REPORTS_MISSING"}]


@pytest.mark.parametrize(("language", "message"), [("en", "k must be 1 or more"), ("fa", "k باید ۱ یا بیشتر باشد")])
def test_a_faulty_file_is_told_fault_by_fault(language: str, message: str) -> None:
    broker = make_broker()
    start = position(broker.records)
    headers = {"X-Amanat-Operator": "the-secret-of-the-machine", "Accept-Language": language}
    response = broker.post("/operator/load", body={"text": "faulty"}, headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, "SCENARIO_FAULTY")
    assert response.json()["faults"] == [{"line": 7, "where": "contracts[0].terms.k", "message": message}]
    assert position(broker.records) == start


def test_what_does_not_fit_the_records_is_told_with_its_place_and_nothing_is_loaded() -> None:
    plan = PlannedContract(make_contract(), acts=(PlannedAct(Act.CUT, "F-13", "analyst"),))
    broker = make_broker(scenario=make_scenario(plan), policy=ScriptedPolicy(acts=[Reason("NOT_PERMITTED", "S1-C2")]))
    start = position(broker.records)
    response = broker.operate("POST", "/load", {"text": "anything"})
    assert response.json()["errors"] == [
        {"code": "NOT_PERMITTED", "rule": "S1-C2", "detail": "en: NOT_PERMITTED", "where": "contracts.P1"}
    ]
    assert (position(broker.records), broker.told) == (start, [])


def test_a_token_for_a_person_and_for_a_contract() -> None:
    broker = make_broker(ACTIVE)
    own = broker.operate("POST", "/tokens", {"person": "chair"}).json()
    contracts = broker.operate("POST", "/tokens", {"person": "analyst", "contract": "P1"}).json()
    assert (own["contract"], contracts["contract"], contracts["door"]) == (None, "P1", "local")
    assert broker.get("/me", contracts["token"]).json()["contract"] == "P1"
    assert broker.operate("POST", "/tokens", {"person": "nobody"}).status_code == 404


def test_a_password_that_is_too_short() -> None:
    response = make_broker().operate("POST", "/passwords", {"person": "chair", "password": "short"})
    assert (response.status_code, response.json()["code"]) == (422, "INVALID")
    assert "short" not in response.text


def test_a_person_is_shut_out_and_let_in_again() -> None:
    broker = make_broker(ACTIVE)
    shut = broker.operate("POST", "/people/analyst/disabled", {"disabled": True}).json()
    assert shut == {"person": "analyst", "disabled": True, "tokens": 2, "contracts": ["P1"]}
    assert broker.told == ["P1"]
    assert broker.get("/me", "analyst").json()["code"] == "TOKEN_NOT_VALID"
    assert broker.operate("POST", "/tokens", {"person": "analyst"}).json()["code"] == "PERSON_DISABLED"
    assert broker.operate("POST", "/people/analyst/disabled", {"disabled": False}).json()["disabled"] is False
    assert broker.operate("POST", "/tokens", {"person": "analyst"}).status_code == 200
    assert broker.get("/me", "analyst").json()["code"] == "TOKEN_NOT_VALID"
    assert broker.operate("POST", "/people/nobody/disabled", {"disabled": True}).status_code == 404


def test_publications_of_contracts_in_force() -> None:
    contracts = [make_contract(f"P{n}", ContractState.ACTIVE) for n in (1, 2, 3, 4)]
    broker = make_broker(*contracts, make_contract("P5"), make_contract("P6", ContractState.CUT))
    with broker.records.write() as writer:
        for contract in ("P2", "P4"):
            writer.save_publication(Publication(contract, 3, "file", "b" * 64, Catalogue(())), EVENT)
        for contract in ("P3", "P4"):
            writer.fail_publication(contract, "the source has changed", EVENT)
    found = {row.pop("contract"): row for row in broker.operate("GET", "/publications").json()}
    assert found == {
        "P1": {"state": "pending", "version": None, "failure": None},
        "P2": {"state": "published", "version": 3, "failure": None},
        "P3": {"state": "failed", "version": None, "failure": "the source has changed"},
        "P4": {"state": "failed", "version": 3, "failure": "the source has changed"},
    }
