"""Tells, in the audit chain, that this process has ended what a stopped contract had here: its workers and streams.

A thread of its own, because a record waits for the disk and killing must not wait for a record.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from access_broker.adapters.periodic import Periodic
from access_broker.domain.contracts import Standing
from access_broker.domain.endings import Component
from access_broker.use_cases.acknowledging import (
    WORKERS_STOPPED,
    Step,
    acknowledgement,
    end_of,
    is_acknowledged,
    why_ended,
)
from access_broker.use_cases.gate_ports import DataEngine
from access_broker.use_cases.ports import AuditLog, Clock, Reader, Records

log = logging.getLogger("amanat.gateway")
EVERY_SECONDS = 0.05
GRACE_SECONDS = 1.0
"""How long an answer that its reader has left lying is waited for. It gets nothing more: the next batch is refused."""

Ended = tuple[str, int]


class Acknowledger(Periodic):
    """Compares the contracts that have ended with what is on record; reads little as long as nothing was changed.

    `open_answers`: contract → answers not closed yet. `killed`: contract → workers killed so far, none half-way.
    """

    def __init__(
        self,
        records: Records,
        engine: DataEngine,
        audit: AuditLog,
        clock: Clock,
        open_answers: Callable[[str], int],
        killed: Callable[[str], int],
    ) -> None:
        super().__init__("acknowledger", EVERY_SECONDS, log)
        self._records, self._engine, self._audit, self._clock = records, engine, audit, clock
        self._open_answers, self._killed = open_answers, killed
        self._stamp = ""
        self._standings: dict[str, Standing] = {}
        self._told: set[Ended] = set()
        self._seen: dict[Ended, float] = {}  # since when an end is known here and not told yet

    def step(self) -> int:
        """One comparison; returns how many ends were told."""
        self._read()
        now, told = self._clock(), 0
        for contract in [id for id, standing in self._standings.items() if why_ended(standing, now)]:
            ended = (contract, self._standings[contract].generation)
            if ended not in self._told and self._is_done(ended):
                with self._records.read() as reader:
                    told += self._tell(reader, ended)
        return told

    def _read(self) -> None:
        stamp = self._records.stamp()
        if not stamp or stamp != self._stamp:
            with self._records.read() as reader:
                self._standings, self._stamp = reader.standings(), stamp

    def _is_done(self, ended: Ended) -> bool:
        """No worker is left, and no answer whose reader is still there."""
        contract, _ = ended
        since = self._seen.setdefault(ended, time.monotonic())
        if any(live == contract for live, _ in self._engine.live()):
            return False
        return self._open_answers(contract) == 0 or time.monotonic() - since > GRACE_SECONDS

    def _tell(self, reader: Reader, ended: Ended) -> bool:
        """Once for an end, whichever run of this process carried it out."""
        contract, generation = ended
        end = end_of(reader, contract, self._clock())
        if end is None or end.generation != generation:
            return False  # changed since the standings were read: the next step sees it
        new = not is_acknowledged(reader, end, Component.GATEWAY)
        if new:
            detail = {"workers": self._killed(contract), "unread": self._open_answers(contract)}
            step = Step(Component.GATEWAY, WORKERS_STOPPED)
            self._audit.record(acknowledgement(reader, contract, generation, step, self._clock(), detail))
        self._told.add(ended)
        self._seen.pop(ended, None)
        return new
