"""What was put on an earlier suspension, repetition or appeal decides nothing later, and bars nothing later."""

from __future__ import annotations

from datetime import datetime

import pytest

from access_broker.domain.acts import Act, CommitteeAct, WarningNotice
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.exits import Exit, ExitKind
from access_broker.domain.motions import Motion, MotionState, Subject
from access_broker.domain.suspensions import OnLapse, Suspension
from access_broker.domain.violations import Violation, ViolationClass, ViolationSource
from access_broker.use_cases.decided import check_decided
from tests.support.committees import EVENT, M, seated
from tests.support.factories import DAY, NOW, make_contract
from tests.support.fakes import InMemoryRecords

ACTIVE = make_contract(state=ContractState.ACTIVE)


def code(records: InMemoryRecords, subject: Subject, reference: str, outcome: str = "") -> str:
    with records.read() as reader:
        try:
            check_decided(reader, M, subject, "P1", reference, "F-1", outcome)
        except Refused as refused:
            return refused.reason.code
    return ""


def file(records: InMemoryRecords, *things: Motion | Exit | Suspension | Violation) -> None:
    with records.write() as writer:
        for thing in things:
            writer.file(thing, EVENT)


def motion(subject: Subject, state: MotionState, at: datetime = NOW, outcome: str = "") -> Motion:
    return Motion("motion-1", M, subject, "P1", "", "", "m2", at, state=state, closed_at=at, outcome=outcome)


def repeat(records: InMemoryRecords, at: datetime, number: int = 1) -> None:
    """A violation after a warning that has counted since the day before."""
    source = ViolationSource.PERSON
    with records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "m5", NOW - DAY, "late", "analyst", NOW - DAY), EVENT)
        writer.file(Violation("P1", number, "contract", ViolationClass.CONTRACTUAL, source, "", (), "m5", at), EVENT)


def test_nobody_is_cut_by_what_was_carried_before_a_warning_was_repeated() -> None:
    """Otherwise a cut carried in advance would wait for any seat that says it has happened."""
    for at, expected in ((None, "DECISION_NEEDED"), (NOW + DAY, "DECISION_NEEDED"), (NOW, "")):
        records = seated(ACTIVE)
        file(records, motion(Subject.CUT_ON_REPETITION, MotionState.CARRIED))
        with records.write() as writer:
            writer.save_warning(WarningNotice("P1", 1, "m5", NOW - DAY, "late", "analyst", NOW - DAY), EVENT)
        if at is not None:
            repeat(records, at)
        assert code(records, Subject.CUT_ON_REPETITION, "motion-1") == expected
    repeat(records, NOW + DAY, 2)
    assert code(records, Subject.CUT_ON_REPETITION, "motion-1") == "", "what came on top takes nothing away"


def test_a_suspension_that_rests_on_something_new_is_not_ratified_by_an_earlier_vote() -> None:
    records = seated(make_contract(state=ContractState.SUSPENDED))
    with records.write() as writer:
        writer.save_act(CommitteeAct("P1", Act.SUSPEND, "F-13", "m3", None, NOW, 2), EVENT)
    file(records, motion(Subject.RATIFY_SUSPENSION, MotionState.CARRIED))
    for at, expected in ((NOW, ""), (NOW + DAY, "DECISION_NEEDED")):
        file(records, Suspension("P1", 2, "F-13", "m3", at, 3, OnLapse.LIFTED))
        assert code(records, Subject.RATIFY_SUSPENSION, "motion-1") == expected


@pytest.mark.parametrize("subject", [Subject.LIFT, Subject.RATIFY_SUSPENSION])
def test_what_was_lost_about_one_suspension_closes_the_paper_to_no_later_one(subject: Subject) -> None:
    records = seated(make_contract(state=ContractState.SUSPENDED))
    file(records, motion(subject, MotionState.LOST))
    for at, expected in ((NOW, "BALLOT_NEEDED"), (NOW + DAY, "")):
        with records.write() as writer:
            writer.save_act(CommitteeAct("P1", Act.SUSPEND, "F-13", "m3", None, at, 2), EVENT)
        assert code(records, subject, "paper-1") == expected


def test_what_was_lost_about_one_exit_closes_the_paper_to_no_later_one() -> None:
    records = seated(ACTIVE)
    file(records, motion(Subject.EXIT, MotionState.LOST, outcome="voluntary"))
    for number, expected in ((1, "BALLOT_NEEDED"), (2, "")):
        file(records, Exit("P1", number, ExitKind.TERMINATION, "out", "m2", NOW + (number - 1) * DAY))
        assert code(records, Subject.EXIT, "paper-1", "termination") == expected


def test_what_was_lost_about_one_repetition_closes_the_paper_to_no_later_one() -> None:
    records = seated(ACTIVE)
    file(records, motion(Subject.CUT_ON_REPETITION, MotionState.LOST))
    for number, at, expected in ((1, NOW, "BALLOT_NEEDED"), (2, NOW + DAY, "")):
        repeat(records, at, number)
        assert code(records, Subject.CUT_ON_REPETITION, "paper-1") == expected
