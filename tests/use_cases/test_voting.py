"""Votes of a committee: who has one, what it is worth, and when the motion is decided."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.acts import Act
from access_broker.domain.agreement import bound
from access_broker.domain.contracts import Approval, Contract, ContractState, Level, Signatory
from access_broker.domain.motions import Choice, Finding, Motion, MotionState, Recusal, Subject, Vote
from access_broker.domain.people import Seat
from access_broker.domain.suspensions import Suspension, SuspensionState
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.approving import approve, sign
from access_broker.use_cases.contracts import activate_contract, contract_named, draft_contract
from access_broker.use_cases.matters import matter_of
from access_broker.use_cases.minutes import minutes_of
from access_broker.use_cases.motions import motion_named, withdraw_motion
from access_broker.use_cases.ports import Reader, Unavailable
from access_broker.use_cases.suspending import ratify_suspension, settle_suspension
from access_broker.use_cases.tallying import tally
from access_broker.use_cases.tokens import caller_of
from access_broker.use_cases.voting import Ballot, give_vote, recuse
from tests.support.committees import BARE, EVENT, M, Q, act_as, code_of, digest_of, put, seated, voting
from tests.support.factories import DAY, NOW, audit_kinds, give_token, make_contract, position
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

FOUND = tuple((finding, "ok") for finding in Finding)
FOR, AGAINST, ABSTAIN = Choice.FOR, Choice.AGAINST, Choice.ABSTAIN


def read(records: InMemoryRecords, look: Callable[[Reader], Any]) -> Any:
    with records.read() as reader:
        return look(reader)


def contract_of(records: InMemoryRecords) -> Contract:
    found: Contract = read(records, lambda reader: contract_named(reader, "P1"))
    return found


def votes_on(records: InMemoryRecords, motion: Motion) -> list[Vote]:
    found: list[Vote] = read(records, lambda reader: reader.filed(Vote, motion=motion.id))
    return found


def sit(records: InMemoryRecords, *seats: Seat) -> None:
    with records.write() as writer:
        for seat in seats:
            writer.save_seat(seat, EVENT)


def carried(records: InMemoryRecords, policy: EmbeddedPolicy, committee: Any = M) -> Motion:
    """Approved by as few as may be."""
    motion = put(records, "chair" if committee is M else "herasat", committee)
    for who in ("chair", "m2", "m3", "m6") if committee is M else ("herasat", "q3", "q4"):
        motion = voting(records, policy, motion, who, opinion="fits")
    return motion


def test_four_of_six_carry_and_give_the_committees_key(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    start = position(records)
    for who in ("chair", "m2", "m3"):
        assert voting(records, policy, motion, who).state is MotionState.OPEN
    assert contract_of(records).approvals == ()
    done = voting(records, policy, motion, "m6")
    assert (done.state, done.counted, done.closed_by) == (MotionState.CARRIED, (1, 2, 3, 4), "m6")
    assert contract_of(records).approvals == (Approval(M, "chair", "approved", NOW, motion.digest),)
    kinds = [kind for kind in audit_kinds(records, start) if kind != "test.arranged"]
    assert kinds == ["motion.voted"] * 4 + ["motion.carried", "contract.approved"]


def test_both_committees_make_the_keys_that_activation_asks_for(policy: EmbeddedPolicy) -> None:
    records = seated()
    for committee in (M, Q):
        assert carried(records, policy, committee).state is MotionState.CARRIED
    approvals = contract_of(records).approvals
    assert [(a.committee, a.person) for a in approvals] == [(M, "chair"), (Q, "herasat")]
    with records.write() as writer:
        assert activate_contract(writer, policy, "P1", "chair", NOW).state is ContractState.ACTIVE


def test_a_tie_loses(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who, choice in (("chair", FOR), ("m2", FOR), ("m3", AGAINST), ("m4", AGAINST), ("m5", AGAINST)):
        voted = voting(records, policy, motion, who, choice)
    assert voted.state is MotionState.LOST
    assert ("NOT_CARRIED", "S1-C2") in voted.reasons
    assert contract_of(records).approvals == (Approval(M, "m3", "rejected", NOW, motion.digest),)


def test_a_person_with_two_seats_has_one_vote(policy: EmbeddedPolicy) -> None:
    records = seated()
    sit(records, Seat(M, 5, "chair", NOW - DAY, NOW + DAY))
    motion = put(records)
    for who in ("chair", "m3", "m6"):
        voting(records, policy, motion, who)
    again = voting(records, policy, motion, "chair", opinion="and from my other seat")
    assert again.state is MotionState.OPEN
    assert {vote.seat for vote in votes_on(records, motion) if vote.person == "chair"} == {1}


def test_holder_and_delegate_share_one_vote_the_latest(policy: EmbeddedPolicy) -> None:
    records = seated()
    sit(records, Seat(M, 1, "auditor", NOW - DAY, NOW + DAY))
    motion = put(records)
    for who in ("chair", "m2", "m6", "auditor"):
        assert voting(records, policy, motion, who).state is MotionState.OPEN
    assert voting(records, policy, motion, "m3").counted == (2, 3, 4, 5)


def test_the_seat_of_an_organisation_has_no_say_in_anothers_contract(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    start = position(records) + 1
    assert code_of(lambda: voting(records, policy, motion, "r6")) == ("NOT_PERMITTED", "S1-C2")
    assert code_of(lambda: act_as(records, "r6", recuse, policy, motion.id, "not ours")) == ("NOT_PERMITTED", "S1-C2")
    assert code_of(lambda: put(records, "r6")) == ("NOT_PERMITTED", "S1-C2")
    approval = ("P1", M, "approved", digest_of(records))
    assert code_of(lambda: act_as(records, "r6", approve, *approval)) == ("NOT_PERMITTED", "S1-C2")
    assert position(records) == start + 3  # the tokens


def test_its_own_seat_is_needed_where_there_is_one(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who in ("chair", "m2", "m3", "m4"):
        voted = voting(records, policy, motion, who)
    assert voted.state is MotionState.OPEN
    assert act_as(records, "m6", recuse, policy, motion.id, "my brother works there").state is MotionState.CARRIED


def test_nobody_decides_for_an_organisation_that_has_appointed_nobody(policy: EmbeddedPolicy) -> None:
    records = seated()
    sit(records, Seat(M, 6, "m6", NOW - 20 * DAY, NOW - DAY, organisation="ministry"))
    motion = put(records)
    for who in ("chair", "m2", "m3", "m4"):
        voted = voting(records, policy, motion, who)
    assert voted.state is MotionState.OPEN
    sit(records, Seat(M, 6, "m6", NOW - DAY, organisation="ministry"))
    assert voting(records, policy, motion, "m6").state is MotionState.CARRIED


def test_the_owners_seat_is_heard_even_if_its_holder_has_another(policy: EmbeddedPolicy) -> None:
    """From the other seat they may not judge, which says nothing of their own."""
    records = seated()
    sit(records, Seat(Q, 5, "q4", NOW - DAY, NOW + DAY))
    motion = put(records, "herasat", Q)
    for who in ("herasat", "q1", "q3"):
        voted = voting(records, policy, motion, who, opinion="fits")
    assert voted.state is MotionState.OPEN
    done = voting(records, policy, motion, "q4")
    assert (done.state, done.barred) == (MotionState.CARRIED, ((5, "q4", "owner"),))
    told = read(records, lambda reader: minutes_of(reader, policy, done, NOW))
    assert [(c.seat.number, c.barred) for c in told.chairs if c.seat.person == "q4"] == [(4, None), (5, "owner")]


def test_the_owners_seat_alone_gives_no_key(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    voting(records, policy, motion, "m6", FOR)
    for who in ("chair", "m2", "m3"):
        voted = voting(records, policy, motion, who, ABSTAIN)
    assert voted.state is MotionState.OPEN
    assert len(votes_on(records, motion)) == 4, "nobody's vote is lost"
    assert voting(records, policy, motion, "m4", FOR).state is MotionState.CARRIED
    assert contract_of(records).approvals[0].person == "m4"


def disable(records: InMemoryRecords, *people: str) -> None:
    with records.write() as writer:
        for name in people:
            someone = writer.person(name)
            assert someone is not None
            writer.save_person(replace(someone, disabled=True), EVENT)


def test_the_votes_of_who_is_disabled_count_no_more(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who in ("m2", "m3", "m6"):
        voting(records, policy, motion, who)
    disable(records, "m2")
    assert voting(records, policy, motion, "chair").state is MotionState.OPEN
    done = voting(records, policy, motion, "m4")
    assert (done.state, done.counted) == (MotionState.CARRIED, (2, 3, 4, 5))
    told = read(records, lambda reader: minutes_of(reader, policy, done, NOW))
    assert [(c.seat.person, c.barred) for c in told.chairs if c.barred] == [("m2", "disabled")]


def test_a_disabled_holder_leaves_the_organisations_seat_empty(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    disable(records, "m6")
    for who in ("chair", "m2", "m3", "m4"):
        voted = voting(records, policy, motion, who)
    assert voted.state is MotionState.OPEN


def test_who_was_disabled_since_they_were_let_in_has_no_vote(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    token = give_token(records, "token", "m2")
    caller = read(records, lambda reader: caller_of(reader, token, NOW))
    disable(records, "m2")
    ballot = Ballot(FOR, motion.digest)
    with records.write() as writer:
        assert code_of(lambda: give_vote(writer, policy, caller, motion.id, ballot, NOW))[0] == "PERSON_DISABLED"
        assert code_of(lambda: recuse(writer, policy, caller, motion.id, "no", NOW))[0] == "PERSON_DISABLED"
    assert votes_on(records, motion) == []


@pytest.mark.parametrize("times", [(NOW - 2 * DAY, NOW - DAY), (NOW + DAY, NOW + 2 * DAY)], ids=["over", "not yet"])
def test_a_delegation_outside_its_time_votes_for_nothing(policy: EmbeddedPolicy, times: tuple[Any, Any]) -> None:
    records = seated()
    sit(records, Seat(M, 2, "auditor", *times))
    motion = put(records)
    assert code_of(lambda: voting(records, policy, motion, "auditor"))[0] == "NOT_PERMITTED"


def test_a_vote_outlives_the_delegation_it_was_given_in(policy: EmbeddedPolicy) -> None:
    records = seated()
    sit(records, Seat(M, 2, "auditor", NOW - DAY, NOW + DAY))
    motion = put(records)
    voting(records, policy, motion, "auditor")
    for who in ("chair", "m3", "m6"):
        done = voting(records, policy, motion, who, at=NOW + DAY)
    assert done.state is MotionState.CARRIED


def test_nothing_passes_the_qualification_committee_without_the_opinion_of_security(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records, "q1", Q)
    for who in ("q1", "q3", "q4", "q5"):
        voted = voting(records, policy, motion, who)
    assert voted.state is MotionState.OPEN
    assert code_of(lambda: voting(records, policy, motion, "herasat")) == ("OPINION_MISSING", "S3-P1-R2")
    assert voting(records, policy, motion, "herasat", ABSTAIN, opinion="nothing against").state is MotionState.CARRIED


def test_a_mind_may_be_changed_until_it_is_decided_and_both_votes_stay(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for choice in (AGAINST, FOR):
        voting(records, policy, motion, "chair", choice)
    assert [vote.choice for vote in votes_on(records, motion)] == [AGAINST, FOR]
    for who in ("m2", "m3", "m6"):
        done = voting(records, policy, motion, who)
    assert (done.state, done.counted) == (MotionState.CARRIED, (2, 3, 4, 5))
    assert code_of(lambda: voting(records, policy, motion, "chair", AGAINST)) == ("STATE_FORBIDS", "S1-C2")
    assert code_of(lambda: voting(records, policy, motion, "m4")) == ("STATE_FORBIDS", "S1-C2")


def test_the_same_vote_again_changes_nothing_even_after_the_end(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who in ("chair", "m2", "m3", "m6"):
        first = voting(records, policy, motion, who)
        end = position(records) + 1  # the token
        assert voting(records, policy, motion, who) == first
        assert position(records) == end


@pytest.mark.parametrize("who", ["analyst", "colleague", "steward"])
def test_nobody_of_a_side_votes(policy: EmbeddedPolicy, who: str) -> None:
    """Even where a seat was written past its rules."""
    records = seated()
    own = "ministry" if who == "steward" else None
    sit(records, Seat(M, 6 if own else 5, who, organisation=own))
    motion = put(records)
    assert code_of(lambda: voting(records, policy, motion, who)) == ("CONFLICT_OF_INTEREST", "S1-C2")


def test_whoever_signed_does_not_vote_and_the_other_way_round(policy: EmbeddedPolicy) -> None:
    records = seated(replace(BARE, signatures=()))
    motion = put(records)
    signature = ("P1", Signatory.GOVERNMENT, motion.digest)
    voting(records, policy, motion, "m6")
    assert code_of(lambda: act_as(records, "m6", sign, *signature)) == ("CONFLICT_OF_INTEREST", "S1-C2")
    consent = ("P1", Signatory.ITO, motion.digest)
    voting(records, policy, motion, "m2")
    assert code_of(lambda: act_as(records, "m2", sign, *consent)) == ("SAME_PERSON_TWICE", "S3-P5")
    act_as(records, "m3", sign, *consent)
    assert code_of(lambda: voting(records, policy, motion, "m3"))[0] == "CONFLICT_OF_INTEREST"


def test_no_voice_is_in_both_approvals_of_personal_data(policy: EmbeddedPolicy) -> None:
    records = seated()
    sit(records, Seat(Q, 1, "chair", NOW - DAY, NOW + DAY))
    carried(records, policy, M)
    motion = put(records, "q3", Q)
    assert code_of(lambda: voting(records, policy, motion, "chair")) == ("SAME_PERSON_TWICE", "S3-P5")


def test_who_voted_in_one_committee_writes_down_no_paper_of_the_other(policy: EmbeddedPolicy) -> None:
    records = seated()
    sit(records, Seat(Q, 1, "m2", NOW - DAY, NOW + DAY))
    motion = carried(records, policy, M)
    paper = ("P1", Q, "approved", motion.digest)
    assert code_of(lambda: act_as(records, "m2", approve, *paper)) == ("SAME_PERSON_TWICE", "S3-P5")
    assert len(act_as(records, "herasat", approve, *paper).approvals) == 2


def test_a_voice_given_to_both_while_both_were_open_counts_once(policy: EmbeddedPolicy) -> None:
    records = seated()
    sit(records, Seat(Q, 1, "chair", NOW - DAY, NOW + DAY))
    other = put(records, "q3", Q)
    voting(records, policy, other, "chair")
    carried(records, policy, M)
    for who in ("herasat", "q4"):
        voted = voting(records, policy, other, who, opinion="fits")
    assert voted.state is MotionState.OPEN
    assert voting(records, policy, other, "q3").counted == (2, 3, 4)


def test_open_data_may_be_judged_twice_by_one_person(policy: EmbeddedPolicy) -> None:
    records = seated(replace(BARE, level=Level.OPEN))
    sit(records, Seat(Q, 1, "chair", NOW - DAY, NOW + DAY))
    carried(records, policy, M)
    assert voting(records, policy, put(records, "q3", Q), "chair").state is MotionState.OPEN


def test_everybody_votes_on_one_text(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    assert code_of(lambda: voting(records, policy, motion, "chair", seen="f" * 64)) == ("CONFLICT", "S3-P1")
    voting(records, policy, motion, "chair")
    with records.write() as writer:
        draft_contract(writer, replace(BARE, purpose="another", signatures=()), "operator")
    assert read(records, lambda reader: motion_named(reader, motion.id)).state is MotionState.LAPSED
    assert code_of(lambda: voting(records, policy, motion, "m2")) == ("STATE_FORBIDS", "S1-C2")
    assert put(records).id == "motion-2"


def test_a_contract_in_force_is_voted_on_no_more(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    with records.write() as writer:
        writer.save_contract(replace(BARE, state=ContractState.ACTIVE, generation=1), EVENT)
    assert code_of(lambda: voting(records, policy, motion, "chair")) == ("STATE_FORBIDS", "F-12")


def test_columns_are_decided_one_by_one(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    column = "health.citizens.income"
    for who, refused in (("chair", (column,)), ("m2", (column,)), ("m3", ()), ("m6", ())):
        voted = voting(records, policy, motion, who, refused=refused)
    assert voted.state is MotionState.OPEN
    assert voting(records, policy, motion, "m4").state is MotionState.CARRIED

    records = seated()
    motion = put(records)
    for who in ("chair", "m2", "m3", "m4", "m5", "m6"):
        voted = voting(records, policy, motion, who, refused=(column,))
    assert (voted.state, voted.refused) == (MotionState.LOST, (column,))
    assert ("COLUMNS_REFUSED", "S3-P5") in voted.reasons
    assert contract_of(records).approvals == (), "nobody was against it"


@pytest.mark.parametrize("column", ["health.citizens.shoe_size", "", "income", "roads.citizens.income"])
def test_a_column_that_is_not_in_the_draft_cannot_be_refused(policy: EmbeddedPolicy, column: str) -> None:
    records = seated()
    motion = put(records)
    assert code_of(lambda: voting(records, policy, motion, "chair", refused=(column,))) == ("INVALID", "S3-P5")


def test_a_recused_member_has_no_vote_and_the_one_given_counts_no_more(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who in ("chair", "m2", "m6"):
        voting(records, policy, motion, who)
    for _ in range(2):
        assert act_as(records, "chair", recuse, policy, motion.id, "my sister owns it").state is MotionState.OPEN
    assert read(records, lambda reader: reader.filed(Recusal)) == [
        Recusal(motion.id, "chair", "my sister owns it", NOW)
    ]
    assert code_of(lambda: voting(records, policy, motion, "chair", AGAINST)) == ("CONFLICT_OF_INTEREST", "S1-C2")
    assert voting(records, policy, motion, "m3").state is MotionState.OPEN
    assert voting(records, policy, motion, "m4").counted == (2, 3, 4, 5)
    assert contract_of(records).approvals[0].person == "m2"


@pytest.mark.parametrize("reason", ["", "  ", "a\u202eb", "x" * 10_001])
def test_a_recusal_says_why(policy: EmbeddedPolicy, reason: str) -> None:
    records = seated()
    motion = put(records)
    assert code_of(lambda: act_as(records, "chair", recuse, policy, motion.id, reason))[0] == "INVALID"


@pytest.mark.parametrize("opinion", ["\u202eyes", "a\u0000b", "x" * 10_001])
def test_an_opinion_hides_nothing(policy: EmbeddedPolicy, opinion: str) -> None:
    records = seated()
    motion = put(records)
    assert code_of(lambda: voting(records, policy, motion, "chair", opinion=opinion))[0] == "INVALID"


def problem_digest(records: InMemoryRecords, about: str = "clinics") -> str:
    found: str = read(records, lambda reader: matter_of(reader, Subject.APPROVE_PROBLEM, about).digest)
    return found


def put_problem(records: InMemoryRecords) -> Motion:
    return put(records, "chair", M, Subject.APPROVE_PROBLEM, "clinics", problem_digest(records))


@pytest.mark.parametrize("missing", list(Finding))
def test_whoever_approves_a_problem_finds_on_all_five_points(policy: EmbeddedPolicy, missing: Finding) -> None:
    records = seated()
    motion = put_problem(records)
    for text in (None, " "):
        found = tuple((f, text or "" if f is missing else "ok") for f in Finding if text or f is not missing)
        refused = code_of(lambda: voting(records, policy, motion, "chair", findings=found))  # noqa: B023
        assert refused == ("FINDING_MISSING", "F-5")
    assert voting(records, policy, motion, "chair", AGAINST).state is MotionState.OPEN


def test_four_with_all_their_findings_approve_a_problem(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put_problem(records)
    for who in ("chair", "m2", "m3", "m6"):
        done = voting(records, policy, motion, who, findings=FOUND)
    assert done.state is MotionState.CARRIED
    assert read(records, lambda reader: reader.problem("clinics")).approved is True
    assert problem_digest(records) == motion.digest, "what was decided does not change the text"


def test_nothing_of_a_problem_is_decided_by_half_a_committee(policy: EmbeddedPolicy) -> None:
    records = seated()
    with records.write() as writer:
        writer.save_seat(Seat(M, 4, "m4", NOW - 9 * DAY, NOW - DAY), EVENT)
    motion = put_problem(records)
    for who in ("chair", "m2", "m3", "m6", "m5"):
        voted = voting(records, policy, motion, who, findings=FOUND)
    assert voted.state is MotionState.OPEN
    sit(records, Seat(M, 4, "auditor"))
    assert voting(records, policy, motion, "auditor", findings=FOUND).state is MotionState.CARRIED


def test_a_paper_does_not_undo_a_vote(policy: EmbeddedPolicy) -> None:
    """While it is open, when it was lost, when it was carried; a motion that was withdrawn leaves the paper."""
    records = seated()
    motion = put(records)
    paper = ("P1", M, "approved", motion.digest)
    assert code_of(lambda: act_as(records, "m2", approve, *paper)) == ("BALLOT_NEEDED", "S3-P5")
    for who in ("chair", "m2", "m3", "m4"):
        voting(records, policy, motion, who, AGAINST)
    assert code_of(lambda: act_as(records, "m2", approve, *paper)) == ("BALLOT_NEEDED", "S3-P5")

    records = seated()
    carried(records, policy)
    against = ("P1", M, "rejected", motion.digest)
    assert code_of(lambda: act_as(records, "chair", approve, *against)) == ("BALLOT_NEEDED", "S3-P5")

    records = seated()
    motion = put(records)
    act_as(records, "chair", withdraw_motion, motion.id)
    assert act_as(records, "m2", approve, *paper).approvals[0].person == "m2"


def activated(records: InMemoryRecords, policy: EmbeddedPolicy) -> Contract:
    with records.write() as writer:
        return activate_contract(writer, policy, "P1", "chair", NOW)


@pytest.mark.parametrize("way", ["paper", "vote"])
def test_no_key_outlives_the_vote_that_takes_it_back(policy: EmbeddedPolicy, way: str) -> None:
    records = seated(make_contract(approvals=(Approval(Q, "herasat", "approved", NOW - DAY),)))
    if way == "vote":
        carried(records, policy)
    else:
        act_as(records, "chair", approve, "P1", M, "approved", digest_of(records))
    motion = put(records, "m2")
    start = position(records)
    for who in ("m2", "m3"):
        voting(records, policy, motion, who, AGAINST)
    assert code_of(lambda: activated(records, policy)) == ("APPROVAL_MISSING", "S3-P5"), "it is voted on"
    for who in ("m4", "m6"):
        motion = voting(records, policy, motion, who, AGAINST)
    assert motion.state is MotionState.LOST
    assert "contract.rejected" in audit_kinds(records, start)
    keys = {key.committee: (key.person, key.decision) for key in contract_of(records).approvals}
    assert keys == {Q: ("herasat", "approved"), M: ("m2", "rejected")}
    assert code_of(lambda: activated(records, policy)) == ("APPROVAL_MISSING", "S3-P5")


def test_a_key_is_worth_something_again_when_the_vote_on_it_is_called_off(policy: EmbeddedPolicy) -> None:
    records = seated()
    for committee in (M, Q):
        carried(records, policy, committee)
    motion = put(records, "m2")
    act_as(records, "m2", withdraw_motion, motion.id)
    assert activated(records, policy).state is ContractState.ACTIVE


def test_what_all_abstain_from_nobody_has_rejected(policy: EmbeddedPolicy) -> None:
    """An approval of before is gone, and whoever abstained is not named as rejecting it."""
    records = seated()
    carried(records, policy)
    motion = put(records)
    for who in ("chair", "m2", "m3", "m4", "m5", "m6"):
        motion = voting(records, policy, motion, who, ABSTAIN)
    assert motion.state is MotionState.LOST
    assert contract_of(records).approvals == ()
    last = [entry.event for entry in read(records, lambda reader: reader.audit_about("P1"))][-1]
    assert (last.kind, last.actor, last.body["reference"]) == ("contract.rejected", "rule", motion.id)
    approval = ("P1", M, "approved", digest_of(records))
    assert code_of(lambda: act_as(records, "m5", approve, *approval))[0] == "BALLOT_NEEDED"


def test_its_mover_alone_may_take_back_what_they_voted_on(policy: EmbeddedPolicy) -> None:
    """Or a motion that nobody joins would stand for ever, and its paper with it."""
    records = seated()
    motion = put(records)
    voting(records, policy, motion, "chair")
    assert act_as(records, "chair", withdraw_motion, motion.id).state is MotionState.WITHDRAWN
    assert act_as(records, "m2", approve, "P1", M, "approved", digest_of(records)).approvals


def test_the_holder_takes_the_voice_back_from_the_delegate(policy: EmbeddedPolicy) -> None:
    """The same words as before, after the delegate spoke from the seat: they are heard, not taken for a retry."""
    records = seated()
    sit(records, Seat(M, 1, "auditor", NOW - DAY, NOW + DAY))
    motion = put(records)
    for who, choice in (("chair", AGAINST), ("auditor", FOR), ("chair", AGAINST), ("chair", AGAINST)):
        voting(records, policy, motion, who, choice)
    given = [(vote.person, vote.choice) for vote in votes_on(records, motion)]
    assert given == [("chair", AGAINST), ("auditor", FOR), ("chair", AGAINST)]
    assert read(records, lambda reader: tally(reader, policy, motion, NOW)).counted == {3}


def test_what_was_voted_on_is_not_withdrawn(policy: EmbeddedPolicy) -> None:
    """Or the mover takes a motion back that is about to be lost, and writes down a paper instead."""
    records = seated()
    motion = put(records)
    voting(records, policy, motion, "m2", AGAINST)
    assert code_of(lambda: act_as(records, "chair", withdraw_motion, motion.id)) == ("STATE_FORBIDS", "S1-C2")
    assert read(records, lambda reader: motion_named(reader, motion.id)).state is MotionState.OPEN


def suspended(policy: EmbeddedPolicy) -> InMemoryRecords:
    records = seated(make_contract(state=ContractState.ACTIVE))
    suspend(records, policy, NOW)
    return records


def suspend(
    records: InMemoryRecords, policy: EmbeddedPolicy, at: datetime, act: Act = Act.SUSPEND, by: str = "m5"
) -> None:
    with records.write() as writer:
        commit_act(writer, policy, ActRequest("P1", act, "F-13", by), at)


def ratified(records: InMemoryRecords, policy: EmbeddedPolicy, motion: Motion, at: datetime) -> Suspension:
    """The latest suspension after the vote."""
    for who in ("chair", "m2", "m3", "m6"):
        voted = voting(records, policy, motion, who, at=at)
    assert voted.state is MotionState.CARRIED
    found: list[Suspension] = read(records, lambda reader: reader.filed(Suspension, contract="P1"))
    return max(found, key=lambda one: one.generation)


def test_the_vote_itself_ratifies_a_suspension(policy: EmbeddedPolicy) -> None:
    """Nobody has to write it down before the clerk comes."""
    records = suspended(policy)
    motion = put(records, subject=Subject.RATIFY_SUSPENSION)
    done = ratified(records, policy, motion, NOW + DAY)
    assert (done.state, done.decision, done.changed_by) == (SuspensionState.RATIFIED, motion.id, "m6")
    with records.write() as writer:
        assert not settle_suspension(writer, done, NOW + 30 * DAY)
    assert contract_of(records).state is ContractState.SUSPENDED
    assert act_as(records, "chair", ratify_suspension, "P1", motion.id) == done


def test_a_vote_that_comes_too_late_ratifies_nothing(policy: EmbeddedPolicy) -> None:
    records = suspended(policy)
    motion = put(records, subject=Subject.RATIFY_SUSPENSION)
    assert ratified(records, policy, motion, NOW + 10 * DAY).state is SuspensionState.PROVISIONAL


def test_a_vote_on_an_earlier_suspension_does_not_ratify_a_later_one(policy: EmbeddedPolicy) -> None:
    records = suspended(policy)
    motion = put(records, subject=Subject.RATIFY_SUSPENSION)
    lift = put(records, subject=Subject.LIFT)
    for who in ("chair", "m2", "m3", "m6"):
        voting(records, policy, lift, who)
    with records.write() as writer:
        commit_act(writer, policy, ActRequest("P1", Act.LIFT, "F-13", "m2", lift.id), NOW + timedelta(hours=1))
    suspend(records, policy, NOW + timedelta(hours=2))
    late = NOW + timedelta(hours=3)
    assert code_of(lambda: voting(records, policy, motion, "chair", at=late)) == ("STATE_FORBIDS", "F-13")
    done: Suspension = read(records, lambda reader: reader.filed(Suspension, contract="P1")[-1])
    assert (done.generation, done.state, done.decision) == (4, SuspensionState.PROVISIONAL, None)


def test_a_policy_that_says_two_things_is_not_believed() -> None:
    records = seated()
    motion = put(records)

    class Broken(ScriptedPolicy):
        said: dict[str, Any]

        def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
            return {**super().decide(entrypoint, facts), **self.said}

    for said in ({"state": "open"}, {"state": "withdrawn"}, {"state": 7}, {"counted": None}):
        broken = Broken()
        broken.said = said
        with pytest.raises(Unavailable, match="POLICY_UNAVAILABLE"):
            voting(records, broken, motion, "chair")
    assert votes_on(records, motion) == []


def test_without_a_seat_nobody_learns_whether_there_is_a_motion(policy: EmbeddedPolicy) -> None:
    records = seated()
    for motion in (put(records).id, "motion-99"):
        ballot = Ballot(FOR, "f" * 64)
        assert code_of(lambda: act_as(records, "analyst", give_vote, policy, motion, ballot))[0] == "NOT_PERMITTED"  # noqa: B023
        assert code_of(lambda: act_as(records, "steward", recuse, policy, motion, "no"))[0] == "NOT_PERMITTED"  # noqa: B023
    assert code_of(lambda: act_as(records, "chair", give_vote, policy, "motion-99", ballot))[0] == "NOT_FOUND"


def test_a_file_does_not_bring_an_approval_that_was_voted_down(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who in ("chair", "m2", "m3", "m4"):
        voting(records, policy, motion, who, AGAINST)
    brought = replace(BARE, approvals=(Approval(M, "chair", "approved", NOW, motion.digest),))

    def load(contract: Contract) -> bool:
        with records.write() as writer:
            return draft_contract(writer, contract, "operator")

    assert code_of(lambda: load(brought)) == ("BALLOT_NEEDED", "S1-C2")
    assert load(bound(replace(brought, purpose="another"))), "another text was not voted on"


def test_the_minutes_tell_what_was_so_at_the_end(policy: EmbeddedPolicy) -> None:
    """Whoever signs later, leaves their seat or joins the company does not change who voted how."""
    records = seated(replace(BARE, signatures=()))
    motion = put(records)
    act_as(records, "m5", recuse, policy, motion.id, "my brother")
    for who in ("chair", "m2", "m3", "m6"):
        voting(records, policy, motion, who)
    act_as(records, "m4", sign, "P1", Signatory.ITO, motion.digest)
    sit(records, Seat(M, 2, "m2", NOW - 9 * DAY, NOW + DAY))
    told = read(records, lambda reader: minutes_of(reader, policy, motion_named(reader, motion.id), NOW + 9 * DAY))
    assert [(chair.seat.number, chair.barred) for chair in told.chairs] == [
        (1, None),
        (2, None),
        (3, None),
        (4, None),
        (5, "recused"),
        (6, None),
    ]
    assert told.totals == {FOR: 4, AGAINST: 0, ABSTAIN: 0}


def test_the_minutes_name_whoever_could_not_judge(policy: EmbeddedPolicy) -> None:
    records = seated()
    sit(records, Seat(M, 5, "analyst"), Seat(Q, 3, "m2"))
    motion = put(records, "herasat", Q)
    for who in ("herasat", "m2", "q4"):
        voting(records, policy, motion, who, opinion="fits")
    other = put(records)
    now = read(records, lambda reader: minutes_of(reader, policy, motion_named(reader, other.id), NOW))
    barred = {chair.seat.person: chair.barred for chair in now.chairs if chair.barred}
    assert barred == {"analyst": "executor", "m2": "spoke_elsewhere"}
