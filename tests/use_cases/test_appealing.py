from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act, WarningState
from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Motion, MotionState, Subject, warning_in
from access_broker.domain.people import Committee
from access_broker.use_cases.appealing import (
    appeal_warning,
    decide_appeal,
    next_served_by,
    serve_warnings,
    served_by,
)
from access_broker.use_cases.overseeing import discount_violation
from access_broker.use_cases.withdrawing import withdraw_warning
from tests.support.factories import DAY, NOW, position
from tests.use_cases.oversight_world import Oversight

SECOND = timedelta(seconds=1)
SERVED = datetime(2026, 11, 28, 20, 29, 59, tzinfo=UTC)
"""The end of Saturday in Tehran: the fifth working day after Sunday for a company, which rests on Fridays only."""


@pytest.fixture
def warned(policy: EmbeddedPolicy) -> Oversight:
    world = Oversight(policy)
    world.act(Act.WARN, text="late", cure_by=NOW + 10 * DAY)
    return world


@pytest.fixture
def appealed(warned: Oversight) -> Oversight:
    warned.acknowledge()
    warned.do(appeal_warning, 1, "It was sent on Friday", who="analyst")
    return warned


def serve(world: Oversight, at: datetime) -> int:
    return world.write(lambda writer: serve_warnings(writer, "P1", at))


def test_a_cure_date_lies_ahead(policy: EmbeddedPolicy) -> None:
    for at in (NOW, NOW - DAY):
        with pytest.raises(Refused, match="INVALID"):
            Oversight(policy).act(Act.WARN, text="late", cure_by=at)


def test_an_appeal_says_why_and_is_made_once(warned: Oversight) -> None:
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        warned.do(appeal_warning, 1, "It never arrived", who="analyst")
    warned.acknowledge()
    notice = warned.do(appeal_warning, 1, " It was sent ", who="analyst", at=NOW + DAY)
    assert (notice.state, notice.appeal_text, notice.appealed_by) == (WarningState.APPEALED, "It was sent", "analyst")
    assert warned.do(appeal_warning, 1, "and more", who="analyst", at=NOW + 2 * DAY) == notice
    assert warned.kinds().count("warning.appealed") == 1


@pytest.mark.parametrize(
    ("who", "text", "code"),
    [
        ("chair", "why", "NOT_NAMED"),
        ("outsider", "why", "NOT_FOUND"),
        ("colleague", "why", "NOT_FOUND"),
        ("analyst", "  ", "INVALID"),
        ("analyst", "\u202ewhy", "INVALID"),
    ],
)
def test_only_a_named_person_appeals(warned: Oversight, who: str, text: str, code: str) -> None:
    warned.acknowledge()
    with pytest.raises(Refused) as refused:
        warned.do(appeal_warning, 1, text, who=who)
    assert refused.value.reason.code == code
    assert warned.warnings()[0].state is WarningState.ACKNOWLEDGED


@pytest.mark.parametrize(("upheld", "state"), [(True, WarningState.UPHELD), (False, WarningState.WITHDRAWN)])
def test_the_committee_decides_it(appealed: Oversight, upheld: bool, state: WarningState) -> None:
    start = position(appealed.records)
    notice = appealed.do(decide_appeal, 1, upheld, "M-7", who="deputy", at=NOW + DAY)
    assert (notice.state, notice.appeal_decision, notice.appeal_decided_by) == (state, "M-7", "deputy")
    assert notice.withdrawn_why == (None if upheld else "It was sent on Friday")
    assert appealed.kinds(start)[1:] == ["motion.recorded", f"warning.{state.value}"]
    assert appealed.do(decide_appeal, 1, upheld, "M-7", at=NOW + 2 * DAY) == notice
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        appealed.do(decide_appeal, 1, not upheld, "M-8")
    assert appealed.do(appeal_warning, 1, "once more", who="analyst") == notice, "there is one appeal"


