"""Putting motions, taking them back, and what others rest on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access_broker.domain.acts import Act, CommitteeAct, WarningNotice
from access_broker.domain.contracts import ContractState
from access_broker.domain.datasets import Sovereignty
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import (
    ABOUT,
    RULES,
    SUBJECTS_OF_QUALIFICATION,
    About,
    Motion,
    MotionState,
    Subject,
    Way,
)
from access_broker.domain.people import Committee, Seat
from access_broker.domain.violations import Violation, ViolationClass, ViolationSource
from access_broker.use_cases.decided import check_decided
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.motions import Proposal, motions_about, open_motion, record_decision, withdraw_motion
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.register import decide_sovereignty
from access_broker.use_cases.tokens import caller_of
from tests.support.committees import BARE, EVENT, M, Q, act_as, code_of, digest_of, put, seated, voting
from tests.support.factories import DATASET, DAY, NOW, audit_kinds, give_token, make_contract, position
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE)
CUT = Subject.CUT_ON_REPETITION


def read(records: InMemoryRecords, look: Callable[[Reader], Any]) -> Any:
    with records.read() as reader:
        return look(reader)


def decide(records: InMemoryRecords, motion: Motion) -> Motion:
    """Carried by the first vote: the policy here has nothing against it."""
    return voting(records, ScriptedPolicy(), motion, "m2")


def test_every_subject_has_a_thing_and_a_rule() -> None:
    assert set(ABOUT) == set(RULES) == set(Subject)
    assert {ABOUT[subject] for subject in SUBJECTS_OF_QUALIFICATION} == {About.CONTRACT, About.DATA_CLASS}


def test_a_motion_is_on_record_with_its_text_and_under_its_contract() -> None:
    records = seated()
    motion = put(records, text="for six months")
    assert (motion.id, motion.state, motion.way) == ("motion-1", MotionState.OPEN, Way.BALLOTED)
    event = read(records, lambda reader: reader.audit_about("P1"))[-1].event
    assert (event.kind, event.actor, event.subject, event.rule) == ("motion.opened", "chair", "motion-1", "S1-C2")
    assert event.body["digest"] == digest_of(records)
    assert event.body["text"] == "for six months"


def test_the_same_again_is_the_first_and_another_beside_it_is_refused() -> None:
    records = seated()
    motion = put(records)
    end = position(records) + 1  # the token
    assert put(records) == motion
    assert position(records) == end
    assert code_of(lambda: put(records, text="otherwise")) == ("CONFLICT", "S1-C2")
    assert code_of(lambda: put(records, "m2")) == ("CONFLICT", "S1-C2")
    assert put(records, "herasat", Q).id == "motion-2"


@pytest.mark.parametrize(
    ("who", "committee", "rule"),
    [
        ("analyst", M, "S1-C2"),
        ("auditor", M, "S1-C2"),
        ("herasat", M, "S1-C2"),
        ("chair", Q, "S3-P1-R2"),
        ("r6", M, "S1-C2"),
        ("r4", Q, "S3-P1-R2"),
    ],
)
def test_who_has_no_say_puts_no_motion(who: str, committee: Committee, rule: str) -> None:
    assert code_of(lambda: put(seated(), who, committee)) == ("NOT_PERMITTED", rule)


def test_the_seat_of_the_organisation_concerned_may_put_one() -> None:
    assert put(seated(), "m6").opened_by == "m6"


@pytest.mark.parametrize("subject", sorted(set(Subject) - SUBJECTS_OF_QUALIFICATION))
def test_the_qualification_committee_decides_on_little(subject: Subject) -> None:
    about = {About.CONTRACT: "P1", About.PROBLEM: "clinics", About.DATASET: "health"}[ABOUT[subject]]
    assert code_of(lambda: put(seated(), "herasat", Q, subject, about, "f" * 64)) == ("NOT_PERMITTED", "S3-P1-R2")


@pytest.mark.parametrize(
    ("subject", "about"),
    [(Subject.APPROVE_CONTRACT, "P9"), (Subject.APPROVE_PROBLEM, "P1"), (Subject.SOVEREIGNTY, "clinics")],
)
def test_a_motion_is_about_something_that_is_there(subject: Subject, about: str) -> None:
    assert code_of(lambda: put(seated(), "chair", M, subject, about, "f" * 64))[0] == "NOT_FOUND"


def test_a_motion_on_a_text_nobody_has_read() -> None:
    assert code_of(lambda: put(seated(), seen="f" * 64)) == ("CONFLICT", "S3-P1")


@pytest.mark.parametrize(
    ("subject", "about", "outcome", "good"),
    [
        (Subject.AWARD, "clinics", "", "tahlil"),
        (Subject.AWARD, "clinics", "ministry", "tahlil"),
        (Subject.SHARE_DATASET, "health", "nothing", "clinics"),
        (Subject.SOVEREIGNTY, "health", "undetermined", "non_sovereign"),
        (Subject.APPEAL, "P1", "withdrawn", "withdrawn-1"),
        (Subject.APPEAL, "P1", "upheld-2", "upheld-1"),
        (Subject.EXIT, "P1", "", "voluntary"),
        (Subject.GUARANTEES, "sensitive", "deposit+nda", "deposit+insurance"),
        (CUT, "P1", "voluntary", ""),
    ],
)
def test_a_motion_names_what_exactly_it_decides(subject: Subject, about: str, outcome: str, good: str) -> None:
    records = seated(ACTIVE)
    with records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "m4", NOW - DAY, "late", appealed_at=NOW), EVENT)
        writer.save_warning(WarningNotice("P1", 2, "m4", NOW - DAY, "late", "analyst", NOW), EVENT)
    digest = read(records, lambda reader: matter_of(reader, subject, about).digest)
    refused = code_of(lambda: put(records, "m2", M, subject, about, digest, outcome=outcome))
    assert refused == ("INVALID", RULES[subject])
    assert put(records, "m2", M, subject, about, digest, outcome=good).outcome == good


def test_what_is_about_work_that_runs_is_not_decided_on_a_draft() -> None:
    for subject in (Subject.ACCEPT, CUT, Subject.EXIT, Subject.LIFT):
        assert code_of(lambda: put(seated(), subject=subject)) == ("STATE_FORBIDS", "F-12")  # noqa: B023


@pytest.mark.parametrize("text", ["\u202etxt", "a\u0000", "x" * 10_001])
def test_the_words_of_a_motion_hide_nothing(text: str) -> None:
    assert code_of(lambda: put(seated(), text=text))[0] == "INVALID"


def test_what_is_in_force_is_not_approved_any_more() -> None:
    assert code_of(lambda: put(seated(ACTIVE))) == ("STATE_FORBIDS", "F-12")
    assert put(seated(ACTIVE), subject=CUT).state is MotionState.OPEN


def test_each_organisation_has_its_own_seat_in_what_concerns_it() -> None:
    records = seated()
    for who, about, code in (("m6", "health", ""), ("r6", "health", "NOT_PERMITTED"), ("r6", "roads", "")):
        digest = read(records, lambda reader: matter_of(reader, Subject.SOVEREIGNTY, about).digest)  # noqa: B023
        if code:
            assert code_of(lambda: put(records, who, M, Subject.SOVEREIGNTY, about, digest))[0] == code  # noqa: B023
        else:
            assert put(records, who, M, Subject.SOVEREIGNTY, about, digest, outcome="sovereign").about == about


def test_a_steward_does_not_judge_the_data_they_keep() -> None:
    records = seated()
    with records.write() as writer:
        writer.save_seat(Seat(M, 6, "steward", organisation="ministry"), EVENT)
    digest = read(records, lambda reader: matter_of(reader, Subject.SOVEREIGNTY, "health").digest)
    refused = code_of(lambda: put(records, "steward", M, Subject.SOVEREIGNTY, "health", digest))
    assert refused == ("CONFLICT_OF_INTEREST", "S1-C2")


def test_nobody_ratifies_their_own_suspension_or_hears_the_appeal_against_their_own_warning() -> None:
    records = seated(make_contract(state=ContractState.SUSPENDED))
    with records.write() as writer:
        for by in ("m2", "m3"):
            writer.save_act(CommitteeAct("P1", Act.SUSPEND, "F-13", by, None, NOW - DAY, 2), EVENT)
        writer.save_warning(WarningNotice("P1", 1, "m4", NOW - DAY, "late", appealed_at=NOW), EVENT)
    appeal = (Subject.APPEAL, "m4", "upheld-1")
    for subject, who, outcome in ((Subject.RATIFY_SUSPENSION, "m3", ""), (Subject.LIFT, "m3", ""), appeal):
        refused = code_of(lambda: put(records, who, M, subject, outcome=outcome))  # noqa: B023
        assert refused == ("CONFLICT_OF_INTEREST", "S1-C2")
        assert put(records, "m2", M, subject, outcome=outcome).opened_by == "m2"


def test_one_appeal_is_put_while_another_is_voted_on() -> None:
    records = seated(ACTIVE)
    with records.write() as writer:
        for number in (1, 2):
            writer.save_warning(WarningNotice("P1", number, "m4", NOW - DAY, "late", appealed_at=NOW), EVENT)
    first = put(records, "m2", subject=Subject.APPEAL, outcome="upheld-1")
    assert code_of(lambda: put(records, "m3", subject=Subject.APPEAL, outcome="withdrawn-1"))[0] == "CONFLICT"
    assert put(records, "m3", subject=Subject.APPEAL, outcome="withdrawn-2").id != first.id


def test_its_mover_may_take_it_back_while_it_is_open() -> None:
    records = seated()
    motion = put(records)
    assert code_of(lambda: act_as(records, "m2", withdraw_motion, motion.id)) == ("NOT_PERMITTED", "S1-C2")
    taken = act_as(records, "chair", withdraw_motion, motion.id)
    assert (taken.state, taken.closed_by, taken.closed_at) == (MotionState.WITHDRAWN, "chair", NOW)
    assert act_as(records, "chair", withdraw_motion, motion.id) == taken
    assert [kind for kind in audit_kinds(records) if kind == "motion.withdrawn"] == ["motion.withdrawn"]
    again = put(records)
    assert again.id == "motion-2"
    decide(records, again)
    assert code_of(lambda: act_as(records, "chair", withdraw_motion, again.id)) == ("STATE_FORBIDS", "S1-C2")
    assert code_of(lambda: act_as(records, "chair", withdraw_motion, "motion-7"))[0] == "NOT_FOUND"


def test_motions_are_read_by_committees_and_auditors_newest_first() -> None:
    records = seated(ACTIVE)
    for subject in (CUT, Subject.LIFT, Subject.ACCEPT):
        put(records, subject=subject)

    def seen_by(who: str, about: str | None = None) -> list[str]:
        token = give_token(records, f"token of {who}", who)
        with records.read() as reader:
            caller: Caller = caller_of(reader, token, NOW)
            return [motion.id for motion in motions_about(reader, caller, about)]

    for who in ("auditor", "r6"):
        assert seen_by(who) == ["motion-3", "motion-2", "motion-1"]
    assert seen_by("chair", "P9") == []
    assert code_of(lambda: seen_by("analyst")) == ("NOT_PERMITTED", "F-2")


def checked(
    records: InMemoryRecords, reference: str | None, subject: Subject = CUT, about: str = "P1", committee: Committee = M
) -> str:
    """The code of the refusal, "" when it was decided."""
    with records.read() as reader:
        try:
            check_decided(reader, committee, subject, about, reference, "S3-P6-R2")
        except Refused as refused:
            return f"{refused.reason.code} {refused.reason.rule}"
    return ""


def warn(records: InMemoryRecords) -> None:
    """A warning that has arrived and was repeated, so that a cut may be put to the vote."""
    found = Violation("P1", 1, "contract", ViolationClass.CONTRACTUAL, ViolationSource.PERSON, "late", (), "m5", NOW)
    with records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "m5", NOW - DAY, "late", "analyst", NOW - DAY), EVENT)
        writer.file(found, EVENT)


def test_what_others_rest_on_a_decision() -> None:
    records = seated(ACTIVE, make_contract("P2", ContractState.ACTIVE))
    warn(records)
    motion = put(records, subject=CUT)
    needed = "DECISION_NEEDED S3-P6-R2"
    assert checked(records, motion.id) == needed, "open"
    decide(records, motion)
    assert checked(records, motion.id) == ""
    assert checked(records, motion.id, about="P2") == needed
    assert checked(records, motion.id, Subject.EXIT) == needed
    assert checked(records, motion.id, committee=Q) == needed
    for nothing in (None, "", "  ", "motion-99"):
        assert checked(records, nothing) == needed


@pytest.mark.parametrize("state", [MotionState.OPEN, MotionState.LOST])
def test_a_paper_counts_for_nothing_where_the_committee_votes(state: MotionState) -> None:
    records = seated(ACTIVE)
    assert checked(records, "M-3") == ""
    motion = put(records, subject=CUT)
    with records.write() as writer:
        writer.file(replace(motion, state=state), EVENT)
    assert checked(records, "M-3") == "BALLOT_NEEDED S3-P6-R2"
    assert checked(records, "M-3", Subject.LIFT) == ""
    assert checked(records, motion.id) == "DECISION_NEEDED S3-P6-R2"


@pytest.mark.parametrize("state", [MotionState.WITHDRAWN, MotionState.LAPSED, MotionState.CARRIED])
def test_a_paper_counts_beside_what_came_to_nothing(state: MotionState) -> None:
    records = seated(ACTIVE)
    motion = put(records, subject=CUT)
    with records.write() as writer:
        writer.file(replace(motion, state=state), EVENT)
    assert checked(records, "M-3") == ""


def test_what_lifted_one_suspension_lifts_no_later_one() -> None:
    records = seated(make_contract(state=ContractState.SUSPENDED))
    motion = decide(records, put(records, subject=Subject.LIFT))
    for at, code in ((NOW - DAY, ""), (NOW + timedelta(seconds=1), "DECISION_NEEDED S3-P6-R2")):
        with records.write() as writer:
            writer.save_act(CommitteeAct("P1", Act.SUSPEND, "F-13", "m3", None, at, 2), EVENT)
        assert checked(records, motion.id, Subject.LIFT) == code


def test_a_decision_on_paper_is_written_down_once() -> None:
    records = seated(ACTIVE)
    warn(records)
    with records.write() as writer:
        written = record_decision(writer, M, CUT, "P1", "M-3", "chair", NOW)
        assert record_decision(writer, M, CUT, "P1", "M-3", "chair", NOW) is None
        assert written is not None
        assert record_decision(writer, M, CUT, "P1", written.id, "chair", NOW) is None
    assert (written.way, written.state, written.reference) == (Way.RECORDED, MotionState.CARRIED, "M-3")
    assert [kind for kind in audit_kinds(records) if kind.startswith("motion")] == ["motion.recorded"]
    assert checked(records, written.id) == ""
    assert code_of(lambda: voting(records, ScriptedPolicy(), written, "m2")) == ("STATE_FORBIDS", "S3-P6-R2")


def test_a_motion_needs_a_contract_of_ones_own_token() -> None:
    """A token that was lost from a notebook sits on no committee."""
    records = seated()
    token = give_token(records, "lost", "chair", BARE)
    proposal = Proposal(M, Subject.APPROVE_CONTRACT, "P1", digest_of(records))
    with records.write() as writer:
        caller = caller_of(writer, token, NOW)
        assert code_of(lambda: open_motion(writer, caller, proposal, NOW)) == ("NOT_PERMITTED", "S1-C2")


def test_what_is_put_to_the_vote_about_data_no_seat_decides_alone() -> None:
    records = seated()
    with records.write() as writer:
        writer.save_dataset(replace(DATASET, sovereignty=Sovereignty.UNDETERMINED), EVENT)
    digest = read(records, lambda reader: matter_of(reader, Subject.SOVEREIGNTY, "health").digest)
    motion = put(records, "chair", M, Subject.SOVEREIGNTY, "health", digest, outcome="sovereign")

    def write_down(kind: Sovereignty = Sovereignty.SOVEREIGN) -> bool:
        with records.write() as writer:
            return decide_sovereignty(writer, "health", kind, "chair")

    assert code_of(write_down) == ("BALLOT_NEEDED", "S1-P4-R4")
    decide(records, motion)
    assert code_of(lambda: write_down(Sovereignty.NON_SOVEREIGN)) == ("BALLOT_NEEDED", "S1-P4-R4")
    assert write_down()
