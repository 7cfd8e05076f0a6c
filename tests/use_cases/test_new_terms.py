"""Another protective violation while a contract is suspended: what it holds, and for how long (F-13)."""

from __future__ import annotations

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import MotionState, Subject
from access_broker.domain.suspensions import Suspension, SuspensionState
from access_broker.domain.violations import ViolationClass, ViolationSource
from access_broker.use_cases.overseeing import discount_violation, record_violation
from access_broker.use_cases.suspending import ratify_suspension
from access_broker.use_cases.violations import Finding, file_violation
from tests.support.factories import DAY, NOW, position
from tests.use_cases.oversight_world import LAST, SECOND, Oversight


def test_another_protective_violation_gives_it_a_whole_new_term(suspended: Oversight) -> None:
    start = position(suspended.records)
    suspended.report("egress", "A file went out", LAST)
    began = suspended.suspension()
    assert suspended.kinds(start)[1:] == ["violation.recorded", "suspension.restarted"]
    assert (began.state, began.at, began.violation) == (SuspensionState.PROVISIONAL, LAST, 2)
    assert suspended.contract().generation == 2, "nobody had access, nobody loses any"
    assert suspended.last_second() > LAST + DAY
    assert suspended.settle(LAST + SECOND) == 0
    assert suspended.settle(suspended.last_second() + SECOND) == 1


def test_a_contractual_one_gives_it_none(suspended: Oversight) -> None:
    before = suspended.suspension()
    suspended.report("contract", at=LAST)
    assert suspended.suspension() == before


def test_what_the_committee_decided_before_lifts_nothing_that_was_found_since(suspended: Oversight) -> None:
    suspended.do(ratify_suspension, "M-4", who="deputy")
    suspended.ballot(Subject.LIFT, MotionState.CARRIED, NOW, "motion-1")
    suspended.report("egress", "A file went out", NOW + DAY)
    assert (suspended.suspension().state, suspended.suspension().violation) == (SuspensionState.RATIFIED, 2)
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        suspended.act(Act.LIFT, NOW + 2 * DAY, decision="motion-1")
    suspended.ballot(Subject.LIFT, MotionState.CARRIED, NOW + 2 * DAY, "motion-2")
    suspended.act(Act.LIFT, NOW + 2 * DAY, decision="motion-2")


def test_discounted_it_holds_back_nothing_that_the_committee_decided(suspended: Oversight) -> None:
    """One seat would void every vote to lift with other words."""
    suspended.do(ratify_suspension, "M-4", who="deputy")
    suspended.ballot(Subject.LIFT, MotionState.CARRIED, NOW + DAY)
    suspended.report("egress", "A file went out", NOW + 2 * DAY)
    suspended.do(discount_violation, 2, "It did not", who="deputy", at=NOW + 3 * DAY)
    suspended.act(Act.LIFT, NOW + 3 * DAY, decision="motion-1")
    assert suspended.suspension().state is SuspensionState.LIFTED


@pytest.mark.parametrize("discounted", [False, True])
def test_one_person_gives_it_one_new_term_with_words(suspended: Oversight, discounted: bool) -> None:
    """Otherwise one seat would hold it for ever."""
    suspended.report("egress", "A file went out", NOW + DAY)
    if discounted:
        suspended.do(discount_violation, 2, "It did not", who="deputy", at=NOW + DAY)
    began = suspended.suspension()
    assert (began.at, began.violation) == (NOW + DAY, 2)
    for day in (2, 3):
        suspended.report("egress", f"Another file went out, {day}", NOW + day * DAY)
        assert suspended.suspension() == began
    assert len(suspended.violations()) == 4, "all of it is on record"
    assert suspended.settle(suspended.last_second() + SECOND) == 1
    assert suspended.contract().state is ContractState.ACTIVE


def test_somebody_else_and_what_no_person_says_give_it_another(suspended: Oversight) -> None:
    suspended.report("egress", "A file went out", NOW + DAY)
    suspended.report("egress", "I saw it too", NOW + 2 * DAY, who="deputy")
    assert suspended.suspension().at == NOW + 2 * DAY
    for day in (3, 4):
        finding = Finding("security", ViolationSource.REPORT, f"No word of it, {day}", "clerk")
        at = NOW + day * DAY
        suspended.write(lambda w: record_violation(w, suspended.policy, "P1", finding, at))  # noqa: B023
        assert suspended.suspension().at == at


def test_what_is_found_after_the_term_suspends_anew_though_the_clerk_has_not_come(suspended: Oversight) -> None:
    start = position(suspended.records)
    violation = suspended.report("egress", "A file went out", LAST + SECOND)
    suspension = suspended.suspension()
    assert (suspension.violation, suspension.at) == (violation.number, LAST + SECOND)
    assert suspended.contract().generation == suspension.generation == 4
    with suspended.records.read() as reader:
        first = reader.filed(Suspension, contract="P1")[0]
    assert first.state is SuspensionState.LAPSED_LIFTED
    told = ["contract.lifted", "suspension.lapsed_lifted", "violation.recorded", "contract.suspended"]
    assert [kind for kind in suspended.kinds(start) if kind in told] == told


def test_a_violation_it_does_not_rest_on_holds_it(suspended: Oversight, policy: EmbeddedPolicy) -> None:
    """As on records of before, where a second one gave a suspension no new term."""
    finding = Finding("egress", ViolationSource.PERSON, "A file went out", "chair")
    protective = ViolationClass.PROTECTIVE
    suspended.write(lambda w: file_violation(w, suspended.contract(), finding, protective, NOW + DAY))
    assert suspended.settle(LAST + SECOND) == 0
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        suspended.act(Act.LIFT, NOW + 2 * DAY)
    suspended.do(discount_violation, 2, "A test of ours", who="deputy")
    assert suspended.settle(LAST + SECOND) == 1
