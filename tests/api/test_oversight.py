from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest

from access_broker.adapters.evidence_pack import AUDIT, MANIFEST, verify_pack
from access_broker.domain.contracts import ContractState
from tests.support.broker import Broker, make_broker
from tests.support.factories import DAY, NOW, give_token, make_contract, seat_deputy

WARNING = {"ground": "S3-P6-R2", "text": "The report is late"}


@pytest.fixture
def broker() -> Broker:
    broker = make_broker(make_contract(state=ContractState.ACTIVE))
    give_token(seat_deputy(broker.records), "deputy", "deputy")
    return broker


def done(broker: Broker, who: str, path: str, body: Any = None) -> Any:
    answer = broker.post(f"/contracts/P1{path}", who, body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_violation_is_recorded_seen_and_discounted(broker: Broker) -> None:
    told = {"kind": "purpose", "text": "Used for advertising", "evidence": ["audit 12"]}
    recorded = done(broker, "chair", "/violations", told)
    assert (recorded["number"], recorded["violation_class"], recorded["state"]) == (1, "contractual", "recorded")
    assert done(broker, "chair", "/violations", told) == recorded, "again is the same"
    discounted = done(broker, "chair", "/violations/1/discount", {"reason": "It was a test"})
    assert (discounted["state"], discounted["discounted_why"]) == ("discounted", "It was a test")
    for who in ("chair", "herasat", "auditor", "steward"):
        assert broker.get("/contracts/P1/oversight", who).json()["violations"] == [discounted]
    assert broker.get("/contracts/P1/oversight", "analyst").status_code == 404
    assert broker.get("/contracts/P1/oversight", "outsider").status_code == 404


def test_a_protective_violation_is_announced(broker: Broker) -> None:
    done(broker, "chair", "/violations", {"kind": "egress", "text": "A file went out"})
    assert broker.told == ["P1"]
    (suspension,) = broker.get("/contracts/P1/oversight", "auditor").json()["suspensions"]
    assert (suspension["state"], suspension["by"], suspension["violation"]) == ("provisional", "rule", 1)
    assert suspension["ratify_by"] == "2026-11-25T20:29:59Z"
    ratified = done(broker, "deputy", "/suspensions/ratification", {"reference": "M-4"})
    assert (ratified["state"], ratified["decision"], ratified["ratify_by"]) == ("ratified", "M-4", None)


def test_a_warning_goes_its_whole_way(broker: Broker) -> None:
    cure = (NOW + 3 * DAY).isoformat()
    done(broker, "chair", "/warnings", WARNING | {"cure_by": cure})
    notice = done(broker, "analyst", "/warnings/1/acknowledgement")
    assert (notice["state"], notice["violation"]) == ("acknowledged", 1)
    appealed = done(broker, "analyst", "/warnings/1/appeal", {"text": "It was sent"})
    assert (appealed["state"], appealed["appeal_text"]) == ("appealed", "It was sent")
    decided = done(broker, "deputy", "/warnings/1/appeal/decision", {"upheld": True, "reference": "M-5"})
    assert (decided["state"], decided["appeal_decision"]) == ("upheld", "M-5")
    assert broker.get("/contracts/P1", "analyst").json()["warnings"] == [decided]


@pytest.mark.parametrize(
    ("who", "path", "body", "status", "code"),
    [
        ("chair", "/violations", {"kind": "purpose", "text": "x\u202ey"}, 422, "INVALID"),
        ("chair", "/violations", {"kind": "purpose", "text": ""}, 422, "INVALID"),
        ("chair", "/violations", {"kind": "purpose", "text": "t", "evidence": ["r"] * 21}, 422, "INVALID"),
        ("chair", "/violations", {"kind": "purpose", "text": "t", "class": "protective"}, 422, "INVALID"),
        ("herasat", "/violations", {"kind": "purpose", "text": "t"}, 403, "NOT_PERMITTED"),
        ("analyst", "/violations", {"kind": "purpose", "text": "t"}, 403, "NOT_PERMITTED"),
        ("outsider", "/violations", {"kind": "purpose", "text": "t"}, 404, "NOT_FOUND"),
        ("chair", "/violations/7/discount", {"reason": "none"}, 404, "NOT_FOUND"),
        ("chair", "/warnings", WARNING | {"cure_by": "2026-11-21T00:00:00Z"}, 422, "INVALID"),
        ("chair", "/warnings", WARNING | {"cure_by": "2026-12-21T00:00:00"}, 422, "INVALID"),
        ("chair", "/warnings", WARNING | {"violation": 9}, 404, "NOT_FOUND"),
        ("analyst", "/warnings/1/appeal", {"text": "t"}, 404, "NOT_FOUND"),
        ("chair", "/warnings/1/appeal/decision", {"upheld": True}, 404, "NOT_FOUND"),
        ("chair", "/suspensions/ratification", {"reference": "M-4"}, 409, "STATE_FORBIDS"),
        ("chair", "/legal-follow-up", {"reason": "sold"}, 409, "STATE_FORBIDS"),
    ],
)
def test_what_is_refused(broker: Broker, who: str, path: str, body: Any, status: int, code: str) -> None:
    answer = broker.post(f"/contracts/P1{path}", who, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_cut_contract_goes_to_law(broker: Broker) -> None:
    done(broker, "chair", "/cuts", {"ground": "F-13"})
    taken = done(broker, "chair", "/legal-follow-up", {"reason": "Copies were sold"})
    assert (taken["by"], taken["why"]) == ("chair", "Copies were sold")
    assert broker.get("/contracts/P1/oversight", "auditor").json()["legal_follow_up"] == taken


def test_the_evidence_holds_everything_and_tells_its_digests(broker: Broker) -> None:
    done(broker, "chair", "/warnings", WARNING)
    done(broker, "analyst", "/warnings/1/acknowledgement")
    broker.clock.advance(timedelta(minutes=1))
    done(broker, "chair", "/cuts", {"ground": "S3-P6-R2", "decision": "M-3"})
    answer = broker.get("/contracts/P1/evidence", "auditor")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    found = verify_pack(io.BytesIO(answer.content))
    assert (found.contract, found.digest) == ("P1", answer.headers["x-amanat-manifest"])
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        assert set(json.loads(pack.read(MANIFEST))["files"]) == set(pack.namelist()) - {MANIFEST}
        told = {name: json.loads(pack.read(name)) for name in pack.namelist() if name.endswith(".json")}
        kinds = [json.loads(line)["kind"] for line in pack.read(AUDIT).splitlines()]
    assert [v["kind"] for v in told["violations.json"]] == ["contract", "repetition"]
    assert told["warnings.json"][0]["acknowledged_by"] == "analyst"
    assert [act["act"] for act in told["acts.json"]] == ["warn", "cut"]
    assert told["contract.json"]["text"]["state"] == "cut"
    assert told["ends.json"][0]["component"] == "broker"
    assert {"contract.warned", "warning.acknowledged", "contract.cut"} <= set(kinds)


def test_taking_the_evidence_is_on_record_and_only_for_those_who_oversee(broker: Broker) -> None:
    for who, status in (("herasat", 403), ("steward", 403), ("analyst", 403), ("outsider", 404)):
        assert broker.get("/contracts/P1/evidence", who).status_code == status
    with broker.records.read() as reader:
        before = len(reader.audit(0, 1000))
    answer = broker.get("/contracts/P1/evidence", "chair")
    with broker.records.read() as reader:
        (record,) = reader.audit(before, 1000)
    assert (record.event.kind, record.event.actor, record.event.subject) == ("evidence.taken", "chair", "P1")
    assert record.event.body["manifest_sha256"] == answer.headers["x-amanat-manifest"]
    assert record.event.rule == "S3-P6-R2"


def test_a_contract_with_a_strange_name_has_evidence_too() -> None:
    broker = make_broker(make_contract('ق"x', ContractState.ACTIVE))
    answer = broker.get("/contracts/%D9%82%22x/evidence", "chair")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].endswith("filename*=UTF-8''evidence-%D9%82%22x.zip")
