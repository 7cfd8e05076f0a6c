"""Finishes in the gateway what a cut began in the records: workers of ended logins die, whatever they are doing.

Deliveries read the records before every batch by themselves; this is for the statement that computes for minutes and
delivers nothing, and for the worker that waits idle. Workers of a person who was shut out go the same way.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter

from access_broker.adapters.periodic import Periodic
from access_broker.domain.contracts import Standing
from access_broker.use_cases.gate_ports import DataEngine
from access_broker.use_cases.ports import Clock, Records

log = logging.getLogger("amanat.gateway")
EVERY_SECONDS = 0.05

_Seen = tuple[str, frozenset[tuple[str, int]], frozenset[str]]
"""The stamp of the records, the workers, and whose they are."""


class Reconciler(Periodic):
    """Compares the workers there are with the contracts that stand, twenty times a second."""

    def __init__(self, records: Records, engine: DataEngine, clock: Clock) -> None:
        super().__init__("reconciler", EVERY_SECONDS, log)
        self._records, self._engine, self._clock = records, engine, clock
        self._stepping = threading.Lock()
        self._killed: Counter[str] = Counter()
        self._seen: _Seen = ("", frozenset(), frozenset())
        self._standings: dict[str, Standing | None] = {}

    def step(self) -> int:
        """One comparison; returns how many workers were killed."""
        with self._stepping:
            return self._step()

    def killed(self, contract: str) -> int:
        """How many workers of the contract were killed here since this process began.

        Waits for a step that is under way: a worker leaves the pool's list a moment before it is dead.
        """
        with self._stepping:
            return self._killed[contract]

    def _step(self) -> int:
        live = self._engine.live()
        if not live:
            return 0
        shut_out = self._read(live)
        now, killed = self._clock(), 0
        for contract, generation in sorted(live):
            standing = self._standings[contract]
            if standing is None or standing.why_not(standing.generation, now):
                killed += self._kill(contract, None)
            elif generation < standing.generation:
                killed += self._kill(contract, standing.generation)
        return killed + sum(self._engine.kill_of(person) for person in shut_out)

    def _kill(self, contract: str, generation: int | None) -> int:
        killed = self._engine.kill_older(contract, generation)
        self._killed[contract] += killed
        return killed

    def _read(self, live: set[tuple[str, int]]) -> list[str]:
        """How the contracts with workers stand, and which people with a worker are disabled, or gone.

        Read again only when somebody or something has changed.
        """
        seen = self._records.stamp(), frozenset(live), frozenset(self._engine.live_people())
        if seen == self._seen and seen[0]:
            return []
        with self._records.read() as reader:
            self._standings = {contract: reader.standing(contract) for contract, _ in live}
            people = {person: reader.person(person) for person in sorted(seen[2])}
        shut_out = [id for id, person in people.items() if person is None or person.disabled]
        self._seen = ("", frozenset(), frozenset()) if shut_out else seen
        return shut_out
