"""The walk: at every step somebody, entitled or not, does something; then the system must agree with the oracle."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from access_broker.domain.acts import Act
from access_broker.domain.contracts import Signatory
from access_broker.domain.exits import ExitKind
from access_broker.domain.motions import Choice
from access_broker.domain.people import Committee
from access_broker.domain.suspensions import SuspensionState
from access_broker.use_cases.suspending import unsettled
from access_broker.use_cases.tokens import issue_token
from tests.model.acting import Acting
from tests.model.keys import Keys
from tests.model.leaving import Leaving
from tests.model.oracle import DAY
from tests.model.world import ARRANGED, EVERYBODY, EXECUTORS, TERM

Step = TypeVar("Step", bound=Callable[..., None])
COMMITTEES = st.sampled_from(tuple(Committee))
ANYBODY = st.sampled_from(EVERYBODY)
SEATED_PEOPLE = tuple(who for who in EVERYBODY if who.startswith(("mon", "qual", "both", "health")))
SEATED = st.sampled_from(SEATED_PEOPLE)
JUDGES = st.sampled_from(("mon1", "mon2", "mon4", "both", "deputy", "qual1", "analyst", "minister"))
"""Mostly of the committee that acts."""
STEPS = (1, 60, 3_600, 8 * 3_600, DAY, 4 * DAY, 9 * DAY)


def mostly(*states: str) -> Callable[[Step], Step]:
    """A step for these states, and now and then for any other: what is out of place is refused, but eats up a walk."""
    limit: Callable[[Step], Step] = precondition(lambda self: self.oracle.state in states or self.tried % 6 == 0)
    return limit


class Walk(Keys, Acting, Leaving, RuleBasedStateMachine):
    """Who tries what, and when; what it should lead to stands in the classes above."""

    # --- luck: otherwise hardly any walk would come into force ----------------------------------------------------

    @initialize(lucky=st.sampled_from([True, True, False]))
    def begin(self, lucky: bool) -> None:
        if lucky:
            self.everything_but(None, voting=False)

    @mostly("drafted")
    @rule(lacking=st.sampled_from([None, None, None, "sign", "approve", "guarantee", "accept"]), voting=st.booleans())
    def nearly_everything(self, lacking: str | None, voting: bool) -> None:
        self.everything_but(lacking, voting)

    # --- drafting and keys --------------------------------------------------------------------------------------

    @mostly("drafted")
    @rule(change=st.booleans())
    def draft(self, change: bool) -> None:
        self.redraft(change)

    @mostly("drafted")
    @rule(who=ANYBODY, party=st.sampled_from(tuple(Signatory)), has_read=st.sampled_from([True] * 5 + [False]))
    def sign(self, who: str, party: Signatory, has_read: bool) -> None:
        self.signed(who, party, has_read)

    @mostly("drafted")
    @rule(who=ANYBODY, committee=COMMITTEES, has_read=st.sampled_from([True] * 5 + [False]))
    def approve_on_paper(self, who: str, committee: Committee, has_read: bool) -> None:
        self.paper(who, committee, has_read)

    @mostly("drafted")
    @rule(who=SEATED, committee=COMMITTEES)
    def put_to_the_vote(self, who: str, committee: Committee) -> None:
        self.put(who, committee)

    @precondition(lambda self: self.votes)
    @rule(data=st.data(), who=ANYBODY, choice=st.sampled_from([Choice.FOR] * 4 + [Choice.AGAINST, Choice.ABSTAIN]))
    def vote(self, data: st.DataObject, who: str, choice: Choice) -> None:
        motion = data.draw(st.sampled_from(sorted(self.votes)[-2:]))
        self.vote_for(motion, who, choice)

    @precondition(lambda self: self.votes)
    @rule(data=st.data(), count=st.integers(2, 6))
    def many_vote(self, data: st.DataObject, count: int) -> None:
        """Otherwise hardly any walk would see a quorum."""
        motion = data.draw(st.sampled_from(sorted(self.votes)[-2:]))
        seated = [who for who in EVERYBODY if self.sits(who, self.votes[motion].committee)]
        for who in data.draw(st.permutations(seated))[:count]:
            self.vote_for(motion, who)

    @mostly("drafted", "active")
    @rule(who=SEATED, kind=st.sampled_from(["nda", "non_publication"]), days=st.sampled_from([-1, 5, 40, 200]))
    def guarantee(self, who: str, kind: str, days: int) -> None:
        self.guaranteed(who, kind, days)

    @rule(who=ANYBODY)
    def accept_the_terms(self, who: str) -> None:
        self.accepted(who)

    @mostly("drafted")
    @rule()
    def activate(self) -> None:
        self.activated()

    # --- acts ---------------------------------------------------------------------------------------------------

    @rule(who=JUDGES, act=st.sampled_from([Act.SUSPEND] * 5 + [Act.CUT]))
    def act_on_breach(self, who: str, act: Act) -> None:
        self.breached(who, act)

    @mostly("active", "suspended")
    @rule(who=st.sampled_from(("mon1", "mon2", "both", "qual1")))
    def warn(self, who: str) -> None:
        self.warned(who)

    @precondition(lambda self: self.oracle.warnings)
    @rule(data=st.data(), who=st.sampled_from(("analyst", "colleague", "mon1")))
    def confirm_a_warning(self, data: st.DataObject, who: str) -> None:
        self.confirmed(data.draw(st.sampled_from(sorted(self.oracle.warnings))), who)

    @precondition(lambda self: self.oracle.warnings)
    @rule(data=st.data(), who=JUDGES)
    def take_a_warning_back(self, data: st.DataObject, who: str) -> None:
        self.taken_back(data.draw(st.sampled_from(sorted(self.oracle.warnings))), who)

    @rule(who=JUDGES, decision=st.sampled_from([None] * 4 + ["1405/77", ""]))
    def cut_on_repetition(self, who: str, decision: str | None) -> None:
        self.repeated(who, decision)

    @mostly("suspended")
    @rule(who=JUDGES, decision=st.sampled_from([None, "1405/80"]), ratifies=st.booleans())
    def judge_a_suspension(self, who: str, decision: str | None, ratifies: bool) -> None:
        self.ratified(who, decision) if ratifies else self.lifted(who, decision)

    @mostly("suspended")
    @rule(step=st.sampled_from([0, DAY, 4 * DAY, 9 * DAY]))
    def clerk(self, step: int) -> None:
        self.lapsed(step)

    # --- leaving ------------------------------------------------------------------------------------------------

    @rule(who=st.sampled_from(("analyst", "mon1", "outsider")), kind=st.sampled_from(list(ExitKind)))
    def ask_to_leave(self, who: str, kind: ExitKind) -> None:
        self.ask_as(who, kind)

    @precondition(lambda self: self.is_asked)
    @rule(committee=COMMITTEES, count=st.integers(1, 8), data=st.data())
    def let_go(self, committee: Committee, count: int, data: st.DataObject) -> None:
        for who in data.draw(st.permutations(SEATED_PEOPLE))[:count]:
            self.may_go(who, committee)

    @mostly("active", "suspended")
    @rule(who=SEATED, decision=st.sampled_from([None] * 4 + ["1405/91"]))
    def accept_the_work(self, who: str, decision: str | None) -> None:
        self.accept_as(who, decision)

    # --- people, tokens, time -----------------------------------------------------------------------------------

    @mostly("active", "suspended")
    @rule(who=st.sampled_from(EXECUTORS))
    def ask_for_a_token(self, who: str) -> None:
        did = self.do(lambda w: issue_token(w, self.policy, who, "P1", who, self.now))
        assert (did.code == "") == self.oracle.may_read(who, self.world.second), did.code
        if did.code == "":
            self.tokens.append(did.value.text)

    @precondition(lambda self: self.tried % 9 == 0)
    @rule(who=st.sampled_from(EXECUTORS), shut_out=st.booleans())
    def shut_out(self, who: str, shut_out: bool) -> None:
        """By the operator, and let in again."""
        someone = self.caller(who).person
        self.do(lambda w: w.save_person(replace(someone, disabled=shut_out), ARRANGED))
        self.oracle.everybody[who].disabled = shut_out

    @rule(step=st.sampled_from(STEPS))
    def wait(self, step: int) -> None:
        self.world.go_to(self.world.second + step)

    @rule(data=st.data(), beside=st.sampled_from([-1, 0, 1]))
    def wait_for_a_border(self, data: st.DataObject, beside: int) -> None:
        borders = [b for b in (*self.oracle.guaranteed.values(), TERM) if b > self.world.second]
        if borders and data.draw(st.integers(0, 5)) == 0:
            self.world.go_to(data.draw(st.sampled_from(borders)) + beside)

    # --- what holds after every step ----------------------------------------------------------------------------

    @invariant()
    def access_is_what_the_directive_says(self) -> None:
        for who in EXECUTORS:
            expected = self.oracle.may_read(who, self.world.second)
            assert self.world.is_let_in(who) == expected, f"{who}: the directive says {expected}"

    @invariant()
    def no_token_outlives_its_grant(self) -> None:
        for text in self.tokens:
            token = self.world.opens(text)
            if token is not None and self.world.is_let_in(token.person):
                assert self.oracle.may_read(token.person, self.world.second)
                assert token.generation == self.generation

    @invariant()
    def the_state_is_the_one_expected(self) -> None:
        assert self.world.state().value == self.oracle.state
        suspended = self.world.look(lambda r: [s for s in unsettled(r) if s.state is not SuspensionState.OVER])
        assert len(suspended) <= 1
