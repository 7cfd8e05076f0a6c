"""What no single seat undoes of an exit, and what a later vote takes back (D-2), against the real policy."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.contracts import ContractState
from access_broker.domain.exits import Exit, ExitKey, ExitKind, ExitState
from access_broker.domain.motions import Choice, Motion, MotionState, Subject, Vote
from access_broker.domain.people import Committee, Seat
from access_broker.use_cases.exiting import approve_exit, ask_exit, refuse_exit
from access_broker.use_cases.matters import matter_of, spoken_elsewhere
from tests.support.committees import M, Q, act_as, code_of, put, seated, voting
from tests.support.factories import DATASET, NOW, make_contract
from tests.support.fakes import InMemoryRecords
from tests.support.leaving import EVENT, do, file

HOUR = timedelta(hours=1)
TERMINATION, VOLUNTARY = ExitKind.TERMINATION, ExitKind.VOLUNTARY
FOR, AGAINST = Choice.FOR, Choice.AGAINST


class Leaving:
    """An executor that asked to leave, and the seats of both committees."""

    def __init__(self, policy: EmbeddedPolicy) -> None:
        self.records: InMemoryRecords = seated(make_contract(state=ContractState.ACTIVE))
        self.policy, self.hours = policy, 0
        self.ask("analyst", VOLUNTARY)

    def act(self, who: str, *what: object) -> Exit:
        """An hour after what was before."""
        self.hours += 1
        use_case, *rest = what
        done: Exit = act_as(self.records, who, use_case, self.policy, "P1", *rest, at=NOW + self.hours * HOUR)  # type: ignore[arg-type]
        return done

    def ask(self, who: str, kind: ExitKind, text: str = "We leave. ") -> Exit:
        return self.act(who, ask_exit, kind, text)

    def approve(self, who: str, committee: Committee, decision: str) -> Exit:
        return self.act(who, approve_exit, 1, committee, decision)

    def refuse(self, who: str, committee: Committee = M) -> Exit:
        return self.act(who, refuse_exit, 1, committee, "Not yet.")

    def vote(self, choice: Choice = FOR, state: MotionState | None = None, kind: ExitKind = VOLUNTARY) -> str:
        """The Monitoring Committee has voted so; `state`: what came of it, for one that has not ended."""
        self.hours += 1
        at, n = NOW + self.hours * HOUR, self.hours
        ended = MotionState.CARRIED if choice is FOR else MotionState.LOST
        motion = Motion(f"motion-{n}", M, Subject.EXIT, "P1", "", "", "chair", at, outcome=kind.value)
        done = replace(motion, state=state or ended, closed_at=None if state else at, counted=(1,))
        file(self.records, done, Vote(motion.id, 1, "m2", 2, choice, at))
        return motion.id

    def keys(self) -> set[tuple[int, str, bool]]:
        with self.records.read() as reader:
            return {(key.number, key.person, key.approved) for key in reader.filed(ExitKey)}


@pytest.fixture
def leaving(policy: EmbeddedPolicy) -> Leaving:
    return Leaving(policy)


def test_the_same_question_with_a_blank_behind_it_is_the_same(leaving: Leaving) -> None:
    assert leaving.ask("analyst", VOLUNTARY).number == 1


def test_no_seat_displaces_what_the_committee_carried_or_votes_on(leaving: Leaving) -> None:
    motion = leaving.vote(state=MotionState.OPEN)
    assert code_of(lambda: leaving.ask("m5", TERMINATION)) == ("BALLOT_NEEDED", "D-2")
    with leaving.records.read() as reader:
        (opened,) = reader.filed(Motion, id=motion)
    file(leaving.records, replace(opened, state=MotionState.CARRIED, closed_at=opened.opened_at))
    assert code_of(lambda: leaving.ask("m5", TERMINATION)) == ("CONFLICT", "D-2")
    assert leaving.keys() == set()
    leaving.vote(AGAINST)
    assert leaving.ask("m5", TERMINATION).number == 2


def test_no_seat_refuses_what_its_committee_votes_on(leaving: Leaving) -> None:
    leaving.vote(state=MotionState.OPEN)
    assert code_of(lambda: leaving.refuse("m5")) == ("BALLOT_NEEDED", "D-2")
    assert leaving.refuse("q3", Q).state is ExitState.REFUSED, "the other committee does not vote"


def test_a_motion_that_only_its_mover_speaks_to_keeps_nobody_from_a_termination(leaving: Leaving) -> None:
    put_at = NOW + 2 * HOUR
    motion = Motion("motion-9", M, Subject.EXIT, "P1", "", "", "chair", put_at, outcome=VOLUNTARY.value)
    file(leaving.records, motion, Vote(motion.id, 1, "chair", 1, FOR, put_at))
    assert leaving.ask("m5", TERMINATION).kind is TERMINATION
    assert leaving.act("m5", refuse_exit, 2, M, "Not yet.").state is ExitState.REFUSED


@pytest.mark.parametrize("kind", [VOLUNTARY, TERMINATION])
def test_it_is_refused_once_the_committee_has_come_to_another_mind(leaving: Leaving, kind: ExitKind) -> None:
    first = leaving.vote()
    assert code_of(lambda: leaving.refuse("m5")) == ("CONFLICT", "D-2")
    leaving.vote(FOR if kind is TERMINATION else AGAINST, kind=kind)
    assert code_of(lambda: leaving.approve("m5", M, first)) == ("DECISION_NEEDED", "D-2")
    assert leaving.refuse("m5").state is ExitState.REFUSED


def test_nobody_of_a_side_terminates(leaving: Leaving) -> None:
    """The steward with a seat would put an end to an exit that the other committee has agreed to."""
    do(leaving.records, lambda writer: writer.save_dataset(replace(DATASET, steward="m5"), EVENT))
    assert code_of(lambda: leaving.ask("m5", TERMINATION)) == ("CONFLICT_OF_INTEREST", "S1-C2")
    assert leaving.ask("m4", TERMINATION).number == 2


@pytest.mark.parametrize("paper", [True, False])
def test_a_later_vote_against_it_takes_the_key_back(leaving: Leaving, paper: bool) -> None:
    """Otherwise the other committee's key would end what this one has decided to keep."""
    assert leaving.approve("m5", M, "paper-1" if paper else leaving.vote()).state is ExitState.ONE_APPROVAL
    leaving.vote(AGAINST)
    assert leaving.approve("q3", Q, "paper-2").state is ExitState.ONE_APPROVAL
    assert code_of(lambda: leaving.approve("m5", M, "paper-3")) == ("BALLOT_NEEDED", "D-2")
    again = leaving.vote()
    assert leaving.approve("m5", M, again).state is ExitState.CLOSING


