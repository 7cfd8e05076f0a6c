"""What ends a motion beside the vote that decides it: too few left to vote, its days, another text."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from access_broker.domain.motions import Choice, Motion, MotionState, Subject
from access_broker.domain.suspensions import Suspension, SuspensionState
from access_broker.domain.working_days import deadline
from access_broker.use_cases.approving import approve
from access_broker.use_cases.calendar import today
from access_broker.use_cases.motions import Proposal, motion_named, open_motion
from access_broker.use_cases.overseeing import report_violation
from access_broker.use_cases.settling_motions import motions_due, settle_due_motion
from access_broker.use_cases.suspending import committee_calendar
from access_broker.use_cases.voting import recuse
from tests.support.committees import EVENT, M, Q, act_as, code_of, digest_of, put, seated, voting
from tests.support.factories import DAY, NOW, audit_kinds, make_contract, position
from tests.support.fakes import InMemoryRecords
from tests.use_cases.test_voting import (
    AGAINST,
    FOR,
    activated,
    carried,
    contract_of,
    disable,
    put_problem,
    read,
    suspend,
    suspended,
)

HOUR = timedelta(hours=1)


def settled(records: InMemoryRecords, policy: EmbeddedPolicy, motion: Motion, at: datetime = NOW) -> MotionState:
    """What became of it when the clerk came."""
    due = read(records, lambda reader: [one.id for one in motions_due(reader, policy, at)])
    with records.write() as writer:
        assert settle_due_motion(writer, policy, motion.id, at) is (motion.id in due)
    found: Motion = read(records, lambda reader: motion_named(reader, motion.id))
    return found.state


def test_what_too_few_are_left_to_decide_lapses_with_the_last_vote(policy: EmbeddedPolicy) -> None:
    """Otherwise it stands for ever, and nobody may decide it on paper."""
    records = seated()
    motion = put(records)
    for who in ("m2", "m4", "m5"):
        motion = act_as(records, who, recuse, policy, motion.id, "my brother works there")
    for who in ("chair", "m3", "m6"):
        assert motion.state is MotionState.OPEN
        motion = voting(records, policy, motion, who)
    assert (motion.state, motion.closed_by, motion.counted) == (MotionState.LAPSED, "m6", (1, 2, 3))
    assert motion.reasons == (("QUORUM_MISSING", "S1-C2"),)
    assert contract_of(records).approvals == ()
    assert act_as(records, "m3", approve, "P1", M, "approved", digest_of(records)).approvals
    assert put(records).id == "motion-2"


def test_a_lift_that_three_of_its_seats_may_not_judge_lapses(policy: EmbeddedPolicy) -> None:
    records = suspended(policy)
    for who in ("m2", "m4"):
        act_as(records, who, report_violation, policy, "P1", "breach", f"seen by {who}", ())
    motion = put(records, subject=Subject.LIFT)
    for who in ("chair", "m3", "m6"):
        motion = voting(records, policy, motion, who)
    assert (motion.state, motion.counted) == (MotionState.LAPSED, (1, 2, 3))


def test_a_motion_that_nobody_decides_lapses_after_fifteen_working_days(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    voting(records, policy, motion, "m2", AGAINST)
    opened = today(NOW)
    last = read(records, lambda reader: deadline(opened, 15, committee_calendar(reader), NOW))
    days = (last - opened).days
    assert settled(records, policy, motion, NOW + days * DAY) is MotionState.OPEN
    start = position(records)
    assert settled(records, policy, motion, NOW + (days + 1) * DAY) is MotionState.LAPSED
    assert audit_kinds(records, start) == ["motion.lapsed"]
    closed = read(records, lambda reader: motion_named(reader, motion.id))
    assert (closed.closed_by, closed.counted) == ("clerk", (1,))
    assert settled(records, policy, motion, NOW + (days + 2) * DAY) is MotionState.LAPSED


def test_a_clerk_who_was_asleep_gives_nobody_more_days(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who in ("chair", "m2", "m3"):
        voting(records, policy, motion, who, FOR)
    late = NOW + 60 * DAY
    assert code_of(lambda: voting(records, policy, motion, "m6", FOR, late)) == ("STATE_FORBIDS", "S1-C2")
    assert settled(records, policy, motion, late) is MotionState.LAPSED


def test_what_is_a_tie_when_its_days_are_over_is_lost(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who, choice in (("chair", FOR), ("m2", FOR), ("m3", AGAINST), ("m6", AGAINST)):
        voting(records, policy, motion, who, choice)
    assert settled(records, policy, motion, NOW + 60 * DAY) is MotionState.LOST
    assert [(key.person, key.decision) for key in contract_of(records).approvals] == [("m3", "rejected")]


def test_a_motion_whose_seats_are_gone_is_settled_by_the_clerk(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put(records)
    for who in ("chair", "m3", "m6"):
        voting(records, policy, motion, who)
    disable(records, "m2", "m4", "m5")
    assert settled(records, policy, motion) is MotionState.LAPSED


def test_a_problem_that_was_changed_is_not_approved_by_the_clerk(policy: EmbeddedPolicy) -> None:
    records = seated()
    motion = put_problem(records)
    with records.write() as writer:
        problem = writer.problem("clinics")
        assert problem is not None
        writer.save_problem(replace(problem, approved=False, resources=(*problem.resources, "roads")), EVENT)
    assert settled(records, policy, motion) is MotionState.LAPSED


@pytest.mark.parametrize("choices", [(), (AGAINST,)], ids=["put", "put and voted on by its mover"])
def test_one_seat_keeps_no_contract_out_of_force(policy: EmbeddedPolicy, choices: tuple[Choice, ...]) -> None:
    records = seated()
    for committee in (M, Q):
        carried(records, policy, committee)
    motion = put(records, "m2")
    for choice in choices:
        voting(records, policy, motion, "m2", choice)
    assert activated(records, policy).state is ContractState.ACTIVE
    assert settled(records, policy, motion) is MotionState.LAPSED, "a contract in force is voted on no more"


def test_a_motion_that_was_put_in_advance_takes_nobodys_vote_and_no_room(policy: EmbeddedPolicy) -> None:
    """One seat would else have the others vote on what decides nothing, and the suspension lapse."""
    records = seated(make_contract(state=ContractState.ACTIVE))
    early = put(records, "m4", subject=Subject.RATIFY_SUSPENSION)
    suspend(records, policy, NOW + HOUR)
    late = NOW + 2 * HOUR
    assert code_of(lambda: voting(records, policy, early, "m2", at=late)) == ("STATE_FORBIDS", "F-13")
    proposal = Proposal(M, Subject.RATIFY_SUSPENSION, "P1", early.digest)
    motion = act_as(records, "m4", open_motion, proposal, at=late)
    assert motion.id != early.id
    assert settled(records, policy, early, late) is MotionState.LAPSED
    for who in ("chair", "m2", "m3", "m4"):
        motion = voting(records, policy, motion, who, at=late)
    assert (motion.state, settled(records, policy, motion, late)) == (MotionState.CARRIED, MotionState.CARRIED)
    assert read(records, lambda reader: reader.filed(Suspension)[0].state) is SuspensionState.RATIFIED


def test_a_suspension_is_ratified_without_the_owners_seat(policy: EmbeddedPolicy) -> None:
    """Its silence would let the suspension lapse, and what it protects people from go on (F-13)."""
    records = suspended(policy)
    motion = put(records, subject=Subject.RATIFY_SUSPENSION)
    for who in ("chair", "m2", "m3", "m4"):
        motion = voting(records, policy, motion, who)
    assert motion.state is MotionState.CARRIED
    found = read(records, lambda reader: reader.filed(Suspension, contract="P1"))
    assert [one.state for one in found] == [SuspensionState.RATIFIED]
