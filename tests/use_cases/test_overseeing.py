from __future__ import annotations

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act
from access_broker.domain.contracts import ContractState, Terms
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import MotionState, Subject
from access_broker.domain.suspensions import SuspensionState
from access_broker.domain.violations import ViolationClass, ViolationSource, ViolationState
from access_broker.use_cases.overseeing import discount_violation, follow_up_by_law, record_violation, report_violation
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.suspending import ratify_suspension
from access_broker.use_cases.violations import Finding, classed
from tests.support.factories import DAY, NOW, make_contract, position
from tests.support.fakes import ScriptedPolicy
from tests.use_cases.oversight_world import Oversight


def test_a_contractual_violation_is_on_record_and_access_goes_on(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    before, start = world.contract(), position(world.records)
    violation = world.report("purpose", "Used for advertising", NOW, "audit 12", "audit 13")
    assert (violation.number, violation.violation_class) == (1, ViolationClass.CONTRACTUAL)
    assert violation.evidence == ("audit 12", "audit 13")
    assert world.contract() == before
    assert world.kinds(start) == ["test.arranged", "violation.recorded"]
    with world.records.read() as reader:
        event = reader.audit(start)[-1].event
    assert (event.actor, event.subject, event.rule) == ("chair", "P1", "S3-P6-R2")
    assert event.body["class"] == "contractual"


@pytest.mark.parametrize("kind", ["personal_data", "egress", "security", "breach"])
def test_a_protective_violation_ends_access_in_the_same_transaction(policy: EmbeddedPolicy, kind: str) -> None:
    world = Oversight(policy)
    violation = world.report(kind)
    contract, suspension = world.contract(), world.suspension()
    assert violation.violation_class is ViolationClass.PROTECTIVE
    assert (contract.state, contract.generation) == (ContractState.SUSPENDED, 2)
    assert (suspension.by, suspension.violation, suspension.state) == ("rule", 1, SuspensionState.PROVISIONAL)
    world.report(kind, "Again, and it is suspended already")
    assert world.contract() == contract


def test_a_contract_raises_a_kind_and_lowers_none(policy: EmbeddedPolicy) -> None:
    raised = Oversight(policy, terms=Terms(protective=("purpose",)))
    assert raised.report("purpose").violation_class is ViolationClass.PROTECTIVE
    assert raised.contract().state is ContractState.SUSPENDED
    assert raised.report("contract").violation_class is ViolationClass.CONTRACTUAL
    with raised.records.read() as reader:
        contract = reader.contract("P1")
        assert contract is not None
        assert classed(policy, contract, "egress").violation_class is ViolationClass.PROTECTIVE


@pytest.mark.parametrize(
    ("who", "kind", "text", "code"),
    [
        ("herasat", "contract", "t", "NOT_PERMITTED"),
        ("steward", "contract", "t", "NOT_PERMITTED"),
        ("analyst", "contract", "t", "NOT_PERMITTED"),
        ("outsider", "contract", "t", "NOT_FOUND"),
        ("chair", "tea", "t", "KIND_UNKNOWN"),
        ("chair", "contract", " ", "INVALID"),
        ("chair", "contract", "turned \u202e round", "INVALID"),
        ("chair", "contract", "x" * 10_001, "INVALID"),
    ],
)
def test_who_may_record_what(policy: EmbeddedPolicy, who: str, kind: str, text: str, code: str) -> None:
    world = Oversight(policy)
    caller = world.caller(who)
    start = position(world.records)
    with pytest.raises(Refused) as refused:
        world.write(lambda w: report_violation(w, policy, caller, "P1", kind, text, (), NOW))
    assert refused.value.reason.code == code
    assert position(world.records) == start


def test_a_draft_has_no_violations_and_a_policy_that_does_not_class_none_either(policy: EmbeddedPolicy) -> None:
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        classed(policy, make_contract(), "contract")
    mute = ScriptedPolicy()
    mute.decide = lambda *_: {"allow": True, "reasons": []}  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        classed(mute, make_contract(state=ContractState.ACTIVE), "contract")


def test_the_same_finding_again_is_the_first_one(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    found = Finding("report_overdue", ViolationSource.REPORT, "periodic 3", "clerk", ("report periodic 3",))
    first = world.write(lambda w: record_violation(w, policy, "P1", found, NOW))
    world.do(discount_violation, first.number, "It was filed on paper")
    end = position(world.records)
    again = world.write(lambda w: record_violation(w, policy, "P1", found, NOW + DAY))
    assert (again.number, again.state) == (1, ViolationState.DISCOUNTED)
    assert position(world.records) == end


def test_a_persons_same_words_are_a_retry_only_while_nothing_has_happened_since(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    assert [world.report("egress").number for _ in range(2)] == [1, 1]
    world.act(Act.LIFT)
    assert world.report("egress").number == 2
    assert world.contract().state is ContractState.SUSPENDED, "access ends again"
    world.do(discount_violation, 2, "It was ours")
    assert world.report("egress").number == 3
    assert world.report("purpose").number == 4
    assert world.report("egress").number == 5


def test_the_audit_holds_the_words(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    world.report(text="Rows on a wall")
    world.act(Act.WARN, text="Take it down", cure_by=NOW + DAY)
    with world.records.read() as reader:
        told = {r.event.kind: r.event.body for r in reader.audit(0, 1000)}
    assert told["violation.recorded"]["text"] == "Take it down", "the warning's own"
    assert (told["contract.warned"]["text"], told["contract.warned"]["number"]) == ("Take it down", 1)
    assert told["contract.warned"]["cure_by"] == (NOW + DAY).isoformat()


def test_the_owners_steward_discounts_none(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    world.report("purpose")
    world.seat("steward", organisation="ministry")
    with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
        world.do(discount_violation, 1, "It was ours", who="steward")


def test_a_discounted_violation_counts_no_more_and_says_why(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    world.report()
    with pytest.raises(Refused, match="INVALID"):
        world.do(discount_violation, 1, " ")
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        world.do(discount_violation, 1, "not so", who="analyst")
    discounted = world.do(discount_violation, 1, "It was another company", at=NOW + DAY)
    assert (discounted.counts, discounted.discounted_by, discounted.discounted_why) == (
        False,
        "chair",
        "It was another company",
    )
    end = position(world.records)
    assert world.do(discount_violation, 1, "otherwise", at=NOW + 2 * DAY) == discounted
    assert position(world.records) == end + 1, "only the token that was shown"
    with pytest.raises(Refused, match="NOT_FOUND"):
        world.do(discount_violation, 2, "none")


@pytest.mark.parametrize(
    ("subject", "state", "may"),
    [
        (Subject.RATIFY_SUSPENSION, MotionState.OPEN, False),
        (Subject.RATIFY_SUSPENSION, MotionState.CARRIED, False),
        (Subject.RATIFY_SUSPENSION, MotionState.WITHDRAWN, True),
        (Subject.LIFT, MotionState.OPEN, False),
        (Subject.LIFT, MotionState.LOST, False),
        (Subject.CUT_ON_REPETITION, MotionState.OPEN, False),
        (Subject.CUT_ON_REPETITION, MotionState.CARRIED, False),
        (Subject.CUT_ON_REPETITION, MotionState.LOST, True),
    ],
)
def test_no_seat_discounts_alone_what_the_committee_votes_on(
    policy: EmbeddedPolicy, subject: Subject, state: MotionState, may: bool
) -> None:
    world = Oversight(policy)
    world.report("egress")
    world.ballot(subject, state, NOW + DAY)
    world.report("egress", "Another one", NOW + 2 * DAY)
    if not may:
        with pytest.raises(Refused, match="STATE_FORBIDS"):
            world.do(discount_violation, 1, "It was ours", who="deputy", at=NOW + 3 * DAY)
    else:
        assert not world.do(discount_violation, 1, "It was ours", who="deputy", at=NOW + 3 * DAY).counts
    assert not world.do(discount_violation, 2, "Nobody has looked at it yet", who="deputy", at=NOW + 3 * DAY).counts


def test_nor_what_it_ratified_on_paper(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    world.report("egress")
    world.report("purpose")
    world.do(ratify_suspension, "M-4", who="deputy", at=NOW + DAY)
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        world.do(discount_violation, 1, "It was ours", who="deputy", at=NOW + 2 * DAY)
    assert not world.do(discount_violation, 2, "No part of it", at=NOW + 2 * DAY).counts
    world.act(Act.LIFT, NOW + 2 * DAY, by="deputy", decision="M-5")
    assert not world.do(discount_violation, 1, "It was ours", who="deputy", at=NOW + 3 * DAY).counts


def test_only_a_cut_contract_goes_to_law(policy: EmbeddedPolicy) -> None:
    world = Oversight(policy)
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        world.do(follow_up_by_law, "Copies were sold")
    world.act(Act.CUT)
    with pytest.raises(Refused, match="NOT_PERMITTED"):
        world.do(follow_up_by_law, "Copies were sold", who="herasat")
    taken = world.do(follow_up_by_law, "Copies were sold")
    assert (taken.by, taken.at, taken.why) == ("chair", NOW, "Copies were sold")
    assert world.do(follow_up_by_law, "something else", at=NOW + DAY) == taken
    assert world.kinds().count("follow_up.opened") == 1
