from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState, ContractType, Level
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Choice, MotionState, Subject, Vote
from access_broker.domain.suspensions import SUSPENSION_TRANSITIONS, OnLapse, SuspensionState
from access_broker.domain.tokens import digest_of
from access_broker.use_cases.overseeing import discount_violation
from access_broker.use_cases.suspending import (
    close_suspension,
    open_suspension,
    ratify_suspension,
    suspend_by_rule,
)
from access_broker.use_cases.violations import BREACH, classed
from access_broker.use_cases.working_days import declare_closure
from tests.support.factories import DAY, NOW, give_token, position
from tests.support.fakes import ScriptedPolicy
from tests.use_cases.oversight_world import LAST, SECOND, Oversight


def test_a_suspension_is_provisional_and_has_its_deadline_in_working_days(suspended: Oversight) -> None:
    suspension = suspended.suspension()
    assert (suspension.state, suspension.generation, suspension.by) == (SuspensionState.PROVISIONAL, 2, "chair")
    assert (suspension.ratify_days, suspension.on_lapse, suspension.violation) == (3, OnLapse.LIFTED, 1)
    assert [v.kind for v in suspended.violations()] == ["breach"]
    assert suspended.last_second() == LAST


def test_a_closure_declared_later_extends_the_deadline(suspended: Oversight) -> None:
    suspended.write(lambda w: declare_closure(w, "ito", date(2026, 11, 24), "dust", "operator", NOW + DAY))
    assert suspended.last_second() == LAST + 3 * DAY, "Thursday and Friday are free as well"


def test_the_committee_ratifies_in_time(suspended: Oversight) -> None:
    start = position(suspended.records)
    ratified = suspended.do(ratify_suspension, "M-4", who="deputy", at=LAST)
    assert (ratified.state, ratified.decision, ratified.changed_by) == (SuspensionState.RATIFIED, "M-4", "deputy")
    assert suspended.kinds(start)[1:] == ["motion.recorded", "suspension.ratified"]
    assert suspended.contract().generation == 2
    end = position(suspended.records)
    assert suspended.do(ratify_suspension, "M-5", who="deputy", at=LAST) == ratified
    assert position(suspended.records) == end + 1, "only the token that was shown"
    assert suspended.settle(LAST + 90 * DAY) == 0, "it stands until it is lifted or cut"