def test_the_committee_that_took_its_key_back_may_refuse(leaving: Leaving) -> None:
    leaving.approve("m5", M, "paper-1")
    leaving.vote(AGAINST)
    assert leaving.refuse("m4").state is ExitState.REFUSED
    assert leaving.keys() == {(1, "m4", False)}


def test_nobodys_voice_is_in_both_committees_words(leaving: Leaving) -> None:
    """As with the two keys to personal data: one hand in both would be one committee."""
    do(leaving.records, lambda writer: writer.save_seat(Seat(Q, 1, "m2"), EVENT))
    motion = put(leaving.records, "q3", Q, Subject.EXIT, outcome="voluntary")
    leaving.vote()
    assert code_of(lambda: voting(leaving.records, leaving.policy, motion, "m2")) == ("SAME_PERSON_TWICE", "D-2")
    assert code_of(lambda: leaving.approve("m2", Q, "paper-1")) == ("SAME_PERSON_TWICE", "D-2")
    leaving.approve("m5", M, leaving.vote())
    with leaving.records.read() as reader:
        matter = matter_of(reader, Subject.EXIT, "P1")
        assert spoken_elsewhere(reader, matter, Q) == {"m2", "m5"}
        assert spoken_elsewhere(reader, matter, M) == frozenset()
