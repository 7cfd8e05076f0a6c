"""Motions, votes and recusals as they were written, on both engines; and a vote that nobody changes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from access_broker.adapters.records import SqlRecords
from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditSearch
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.motions import Choice, Finding, Motion, MotionState, Recusal, Subject, Vote, Way
from access_broker.domain.people import Committee, Seat
from access_broker.domain.tokens import Door, Token
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.voting import Ballot, give_vote
from tests.adapters.records.conftest import ENGINES, Place
from tests.adapters.records.strategies import IDS, INSTANTS, MAYBE, NUMBERS, TEXT
from tests.adapters.records.world import EVENT, NOW, furnish, make_contract
from tests.support.fakes import ScriptedPolicy

TEXTS = st.lists(TEXT, max_size=3).map(tuple)
MOTIONS = st.builds(
    Motion,
    IDS,
    st.sampled_from(Committee),
    st.sampled_from(Subject),
    TEXT,
    TEXT,
    TEXT,
    TEXT,
    INSTANTS,
    st.sampled_from(Way),
    st.sampled_from(MotionState),
    closed_by=st.none() | TEXT,
    closed_at=MAYBE,
    reference=st.none() | TEXT,
    counted=st.lists(NUMBERS, max_size=3).map(tuple),
    refused=TEXTS,
    reasons=st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple),
    barred=st.lists(st.tuples(st.integers(1, 6), TEXT, TEXT), max_size=3).map(tuple),
    outcome=TEXT,
)
VOTES = st.builds(
    Vote,
    st.just(""),
    NUMBERS,
    st.just("chair"),
    st.integers(1, 6),
    st.sampled_from(Choice),
    INSTANTS,
    TEXT,
    st.lists(st.tuples(st.sampled_from([finding.value for finding in Finding]), TEXT), max_size=3).map(tuple),
    TEXTS,
)
MOTION = Motion("m", Committee.MONITORING, Subject.LIFT, "P1", "", "d", "chair", NOW)


@pytest.fixture(scope="module", params=ENGINES)
def shared(request: pytest.FixtureRequest, fresh: Callable[[str], Place]) -> Iterator[SqlRecords]:
    made = fresh(request.param)
    records = made.records()
    furnish(records, make_contract("P1"))
    with records.write() as writer:
        writer.file(MOTION, EVENT)
    yield records
    made.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(motion=MOTIONS, vote=VOTES, reason=TEXT, at=INSTANTS)
def test_motions(shared: SqlRecords, motion: Motion, vote: Vote, reason: str, at: Any) -> None:
    vote, recusal = replace(vote, motion=motion.id), Recusal(motion.id, "chair", reason, at)
    with shared.write() as writer:
        for thing in (motion, vote, recusal):
            writer.file(thing, EVENT)
    with shared.read() as reader:
        assert reader.filed(Motion, id=motion.id) == [motion]
        assert reader.filed(Vote, motion=motion.id) == [vote]
        assert reader.filed(Recusal, motion=motion.id, person="chair") == [recusal]
        assert motion in reader.filed(Motion, subject=motion.subject, state=motion.state)


def test_seats_of_several_organisations_stand_beside_each_other(shared: SqlRecords) -> None:
    own = [Seat(Committee.MONITORING, 6, "chair", organisation=of) for of in ("ito", "ministry")]
    with shared.write() as writer:
        for seat in own:
            writer.save_seat(seat, EVENT)
    with shared.read() as reader:
        assert [seat for seat in reader.seats_of("chair") if seat.number == 6] == own


VOTE = Vote("m", 1, "chair", 1, Choice.FOR, NOW)


@pytest.mark.parametrize(
    ("first", "then"),
    [
        (VOTE, replace(VOTE, choice=Choice.AGAINST)),
        (Recusal("m", "chair", "a brother", NOW), Recusal("m", "chair", "a sister", NOW)),
        (replace(MOTION, id="n", state=MotionState.LOST), replace(MOTION, id="n", state=MotionState.CARRIED)),
        (replace(MOTION, id="o"), replace(MOTION, id="o", digest="another")),
        (replace(MOTION, id="p"), replace(MOTION, id="p", outcome="another")),
    ],
    ids=["a vote", "a recusal", "a lost motion", "the text of a motion", "the outcome of a motion"],
)
def test_what_was_voted_and_decided_stays(shared: SqlRecords, first: Any, then: Any) -> None:
    with shared.write() as writer:
        writer.file(first, EVENT)
    with pytest.raises(Refused), shared.write() as writer:
        writer.file(then, EVENT)
    with shared.read() as reader:
        key = {name: getattr(first, name) for name in first.KEY}
        assert reader.filed(type(first), **key) == [first]


def test_two_members_who_vote_at_once_both_count_and_it_is_decided_once(
    shared: SqlRecords,
) -> None:
    """Writers come one after the other: each sees the vote before its own, and one of them decides."""
    policy = ScriptedPolicy(votes=lambda facts: [] if len(facts["votes"]) == 3 else [Reason("QUORUM_MISSING", "S1-C2")])
    people, start = ("chair", "herasat", "auditor"), threading.Barrier(3)
    with shared.write() as writer:
        for number, who in enumerate(people, 1):
            writer.save_seat(Seat(Committee.MONITORING, number, who), EVENT)
        running = make_contract("P7", approvals=(), state=ContractState.ACTIVE)
        writer.save_contract(running, EVENT)
        digest = text_digest(running)
        writer.file(Motion("motion-7", Committee.MONITORING, Subject.EXIT, "P7", "", digest, "chair", NOW), EVENT)

    def vote(who: str) -> MotionState:
        start.wait(10)
        with shared.write() as writer:
            person = writer.person(who)
            assert person is not None
            token = Token(who, who, None, Door.LOCAL, 0, NOW, NOW)
            caller = Caller(person, token, tuple(writer.seats_of(who)))
            return give_vote(writer, policy, caller, "motion-7", Ballot(Choice.FOR, digest), NOW).state

    with ThreadPoolExecutor(3) as pool:
        states = sorted(state.value for state in pool.map(vote, people))
    assert states == ["carried", "open", "open"]
    with shared.read() as reader:
        assert {vote.person for vote in reader.filed(Vote, motion="motion-7")} == set(people)
        assert [vote.number for vote in reader.filed(Vote, motion="motion-7")] == [1, 2, 3]
        told = [r.event.kind for r in reader.search_audit(AuditSearch(subject="motion-7"))]
    assert told == ["motion.voted"] * 3 + ["motion.carried"]
