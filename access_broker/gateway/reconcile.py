"""Finishes in the gateway what a cut began in the records: workers of ended logins die, whatever they are doing.

Deliveries read the records before every batch by themselves; this is for the statement that computes for minutes and
delivers nothing, and for the worker that waits idle. Workers of a person who was shut out go the same way.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter

from access_broker.adapters.periodic import Periodic
from access_broker.use_cases.ports import Clock, DataEngine, Reader, Records

log = logging.getLogger("amanat.gateway")
EVERY_SECONDS = 0.05


class Reconciler(Periodic):
    """Compares the workers there are with the contracts that stand, twenty times a second."""

    def __init__(self, records: Records, engine: DataEngine, clock: Clock) -> None:
        super().__init__("reconciler", EVERY_SECONDS, log)
        self._records, self._engine, self._clock = records, engine, clock
        self._stepping = threading.Lock()
        self._killed: Counter[str] = Counter()
        self._people_seen: tuple[str, frozenset[str]] = ("", frozenset())

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
        now, killed = self._clock(), 0
        with self._records.read() as reader:
            standings = {contract: reader.standing(contract) for contract, _ in live}
            shut_out = self._shut_out(reader)
        for contract, generation in sorted(live):
            standing = standings[contract]
            if standing is None or standing.why_not(standing.generation, now):
                killed += self._kill(contract, None)
            elif generation < standing.generation:
                killed += self._kill(contract, standing.generation)
        return killed + sum(self._engine.kill_of(person) for person in shut_out)

    def _kill(self, contract: str, generation: int | None) -> int:
        killed = self._engine.kill_older(contract, generation)
        self._killed[contract] += killed
        return killed

    def _shut_out(self, reader: Reader) -> list[str]:
        """People with a worker who are disabled, or gone. Read again only when somebody or something has changed."""
        seen = reader.stamp(), frozenset(self._engine.live_people())
        if seen == self._people_seen and seen[0]:
            return []
        people = {person: reader.person(person) for person in sorted(seen[1])}
        shut_out = [id for id, person in people.items() if person is None or person.disabled]
        self._people_seen = ("", frozenset()) if shut_out else seen
        return shut_out
