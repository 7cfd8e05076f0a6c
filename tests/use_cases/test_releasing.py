"""Asking whether a result may leave: refused whoever asks, and on record (S3-P5)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Decision, Reason
from access_broker.domain.releases import Output, OutputKind
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import PolicyEngine, Unavailable
from access_broker.use_cases.releasing import NOT_OPEN, ask_release, release_facts
from tests.support.factories import DAY, NOW, audit_kinds, make_contract, make_records, position
from tests.support.fakes import InMemoryRecords, ScriptedPolicy
from tests.support.leaving import caller, refusal, rivals

TABLE = Output("ab" * 32, OutputKind.TABLE, 4096)
ACTIVE = make_contract(state=ContractState.ACTIVE)


def asked(records: InMemoryRecords, policy: PolicyEngine, who: Caller, at: datetime = NOW) -> Decision:
    with records.write() as writer:
        return ask_release(writer, policy, who, "P1", TABLE, at)


def last_event(records: InMemoryRecords) -> Any:
    with records.read() as reader:
        return reader.audit_about("P1")[-1].event


def test_nothing_leaves_and_the_question_is_on_record_once(policy: EmbeddedPolicy) -> None:
    records = make_records(ACTIVE)
    analyst = caller(records, "analyst")
    start = position(records)
    assert asked(records, policy, analyst).reasons == (NOT_OPEN,) == (Reason("RELEASE_NOT_OPEN", "S3-P5"),)
    assert audit_kinds(records, start) == ["release.refused"]
    event = last_event(records)
    assert (event.actor, event.subject, event.rule) == ("analyst", "P1", "S3-P5")
    assert event.body == {
        "digest": TABLE.digest,
        "kind": "table",
        "size": 4096,
        "reasons": [{"code": "RELEASE_NOT_OPEN", "rule": "S3-P5"}],
    }


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (ContractState.DRAFTED, "CONTRACT_NOT_ACTIVE"),
        (ContractState.SUSPENDED, "CONTRACT_SUSPENDED"),
        (ContractState.CUT, "CONTRACT_CUT"),
        (ContractState.ENDED, "CONTRACT_ENDED"),
    ],
)
def test_a_contract_that_is_not_in_force_is_a_reason_more(
    policy: EmbeddedPolicy, state: ContractState, code: str
) -> None:
    records = make_records(make_contract(state=state))
    reasons = asked(records, policy, caller(records, "analyst")).reasons
    assert {reason.code for reason in reasons} == {code, "RELEASE_NOT_OPEN"}
    assert last_event(records).rule == "S3-P5"


def test_a_contract_that_has_run_out_is_a_reason_more(policy: EmbeddedPolicy) -> None:
    records = make_records(ACTIVE)
    analyst = caller(records, "analyst")
    codes = {reason.code for reason in asked(records, policy, analyst, ACTIVE.ends_at + DAY).reasons}
    assert codes == {"CONTRACT_EXPIRED", "RELEASE_NOT_OPEN"}


def test_a_seat_that_oversees_it_takes_nothing_out(policy: EmbeddedPolicy) -> None:
    records = make_records(ACTIVE)
    codes = {reason.code for reason in asked(records, policy, caller(records, "chair")).reasons}
    assert codes == {"NOT_NAMED", "RELEASE_NOT_OPEN"}


def test_who_is_shut_out_is_told_so(policy: EmbeddedPolicy) -> None:
    records = make_records(ACTIVE)
    analyst = caller(records, "analyst")
    out = replace(analyst, person=replace(analyst.person, disabled=True))
    assert "PERSON_DISABLED" in {reason.code for reason in asked(records, policy, out).reasons}


def test_whoever_may_not_see_the_contract_learns_nothing_and_writes_nothing(policy: EmbeddedPolicy) -> None:
    records = make_records(ACTIVE, rivals())
    outsider = caller(records, "outsider")
    start = position(records)
    assert refusal(lambda: asked(records, policy, outsider))[0] == "NOT_FOUND"
    assert position(records) == start


def test_another_policy_lets_nothing_out_either() -> None:
    """There is nothing here that could carry it."""
    records = make_records(ACTIVE)
    decision = asked(records, ScriptedPolicy(), caller(records, "analyst"))
    assert (decision.allowed, decision.reasons) == (False, (NOT_OPEN,))


def test_without_policies_there_is_no_answer_and_no_record() -> None:
    records = make_records(ACTIVE)
    analyst = caller(records, "analyst")
    start = position(records)
    with pytest.raises(Unavailable):
        asked(records, ScriptedPolicy(release=Unavailable("POLICY_UNAVAILABLE", "asleep")), analyst)
    assert position(records) == start


def test_the_policy_is_told_that_nobody_has_reviewed_anything() -> None:
    records = make_records(ACTIVE)
    analyst = caller(records, "analyst")
    with records.read() as reader:
        facts = release_facts(reader, analyst, ACTIVE, TABLE, NOW)
    assert (facts["reviews"], facts["contract"]["release_profile"]) == ([], None)
    assert facts["person"] == {"id": "analyst", "disabled": False, "role": "named"}
