"""Leaving: asked for, approved by the committees, or the work accepted."""

from __future__ import annotations

from access_broker.domain.exits import ExitKind, ExitState
from access_broker.domain.people import Committee
from access_broker.use_cases.accepting import accept
from access_broker.use_cases.exiting import approve_exit, ask_exit, exits_of
from tests.model.steps import FINAL, Steps


class Leaving(Steps):
    """Each method tries one thing and tells the oracle what came of it."""

    def ask_as(self, who: str, kind: ExitKind) -> None:
        did = self.do(lambda w: ask_exit(w, self.policy, self.caller(who), "P1", kind, "we are done", self.now))
        if did.records:
            assert who in self.oracle.people or self.sits(who, "monitoring")
            self.oracle.leaving, self.is_asked = set(), True

    def may_go(self, who: str, committee: Committee) -> None:
        last = self.world.look(lambda r: exits_of(r, "P1"))[-1]
        did = self.do(
            lambda w: approve_exit(w, self.policy, self.caller(who), "P1", last.number, committee, "1405/90", self.now)
        )
        if did.records:
            assert self.oracle.may_judge_the_end(who, committee.value, self.world.second)
            self.oracle.leaving.add(committee.value)
            needed = {"monitoring"} if last.kind is ExitKind.TERMINATION else {"monitoring", "qualification"}
            is_closing = did.value.state is ExitState.CLOSING
            assert is_closing == (self.oracle.leaving >= needed)
            if is_closing and self.oracle.state not in FINAL:
                self.oracle.state = "ended"

    def accept_as(self, who: str, decision: str | None) -> None:
        did = self.do(lambda w: accept(w, self.policy, self.caller(who), "P1", decision, self.now))
        if did.records:
            assert self.oracle.may_judge_the_end(who, "monitoring", self.world.second)
            assert decision
            assert self.oracle.state in ("active", "suspended")
            self.oracle.state = "ended"
