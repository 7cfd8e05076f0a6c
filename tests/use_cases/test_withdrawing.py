from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act, WarningNotice, WarningState
from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState, Signatory, Signature
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Motion, MotionState, Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.contracts import acknowledge_warning, contract_named
from access_broker.use_cases.tokens import caller_of
from access_broker.use_cases.withdrawing import withdraw_warning
from tests.support.factories import DAY, NOW, audit_kinds, give_token, make_contract, make_records, position
from tests.support.fakes import InMemoryRecords


def warned(policy: EmbeddedPolicy) -> InMemoryRecords:
    """A contract in force with one warning, acknowledged."""
    records = make_records(make_contract(state=ContractState.ACTIVE))
    with records.write() as writer:
        commit_act(writer, policy, ActRequest("P1", Act.WARN, "S3-P6-R2", "chair", text="late"), NOW)
        acknowledge_warning(writer, "P1", 1, "analyst", NOW)
    return records


def withdraw(
    records: InMemoryRecords, who: str = "chair", reason: str = "It was ours", at: datetime = NOW
) -> WarningNotice:
    token = give_token(records, f"token of {who}", who)
    with records.write() as writer:
        return withdraw_warning(writer, caller_of(writer, token, NOW), "P1", 1, reason, at)


def cut(records: InMemoryRecords, policy: EmbeddedPolicy) -> Any:
    with records.write() as writer:
        return commit_act(writer, policy, ActRequest("P1", Act.CUT, "S3-P6-R2", "chair", "M-3"), NOW + DAY)


def test_a_withdrawn_warning_is_no_earlier_one_of_a_repetition(policy: EmbeddedPolicy) -> None:
    records = warned(policy)
    notice = withdraw(records)
    assert (notice.state, notice.withdrawn_by, notice.withdrawn_why) == (WarningState.WITHDRAWN, "chair", "It was ours")
    with pytest.raises(Refused, match="WARNING_NEEDED"):
        cut(records, policy)
    assert cut(warned(policy), policy).act is Act.CUT, "with the warning it is one"


def test_it_is_on_record_with_its_reason_and_access_is_as_it_was(policy: EmbeddedPolicy) -> None:
    records = warned(policy)
    withdraw(records)
    with records.read() as reader:
        event = reader.audit(0, 1000)[-1].event
        standing = reader.standing("P1")
    assert (event.kind, event.actor, event.subject, event.rule) == ("warning.withdrawn", "chair", "P1", "S3-P6-R2")
    assert event.body == {"number": 1, "from": "acknowledged", "reason": "It was ours"}
    assert standing
    assert (standing.state, standing.generation) == (ContractState.ACTIVE, 1)


def test_withdrawn_again_it_is_answered_with_the_first_time(policy: EmbeddedPolicy) -> None:
    records = warned(policy)
    first, start = withdraw(records), position(records)
    assert withdraw(records, reason="Another reason", at=NOW + DAY) == first
    assert "warning.withdrawn" not in audit_kinds(records, start)


@pytest.mark.parametrize("who", ["herasat", "auditor", "steward", "analyst"])
def test_only_the_monitoring_committee_takes_it_back(policy: EmbeddedPolicy, who: str) -> None:
    with pytest.raises(Refused) as refusal:
        withdraw(warned(policy), who)
    assert (refusal.value.reason.code, refusal.value.reason.rule) == ("NOT_PERMITTED", "S1-C2")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 10_001, "turned \u202earound"])
def test_a_reason_is_said_and_can_be_read(policy: EmbeddedPolicy, reason: str) -> None:
    with pytest.raises(Refused, match="INVALID"):
        withdraw(warned(policy), reason=reason)


def test_lines_and_half_spaces_are_no_deceit(policy: EmbeddedPolicy) -> None:
    assert withdraw(warned(policy), reason="نامه‌ها رسید.\nBoth of them.").withdrawn


def test_what_was_withdrawn_is_not_acknowledged_any_more(policy: EmbeddedPolicy) -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    with records.write() as writer:
        commit_act(writer, policy, ActRequest("P1", Act.WARN, "S3-P6-R2", "chair", text="late"), NOW)
    withdraw(records)
    with pytest.raises(Refused, match="STATE_FORBIDS"), records.write() as writer:
        acknowledge_warning(writer, "P1", 1, "analyst", NOW)


@pytest.mark.parametrize("state", [MotionState.OPEN, MotionState.CARRIED, MotionState.LOST])
def test_no_seat_takes_back_the_warning_whose_repetition_the_committee_votes_on(
    policy: EmbeddedPolicy, state: MotionState
) -> None:
    records = warned(policy)
    subject, put_at = Subject.CUT_ON_REPETITION, NOW + DAY
    motion = Motion("motion-1", Committee.MONITORING, subject, "P1", "", "", "deputy", put_at, state=state)
    with records.write() as writer:
        writer.file(motion, AuditEvent("test.arranged", "test", "P1", "F-1"))
    if state is MotionState.LOST:
        assert withdraw(records, at=NOW + 2 * DAY).withdrawn
        return
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        withdraw(records, at=NOW + 2 * DAY)


def test_a_warning_that_there_is_not(policy: EmbeddedPolicy) -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    with pytest.raises(Refused, match="NOT_FOUND"):
        withdraw(records)


@pytest.mark.parametrize("signatory", [Signatory.GOVERNMENT, Signatory.EXECUTOR])
def test_who_signed_for_a_party_withdraws_none(policy: EmbeddedPolicy, signatory: Signatory) -> None:
    records = warned(policy)
    with records.write() as writer:
        contract = contract_named(writer, "P1")
        signed = Signature(signatory, "chair", NOW, text_digest(contract))
        writer.save_contract(replace(contract, signatures=(signed,)), AuditEvent("test.arranged", "test", "P1", "F-1"))
    with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
        withdraw(records)
