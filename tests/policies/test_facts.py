"""What the use-cases tell is what the policies want to be told: the two are written apart and meet only here."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import GROUNDS, Act
from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Catalogue
from access_broker.domain.contracts import (
    AnswerMode,
    Approval,
    Consent,
    Contract,
    ContractState,
    Differencing,
    Dominance,
    Epsilon,
    Signatory,
    Signature,
    Terms,
)
from access_broker.domain.footprint import Footprint, JoinTouch, SourceUse, Touch, Unknown, Use
from access_broker.domain.people import Committee, Seat
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.tokens import Door
from access_broker.use_cases.facts import act_facts, activation_facts, login_facts, spawn_facts
from access_broker.use_cases.query_facts import query_facts
from access_broker.use_cases.verdicts import decision_from
from tests.policies.test_parity import schema_of
from tests.support.factories import MINISTRY, NOW, give_token, make_contract, make_records, person

COUNTED = Footprint(
    sources=(
        SourceUse("s0", "health.citizens"),
        SourceUse("s1", "health.citizens"),
        SourceUse("s2", "health.provinces"),
    ),
    touches=(
        Touch("s0", "national_id", Use.JOIN),
        Touch("s1", "national_id", Use.JOIN),
        Touch("s0", "birth_date", Use.GROUP),
        Touch("s1", "income", Use.AGGREGATE, "avg"),
        Touch("s0", "*", Use.COUNT_ROWS),
        Touch("s2", "province", Use.PROJECT),
        Touch("s2", "*", Use.ROWS),
    ),
    joins=(JoinTouch(("s0", "national_id"), ("s1", "national_id")),),
)
SHOWN = Footprint(sources=(SourceUse("s0", "health.citizens"),), touches=(Touch("s0", "income", Use.PROJECT),))
STRANGE = Footprint((), (), unknown=(Unknown("", "full_name", Use.PROJECT),))
CATALOGUE = Catalogue((), frozenset({frozenset({"health.citizens.national_id"} | {"health.visits.national_id"})}))


def login_told(contract: Contract, person: str = "analyst") -> dict[str, Any]:
    records = make_records(contract)
    token = give_token(records, "t", person, contract)
    with records.read() as reader:
        return login_facts(reader, contract, token, Door.LOCAL, NOW)


def query_told(contract: Contract, footprint: Footprint, spent: int = 0) -> dict[str, Any]:
    return query_facts(login_told(contract), footprint, CATALOGUE, spent)


def approval(person: str) -> Approval:
    return Approval(Committee.MONITORING, person, "approved", NOW)


def codes(document: dict[str, Any]) -> list[str]:
    return [reason["code"] for reason in document["reasons"]]


def active(**changes: Any) -> Contract:
    return make_contract(state=ContractState.ACTIVE, **changes)


@pytest.mark.parametrize(
    ("footprint", "expected"),
    [(COUNTED, []), (SHOWN, ["AGGREGATE_ONLY"]), (STRANGE, ["NOT_GRANTED"]), (Footprint((), ()), [])],
    ids=["counted", "shown", "strange", "nothing"],
)
def test_a_statement(embedded: EmbeddedPolicy, footprint: Footprint, expected: list[str]) -> None:
    facts = query_told(active(), footprint)
    jsonschema.validate(facts, schema_of("access"))
    document = embedded.decide("access", facts)
    assert codes(document) == expected
    decision = decision_from(document, {source.id: source.table for source in footprint.sources})
    assert decision.allowed is (not expected)
    assert [reason.code for reason in decision.reasons] == expected


def test_a_counted_statement_must_count(embedded: EmbeddedPolicy) -> None:
    document = embedded.decide("access", query_told(active(), COUNTED))
    decision = decision_from(document, {source.id: source.table for source in COUNTED.sources})
    assert decision.obligations.min_entities == (("s0", 10), ("s1", 10))
    assert decision.obligations.answer_mode == "rounded"
    assert all(use.allowed for use in decision.uses)


@pytest.mark.parametrize("use", list(Use))
def test_every_use_the_analyser_knows_has_a_verdict(embedded: EmbeddedPolicy, use: Use) -> None:
    column = "*" if use in (Use.ROWS, Use.COUNT_ROWS, Use.CROSS, Use.SEMI) else "birth_date"
    footprint = Footprint((SourceUse("s0", "health.citizens"),), (Touch("s0", column, use, "avg"),))
    uses = embedded.decide("access", query_told(active(), footprint))["uses"]
    assert [verdict["use"].split(":")[0] for verdict in uses] == [use.value]


def test_terms_that_hold_something_are_understood(embedded: EmbeddedPolicy) -> None:
    terms = Terms(
        dominance=Dominance(1, 0.8, 0.1),
        differencing=Differencing.REFUSE,
        answer_mode=AnswerMode.DP,
        epsilon=Epsilon(0.1, 1.0),
    )
    facts = query_told(active(terms=terms), COUNTED)
    jsonschema.validate(facts, schema_of("access"))
    document = embedded.decide("access", facts)
    assert codes(document) == []
    decision = decision_from(document, {source.id: source.table for source in COUNTED.sources})
    assert decision.obligations.dominance == Dominance(1, 0.8, 0.1)
    assert decision.obligations.differencing is Differencing.REFUSE


@pytest.mark.parametrize(
    ("contract", "person", "expected"),
    [
        (active(), "analyst", []),
        (active(), "outsider", ["NOT_ACKNOWLEDGED", "NOT_NAMED"]),
        (active(), "nobody", ["NOT_ACKNOWLEDGED", "NOT_NAMED", "PERSON_DISABLED"]),
        (active(ends_at=NOW), "analyst", ["CONTRACT_EXPIRED"]),
        (active(report_every_days=None), "analyst", ["REPORTS_MISSING"]),
        (active(executor="nobody"), "analyst", ["EXECUTOR_NOT_REGISTERED", "NOT_NAMED"]),
        (make_contract(state=ContractState.CUT), "analyst", ["CONTRACT_CUT"]),
    ],
    ids=lambda value: value.id if isinstance(value, Contract) else str(value),
)
def test_a_login(embedded: EmbeddedPolicy, contract: Contract, person: str, expected: list[str]) -> None:
    assert codes(embedded.decide("login", login_told(contract, person))) == expected


def others(*contracts: str) -> list[Sandbox]:
    return [
        Sandbox(f"s{n}", "colleague", contract, 1, n, "198.18.0.10", f"d{n}", NOW)
        for n, contract in enumerate(contracts, 1)
    ]


@pytest.mark.parametrize(
    ("contract", "person", "present", "most", "expected"),
    [
        (active(), "analyst", [], 1, []),
        (active(), "analyst", ["P2"], 2, []),
        (active(), "analyst", ["P2"], 1, ["SANDBOX_LIMIT"]),
        (active(), "analyst", ["P1"], 2, ["SANDBOX_LIMIT"]),
        (active(), "analyst", [], 0, ["SPAWN_NOT_AVAILABLE"]),
        (active(), "outsider", [], 1, ["NOT_ACKNOWLEDGED", "NOT_NAMED"]),
        (active(), "nobody", [], 1, ["NOT_ACKNOWLEDGED", "NOT_NAMED", "PERSON_DISABLED"]),
        (make_contract(state=ContractState.CUT), "analyst", [], 1, ["CONTRACT_CUT"]),
    ],
    ids=lambda value: value.state if isinstance(value, Contract) else str(value),
)
def test_a_spawn(
    embedded: EmbeddedPolicy, contract: Contract, person: str, present: list[str], most: int, expected: list[str]
) -> None:
    records = make_records(contract)
    with records.read() as reader:
        facts = spawn_facts(reader, contract, person, others(*present), most, NOW)
    jsonschema.validate(facts, schema_of("spawn"))
    assert codes(embedded.decide("spawn", facts)) == expected


@pytest.mark.parametrize(
    ("contract", "expected"),
    [
        (make_contract(), []),
        (make_contract(signatures=()), ["APPROVAL_MISSING", "SIGNATURE_MISSING"]),
        (replace(make_contract(), purpose="another"), ["APPROVAL_MISSING", "APPROVAL_MISSING", "SIGNATURE_MISSING"]),
        (make_contract(approvals=(approval("herasat"),)), ["APPROVAL_MISSING"]),
        (make_contract(approvals=(approval("steward"),)), ["APPROVAL_MISSING"]),
        (make_contract(owner="ito"), ["CONSENT_MISSING"]),
        (make_contract(owner="ito", consents=(Consent("health", "steward", NOW),)), []),
        (make_contract(owner="ito", consents=(Consent("health", "chair", NOW),)), ["CONSENT_MISSING"]),
        (make_contract(ends_at=NOW + timedelta(days=200)), ["TERM_TOO_LONG"]),
        (make_contract(executor="nobody"), ["EXECUTOR_NOT_REGISTERED"]),
        (make_contract(problem="nothing"), ["NOT_ON_RESOURCE_LIST"]),
        (active(), ["STATE_FORBIDS"]),
    ],
    ids=str,
)
def test_an_activation(embedded: EmbeddedPolicy, contract: Contract, expected: list[str]) -> None:
    records = make_records(contract)
    with records.read() as reader:
        facts = activation_facts(reader, contract, NOW)
    jsonschema.validate(facts, schema_of("activation"))
    assert codes(embedded.decide("activation", facts)) == expected


@pytest.mark.parametrize(
    ("act", "ground", "by", "expected"),
    [
        (Act.SUSPEND, "F-13", "chair", []),
        (Act.CUT, "F-13", "chair", []),
        (Act.CUT, "S3-P6-R2", "chair", ["DECISION_NEEDED", "WARNING_NEEDED"]),
        (Act.WARN, "F-13", "chair", ["GROUND_NOT_ALLOWED"]),
        (Act.LIFT, "F-13", "chair", ["STATE_FORBIDS"]),
        (Act.SUSPEND, "F-13", "herasat", ["NOT_PERMITTED"]),
        (Act.SUSPEND, "F-13", "nobody", ["NOT_PERMITTED", "PERSON_DISABLED"]),
    ],
)
def test_an_act(embedded: EmbeddedPolicy, act: Act, ground: str, by: str, expected: list[str]) -> None:
    contract = active()
    records = make_records(contract)
    with records.read() as reader:
        facts = act_facts(reader, contract, act, ground, by, None, NOW)
    jsonschema.validate(facts, schema_of("acts"))
    assert codes(embedded.decide("acts", facts)) == expected


@pytest.mark.parametrize("act", list(Act))
def test_an_act_of_the_owners_steward(embedded: EmbeddedPolicy, act: Act) -> None:
    """Protection may come from anybody of the committee, judgement may not."""
    contract = make_contract(state=ContractState.SUSPENDED if act is Act.LIFT else ContractState.ACTIVE)
    records = make_records(contract)
    with records.write() as writer:
        event = AuditEvent("test.arranged", "test", "steward", "F-1")
        writer.save_seat(Seat(Committee.MONITORING, 6, "steward", organisation="ministry"), event)
    with records.read() as reader:
        facts = act_facts(reader, contract, act, min(GROUNDS[act]), "steward", "M-1", NOW)
    jsonschema.validate(facts, schema_of("acts"))
    expected = ["CONFLICT_OF_INTEREST"] if act in (Act.CUT, Act.LIFT) else []
    assert codes(embedded.decide("acts", facts)) == expected


@pytest.mark.parametrize(("organisation", "interested"), [("ministry", False), (None, True)])
def test_the_owners_own_seat_is_heard_and_another_seat_of_its_people_is_not(
    organisation: str | None, interested: bool
) -> None:
    contract = active()
    records = make_records(contract)
    event = AuditEvent("test.arranged", "test", "official", "F-1")
    with records.write() as writer:
        writer.save_person(person("official", MINISTRY), event)
        writer.save_seat(Seat(Committee.MONITORING, 6, "official", organisation=organisation), event)
    with records.read() as reader:
        facts = act_facts(reader, contract, Act.CUT, "F-13", "official", None, NOW)
    assert facts["person"]["interested"] is interested


@pytest.mark.parametrize(("signatory", "interested"), [(Signatory.GOVERNMENT, True), (Signatory.ITO, False)])
def test_who_signed_for_a_party_is_of_its_side_and_itos_consent_ties_nobody(
    signatory: Signatory, interested: bool
) -> None:
    signatures = tuple(Signature(s, "chair" if s is signatory else "", NOW) for s in Signatory)
    contract = active(signatures=signatures)
    records = make_records(contract)
    with records.read() as reader:
        facts = act_facts(reader, contract, Act.CUT, "F-13", "chair", None, NOW)
    assert facts["person"]["interested"] is interested
