from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest

from access_broker.domain.acts import GROUNDS, Act
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.tokens import digest_of
from access_broker.use_cases.acts import ActRequest, check_may_act, commit_act
from access_broker.use_cases.contracts import acknowledge_warning
from access_broker.use_cases.permissions import can
from access_broker.use_cases.ports import Unavailable
from tests.support.factories import NOW, audit_kinds, give_token, make_contract, make_records, position
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

ALLOW = ScriptedPolicy()
GROUND = {Act.WARN: "S3-P6-R2", Act.SUSPEND: "F-13", Act.CUT: "F-13", Act.LIFT: "F-13"}
LEADS_TO = {
    (ContractState.ACTIVE, Act.WARN): ContractState.ACTIVE,
    (ContractState.SUSPENDED, Act.WARN): ContractState.SUSPENDED,
    (ContractState.ACTIVE, Act.SUSPEND): ContractState.SUSPENDED,
    (ContractState.ACTIVE, Act.CUT): ContractState.CUT,
    (ContractState.SUSPENDED, Act.CUT): ContractState.CUT,
    (ContractState.SUSPENDED, Act.LIFT): ContractState.ACTIVE,
}


def ask_for(act: Act, **changes: object) -> ActRequest:
    return ActRequest(**({"contract": "P1", "act": act, "ground": GROUND[act], "by": "chair"} | changes))  # type: ignore[arg-type]


def commit(records: InMemoryRecords, request: ActRequest, policy: ScriptedPolicy = ALLOW, later: int = 0):  # type: ignore[no-untyped-def]
    with records.write() as writer:
        return commit_act(writer, policy, request, NOW + timedelta(seconds=later))


@pytest.mark.parametrize(("state", "act"), list(product(ContractState, Act)), ids=str)
def test_what_each_act_does_in_each_state(state: ContractState, act: Act) -> None:
    """The policy allows everything here, so this is what the domain alone lets happen."""
    before = make_contract(state=state)
    records = make_records(before)
    with records.read() as reader:
        assert can(check_may_act, reader, ALLOW, before, ask_for(act), NOW) is ((state, act) in LEADS_TO)
    if (state, act) not in LEADS_TO:
        with pytest.raises(Refused) as refusal:
            commit(records, ask_for(act))
        assert refusal.value.reason.code == "STATE_FORBIDS"
        expected, generation = state, before.generation
    else:
        commit(records, ask_for(act))
        expected = LEADS_TO[state, act]
        generation = before.generation + (0 if act is Act.WARN else 1)
    with records.read() as reader:
        after = reader.contract("P1")
    assert after is not None
    assert (after.state, after.generation) == (expected, generation)


@pytest.mark.parametrize(("act", "ground"), [(a, g) for a in Act for g in ("F-13", "S3-P6-R2", "F-12", "")])
def test_an_act_rests_on_its_grounds_only(act: Act, ground: str) -> None:
    state = ContractState.SUSPENDED if act is Act.LIFT else ContractState.ACTIVE
    records = make_records(make_contract(state=state))
    if ground in GROUNDS[act]:
        assert commit(records, ask_for(act, ground=ground, decision="M-1")).ground == ground
    else:
        with pytest.raises(Refused) as refusal:
            commit(records, ask_for(act, ground=ground))
        assert refusal.value.reason.code == "GROUND_NOT_ALLOWED"
        assert refusal.value.reason.rule in GROUNDS[act]


@pytest.mark.parametrize(
    ("act", "ends_tokens"), [(Act.WARN, False), (Act.SUSPEND, True), (Act.CUT, True), (Act.LIFT, False)]
)
def test_tokens_of_the_contract_end_with_a_suspension_or_cut(act: Act, ends_tokens: bool) -> None:
    state = ContractState.SUSPENDED if act is Act.LIFT else ContractState.ACTIVE
    contract, other = make_contract(state=state), make_contract("P2", ContractState.ACTIVE)
    records = make_records(contract, other)
    give_token(records, "mine", "analyst", contract)
    give_token(records, "other", "analyst", other)
    give_token(records, "rest", "analyst")
    commit(records, ask_for(act))
    with records.read() as reader:
        revoked = {text: reader.token(digest_of(text)).revoked for text in ("mine", "other", "rest")}  # type: ignore[union-attr]
    assert revoked == {"mine": ends_tokens, "other": False, "rest": False}


