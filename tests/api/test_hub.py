"""The door for hub, warden and guard."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from access_broker.api.edge import LARGEST_BODY
from access_broker.api.hub_views import MOST_REFUSALS
from access_broker.domain.audit import AuditEvent, canonical_body, seal
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason
from access_broker.use_cases.ports import Unavailable
from tests.support.broker import GUARD_SECRET, HUB_SECRET, SECRET, Broker, make_broker
from tests.support.factories import DAY, NOW, audit_kinds, make_contract, position
from tests.support.fakes import ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE, people=("analyst", "colleague"))
SPAWN = {"person": "analyst", "contract": "P1"}
LINE = {"method": "GET", "path": "/user/x/files", "status": 403, "why": "PATH", "user": "x", "count": 2}
ACKNOWLEDGEMENT = {
    "contract": "P1",
    "generation": 1,
    "component": "warden",
    "step": "paused",
    "sandbox": "0123456789ab",
    "person": "analyst",
    "detail": {"ms": 12, "manifest": "a" * 64},
}
ROUTES: list[tuple[str, str, Any]] = [
    ("POST", "/spawns", SPAWN),
    ("GET", "/sandboxes", None),
    ("POST", "/sandboxes/0123456789ab/running", None),
    ("POST", "/sandboxes/0123456789ab/ended", {"why": "stopped"}),
    ("GET", "/people/analyst", None),
    ("POST", "/acknowledgements", ACKNOWLEDGEMENT),
    ("GET", "/extract/P1", None),
]


def spawned(broker: Broker, **changes: str) -> dict[str, Any]:
    response = broker.as_hub("POST", "/spawns", SPAWN | changes)
    assert response.status_code == 200, response.text
    return dict(response.json())


@pytest.mark.parametrize("headers", [
    {}, {"X-Amanat-Hub": ""}, {"X-Amanat-Hub": HUB_SECRET[:-1]}, {"X-Amanat-Hub": GUARD_SECRET},
    {"X-Amanat-Guard": GUARD_SECRET}, {"X-Amanat-Guard": HUB_SECRET}, {"X-Amanat-Operator": SECRET},
    {"X-Amanat-Operator": HUB_SECRET},
], ids=str)  # fmt: skip
@pytest.mark.parametrize(("method", "path", "body"), ROUTES)
def test_only_the_hub_comes_in(method: str, path: str, body: Any, headers: dict[str, str]) -> None:
    broker = make_broker(ACTIVE)
    start = position(broker.records)
    response = broker.call(method, f"/hub{path}", "chair", json=body, headers=headers)
    assert (response.status_code, response.json()["code"]) == (403, "NOT_PERMITTED")
    assert position(broker.records) == start


@pytest.mark.parametrize("header", ["X-Amanat-Hub", "X-Amanat-Operator", "X-Other"])
def test_only_the_guard_leaves_refusals(header: str) -> None:
    broker = make_broker()
    for secret in (HUB_SECRET, SECRET, GUARD_SECRET):
        response = broker.post("/hub/refusals", "chair", {"items": [LINE]}, headers={header: secret})
        assert (response.status_code, response.json()["code"]) == (403, "NOT_PERMITTED")


def test_nobody_learns_from_a_wrong_body_what_is_behind_the_door() -> None:
    assert make_broker().post("/hub/spawns", body={"no": "body"}).status_code == 403


class TestASandbox:
    def test_is_admitted_runs_and_ends(self) -> None:
        broker = make_broker(ACTIVE)
        admitted = spawned(broker)
        assert set(admitted) == {
            *("sandbox", "slot", "subnet", "gateway", "address"),
            *("token", "expires_at", "generation", "language"),
        }
        assert len(bytes.fromhex(admitted["sandbox"])) == 6
        assert admitted["token"].startswith("amt_")
        (listed,) = broker.as_hub("GET", "/sandboxes").json()
        kept = ("sandbox", "slot", "subnet", "gateway", "address", "generation")
        assert listed == {key: admitted[key] for key in kept} | SPAWN | {"state": "starting", "must_end": None}

        path = f"/sandboxes/{admitted['sandbox']}"
        assert broker.as_hub("POST", f"{path}/running").status_code == 200
        assert broker.as_hub("GET", "/sandboxes").json()[0]["state"] == "running"
        for _ in range(2):
            assert broker.as_hub("POST", f"{path}/ended", {"why": "stopped"}).status_code == 204
        assert broker.as_hub("GET", "/sandboxes").json() == []
        assert broker.as_hub("POST", f"{path}/running").status_code == 404

    def test_is_refused_by_the_policy_with_every_reason_in_the_callers_language(self) -> None:
        policy = ScriptedPolicy(spawn=[Reason("GUARANTEE_MISSING", "S3-P7-R1"), Reason("SANDBOX_LIMIT")])
        broker = make_broker(ACTIVE, policy=policy)
        response = broker.as_hub("POST", "/spawns", SPAWN, **{"Accept-Language": "fa"})
        assert response.status_code == 409
        assert response.json()["detail"] == "fa: GUARANTEE_MISSING"
        assert [error["code"] for error in response.json()["errors"]] == ["GUARANTEE_MISSING", "SANDBOX_LIMIT"]

    @pytest.mark.parametrize(
        ("code", "status"),
        [("SPAWN_NOT_AVAILABLE", 503), ("SANDBOX_LIMIT", 409), ("PERSON_DISABLED", 403), ("CONTRACT_CUT", 409)],
    )
    def test_a_refusal_has_the_status_of_its_code(self, code: str, status: int) -> None:
        broker = make_broker(ACTIVE, policy=ScriptedPolicy(spawn=[Reason(code)]))
        assert broker.as_hub("POST", "/spawns", SPAWN).status_code == status

    def test_does_not_start_where_there_are_none(self) -> None:
        broker = make_broker(ACTIVE, room=None)
        response = broker.as_hub("POST", "/spawns", SPAWN)
        assert (response.status_code, response.json()["code"]) == (503, "SPAWN_NOT_AVAILABLE")

    def test_does_not_start_without_an_answer_of_the_policy(self) -> None:
        broker = make_broker(ACTIVE, policy=ScriptedPolicy(spawn=Unavailable("POLICY_UNAVAILABLE")))
        assert broker.as_hub("POST", "/spawns", SPAWN).json()["code"] == "POLICY_UNAVAILABLE"
        assert broker.as_hub("GET", "/sandboxes").json() == []

    def test_must_end_with_its_contract(self) -> None:
        broker = make_broker(ACTIVE)
        sandbox = spawned(broker)["sandbox"]
        broker.clock.advance(timedelta(seconds=3))
        assert broker.post("/contracts/P1/cuts", "chair", {"ground": "F-13"}).status_code == 200
        broker.clock.advance(timedelta(seconds=3))
        (listed,) = broker.as_hub("GET", "/sandboxes").json()
        must_end = listed["must_end"]
        assert (must_end["code"], must_end["rule"], must_end["generation"]) == ("CONTRACT_CUT", "F-13", 2)
        assert datetime.fromisoformat(must_end["since"]) == NOW + timedelta(seconds=3)
        refused = broker.as_hub("POST", f"/sandboxes/{sandbox}/running")
        assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (409, "CONTRACT_CUT", "F-13")

    def test_has_a_token_that_opens_nothing_here(self) -> None:
        local = make_broker(ACTIVE)
        admitted = spawned(local)
        inside = Broker(local.records, local.clock, address=admitted["address"])
        for broker in (inside, local):
            response = broker.get("/me", admitted["token"])
            assert (response.status_code, response.json()["code"]) == (401, "WRONG_DOOR")

    @pytest.mark.parametrize("why", ["", "bored", None, "STOPPED"])
    def test_ends_for_a_reason_that_is_one(self, why: Any) -> None:
        broker = make_broker(ACTIVE)
        sandbox = spawned(broker)["sandbox"]
        assert broker.as_hub("POST", f"/sandboxes/{sandbox}/ended", {"why": why}).status_code == 422


class TestAPerson:
    def test_is_told_with_groups_and_contracts(self) -> None:
        policy = ScriptedPolicy(
            spawn=lambda facts: [] if facts["contract"]["state"] == "active" else [Reason("CONTRACT_CUT", "F-13")]
        )
        broker = make_broker(ACTIVE, make_contract("P2", ContractState.CUT), policy=policy)
        person = broker.as_hub("GET", "/people/analyst", **{"Accept-Language": "fa"}).json()
        assert person | {"contracts": []} == {
            "person": "analyst",
            "name_en": "Analyst",
            "name_fa": "analyst",
            "language": "fa",
            "disabled": False,
            "groups": ["executors"],
            "contracts": [],
        }
        active, cut = person["contracts"]
        assert active | {"ends_at": ""} == {
            "contract": "P1",
            "problem_en": "Where are clinics missing?",
            "problem_fa": "کجا درمانگاه کم است؟",
            "state": "active",
            "ends_at": "",
            "may_spawn": True,
            "why": "",
            "notice_days": None,
        }
        assert (cut["contract"], cut["may_spawn"], cut["why"]) == ("P2", False, "fa: CONTRACT_CUT")

    def test_is_told_when_a_contract_is_about_to_end(self) -> None:
        broker = make_broker(replace(ACTIVE, ends_at=NOW + 5 * DAY))
        (contract,) = broker.as_hub("GET", "/people/analyst").json()["contracts"]
        assert contract["notice_days"] == 7

    @pytest.mark.parametrize("person", ["nobody", "%20"])
    def test_who_is_not_on_record_is_like_one_who_is_disabled(self, person: str) -> None:
        response = make_broker().as_hub("GET", f"/people/{person}")
        assert (response.status_code, response.json()["code"]) == (403, "PERSON_DISABLED")


class TestAnAcknowledgement:
    def test_is_on_record_with_its_step(self) -> None:
        broker = make_broker(ACTIVE)
        assert broker.as_hub("POST", "/acknowledgements", ACKNOWLEDGEMENT).status_code == 204
        with broker.records.read() as reader:
            event = reader.audit(0, 10_000)[-1].event
        assert (event.kind, event.actor, event.subject) == ("end.acknowledged", "warden", "P1")
        told = {"generation": 1, "component": "warden", "step": "paused", "sandbox": "0123456789ab", "ms": None}
        assert told.items() <= event.body.items()
        assert event.body["manifest"] == "a" * 64

    @pytest.mark.parametrize(
        ("change", "status"),
        [
            ({"component": "gateway"}, 422),
            ({"contract": "P9"}, 404),
            ({"generation": -1}, 422),
            ({"step": ""}, 422),
            ({"detail": {"text": "x" * 9000}}, 422),
            ({"detail": None}, 422),
            ({"more": 1}, 422),
            ({"sandbox": None, "person": None, "detail": {}}, 204),
        ],
        ids=str,
    )
    def test_is_taken_only_in_its_shape(self, change: dict[str, Any], status: int) -> None:
        broker = make_broker(ACTIVE)
        start = position(broker.records)
        assert broker.as_hub("POST", "/acknowledgements", ACKNOWLEDGEMENT | change).status_code == status
        assert position(broker.records) - start == (status == 204)

    def test_a_number_that_no_json_has_is_not_written_down(self) -> None:
        broker = make_broker(ACTIVE)
        headers = {"X-Amanat-Hub": HUB_SECRET, "Content-Type": "application/json"}
        text = json.dumps(ACKNOWLEDGEMENT | {"detail": {"ms": float("nan")}})
        assert broker.call("POST", "/hub/acknowledgements", headers=headers, content=text).status_code == 422


class TestAnExtract:
    def test_holds_every_record_about_the_contract_in_a_form_that_can_be_checked(self) -> None:
        broker = make_broker(ACTIVE, make_contract("P2", ContractState.ACTIVE))
        spawned(broker)
        broker.operate("POST", "/tokens", {"person": "analyst", "contract": "P1"})
        broker.operate("POST", "/tokens", {"person": "analyst", "contract": "P2"})
        response = broker.as_hub("GET", "/extract/P1")
        assert response.headers["content-type"].startswith("application/x-ndjson")
        lines = [json.loads(line) for line in response.text.splitlines()]
        assert [line["kind"] for line in lines][-3:] == ["token.issued", "sandbox.admitted", "token.issued"]
        assert all(line["subject"] == "P1" or line["body"]["contract"] == "P1" for line in lines)
        assert [line["position"] for line in lines] == sorted({line["position"] for line in lines})
        with broker.records.read() as reader:
            chain = {record.position: record for record in reader.audit(0, 10_000)}
        for line in lines:
            stored = chain[line["position"]]
            event = AuditEvent(*(line[name] for name in ("kind", "actor", "subject", "rule", "body")))
            assert event == stored.event
            at = stored.at.isoformat()  # the fake stores no microseconds
            resealed = seal(line["position"], at, event, canonical_body(line["body"]), line["previous"])
            assert line["hash"] == resealed

    def test_goes_on_where_a_piece_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("access_broker.use_cases.evidence._AT_ONCE", 2)
        broker = make_broker(ACTIVE)
        start = position(broker.records)
        for _ in range(3):
            spawned(broker)
        lines = broker.as_hub("GET", "/extract/P1").text.splitlines()
        recorded = len(audit_kinds(broker.records, start))
        assert recorded == 2 + 4 + 4
        assert len([line for line in lines if json.loads(line)["position"] > start]) == recorded

    def test_of_a_contract_that_is_not_there(self) -> None:
        assert make_broker(ACTIVE).as_hub("GET", "/extract/P9").status_code == 404


class TestRefusals:
    def test_are_written_down_one_by_one(self) -> None:
        broker = make_broker()
        start = position(broker.records)
        evil = LINE | {"path": "/\u202euser", "user": "", "method": "GET\x00", "why": "HOST"}
        assert broker.as_guard({"items": [LINE, evil]}).status_code == 204
        assert audit_kinds(broker.records, start) == ["guard.refused"] * 2
        with broker.records.read() as reader:
            first, second = (record.event.body for record in reader.audit(start))
        assert first == LINE
        assert (second["path"], second["method"]) == ("/\ufffduser", "GET\ufffd")

    def test_too_long_a_path_is_cut_and_the_line_kept(self) -> None:
        broker = make_broker()
        assert broker.as_guard({"items": [LINE | {"path": "/" * 3000}]}).status_code == 204
        with broker.records.read() as reader:
            assert len(reader.audit(0, 10_000)[-1].event.body["path"]) == 300

    @pytest.mark.parametrize(
        "change", [{"status": 0}, {"status": 600}, {"count": 0}, {"count": 2**40}, {"path": None}, {"ip": "::1"}]
    )
    def test_are_taken_only_in_their_shape(self, change: dict[str, Any]) -> None:
        broker = make_broker()
        start = position(broker.records)
        assert broker.as_guard({"items": [LINE, LINE | change]}).status_code == 422
        assert position(broker.records) == start

    def test_come_in_bounded_numbers(self) -> None:
        broker = make_broker()
        assert broker.as_guard({"items": []}).status_code == 204
        assert broker.as_guard({"items": [LINE] * MOST_REFUSALS}).status_code == 204
        assert broker.as_guard({"items": [LINE] * (MOST_REFUSALS + 1)}).status_code == 422
        assert broker.as_guard({"items": [LINE | {"path": "x" * LARGEST_BODY}]}).status_code == 413