@pytest.mark.parametrize(
    ("who", "reference", "code"),
    [
        ("deputy", None, "DECISION_NEEDED"),
        ("chair", "M-7", "CONFLICT_OF_INTEREST"),
        ("herasat", "M-7", "NOT_PERMITTED"),
        ("analyst", "M-7", "NOT_PERMITTED"),
        ("outsider", "M-7", "NOT_FOUND"),
    ],
)
def test_only_the_committee_decides_it(appealed: Oversight, who: str, reference: str | None, code: str) -> None:
    with pytest.raises(Refused) as refused:
        appealed.do(decide_appeal, 1, True, reference, who=who)
    assert refused.value.reason.code == code


def carried(
    world: Oversight,
    id: str,
    opened_at: datetime,
    outcome: str = "upheld-1",
    state: MotionState = MotionState.CARRIED,
) -> None:
    motion = Motion(id, Committee.MONITORING, Subject.APPEAL, "P1", "", "", "chair", opened_at, outcome=outcome)
    motion = replace(motion, state=state)
    world.write(lambda w: w.file(motion, AuditEvent("test.arranged", "test", "P1", "F-13")))


def test_a_motion_is_of_one_appeal(appealed: Oversight) -> None:
    carried(appealed, "motion-1", NOW - DAY)
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        appealed.do(decide_appeal, 1, True, "motion-1")
    carried(appealed, "motion-2", NOW + DAY)
    appealed.do(decide_appeal, 1, True, "motion-2", at=NOW + DAY)
    appealed.act(Act.WARN, text="late again")
    appealed.acknowledge(2)
    appealed.do(appeal_warning, 2, "It was sent again", who="analyst")
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        appealed.do(decide_appeal, 2, True, "motion-2", at=NOW + DAY)


def second(world: Oversight, by: str) -> None:
    """Another warning, and an appeal against it."""
    world.act(Act.WARN, text="late again", by=by)
    world.acknowledge(2)
    world.do(appeal_warning, 2, "It was sent again", who="analyst")


def test_a_motion_or_paper_decides_the_appeal_it_names_and_no_other(appealed: Oversight) -> None:
    second(appealed, "chair")
    carried(appealed, "motion-1", NOW, "withdrawn-1")
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        appealed.do(decide_appeal, 2, False, "motion-1", who="deputy")
    assert appealed.do(decide_appeal, 1, False, "motion-1", who="deputy").state is WarningState.WITHDRAWN
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        appealed.do(decide_appeal, 2, False, "motion-1", who="deputy")
    appealed.do(decide_appeal, 2, True, "M-7", who="deputy")
    appealed.act(Act.WARN, text="and again")
    appealed.acknowledge(3)
    appealed.do(appeal_warning, 3, "It was sent a third time", who="analyst")
    with pytest.raises(Refused, match="DECISION_NEEDED"):
        appealed.do(decide_appeal, 3, True, "M-7", who="deputy")


def test_only_who_issued_that_warning_does_not_hear_the_appeal(appealed: Oversight) -> None:
    second(appealed, "deputy")
    for number, issued_by, other in ((1, "chair", "deputy"), (2, "deputy", "chair")):
        with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
            appealed.do(decide_appeal, number, True, f"M-{number}", who=issued_by)
        decided = appealed.do(decide_appeal, number, True, f"M-{number}", who=other)
        assert decided.appeal_decided_by == other


def test_who_warned_writes_down_what_the_committee_voted(appealed: Oversight) -> None:
    """They decide nothing then."""
    carried(appealed, "motion-1", NOW)
    assert appealed.do(decide_appeal, 1, True, "motion-1").state is WarningState.UPHELD


def test_the_owners_steward_decides_no_appeal(appealed: Oversight) -> None:
    appealed.seat("steward", organisation="ministry")
    with pytest.raises(Refused, match="CONFLICT_OF_INTEREST"):
        appealed.do(decide_appeal, 1, False, "M-7", who="steward")


def test_nothing_is_decided_that_was_not_appealed(warned: Oversight) -> None:
    warned.acknowledge()
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        warned.do(decide_appeal, 1, True, "M-7")


def test_a_seat_may_take_an_appealed_warning_back(appealed: Oversight) -> None:
    carried(appealed, "motion-1", NOW, "upheld-2")
    carried(appealed, "motion-2", NOW, state=MotionState.WITHDRAWN)
    assert appealed.do(withdraw_warning, 1, "It was sent indeed").state is WarningState.WITHDRAWN


