"""Sovereignty decided anew: who may, on what, and what becomes of contracts in force (S1-P4-R4, B-2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.adapters.policy.embedded import EmbeddedPolicy
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState, ContractType
from access_broker.domain.dataset_records import SovereigntyDecision
from access_broker.domain.datasets import Sovereignty
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.motions import Motion
from access_broker.domain.people import Committee, Seat
from access_broker.use_cases.contracts import missing_keys
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.register import decide_sovereignty, register_dataset
from access_broker.use_cases.sovereignty import decide as decide_first
from access_broker.use_cases.sovereignty import decide_anew
from tests.support.factories import (
    CHAIR,
    DATASET,
    HERASAT,
    NOW,
    SEATS,
    STEWARD,
    audit_kinds,
    give_token,
    make_contract,
    make_records,
    position,
)
from tests.support.fakes import InMemoryRecords

EVENT = AuditEvent("test.arranged", "test", "test", "F-2")
LICENCE = {"type": ContractType.LICENCE}


@pytest.fixture
def records() -> InMemoryRecords:
    """A partnership and two licences stand on data that was found not to be sovereign; one of them is a draft."""
    records = make_records(
        make_contract("P1", ContractState.ACTIVE),
        make_contract("P2", ContractState.ACTIVE, **LICENCE),
        make_contract("P3", **LICENCE),
    )
    with records.write() as writer:
        writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.NON_SOVEREIGN), EVENT)
    return records


def caller(records: InMemoryRecords, who: str) -> Caller:
    person = {"chair": CHAIR, "herasat": HERASAT, "steward": STEWARD}[who]
    seats = tuple(seat for seat in SEATS if seat.person == who)
    return Caller(person, give_token(records, f"token of {who}", who), seats, person.roles)


def decide(
    records: InMemoryRecords,
    policy: EmbeddedPolicy,
    sovereignty: Sovereignty = Sovereignty.SOVEREIGN,
    who: str = "chair",
    reference: str | None = "MC-3",
) -> SovereigntyDecision | None:
    deciding = caller(records, who)
    with records.write() as writer:
        return decide_anew(writer, policy, deciding, "health", sovereignty, reference, NOW)


def states(records: InMemoryRecords) -> dict[str, ContractState]:
    with records.read() as reader:
        return {contract.id: contract.state for contract in reader.contracts()}


def test_what_does_not_fit_any_more_is_suspended_at_once(records: InMemoryRecords, policy: EmbeddedPolicy) -> None:
    start = position(records)
    decision = decide(records, policy)
    assert decision is not None
    assert (decision.number, decision.suspended, decision.reference) == (1, ("P2",), "MC-3")
    assert states(records) == {
        "P1": ContractState.ACTIVE,
        "P2": ContractState.SUSPENDED,
        "P3": ContractState.DRAFTED,
    }
    kinds = audit_kinds(records, start)
    assert kinds.count("dataset.sovereignty_changed") == kinds.count("contract.suspended") == 1
    with records.read() as reader:
        assert reader.dataset("health") == replace(DATASET, sovereignty=Sovereignty.SOVEREIGN)


def test_the_policy_refuses_the_draft_and_whatever_is_lifted(records: InMemoryRecords, policy: EmbeddedPolicy) -> None:
    decide(records, policy)
    with records.read() as reader:
        for id in ("P2", "P3"):
            assert Reason("TYPE_NOT_ALLOWED", "B-2") in missing_keys(reader, policy, reader.contract(id), NOW)
        assert Reason("TYPE_NOT_ALLOWED", "B-2") not in missing_keys(reader, policy, reader.contract("P1"), NOW)


def test_to_non_sovereign_stops_nobody(policy: EmbeddedPolicy) -> None:
    records = make_records(make_contract("P1", ContractState.ACTIVE))
    decision = decide(records, policy, Sovereignty.NON_SOVEREIGN)
    assert decision is not None
    assert decision.suspended == ()
    assert states(records) == {"P1": ContractState.ACTIVE}


def test_the_same_again_is_nothing_and_another_time_counts_on(records: InMemoryRecords, policy: EmbeddedPolicy) -> None:
    decide(records, policy)
    assert decide(records, policy) is None
    back = decide(records, policy, Sovereignty.NON_SOVEREIGN, reference="MC-4")
    assert back is not None
    assert back.number == 2
    assert states(records)["P2"] is ContractState.SUSPENDED, "what was stopped is lifted by the committee, not by this"


def test_a_paper_that_was_used_decides_nothing_else(records: InMemoryRecords, policy: EmbeddedPolicy) -> None:
    decide(records, policy)
    for reference in ("MC-3", "motion-1"):
        with pytest.raises(Refused) as refusal:
            decide(records, policy, Sovereignty.NON_SOVEREIGN, reference=reference)
        assert refusal.value.reason == Reason("DECISION_NEEDED", "S1-P4-R4")
    decide(records, policy, Sovereignty.NON_SOVEREIGN, reference="MC-4")
    with pytest.raises(Refused):
        decide(records, policy, reference="MC-3")


def test_the_first_decision_rests_on_the_committee_too(policy: EmbeddedPolicy) -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.UNDETERMINED), EVENT)

    def write_down(reference: str | None) -> Sovereignty:
        deciding = caller(records, "chair")
        with records.write() as writer:
            decide_first(writer, policy, deciding, "health", Sovereignty.NON_SOVEREIGN, reference, NOW)
            found = writer.dataset("health")
        assert found is not None
        return found.sovereignty

    for nothing in (None, " ", "motion-4"):
        with pytest.raises(Refused) as refusal:
            write_down(nothing)
        assert refusal.value.reason == Reason("DECISION_NEEDED", "S1-P4-R4")
    for _ in range(2):
        assert write_down("MC-1") is Sovereignty.NON_SOVEREIGN
    with records.read() as reader:
        (motion,) = reader.filed(Motion)
    assert (motion.reference, motion.outcome) == ("MC-1", "non_sovereign")


def test_a_file_read_again_does_not_undo_it(records: InMemoryRecords, policy: EmbeddedPolicy) -> None:
    decide(records, policy)
    with records.write() as writer:
        assert not register_dataset(writer, DATASET, "operator")
        assert not decide_sovereignty(writer, "health", Sovereignty.NON_SOVEREIGN, "operator")
        assert writer.dataset("health") == replace(DATASET, sovereignty=Sovereignty.SOVEREIGN)


@pytest.mark.parametrize("who", ["herasat", "steward"])
def test_only_the_monitoring_committee(records: InMemoryRecords, policy: EmbeddedPolicy, who: str) -> None:
    with pytest.raises(Refused) as refusal:
        decide(records, policy, who=who)
    assert refusal.value.reason == Reason("NOT_PERMITTED", "S1-C2")


def test_the_keeper_writes_no_paper_on_the_data_they_keep(records: InMemoryRecords, policy: EmbeddedPolicy) -> None:
    token, seat = give_token(records, "token of keeper", "steward"), Seat(Committee.MONITORING, 2, "steward")
    keeper = Caller(STEWARD, token, (seat,), STEWARD.roles)
    for decide_so, to in ((decide_anew, Sovereignty.SOVEREIGN), (decide_first, Sovereignty.NON_SOVEREIGN)):
        with records.write() as writer:
            if decide_so is decide_first:
                writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.UNDETERMINED), EVENT)
            with pytest.raises(Refused) as refusal:
                decide_so(writer, policy, keeper, "health", to, "MC-3", NOW)
        assert refusal.value.reason == Reason("CONFLICT_OF_INTEREST", "S1-C2")


def test_it_rests_on_a_decision(records: InMemoryRecords, policy: EmbeddedPolicy) -> None:
    with pytest.raises(Refused) as refusal:
        decide(records, policy, reference=None)
    assert refusal.value.reason == Reason("DECISION_NEEDED", "S1-P4-R4")


def test_what_is_not_decided_is_not_decided_anew(policy: EmbeddedPolicy) -> None:
    records = make_records()
    with pytest.raises(Refused) as refusal:
        decide(records, policy, Sovereignty.UNDETERMINED)
    assert refusal.value.reason == Reason("INVALID", "S1-P4-R4")
    with records.write() as writer:
        writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.UNDETERMINED), EVENT)
    with pytest.raises(Refused) as refusal:
        decide(records, policy)
    assert refusal.value.reason == Reason("STATE_FORBIDS", "S1-P4-R4")
