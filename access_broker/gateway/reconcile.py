"""Finishes in the gateway what a cut began in the records: workers of ended logins die, whatever they are doing.

Deliveries read the records before every batch by themselves; this is for the statement that computes for minutes and
delivers nothing, and for the worker that waits idle.
"""

from __future__ import annotations

import logging
import threading

from access_broker.use_cases.ports import Clock, DataEngine, Records, Unavailable

log = logging.getLogger("amanat.gateway")
EVERY_SECONDS = 0.05


class Reconciler(threading.Thread):
    """Compares the workers there are with the contracts that stand, twenty times a second."""

    def __init__(self, records: Records, engine: DataEngine, clock: Clock) -> None:
        super().__init__(name="amanat-reconciler", daemon=True)
        self._records, self._engine, self._clock = records, engine, clock
        self._ending = threading.Event()

    def run(self) -> None:
        while not self._ending.wait(EVERY_SECONDS):
            try:
                self.step()
            except Unavailable as error:
                log.warning("cannot read the records: %s", error.code)  # deliveries refuse by themselves meanwhile
            except Exception:
                log.exception("reconciling failed")  # this thread must outlive any surprise

    def step(self) -> int:
        """One comparison; returns how many workers were killed."""
        live = self._engine.live()
        if not live:
            return 0
        now, killed = self._clock(), 0
        with self._records.read() as reader:
            standings = {contract: reader.standing(contract) for contract, _ in live}
        for contract, generation in sorted(live):
            standing = standings[contract]
            if standing is None or standing.why_not(standing.generation, now):
                killed += self._engine.kill_older(contract, None)
            elif generation < standing.generation:
                killed += self._engine.kill_older(contract, standing.generation)
        return killed

    def stop(self) -> None:
        self._ending.set()
        self.join(2)
