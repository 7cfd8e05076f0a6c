"""Guarantees by class of data: who asks for them, for which contracts, and from when on (S3-P7)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.adapters.policy.embedded import EmbeddedPolicy
from access_broker.domain.contracts import ColumnGrant, Contract, ContractState, Guarantee, TableGrant
from access_broker.domain.datasets import ColumnRef, DataClass, Mode
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.guarantees import GuaranteeDemand, GuaranteeKind
from access_broker.domain.motions import MotionState, Subject
from access_broker.domain.people import Seat
from access_broker.use_cases.contracts import missing_keys
from access_broker.use_cases.guaranteeing import demand_guarantees
from access_broker.use_cases.guarantees_needed import demands, guarantees_needed
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.tagging import tag_column
from tests.support.committees import Q, act_as, code_of, put, seated, voting
from tests.support.factories import (
    CHAIR,
    DAY,
    HERASAT,
    NOW,
    PROVINCES,
    SEATS,
    STEWARD,
    audit_kinds,
    give_token,
    make_contract,
    make_records,
    position,
)
from tests.support.fakes import InMemoryRecords

ALWAYS = (GuaranteeKind.NDA, GuaranteeKind.NON_PUBLICATION)


def caller(records: InMemoryRecords, who: str = "herasat") -> Caller:
    person = {"herasat": HERASAT, "chair": CHAIR, "steward": STEWARD}[who]
    seats: tuple[Seat, ...] = tuple(seat for seat in SEATS if seat.person == who)
    return Caller(person, give_token(records, f"token of {who}", who), seats, person.roles)


def demand(
    records: InMemoryRecords,
    data_class: DataClass = DataClass.SENSITIVE,
    *kinds: GuaranteeKind,
    who: str = "herasat",
    reference: str | None = "QC-7",
) -> GuaranteeDemand:
    asking = caller(records, who)
    with records.write() as writer:
        return demand_guarantees(writer, asking, data_class, kinds or (GuaranteeKind.DEPOSIT,), reference, NOW)


def needed(records: InMemoryRecords, contract: Contract) -> tuple[GuaranteeKind, ...]:
    with records.read() as reader:
        return guarantees_needed(reader, contract)


def test_every_contract_needs_the_two_of_the_directive() -> None:
    contract = make_contract()
    assert needed(make_records(contract), contract) == ALWAYS


def test_a_class_asks_for_what_the_committee_says() -> None:
    contract = make_contract()  # grants income, which is sensitive
    records = make_records(contract)
    start = position(records)
    asked = demand(records)
    assert (asked.kinds, asked.by, asked.at, asked.reference) == (("deposit",), "herasat", NOW, "QC-7")
    assert needed(records, contract) == (*ALWAYS, GuaranteeKind.DEPOSIT)
    assert needed(records, make_contract(scope=(PROVINCES,))) == ALWAYS
    assert audit_kinds(records, start)[-1] == "guarantees.demanded"


def test_a_column_that_is_denied_asks_for_nothing() -> None:
    grant = TableGrant("health", "citizens", (ColumnGrant("income", Mode.DENY),))
    contract = make_contract(scope=(grant, PROVINCES))
    records = make_records(contract)
    demand(records)
    assert needed(records, contract) == ALWAYS


def test_a_column_that_nobody_describes_counts_as_the_strictest() -> None:
    contract = make_contract(scope=(TableGrant("gone", "away", (ColumnGrant("x", Mode.RAW),)),))
    records = make_records(contract)
    demand(records, DataClass.DIRECT_IDENTIFIER, GuaranteeKind.INSURANCE)
    assert needed(records, contract) == (*ALWAYS, GuaranteeKind.INSURANCE)


@pytest.mark.parametrize("state", [ContractState.DRAFTED, ContractState.ACTIVE])
def test_a_contract_lacks_what_its_class_asks_for_until_it_is_handed_in(
    policy: EmbeddedPolicy, state: ContractState
) -> None:
    contract = make_contract(state=state)
    records = make_records(contract)
    demand(records)
    with records.read() as reader:
        assert Reason("GUARANTEE_MISSING", "S3-P7") in missing_keys(reader, policy, contract, NOW)
        given = replace(contract, guarantees=(*contract.guarantees, Guarantee("deposit", NOW + DAY)))
        assert Reason("GUARANTEE_MISSING", "S3-P7") not in missing_keys(reader, policy, given, NOW)


def test_a_new_tag_adds_the_guarantee_of_its_class(policy: EmbeddedPolicy) -> None:
    contract = make_contract(scope=(TableGrant("health", "citizens", (ColumnGrant("birth_date", Mode.AGGREGATE),)),))
    records = make_records(contract)
    demand(records)
    assert needed(records, contract) == ALWAYS
    steward, ref = caller(records, "steward"), ColumnRef("health", "citizens", "birth_date")
    with records.write() as writer:
        tag_column(writer, policy, steward, ref, DataClass.SENSITIVE, NOW)
    assert needed(records, contract) == (*ALWAYS, GuaranteeKind.DEPOSIT)


def test_asking_again_replaces_and_the_same_again_is_nothing() -> None:
    records = make_records()
    demand(records)
    start = position(records)
    demand(records)
    assert "guarantees.demanded" not in audit_kinds(records, start)
    more = (GuaranteeKind.NDA, GuaranteeKind.INSURANCE, GuaranteeKind.DEPOSIT)
    demand(records, DataClass.SENSITIVE, *more, reference="QC-8")
    with records.read() as reader:
        (standing,) = demands(reader)
    assert standing.kinds == ("deposit", "insurance"), "the two of every contract need no asking"


def test_less_is_asked_for_only_by_a_vote(policy: EmbeddedPolicy) -> None:
    records = seated()

    def ask(who: str, reference: str, *kinds: GuaranteeKind) -> GuaranteeDemand:
        asked: GuaranteeDemand = act_as(records, who, demand_guarantees, DataClass.SENSITIVE, kinds, reference)
        return asked

    ask("q1", "QC-1", GuaranteeKind.DEPOSIT, GuaranteeKind.INSURANCE)
    for reference in ("QC-2", "motion-1", "motion-999"):
        assert code_of(lambda: ask("q1", reference, GuaranteeKind.DEPOSIT)) == ("DECISION_NEEDED", "S3-P7")  # noqa: B023
    with records.read() as reader:
        digest = matter_of(reader, Subject.GUARANTEES, "sensitive").digest
    motion = put(records, "herasat", Q, Subject.GUARANTEES, "sensitive", digest, outcome="deposit")
    for who in ("herasat", "q1", "q3"):
        motion = voting(records, policy, motion, who, opinion="the insurance covers nothing")
    assert motion.state is MotionState.CARRIED
    assert code_of(lambda: ask("q1", motion.id)) == ("DECISION_NEEDED", "S3-P7"), "it decides on its own outcome"
    assert ask("q1", motion.id, GuaranteeKind.DEPOSIT).kinds == ("deposit",)


@pytest.mark.parametrize("who", ["q4", "r4"])
def test_an_organisations_own_seat_asks_nothing_of_everybody(who: str) -> None:
    refused = code_of(lambda: act_as(seated(), who, demand_guarantees, DataClass.SENSITIVE, (), "QC-1"))
    assert refused == ("NOT_PERMITTED", "S3-P1-R2")


@pytest.mark.parametrize("who", ["chair", "steward"])
def test_only_the_qualification_committee_asks(who: str) -> None:
    with pytest.raises(Refused) as refusal:
        demand(make_records(), who=who)
    assert refusal.value.reason == Reason("NOT_PERMITTED", "S3-P1-R2")


@pytest.mark.parametrize("reference", [None, "", "  "])
def test_it_rests_on_a_decision(reference: str | None) -> None:
    with pytest.raises(Refused) as refusal:
        demand(make_records(), reference=reference)
    assert refusal.value.reason == Reason("DECISION_NEEDED", "S3-P7")
