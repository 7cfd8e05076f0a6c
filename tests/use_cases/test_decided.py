"""A decision decides what was put, once, and of what there was then: neither another outcome nor what came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from access_broker.domain.acts import Act, CommitteeAct, WarningNotice
from access_broker.domain.contracts import ContractState
from access_broker.domain.datasets import Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.exclusivity import Award, Sharing
from access_broker.domain.exits import Exit, ExitKind
from access_broker.domain.motions import ABOUT, RULES, About, MotionState, Subject
from access_broker.use_cases.awarding import award, share
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.resting import rest_on
from tests.support.committees import BARE, EVENT, M, act_as, code_of, put, seated, voting
from tests.support.factories import DATASET, DAY, NOW, PROBLEM, make_contract
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE)
THING = {About.CONTRACT: "P1", About.PROBLEM: "clinics", About.DATASET: "health", About.DATA_CLASS: "sensitive"}


def carried(records: InMemoryRecords, subject: Subject, outcome: str = "") -> str:
    """The id of a motion that one vote carries: the policy here has nothing against it."""
    about = THING[ABOUT[subject]]
    with records.read() as reader:
        digest = matter_of(reader, subject, about).digest
    motion = voting(records, ScriptedPolicy(), put(records, "m2", M, subject, about, digest, outcome=outcome), "m2")
    assert motion.state is MotionState.CARRIED
    return motion.id


def rests(records: InMemoryRecords, subject: Subject, reference: str, outcome: str = "", at: datetime = NOW) -> str:
    """The code of the refusal; "" when it was decided, and is on record from then on."""
    with records.write() as writer:
        try:
            rest_on(writer, M, subject, THING[ABOUT[subject]], reference, "m5", at, outcome)
        except Refused as refused:
            reason = refused.reason
        else:
            return ""
    assert reason.rule == RULES[subject]
    return reason.code


def file(records: InMemoryRecords, thing: Exit) -> None:
    with records.write() as writer:
        writer.file(thing, EVENT)


@pytest.mark.parametrize(
    ("subject", "outcome", "other"),
    [
        (Subject.AWARD, "tahlil", "raqib"),
        (Subject.EXIT, "voluntary", "termination"),
        (Subject.SOVEREIGNTY, "non_sovereign", "sovereign"),
        (Subject.SHARE_DATASET, "clinics", "other"),
        (Subject.APPEAL, "withdrawn", "upheld"),
    ],
)
def test_a_motion_decides_its_own_outcome_only(subject: Subject, outcome: str, other: str) -> None:
    records = seated(ACTIVE)
    with records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "m5", NOW - DAY, "late", appealed_at=NOW), EVENT)
    motion = carried(records, subject, outcome)
    assert rests(records, subject, motion, other) == "DECISION_NEEDED"
    assert rests(records, subject, motion) == "DECISION_NEEDED"
    assert rests(records, subject, motion, outcome) == ""


@pytest.mark.parametrize("subject", [Subject.APPEAL, Subject.EXIT, Subject.SOVEREIGNTY])
def test_no_paper_says_the_contrary_of_a_vote_that_waits_to_be_carried_out(subject: Subject) -> None:
    records = seated(ACTIVE)
    with records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "m5", NOW - DAY, "late", appealed_at=NOW), EVENT)
        writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.UNDETERMINED), EVENT)
    said, contrary = {
        Subject.APPEAL: ("withdrawn", "upheld"),
        Subject.EXIT: ("voluntary", "termination"),
        Subject.SOVEREIGNTY: ("sovereign", "non_sovereign"),
    }[subject]
    carried(records, subject, said)
    assert rests(records, subject, "paper-1", contrary) == "BALLOT_NEEDED"
    assert rests(records, subject, "paper-1", said) == ""


def test_an_old_paper_lifts_and_ratifies_no_later_suspension() -> None:
    records = seated(make_contract(state=ContractState.SUSPENDED))
    for subject in (Subject.LIFT, Subject.RATIFY_SUSPENSION):
        assert rests(records, subject, f"paper-{subject}") == ""
        assert rests(records, subject, f"paper-{subject}") == "", "the same again, of the same suspension"
    with records.write() as writer:
        writer.save_act(CommitteeAct("P1", Act.SUSPEND, "F-13", "m3", None, NOW + DAY, 2), EVENT)
    for subject, motion in ((Subject.LIFT, "motion-1"), (Subject.RATIFY_SUSPENSION, "motion-2")):
        for reference in (f"paper-{subject}", motion):
            assert rests(records, subject, reference, at=NOW + DAY) == "DECISION_NEEDED"
        assert rests(records, subject, "paper-new", at=NOW + DAY) == ""


def test_nobody_is_cut_by_what_was_carried_before_there_was_a_warning() -> None:
    records = seated(ACTIVE)
    motion = carried(records, Subject.CUT_ON_REPETITION)
    assert rests(records, Subject.CUT_ON_REPETITION, motion) == "DECISION_NEEDED"
    notice = WarningNotice("P1", 1, "m5", NOW + DAY, "late", "analyst", NOW + DAY)
    for issued_at, code in ((NOW + DAY, "DECISION_NEEDED"), (NOW, "")):
        with records.write() as writer:
            writer.save_warning(replace(notice, issued_at=issued_at), EVENT)
        assert rests(records, Subject.CUT_ON_REPETITION, motion) == code


def test_a_vote_on_an_earlier_exit_ends_nothing_later() -> None:
    records = seated(ACTIVE)
    motion = carried(records, Subject.EXIT, "termination")
    file(records, Exit("P1", 1, ExitKind.TERMINATION, "out", "m2", NOW))
    assert rests(records, Subject.EXIT, motion, "termination") == ""
    file(records, Exit("P1", 2, ExitKind.TERMINATION, "out", "m2", NOW + DAY))
    assert rests(records, Subject.EXIT, motion, "termination") == "DECISION_NEEDED"


def test_what_is_accepted_is_the_text_that_was_voted_on() -> None:
    records = seated(ACTIVE)
    motion = carried(records, Subject.ACCEPT)
    assert rests(records, Subject.ACCEPT, motion) == ""
    with records.write() as writer:
        writer.save_contract(replace(ACTIVE, purpose="something else"), EVENT)
    assert rests(records, Subject.ACCEPT, motion) == "DECISION_NEEDED"


def test_a_paper_of_one_appeal_settles_no_other() -> None:
    records = seated(ACTIVE)
    assert rests(records, Subject.APPEAL, "ap-1", "upheld") == ""
    assert rests(records, Subject.APPEAL, "ap-1", "withdrawn") == "DECISION_NEEDED"
    decided = WarningNotice("P1", 1, "m5", NOW - DAY, "late", appealed_at=NOW - DAY, appeal_decided_at=NOW)
    with records.write() as writer:
        writer.save_warning(replace(decided, appeal_decision="ap-1"), EVENT)
        writer.save_warning(WarningNotice("P1", 2, "m5", NOW - DAY, "late", appealed_at=NOW - DAY), EVENT)
    for reference in ("ap-1", "motion-1"):
        assert rests(records, Subject.APPEAL, reference, "upheld") == "DECISION_NEEDED"


def test_an_award_is_made_once_for_each_executor_it_names() -> None:
    records = seated(BARE)
    motion, later = carried(records, Subject.AWARD, "tahlil"), NOW + 200 * DAY
    given: Award = act_as(records, "m2", award, "clinics", "tahlil", motion)
    assert act_as(records, "m2", award, "clinics", "tahlil", motion) == given, "the same again is the first"
    assert code_of(lambda: act_as(records, "m2", award, "clinics", "raqib", motion))[0] == "DECISION_NEEDED"
    assert code_of(lambda: act_as(records, "m2", award, "clinics", "tahlil", motion, at=later))[0] == "DECISION_NEEDED"


def test_one_paper_chooses_several_together_and_nobody_anew() -> None:
    records, later = seated(BARE), NOW + 200 * DAY
    for executor in ("tahlil", "raqib"):
        assert act_as(records, "m2", award, "clinics", executor, "paper-1").executor == executor
    for executor in ("tahlil", "raqib"):
        refused = code_of(lambda: act_as(records, "m2", award, "clinics", executor, "paper-1", at=later))  # noqa: B023
        assert refused == ("DECISION_NEEDED", "S3-P9")
    assert act_as(records, "m2", award, "clinics", "tahlil", "paper-2", at=later).at == later


def test_a_dataset_is_shared_with_the_problem_that_was_named() -> None:
    records = seated(BARE)
    with records.write() as writer:
        for id in ("one", "two"):
            writer.save_problem(replace(PROBLEM, id=id), EVENT)
    shared: Sharing = act_as(records, "chair", share, "one", "health", "sh-1")
    assert act_as(records, "chair", share, "one", "health", "sh-1") == shared
    for reference in ("sh-1", "motion-1"):
        refused = code_of(lambda: act_as(records, "chair", share, "two", "health", reference))  # noqa: B023
        assert refused[0] in ("CONFLICT", "DECISION_NEEDED")
    with records.read() as reader:
        assert reader.filed(Sharing) == [shared]
