"""What every step of a walk goes by: it is tried, it is recorded, and what must hold of any step is checked."""

from __future__ import annotations

from collections import Counter
from typing import Any, ClassVar

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.use_cases.acts import ActRequest, commit_act
from tests.model.oracle import Ballot as Votes
from tests.model.world import STATE_EVENTS, Did, World, new_oracle

FINAL = ("cut", "ended")


class Steps:
    """`policy` is set by the test: starting an engine for every walk would take longer than the walk."""

    policy: EmbeddedPolicy
    seen_kinds: ClassVar[Counter[str]] = Counter()
    """What was recorded in all walks together; "steps" counts what was tried."""

    def __init__(self) -> None:
        super().__init__()
        self.world, self.oracle = World(self.policy), new_oracle()
        self.generation = self.tried = 0
        self.is_asked = False
        self.tokens: list[str] = []
        self.votes: dict[str, Votes] = {}
        self.voices: dict[str, set[str]] = {}

    @property
    def now(self) -> Any:
        return self.world.now

    def caller(self, who: str) -> Any:
        return self.world.caller(who)

    def sits(self, who: str, committee: str) -> bool:
        return self.oracle.everybody[who].sits(committee, self.world.second)

    def seen(self, has_read: bool) -> str:
        return self.world.digest() if has_read else "0" * 64

    def act(self, request: ActRequest) -> Did:
        return self.do(lambda w: commit_act(w, self.policy, request, self.now))

    def do(self, step: Any) -> Did:
        """One event for a change of state, none without; the generation never falls; what is final stays."""
        self.seen_kinds["steps"] += 1
        self.tried += 1
        before = self.world.state()
        did = self.world.attempt(step)
        self.seen_kinds.update(r.event.kind for r in did.records)
        changes = [r.event.kind for r in did.records if r.event.kind in STATE_EVENTS]
        assert len(changes) == (self.world.state() is not before), changes
        assert before.value not in FINAL or self.world.state() is before
        assert all(record.event.rule for record in did.records)
        contract = self.world.contract()
        generation = contract.generation if contract else 0
        assert generation >= self.generation + bool(changes)
        self.generation = generation
        return did