@pytest.mark.parametrize(
    ("who", "reference", "at", "code"),
    [
        ("deputy", None, NOW, "DECISION_NEEDED"),
        ("deputy", " ", NOW, "DECISION_NEEDED"),
        ("chair", "M-4", NOW, "CONFLICT_OF_INTEREST"),
        ("herasat", "M-4", NOW, "NOT_PERMITTED"),
        ("analyst", "M-4", NOW, "NOT_PERMITTED"),
        ("outsider", "M-4", NOW, "NOT_FOUND"),
        ("chair", "M-4", LAST + SECOND, "STATE_FORBIDS"),
    ],
)
def test_who_ratifies_and_until_when(
    suspended: Oversight, who: str, reference: str | None, at: datetime, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        suspended.do(ratify_suspension, reference, who=who, at=at)
    assert refused.value.reason.code == code
    assert suspended.suspension().state is SuspensionState.PROVISIONAL


def test_what_is_not_suspended_is_not_ratified(policy: EmbeddedPolicy) -> None:
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        Oversight(policy).do(ratify_suspension, "M-4")


def test_in_time_the_clerk_does_nothing(suspended: Oversight) -> None:
    before, start = suspended.contract(), position(suspended.records)
    assert suspended.settle(LAST) == 0
    assert (suspended.contract(), position(suspended.records)) == (before, start)


@pytest.mark.parametrize("at", [LAST + SECOND, LAST + 60 * DAY], ids=["at once", "after a long sleep"])
def test_not_ratified_it_lapses_once_on_record_with_one_step(suspended: Oversight, at: datetime) -> None:
    start = position(suspended.records)
    assert suspended.settle(at) == 1
    contract, suspension = suspended.contract(), suspended.suspension()
    assert (contract.state, contract.generation) == (ContractState.ACTIVE, 3)
    assert (suspension.state, suspension.changed_by) == (SuspensionState.LAPSED_LIFTED, "clerk")
    assert suspended.kinds(start) == ["contract.lifted", "act.recorded", "suspension.lapsed_lifted"]
    end = position(suspended.records)
    assert suspended.settle(at + DAY) == 0
    assert position(suspended.records) == end


def test_the_policy_may_have_it_lapse_into_a_cut(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    answered = policy.decide("violations", {"kind": BREACH, "state": "active", "raised": []})
    strict = ScriptedPolicy()
    strict.decide = lambda name, _: (
        answered | {"on_lapse": "cut"}
        if name == "violations"
        else {  # type: ignore[method-assign]
            "allow": True,
            "reasons": [],
        }
    )
    world.policy = strict  # type: ignore[assignment]
    world.act(Act.SUSPEND)
    give_token(world.records, "left over", "analyst", world.contract())
    assert world.settle(LAST + SECOND) == 1
    contract = world.contract()
    assert (contract.state, contract.generation) == (ContractState.CUT, 3)
    assert world.suspension().state is SuspensionState.LAPSED_CUT
    with world.records.read() as reader:
        assert reader.token(digest_of("left over")).revoked  # type: ignore[union-attr]
        assert reader.acts("P1")[-1].by == "clerk"


def test_what_a_rule_still_sees_does_not_lapse_but_waits_for_the_committee(policy: EmbeddedPolicy) -> None:
    """Its level covers the columns no more: lifted, people would read what the contract may not reach."""
    world = Oversight(policy, level=Level.OPEN)
    world.write(lambda w: suspend_by_rule(w, policy, world.contract(), {"why": "LEVEL_TOO_LOW"}, NOW))
    assert world.violations() == [], "nobody did anything against the contract"
    assert world.settle(LAST + 30 * DAY) == 0
    assert world.contract().state is ContractState.SUSPENDED
    assert world.do(ratify_suspension, "M-4", at=LAST + 30 * DAY).state is SuspensionState.RATIFIED


def test_neither_does_a_contract_whose_type_its_data_does_not_allow(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy, type=ContractType.LICENCE)
    world.write(lambda w: suspend_by_rule(w, policy, world.contract(), {"why": "TYPE_NOT_ALLOWED"}, NOW))
    assert world.settle(LAST + 30 * DAY) == 0


def test_a_seat_lifts_what_is_provisional_and_only_the_committee_what_it_ratified(suspended: Oversight) -> None:
    suspended.act(Act.LIFT)
    assert suspended.suspension().state is SuspensionState.LIFTED
    suspended.act(Act.SUSPEND, NOW + DAY)
    suspended.do(ratify_suspension, "M-4", who="deputy", at=NOW + DAY)
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        suspended.act(Act.LIFT, NOW + 2 * DAY, by="deputy")
    with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
        suspended.act(Act.LIFT, NOW + 2 * DAY, decision="M-5")
    suspended.act(Act.LIFT, NOW + 2 * DAY, by="deputy", decision="M-5")
    assert (suspended.suspension().state, suspended.suspension().decision) == (SuspensionState.LIFTED, "M-5")
    assert suspended.contract().state is ContractState.ACTIVE


@pytest.mark.parametrize("subject", [Subject.LIFT, Subject.RATIFY_SUSPENSION])
@pytest.mark.parametrize("state", list(MotionState))
def test_no_seat_undoes_alone_what_the_committee_votes_on(
    suspended: Oversight, subject: Subject, state: MotionState
) -> None:
    suspended.ballot(subject, state, NOW + DAY)
    if state in (MotionState.WITHDRAWN, MotionState.LAPSED):
        suspended.act(Act.LIFT, NOW + DAY)
        return
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        suspended.act(Act.LIFT, NOW + DAY)
    if (subject, state) == (Subject.LIFT, MotionState.CARRIED):
        suspended.act(Act.LIFT, NOW + DAY, decision="motion-1")


def test_no_seat_ends_for_good_what_the_committee_lifts(suspended: Oversight) -> None:
    suspended.ballot(Subject.LIFT, MotionState.CARRIED, NOW + DAY)
    with pytest.raises(Refused, match="CONFLICT"):
        suspended.act(Act.CUT, NOW + DAY, by="deputy")
    suspended.report("egress", "Another file", NOW + 2 * DAY)
    assert suspended.act(Act.CUT, NOW + 2 * DAY, by="deputy").act is Act.CUT, "it was not looked at in that vote"


@pytest.mark.parametrize(
    ("voter", "later", "is_cut"),
    [("chair", None, False), ("deputy", None, True), ("chair", Subject.RATIFY_SUSPENSION, True)],
    ids=["voted on", "by its mover alone", "carried otherwise since"],
)
def test_no_seat_ends_for_good_what_the_committee_votes_on(
    suspended: Oversight, voter: str, later: Subject | None, is_cut: bool
) -> None:
    state = MotionState.CARRIED if later else MotionState.OPEN
    suspended.ballot(Subject.LIFT, state, NOW + DAY)
    vote = Vote("motion-1", 1, voter, 1, Choice.FOR, NOW + DAY)
    suspended.write(lambda writer: writer.file(vote, AuditEvent("test.arranged", "test", "P1", "F-13")))
    if later:
        suspended.ballot(later, MotionState.CARRIED, NOW + 2 * DAY, "motion-2")
    if is_cut:
        assert suspended.act(Act.CUT, NOW + 2 * DAY).act is Act.CUT
        return
    with pytest.raises(Refused, match="BALLOT_NEEDED"):
        suspended.act(Act.CUT, NOW + 2 * DAY)


def test_what_was_none_bars_nobody_from_judging(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    world.act(Act.SUSPEND)
    world.report("egress", "Another one", NOW + DAY, who="deputy")
    with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
        world.do(ratify_suspension, "M-4", who="deputy", at=NOW + DAY)
    world.do(discount_violation, 2, "It was ours")
    assert world.do(ratify_suspension, "M-4", who="deputy", at=NOW + DAY).state is SuspensionState.RATIFIED


def test_what_was_voted_on_an_earlier_suspension_binds_nobody(suspended: Oversight) -> None:
    suspended.ballot(Subject.LIFT, MotionState.LOST, NOW - DAY)
    suspended.act(Act.LIFT)
    assert suspended.suspension().state is SuspensionState.LIFTED


@pytest.mark.parametrize("at", [NOW, NOW + DAY], ids=["suspending it", "while it is suspended"])
def test_whoever_found_a_protective_violation_ratifies_no_suspension(policy: EmbeddedPolicy, at: datetime) -> None:
    world = Oversight(policy)
    world.report("egress", "A file went out", who="chair")
    world.report("egress", "Another one", at, who="deputy")
    for who in ("chair", "deputy"):
        with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
            world.do(ratify_suspension, "M-4", who=who, at=at)
    world.seat("herasat", 3)
    assert world.do(ratify_suspension, "M-4", who="herasat", at=at).state is SuspensionState.RATIFIED


@pytest.mark.parametrize("act", [Act.LIFT, Act.CUT])
def test_the_steward_of_the_data_suspends_and_does_nothing_more(suspended: Oversight, act: Act) -> None:
    suspended.act(Act.LIFT)
    suspended.seat("steward", organisation="ministry")
    suspended.act(Act.SUSPEND, NOW + DAY, by="steward")
    with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
        suspended.act(act, NOW + DAY, by="steward")
    with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
        suspended.do(ratify_suspension, "M-4", who="steward", at=NOW + DAY)


def test_nobody_is_cut_for_what_was_discounted(suspended: Oversight) -> None:
    suspended.do(discount_violation, 1, "It was none", who="deputy")
    suspended.act(Act.CUT, NOW + DAY, text="Another file went out")
    assert [(v.number, v.text, v.counts) for v in suspended.violations()] == [
        (1, "", False),
        (2, "Another file went out", True),
    ]
    with suspended.records.read() as reader:
        (cut,) = [r.event for r in reader.audit(0, 1000) if r.event.kind == "contract.cut"]
    assert cut.body["violation"] == 2


def test_a_cut_closes_the_suspension_and_rests_on_its_violation(suspended: Oversight) -> None:
    suspended.act(Act.CUT)
    assert suspended.suspension().state is SuspensionState.CUT
    assert len(suspended.violations()) == 1
    assert suspended.settle(LAST + DAY) == 0


def test_with_the_contract_its_suspension_is_over(suspended: Oversight) -> None:
    contract = suspended.contract()
    ended = replace(contract, state=ContractState.ENDED, generation=contract.generation + 1)
    suspended.write(lambda w: w.save_contract(ended, AuditEvent("contract.ended", "t", "P1", "D-2")))
    assert suspended.settle(NOW + DAY) == 1
    assert suspended.suspension().state is SuspensionState.OVER
    assert suspended.settle(NOW + 2 * DAY) == 0


def test_only_what_is_in_force_is_suspended(suspended: Oversight, policy: EmbeddedPolicy) -> None:
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        suspended.write(lambda w: suspend_by_rule(w, policy, suspended.contract(), {}, NOW))
    with suspended.records.read() as reader:
        assert open_suspension(reader, suspended.contract()) == suspended.suspension()
    assert classed(policy, suspended.contract(), BREACH).ratify_days == 3


@pytest.mark.parametrize("source", SuspensionState)
@pytest.mark.parametrize("target", SuspensionState)
def test_a_record_goes_by_its_table(suspended: Oversight, source: SuspensionState, target: SuspensionState) -> None:
    suspension = replace(suspended.suspension(), state=source)
    if target in SUSPENSION_TRANSITIONS[source]:
        closed = suspended.write(lambda w: close_suspension(w, suspension, target, "chair", None, NOW))
        assert (closed.state, closed.is_open) == (target, target is SuspensionState.RATIFIED)
    else:
        with pytest.raises(Refused, match="STATE_FORBIDS"):
            suspended.write(lambda w: close_suspension(w, suspension, target, "chair", None, NOW))