def test_a_cut_is_recorded_with_ground_and_decision() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    start = position(records)
    commit(records, ask_for(Act.CUT, ground="S3-P6-R2", decision="M-12"))
    with records.read() as reader:
        first, *events = [record.event for record in reader.audit(start)]
    assert (first.kind, first.body["reference"], first.body["contract"]) == ("motion.recorded", "M-12", "P1")
    told = events.pop()
    assert (told.kind, told.actor, told.rule) == ("end.acknowledged", "broker", "S3-P6-R2")
    kinds = [event.kind for event in events]
    assert kinds == ["violation.recorded", "contract.cut", "tokens.revoked", "act.recorded"]
    assert {(event.actor, event.subject, event.rule) for event in events} == {("chair", "P1", "S3-P6-R2")}
    assert events[1].body == {
        "act": "cut",
        "ground": "S3-P6-R2",
        "decision": "M-12",
        "from": "active",
        "to": "cut",
        "generation": 2,
        "violation": 1,
    }


@pytest.mark.parametrize("act", [Act.WARN, Act.SUSPEND, Act.CUT, Act.LIFT])
def test_a_retry_is_answered_with_the_first_act(act: Act) -> None:
    state = ContractState.SUSPENDED if act is Act.LIFT else ContractState.ACTIVE
    records = make_records(make_contract(state=state))
    first = commit(records, ask_for(act))
    end = position(records)
    assert commit(records, ask_for(act), later=30) == first
    assert position(records) == end


@pytest.mark.parametrize("act", [Act.SUSPEND, Act.CUT])
def test_a_retry_says_what_the_first_said(act: Act) -> None:
    """Answered with the first act, other words would be on no record."""
    records = make_records(make_contract(state=ContractState.ACTIVE))
    first = commit(records, ask_for(act, text="a file went out"))
    end = position(records)
    assert commit(records, ask_for(act, text=" a file went out "), later=30) == first
    assert commit(records, ask_for(act, violation=1), later=30) == first
    assert position(records) == end
    for other, code in (({"text": "another one"}, "STATE_FORBIDS"), ({"violation": 2}, "NOT_FOUND")):
        with pytest.raises(Refused) as refusal:
            commit(records, ask_for(act, **other), later=30)
        assert refusal.value.reason.code == code


@pytest.mark.parametrize("change", [{"by": "herasat"}, {"decision": "M-2"}, {"ground": "S3-P6-R2"}])
def test_another_cut_of_a_cut_contract_is_refused(change: dict[str, str]) -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    commit(records, ask_for(Act.CUT))
    with pytest.raises(Refused) as refusal:
        commit(records, ask_for(Act.CUT, **change), later=1)
    assert refusal.value.reason.code == "STATE_FORBIDS"


def test_suspending_again_after_a_lift_is_a_new_act() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    first = commit(records, ask_for(Act.SUSPEND))
    commit(records, ask_for(Act.LIFT))
    again = commit(records, ask_for(Act.SUSPEND))
    assert (first.generation, again.generation) == (2, 4)


def test_the_same_words_are_a_second_warning_once_the_first_was_acknowledged() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    commit(records, ask_for(Act.WARN, text="no report"))
    with records.write() as writer:
        acknowledge_warning(writer, "P1", 1, "analyst", NOW)
    commit(records, ask_for(Act.WARN, text="no report"))
    with records.read() as reader:
        assert [notice.number for notice in reader.warnings("P1")] == [1, 2]


def test_the_policy_refuses_with_all_its_reasons_and_nothing_is_written() -> None:
    reasons = [Reason("DECISION_NEEDED", "S3-P6-R2"), Reason("WARNING_NEEDED", "S3-P6-R2")]
    records = make_records(make_contract(state=ContractState.ACTIVE))
    start = position(records)
    with pytest.raises(Refused) as refusal:
        commit(records, ask_for(Act.CUT, ground="S3-P6-R2"), ScriptedPolicy(acts=reasons))
    assert refusal.value.reasons == tuple(reasons)
    assert audit_kinds(records, start) == []


def test_without_a_policy_nothing_happens() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    start = position(records)
    with pytest.raises(Unavailable):
        commit(records, ask_for(Act.CUT), ScriptedPolicy(acts=Unavailable("POLICY_UNAVAILABLE")))
    assert position(records) == start


def test_an_unknown_contract_is_not_found() -> None:
    with pytest.raises(Refused) as refusal:
        commit(make_records(), ask_for(Act.CUT))
    assert refusal.value.reason.code == "NOT_FOUND"


def test_a_button_asks_what_the_server_asks() -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    records = make_records(contract)
    with records.read() as reader:
        assert can(check_may_act, reader, ALLOW, contract, ask_for(Act.CUT), NOW)
        assert not can(check_may_act, reader, ALLOW, contract, ask_for(Act.LIFT), NOW)
        refusing = ScriptedPolicy(acts=[Reason("NOT_PERMITTED", "S1-C2")])
        assert not can(check_may_act, reader, refusing, contract, ask_for(Act.CUT), NOW)
