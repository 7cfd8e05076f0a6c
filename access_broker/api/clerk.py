"""The broker's clerk: puts on record what the calendar did. Access does not wait for it, see `use_cases/ending.py`.

Ends of terms, within a second; what may wait is put on record by the rounds, see `rounds.py`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from access_broker.adapters.periodic import Periodic
from access_broker.domain.contracts import Standing
from access_broker.use_cases.ending import is_over, record_expiry
from access_broker.use_cases.ports import Clock, Records

log = logging.getLogger("amanat.clerk")
EVERY_SECONDS = 1.0


class Clerk(Periodic):
    """Looks at the calendar once a second. `announce` hears the id of a contract once its end is committed."""

    def __init__(self, records: Records, clock: Clock, announce: Callable[[str], None]) -> None:
        super().__init__("clerk", EVERY_SECONDS, log)
        self._records, self._clock, self._announce = records, clock, announce
        self._stamp = ""
        self._standings: dict[str, Standing] = {}
        self._recorded: set[tuple[str, int]] = set()

    def step(self) -> int:
        """One look; returns how many ends were put on record."""
        now, done = self._clock(), 0
        self._read()
        over = [(id, standing.generation) for id, standing in self._standings.items() if is_over(standing, now)]
        for contract, generation in over:
            if (contract, generation) in self._recorded:
                continue
            with self._records.write() as writer:
                recorded = record_expiry(writer, contract, now)
            self._recorded.add((contract, generation))
            if recorded:
                done += 1
                self._announce(contract)
        return done

    def _read(self) -> None:
        """The standings are read again only when something was changed."""
        with self._records.read() as reader:
            stamp = reader.stamp()
            if not stamp or stamp != self._stamp:
                self._standings, self._stamp = reader.standings(), stamp
