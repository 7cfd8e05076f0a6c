"""The API once over with nothing scripted: SQLite, the Rego policies, the corpus scenario, argon2, the catalogues."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from access_broker.adapters.passwords import hash_password, verify_password
from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.adapters.records import SqlRecords, verify
from access_broker.adapters.scenario_file import read_scenario
from access_broker.adapters.sentences import sentence
from access_broker.api.app import create_api
from access_broker.api.services import Extras, Secrets
from access_broker.domain.sandboxes import pool_of
from access_broker.migrations import migrate
from access_broker.use_cases.people import Passwords
from access_broker.use_cases.sandboxes import Room
from tests.support.fakes import FixedClock
from tests.support.http import Client

ROOT = Path(__file__).parents[2]
CORPUS = ROOT / "tests" / "corpus"
OPERATOR = {"X-Amanat-Operator": "secret"}
ROOM = Room(pool_of("198.18.16.0/20"), 2)


@dataclass
class System:
    client: Client
    records: SqlRecords
    clock: FixedClock
    url: str
    text: str

    def call(self, method: str, path: str, token: str = "", body: Any = None, **headers: str) -> Any:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.client.request(method, f"/api/v1{path}", json=body, headers=headers)

    def operate(self, method: str, path: str, body: Any = None) -> Any:
        return self.client.request(method, f"/api/v1/operator{path}", json=body, headers=OPERATOR)

    def as_hub(self, method: str, path: str, body: Any = None) -> Any:
        return self.client.request(method, f"/api/v1/hub{path}", json=body, headers={"X-Amanat-Hub": "hub"})

    def load(self) -> Any:
        return self.operate("POST", "/load", {"text": self.text, "base": str(CORPUS)})

    def token(self, person: str, contract: str | None = None) -> Any:
        return self.operate("POST", "/tokens", {"person": person, "contract": contract})

    def recorded(self) -> int:
        with self.records.read() as reader:
            return reader.audit_head()[0]


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    url = f"sqlite:///{tmp_path}/records.db"
    migrate(url)
    clock = FixedClock(datetime.now(UTC))
    records = SqlRecords(url, state=tmp_path, clock=clock)
    extras = Extras(read_scenario, lambda: verify(url), room=ROOM)
    passwords = Passwords(hash_password, verify_password)
    secrets = Secrets(OPERATOR["X-Amanat-Operator"], "hub", "guard")
    app = create_api(records, EmbeddedPolicy(), clock, passwords, sentence, secrets, extras)
    yield System(Client(app), records, clock, url, (CORPUS / "scenario.yaml").read_text(encoding="utf-8"))
    records.close()


def test_the_corpus_loads_once_whatever_happens_in_between(system: System) -> None:
    loaded = system.load().json()
    states = {contract["contract"]: contract["state"] for contract in loaded["contracts"]}
    assert states == {"P4": "cut"} | dict.fromkeys(("P1", "P1s", "P1r", "P1n", "P2", "P3", "P5"), "active")
    end = system.recorded()
    for later in (timedelta(), timedelta(days=1)):
        system.clock.advance(later)
        assert set(system.load().json()["created"].values()) == {0}
        assert system.recorded() == end
    assert verify(system.url).ok


def test_a_cut_by_its_rules(system: System) -> None:
    system.load()
    chair, analyst = (system.token(person).json()["token"] for person in ("chair", "analyst"))
    at_work = system.token("analyst", "P1").json()["token"]
    refused = system.call("POST", "/contracts/P1/cuts", chair, {"ground": "S3-P6-R2"}).json()
    assert {error["code"] for error in refused["errors"]} == {"WARNING_NEEDED", "DECISION_NEEDED"}
    assert "[AMANAT:" in refused["detail"]

    assert (
        system.call("POST", "/contracts/P1/warnings", chair, {"ground": "S3-P6-R2", "text": "دیر"}).status_code == 200
    )
    assert system.call("POST", "/contracts/P1/warnings/1/acknowledgement", analyst).status_code == 200
    assert system.call("GET", "/me", at_work).status_code == 200, "a warning takes nothing away"
    body = {"ground": "S3-P6-R2", "decision": "M-1405-7"}
    first = system.call("POST", "/contracts/P1/cuts", chair, body)
    assert first.status_code == 200
    assert system.call("POST", "/contracts/P1/cuts", chair, body).json() == first.json()
    assert system.call("GET", "/me", at_work).json()["code"] == "CONTRACT_CUT"
    assert system.token("analyst", "P1").json()["code"] == "CONTRACT_CUT"
    assert system.call("POST", "/contracts/P1/lifts", chair, {"ground": "F-13"}).json()["code"] == "STATE_FORBIDS"
    system.load()
    assert system.call("GET", "/contracts/P1", chair).json()["state"] == "cut"


def test_a_missing_key_keeps_a_contract_drafted_until_the_file_is_mended(system: System) -> None:
    whole = system.text
    system.text = whole.replace("ito_approved: true", "ito_approved: false")
    assert system.text != whole
    contracts = system.load().json()["contracts"]
    drafted = [contract for contract in contracts if contract["state"] == "drafted"]
    assert drafted
    assert {reason["rule"] for contract in drafted for reason in contract["missing"]} == {"S3-P1"}
    system.text = whole
    assert all(contract["state"] != "drafted" for contract in system.load().json()["contracts"])


def test_signing_in_and_the_chain(system: System) -> None:
    system.load()
    assert system.operate("POST", "/passwords", {"person": "chair", "password": "a long password"}).status_code == 204
    body = {"person": "chair", "password": "a long password"}
    chair = system.call("POST", "/sign-in", body=body).json()["token"]
    assert system.call("POST", "/sign-in", body=body | {"person": "nobody"}).json()["code"] == "SIGN_IN_FAILED"
    assert system.call("GET", "/audit/verification", chair).json()["ok"] is True
    entries = system.call("GET", "/audit?limit=1000", chair).json()
    assert [entry["position"] for entry in entries] == list(range(1, system.recorded() + 1))
    assert "a long password" not in str(entries)


def test_sandboxes_from_admission_to_a_cut(system: System) -> None:
    system.load()
    spawned = [system.as_hub("POST", "/spawns", {"person": "analyst", "contract": id}) for id in ("P1", "P2", "P3")]
    assert [answer.status_code for answer in spawned] == [200, 200, 409]
    assert spawned[2].json()["code"] == "SANDBOX_LIMIT"
    assert "[AMANAT:SANDBOX_LIMIT]" in spawned[2].json()["detail"]
    cut_before = system.as_hub("POST", "/spawns", {"person": "analyst", "contract": "P4"}).json()
    assert (cut_before["code"], cut_before["rule"]) == ("CONTRACT_CUT", "F-13")
    stranger = system.as_hub("POST", "/spawns", {"person": "chair", "contract": "P4"}).json()
    assert [stranger["code"], "errors" in stranger] == ["NOT_NAMED", False]

    first, second = (answer.json() for answer in spawned[:2])
    assert system.as_hub("POST", f"/sandboxes/{first['sandbox']}/running").status_code == 200
    chair = system.token("chair").json()["token"]
    committed = system.call("POST", "/contracts/P1/cuts", chair, {"ground": "F-13"}).json()["committed_at"]
    ending = {s["sandbox"]: s["must_end"] for s in system.as_hub("GET", "/sandboxes").json()}
    assert ending[second["sandbox"]] is None
    assert ending[first["sandbox"]]["code"] == "CONTRACT_CUT"
    assert datetime.fromisoformat(ending[first["sandbox"]]["since"]) == datetime.fromisoformat(committed)

    may = {c["contract"]: c["may_spawn"] for c in system.as_hub("GET", "/people/analyst").json()["contracts"]}
    assert (may["P1"], may["P2"], may["P3"], may["P4"]) == (False, True, False, False)
    assert system.as_hub("POST", f"/sandboxes/{first['sandbox']}/ended", {"why": "cut"}).status_code == 204
    assert system.as_hub("POST", "/spawns", {"person": "analyst", "contract": "P3"}).status_code == 200
    extract = [json.loads(line) for line in system.as_hub("GET", "/extract/P1").text.splitlines()]
    assert {"contract.cut", "sandbox.admitted", "sandbox.running", "sandbox.ended"} <= {
        line["kind"] for line in extract
    }
    assert verify(system.url).ok
