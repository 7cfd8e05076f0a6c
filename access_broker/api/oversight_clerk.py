"""The clerk of deadlines: warnings that count as served, suspensions nobody ratified in time, motions nobody decided.

Nothing waits for it: access is gone with a suspension, and a warning counts for nothing before it was served. Each step
looks at the records as they are, so that a clerk who was away does what is due, once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from access_broker.adapters.periodic import Periodic
from access_broker.domain.contracts import TRANSITIONS
from access_broker.use_cases.appealing import next_served_by, serve_warnings
from access_broker.use_cases.ports import Clock, PolicyEngine, Reader, Records
from access_broker.use_cases.settling_motions import motions_due, settle_due_motion
from access_broker.use_cases.suspending import is_due, settle_suspension, unsettled

log = logging.getLogger("amanat.clerk")
EVERY_SECONDS = 30.0


class OversightClerk(Periodic):
    """Looks at the deadlines twice a minute. `announce` hears the id of a contract whose state was changed."""

    def __init__(self, records: Records, policy: PolicyEngine, clock: Clock, announce: Callable[[str], None]) -> None:
        super().__init__("oversight-clerk", EVERY_SECONDS, log)
        self._records, self._policy = records, policy
        self._clock, self._announce = clock, announce
        self._stamp = ""
        self._served_by: dict[str, datetime] = {}

    def step(self) -> int:
        """One look; returns how much was put on record."""
        now = self._clock()
        with self._records.read() as reader:
            suspensions = [s for s in unsettled(reader) if is_due(reader, s, now)]
            self._read_warnings(reader)
        unserved = [contract for contract, last in self._served_by.items() if now > last]
        done = 0
        for suspension in suspensions:
            with self._records.write() as writer:
                settled = settle_suspension(writer, suspension, now)
            if settled:
                done += 1
                self._announce(suspension.contract)
        for contract in unserved:
            with self._records.write() as writer:
                done += serve_warnings(writer, contract, now)
        return done + self._settle_motions(now)

    def _settle_motions(self, now: datetime) -> int:
        """Last: without policies nothing is counted, and nothing of the above waits for them."""
        with self._records.read() as reader:
            due = [motion.id for motion in motions_due(reader, self._policy, now)]
        done = 0
        for motion in due:
            with self._records.write() as writer:
                done += settle_due_motion(writer, self._policy, motion, now)
        return done

    def _read_warnings(self, reader: Reader) -> None:
        """When the first warning of each contract counts as served; read again only when something was changed."""
        stamp = reader.stamp()
        if stamp and stamp == self._stamp:
            return
        self._stamp = stamp
        running = (contract for contract, standing in reader.standings().items() if TRANSITIONS[standing.state])
        found = ((contract, next_served_by(reader, contract)) for contract in running)
        self._served_by = {contract: last for contract, last in found if last is not None}
