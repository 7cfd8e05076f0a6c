"""Motions through REST: a committee decides a draft, and everybody who may can read how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.decisions import Reason
from access_broker.domain.motions import Finding
from access_broker.use_cases.contracts import draft_contract
from tests.support.broker import Broker
from tests.support.committees import BARE, digest_of, seated
from tests.support.factories import NOW, give_token
from tests.support.fakes import FixedClock, ScriptedPolicy

PEOPLE = ("analyst", "steward", "chair", "herasat", "auditor", "m2", "m3", "m4", "m5", "m6", "r6", "q3", "q4")


def broker_of(policy: Any) -> Broker:
    records = seated()
    for who in PEOPLE:
        give_token(records, who, who)
    return Broker(records, FixedClock(NOW), policy=policy)


def put(broker: Broker, who: str = "chair", committee: str = "monitoring", **more: str) -> dict[str, Any]:
    body = {"committee": committee, "subject": "approve_contract", "about": "P1", "seen": digest_of(broker.records)}
    answer = broker.post("/motions", who, body | more)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def vote(broker: Broker, motion: dict[str, Any], who: str, **more: Any) -> Any:
    body = {"choice": "for", "seen": motion["digest"]} | more
    return broker.post(f"/motions/{motion['motion']}/votes", who, body)


def test_a_committee_approves_a_draft_and_the_minutes_say_how(policy: EmbeddedPolicy) -> None:
    broker = broker_of(policy)
    motion = put(broker, text="for six months")
    for who, choice in (("chair", "for"), ("m2", "against"), ("m2", "for"), ("m3", "against")):
        assert vote(broker, motion, who, choice=choice, opinion=f"{who} says so").json()["state"] == "open"
    recusal = broker.post(f"/motions/{motion['motion']}/recusals", "m4", {"reason": "my sister owns it"})
    assert recusal.json()["state"] == "open"
    open_ones = broker.get(f"/motions/{motion['motion']}/minutes", "m5").json()
    assert open_ones["until"] > motion["opened_at"]
    assert [(m["code"], m["rule"]) for m in open_ones["missing"]] == [
        ("ORGANISATION_SEAT_MISSING", "S1-C2"),
        ("QUORUM_MISSING", "S1-C2"),
    ]
    done = vote(broker, motion, "m6").json()
    assert (done["state"], done["closed_by"]) == ("carried", "m6")
    minutes = broker.get(f"/motions/{motion['motion']}/minutes", "auditor").json()
    assert minutes["totals"] == {"for": 3, "against": 1, "abstain": 0}
    assert minutes["until"] is None  # it has come to its end
    assert minutes["missing"] == []
    assert [(v["person"], v["seat"], v["choice"], v["counts"]) for v in minutes["votes"]] == [
        ("chair", 1, "for", True),
        ("m2", 2, "against", False),
        ("m2", 2, "for", True),
        ("m3", 3, "against", True),
        ("m6", 6, "for", True),
    ]
    assert [(c["seat"], c["organisation"], c["barred"]) for c in minutes["seats"]] == [
        (1, None, None),
        (2, None, None),
        (3, None, None),
        (4, None, "recused"),
        (5, None, None),
        (6, "ministry", None),
    ]
    assert [(r["person"], r["reason"]) for r in minutes["recusals"]] == [("m4", "my sister owns it")]
    approvals = broker.get("/contracts/P1", "chair").json()["history"]["approvals"]
    assert [(a["committee"], a["person"], a["decision"]) for a in approvals] == [("monitoring", "chair", "approved")]


def test_motions_are_listed_by_state_and_thing(policy: EmbeddedPolicy) -> None:
    broker = broker_of(policy)
    first = put(broker)
    broker.post(f"/motions/{first['motion']}/withdrawal", "chair")
    second = put(broker, "herasat", "qualification")
    assert [m["motion"] for m in broker.get("/motions", "auditor").json()] == ["motion-2", "motion-1"]
    assert [m["motion"] for m in broker.get("/motions?state=withdrawn", "m2").json()] == ["motion-1"]
    assert broker.get("/motions?about=P9", "m2").json() == []
    assert len(broker.get("/motions?about=P1&limit=1", "m2").json()) == 1
    assert broker.get(f"/motions/{second['motion']}", "auditor").json() == second


@pytest.mark.parametrize("who", ["analyst", "steward"])
@pytest.mark.parametrize("path", ["", "/motion-1", "/motion-9", "/motion-1/minutes", "/matter?subject=lift&about=P1"])
def test_who_sits_nowhere_reads_nothing_not_even_whether_there_is_something(
    policy: EmbeddedPolicy, who: str, path: str
) -> None:
    broker = broker_of(policy)
    put(broker)
    answer = broker.get(f"/motions{path}", who)
    assert (answer.status_code, answer.json()["code"]) == (403, "NOT_PERMITTED")


def test_a_text_that_changed_is_told_before_anybody_votes_on_it(policy: EmbeddedPolicy) -> None:
    broker = broker_of(policy)
    motion = put(broker)
    with broker.records.write() as writer:
        draft_contract(writer, replace(BARE, purpose="another", signatures=()), "operator")
    answer = vote(broker, motion, "chair")
    assert (answer.status_code, answer.json()["code"]) == (409, "STATE_FORBIDS")
    seen = broker.get("/motions/matter?subject=approve_contract&about=P1", "chair").json()["digest"]
    assert seen == digest_of(broker.records)
    assert put(broker, seen=seen)["motion"] == "motion-2"


def test_a_problem_is_approved_with_five_findings_or_not_at_all(policy: EmbeddedPolicy) -> None:
    broker = broker_of(policy)
    seen = broker.get("/motions/matter?subject=approve_problem&about=clinics", "chair").json()["digest"]
    motion = put(broker, subject="approve_problem", about="clinics", seen=seen)
    findings = {finding.value: "found" for finding in Finding}
    refused = vote(broker, motion, "chair", findings=findings | {"scenario": " "})
    assert (refused.status_code, refused.json()["code"], refused.json()["rule"]) == (422, "FINDING_MISSING", "F-5")
    assert vote(broker, motion, "chair", findings=findings).status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("", {"committee": "parliament"}),
        ("", {"subject": "coffee"}),
        ("", {"seen": "yesterday's"}),
        ("", {"about": "P1\u0000"}),
        ("", {"text": "\u202etxt"}),
        ("", {"text": "x" * 10_001}),
        ("", {"by": "m2"}),
        ("/motion-1/votes", {"choice": "perhaps"}),
        ("/motion-1/votes", {"opinion": "a\u200bb"}),
        ("/motion-1/votes", {"findings": {"weather": "fine"}}),
        ("/motion-1/votes", {"findings": {"issue": "\u202e"}}),
        ("/motion-1/votes", {"refused": ["health.citizens.\u202eincome"]}),
        ("/motion-1/votes", {"refused": ["health.citizens.shoe_size"]}),
        ("/motion-1/votes", {"seat": 3}),
        ("/motion-1/recusals", {"reason": ""}),
        ("/motion-1/recusals", {"reason": "\u0007"}),
        ("/motion-1/recusals", {}),
    ],
)
def test_what_is_no_motion_and_no_vote(policy: EmbeddedPolicy, path: str, body: dict[str, Any]) -> None:
    broker = broker_of(policy)
    seen = put(broker)["digest"]
    good: dict[str, Any] = {"committee": "monitoring", "subject": "approve_contract", "about": "P1", "seen": seen}
    if path.endswith("votes"):
        good = {"choice": "for", "seen": seen}
    answer = broker.post(f"/motions{path}", "chair", (good if path != "/motion-1/recusals" else {}) | body)
    assert (answer.status_code, answer.json()["code"]) == (422, "INVALID")


def test_where_the_policy_wants_votes_nobody_writes_a_paper_down() -> None:
    broker = broker_of(ScriptedPolicy(recording=[Reason("BALLOT_NEEDED", "S1-C2")]))
    body = {"committee": "monitoring", "seen": digest_of(broker.records)}
    answer = broker.post("/contracts/P1/approvals", "chair", body)
    assert (answer.status_code, answer.json()["code"]) == (409, "BALLOT_NEEDED")


@pytest.mark.parametrize(
    ("who", "path", "body"),
    [
        ("chair", "/datasets/health/sovereignty", {"sovereignty": "non_sovereign"}),
        ("chair", "/contracts/P1/cuts", {"ground": "S3-P6-R2"}),
        ("herasat", "/guarantees/sensitive", {"kinds": ["deposit"]}),
    ],
)
def test_where_papers_are_not_taken_they_are_not_taken_anywhere(who: str, path: str, body: dict[str, Any]) -> None:
    broker = broker_of(ScriptedPolicy(recording=[Reason("BALLOT_NEEDED", "S1-C2")]))
    method = "POST" if path.startswith("/contracts") else "PUT"
    answer = broker.call(method, path, who, json=body | {"decision": "paper-1"})
    assert (answer.status_code, answer.json()["code"]) == (409, "BALLOT_NEEDED")
