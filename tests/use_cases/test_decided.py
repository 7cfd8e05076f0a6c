"""A decision decides what was put, once, and of what there was then: neither another outcome nor what came later."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from access_broker.domain.acts import Act, CommitteeAct, WarningNotice
from access_broker.domain.contracts import ContractState
from access_broker.domain.datasets import Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.exclusivity import Award, Sharing
from access_broker.domain.exits import Exit, ExitKind
from access_broker.domain.motions import ABOUT, RULES, About, Choice, Motion, MotionState, Subject, Vote
from access_broker.domain.people import Seat
from access_broker.use_cases.awarding import award, share
from access_broker.use_cases.contracts import draft_contract
from access_broker.use_cases.decided import check_not_balloted, is_undecided
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


def voted(
    records: InMemoryRecords, number: int, subject: Subject, state: MotionState, outcome: str = "", **more: Any
) -> str:
    """A motion as its votes have left it. It was put `number` days from now unless `more` says otherwise."""
    at = NOW + number * DAY
    put = Motion(f"motion-{number}", M, subject, THING[ABOUT[subject]], "", "", "chair", at, outcome=outcome)
    closed_at = None if state in (MotionState.OPEN, MotionState.LAPSED) else at
    file(records, replace(put, state=state, closed_at=closed_at, **more))
    return put.id


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


def file(records: InMemoryRecords, *things: Exit | Motion | Vote) -> None:
    with records.write() as writer:
        for thing in things:
            writer.file(thing, EVENT)


@pytest.mark.parametrize(
    ("subject", "outcome", "other"),
    [
        (Subject.AWARD, "tahlil", "raqib"),
        (Subject.EXIT, "voluntary", "termination"),
        (Subject.SOVEREIGNTY, "non_sovereign", "sovereign"),
        (Subject.SHARE_DATASET, "clinics", "other"),
        (Subject.APPEAL, "withdrawn-1", "upheld-1"),
        (Subject.APPEAL, "withdrawn-1", "withdrawn-2"),
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
        Subject.APPEAL: ("withdrawn-1", "upheld-1"),
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
    assert rests(records, Subject.APPEAL, "ap-1", "upheld-1") == ""
    for other in ("withdrawn-1", "upheld-2"):
        assert rests(records, Subject.APPEAL, "ap-1", other) == "DECISION_NEEDED"
    decided = WarningNotice("P1", 1, "m5", NOW - DAY, "late", appealed_at=NOW - DAY, appeal_decided_at=NOW)
    with records.write() as writer:
        writer.save_warning(replace(decided, appeal_decision="ap-1"), EVENT)
        writer.save_warning(WarningNotice("P1", 2, "m5", NOW - DAY, "late", appealed_at=NOW - DAY), EVENT)
    for reference in ("ap-1", "motion-1"):
        for outcome in ("upheld-1", "upheld-2"):
            assert rests(records, Subject.APPEAL, reference, outcome) == "DECISION_NEEDED"


def test_votes_on_two_appeals_do_not_touch_each_other() -> None:
    records = seated(ACTIVE)
    with records.write() as writer:
        for number in (1, 2):
            writer.save_warning(WarningNotice("P1", number, "m5", NOW - DAY, "late", appealed_at=NOW), EVENT)
    first = carried(records, Subject.APPEAL, "withdrawn-1")
    second = carried(records, Subject.APPEAL, "upheld-2")
    assert rests(records, Subject.APPEAL, first, "withdrawn-1") == ""
    assert rests(records, Subject.APPEAL, second, "upheld-2") == ""
    again = carried(records, Subject.APPEAL, "upheld-1")
    assert rests(records, Subject.APPEAL, first, "withdrawn-1") == "DECISION_NEEDED", "the last word counts"
    assert rests(records, Subject.APPEAL, again, "upheld-1") == ""


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


def test_whoever_could_not_vote_writes_no_paper_but_carries_a_vote_out() -> None:
    records = seated(BARE)
    with records.write() as writer:
        writer.save_problem(replace(PROBLEM, resources=("health", "roads")), EVENT)
        writer.save_seat(Seat(M, 4, "steward", valid_from=NOW - DAY, valid_to=NOW + DAY), EVENT)
    assert code_of(lambda: act_as(records, "m6", share, "clinics", "roads", "sh-1")) == ("NOT_PERMITTED", "S1-C2")
    refused = code_of(lambda: act_as(records, "steward", award, "clinics", "tahlil", "aw-1"))
    assert refused == ("CONFLICT_OF_INTEREST", "S1-C2"), "their own organisation's problem, from a common seat"
    motion = carried(records, Subject.AWARD, "tahlil")
    assert act_as(records, "steward", award, "clinics", "tahlil", motion).decision == motion


OF_NOW = {
    Subject.LIFT: ("", ""),
    Subject.SOVEREIGNTY: ("non_sovereign", "sovereign"),
    Subject.AWARD: ("tahlil", "tahlil"),
    Subject.EXIT: ("voluntary", "termination"),
    Subject.APPEAL: ("withdrawn-1", "upheld-1"),
    Subject.GUARANTEES: ("none", "bond"),
}


@pytest.mark.parametrize("subject", OF_NOW)
@pytest.mark.parametrize("later", [None, *MotionState])
def test_the_last_word_of_the_committee_counts(subject: Subject, later: MotionState | None) -> None:
    """One seat with the earlier motion would do what all of them have voted down since."""
    records = seated(ACTIVE)
    said = OF_NOW[subject][0]
    with records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "m5", NOW - DAY, "late", appealed_at=NOW), EVENT)
        writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.UNDETERMINED), EVENT)
    first = voted(records, 1, subject, MotionState.CARRIED, said)
    if later is not None:
        voted(records, 2, subject, later, said)
    is_overtaken = later in (MotionState.CARRIED, MotionState.LOST)
    assert rests(records, subject, first, said) == ("DECISION_NEEDED" if is_overtaken else "")


@pytest.mark.parametrize("subject", [Subject.SOVEREIGNTY, Subject.EXIT, Subject.APPEAL, Subject.GUARANTEES])
def test_what_was_carried_otherwise_takes_it_back_and_what_was_lost_otherwise_does_not(subject: Subject) -> None:
    said, contrary = OF_NOW[subject]
    for state, code in ((MotionState.LOST, ""), (MotionState.CARRIED, "DECISION_NEEDED")):
        records = seated(ACTIVE)
        with records.write() as writer:
            writer.save_warning(WarningNotice("P1", 1, "m5", NOW - DAY, "late", appealed_at=NOW), EVENT)
            writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.UNDETERMINED), EVENT)
        first = voted(records, 1, subject, MotionState.CARRIED, said)
        voted(records, 2, subject, state, contrary)
        assert rests(records, subject, first, said) == code


def test_the_choice_of_another_executor_is_a_question_of_its_own() -> None:
    for state in (MotionState.CARRIED, MotionState.LOST):
        records = seated(ACTIVE)
        first = voted(records, 1, Subject.AWARD, MotionState.CARRIED, "tahlil")
        voted(records, 2, Subject.AWARD, state, "raqib")
        assert rests(records, Subject.AWARD, first, "tahlil") == ""


@pytest.mark.parametrize(
    ("later", "state", "code"),
    [
        (Subject.RATIFY_SUSPENSION, MotionState.CARRIED, "DECISION_NEEDED"),
        (Subject.RATIFY_SUSPENSION, MotionState.LOST, ""),
        (Subject.ACCEPT, MotionState.LOST, ""),
    ],
)
def test_to_ratify_a_suspension_and_to_lift_it_are_one_question(later: Subject, state: MotionState, code: str) -> None:
    records = seated(make_contract(state=ContractState.SUSPENDED))
    first = voted(records, 1, Subject.LIFT, MotionState.CARRIED)
    voted(records, 2, later, state)
    assert rests(records, Subject.LIFT, first) == code


@pytest.mark.parametrize("state", MotionState)
def test_no_paper_lifts_what_the_committee_ratifies(state: MotionState) -> None:
    records = seated(make_contract(state=ContractState.SUSPENDED))
    put = voted(records, 1, Subject.RATIFY_SUSPENSION, state)
    if state is MotionState.OPEN:
        assert rests(records, Subject.LIFT, "paper-0") == "", "nobody has voted, so it is one seat's doing"
    file(records, Vote(put, 1, "m2", 2, Choice.FOR, NOW + DAY))
    is_barred = state in (MotionState.OPEN, MotionState.CARRIED)
    assert rests(records, Subject.LIFT, "paper-1") == ("BALLOT_NEEDED" if is_barred else "")


def test_a_paper_written_down_before_falls_with_a_later_vote() -> None:
    records = seated(ACTIVE)
    assert rests(records, Subject.EXIT, "paper-1", "voluntary") == ""
    assert rests(records, Subject.EXIT, "paper-1", "voluntary") == ""
    voted(records, 2, Subject.EXIT, MotionState.LOST, "voluntary")
    assert rests(records, Subject.EXIT, "paper-1", "voluntary") == "DECISION_NEEDED"


def test_what_looks_like_a_motion_is_no_paper() -> None:
    records = seated(ACTIVE)
    motion = voted(records, 1, Subject.AWARD, MotionState.CARRIED, "tahlil")
    dressed = (
        f" {motion}",
        f"{motion}\t",
        "MOTION-1",
        "motion 1",
        "Motion–1",
        "(motion-1)",
        "motion\u200b-1",
        "motion-۱",
        "m\u043etion-1",
        "\u039c\u039f\u03a4\u0399\u039f\u039d 1",
        "rnotion-1",
    )
    for reference in dressed:
        assert rests(records, Subject.AWARD, reference, "raqib") == "DECISION_NEEDED", reference
    assert rests(records, Subject.AWARD, "minutes 1, motion 3", "raqib") == ""


@pytest.mark.parametrize("spelled", ["paper-1 ", "Paper\u20111", "paper-\u06f1", "paper-1\u200b"])
def test_a_paper_that_is_spelled_otherwise_is_the_same(spelled: str) -> None:
    records = seated(ACTIVE)
    assert rests(records, Subject.EXIT, "paper-1", "voluntary") == ""
    assert rests(records, Subject.EXIT, spelled, "voluntary") == ""
    with records.read() as reader:
        assert [motion.reference for motion in reader.filed(Motion)] == ["paper-1"]
    file(records, Exit("P1", 1, ExitKind.VOLUNTARY, "We leave.", "analyst", NOW + DAY))
    assert rests(records, Subject.EXIT, spelled, "voluntary", NOW + DAY) == "DECISION_NEEDED"


@pytest.mark.parametrize(("who", "code"), [("m2", "BALLOT_NEEDED"), ("chair", "")])
def test_votes_on_a_text_that_was_changed_and_changed_back_are_not_wiped_out(who: str, code: str) -> None:
    """A motion that nobody but its mover has voted on is one seat's doing, and bars nothing."""
    records, approval = seated(BARE), Subject.APPROVE_CONTRACT
    motion = put(records)
    file(records, Vote(motion.id, 1, who, 2, Choice.AGAINST, NOW))
    for draft in (make_contract(purpose="something else", approvals=()), BARE):
        with records.write() as writer:
            draft_contract(writer, draft, "operator")

    def on_paper() -> str:
        with records.read() as reader:
            try:
                check_not_balloted(reader, M, approval, "P1", "S3-P1", motion.digest, True)
            except Refused as refused:
                return refused.reason.code
        return ""

    def undecided() -> bool:
        with records.read() as reader:
            return is_undecided(reader, M, approval, "P1", motion.digest)

    with records.read() as reader:
        assert [one.state for one in reader.filed(Motion)] == [MotionState.LAPSED]
    assert (on_paper(), undecided()) == (code, bool(code))
    assert put(records).state is MotionState.OPEN, "it may be put anew, and then that counts"
    assert undecided() is bool(code), "a motion nobody has voted on does not hide the votes"
    file(records, replace(put(records), state=MotionState.CARRIED, closed_at=NOW + DAY))
    assert not undecided()