@pytest.mark.parametrize("state", [MotionState.OPEN, MotionState.CARRIED, MotionState.LOST])
@pytest.mark.parametrize("outcome", ["upheld-1", "withdrawn-1"])
def test_no_seat_takes_back_alone_what_the_committee_votes_on(
    appealed: Oversight, state: MotionState, outcome: str
) -> None:
    carried(appealed, "motion-1", NOW, outcome, state)
    for undo in (withdraw_warning, discount_violation):
        with pytest.raises(Refused, match="STATE_FORBIDS"):
            appealed.do(undo, 1, "It was sent indeed", who="deputy")
    assert appealed.warnings()[0].state is WarningState.APPEALED


@pytest.mark.parametrize("outcome", ["upheld-", "upheld-\u06f1", "upheld-1 ", "-1", "upheld-" + "9" * 5000])
def test_what_names_no_warning_is_about_none(outcome: str) -> None:
    assert warning_in(outcome) is None
    assert warning_in("upheld-1") == 1


@pytest.mark.parametrize(("arrived", "is_refused"), [(1, True), (3, False)], ids=["before the vote", "after it"])
def test_no_appeal_holds_off_a_cut_that_was_carried(policy: EmbeddedPolicy, arrived: int, is_refused: bool) -> None:
    world, at = Oversight(policy), NOW + 5 * DAY
    world.act(Act.WARN, text="late")
    world.acknowledge(at=NOW + DAY)
    world.report("contract", "late again", NOW + 2 * DAY)
    world.act(Act.WARN, NOW + timedelta(hours=1), text="late as ever")
    world.acknowledge(2, NOW + arrived * DAY)
    world.ballot(Subject.CUT_ON_REPETITION, MotionState.CARRIED, NOW + 2 * DAY)
    if not is_refused:
        assert world.do(appeal_warning, 2, "It was sent", who="analyst", at=at).state is WarningState.APPEALED
        return
    with pytest.raises(Refused, match="STATE_FORBIDS"):
        world.do(appeal_warning, 2, "It was sent", who="analyst", at=at)


def test_no_seat_takes_back_what_the_committee_upheld(appealed: Oversight) -> None:
    appealed.do(decide_appeal, 1, True, "M-7", who="deputy")
    for undo in (withdraw_warning, discount_violation):
        with pytest.raises(Refused, match="STATE_FORBIDS"):
            appealed.do(undo, 1, "It was sent indeed", who="deputy")
    assert appealed.warnings()[0].state is WarningState.UPHELD
    assert appealed.violations()[0].counts


def test_unacknowledged_it_counts_as_served_after_five_working_days_of_the_executor(warned: Oversight) -> None:
    with warned.records.read() as reader:
        assert served_by(reader, warned.contract(), warned.warnings()[0]) == SERVED
        assert next_served_by(reader, "P1") == SERVED
    assert serve(warned, SERVED) == 0
    start = position(warned.records)
    assert serve(warned, SERVED + 30 * DAY) == 1
    (notice,) = warned.warnings()
    assert (notice.state, notice.counts_from) == (WarningState.SERVED, SERVED + 30 * DAY)
    assert warned.kinds(start) == ["warning.served"]
    assert serve(warned, SERVED + 31 * DAY) == 0
    assert warned.acknowledge(at=SERVED + 40 * DAY).state is WarningState.ACKNOWLEDGED
    assert warned.warnings()[0].counts_from == SERVED + 30 * DAY, "a late acknowledgement starts nothing anew"


def test_served_it_may_be_appealed(warned: Oversight) -> None:
    serve(warned, SERVED + SECOND)
    assert warned.do(appeal_warning, 1, "Nobody told us", who="analyst").state is WarningState.APPEALED


def test_what_was_acknowledged_withdrawn_or_cut_is_not_served(policy: EmbeddedPolicy, warned: Oversight) -> None:
    warned.acknowledge()
    withdrawn, cut = Oversight(policy), Oversight(policy)
    for world in (withdrawn, cut):
        world.act(Act.WARN, text="late")
    withdrawn.do(withdraw_warning, 1, "wrong contract")
    cut.act(Act.CUT)
    assert [serve(world, SERVED + 30 * DAY) for world in (warned, withdrawn, cut)] == [0, 0, 0]
