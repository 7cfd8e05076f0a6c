"""A worker bound to one published file, as the gate uses it: plan a statement, run it, read its answer."""

from __future__ import annotations

import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from access_broker.adapters.engine.channel import Kind
from access_broker.adapters.engine.limits import PLAN_BYTES, PoolSettings
from access_broker.adapters.engine.process import WorkerProcess
from access_broker.adapters.engine.sound import check_sound
from access_broker.domain.catalogue import Publication
from access_broker.domain.decisions import Refused
from access_broker.use_cases.gate_ports import ShouldStop

_START_SECONDS = 30.0
_CANCEL_SECONDS = 0.25


class EngineWorker:
    """gate_ports.Worker. One thread uses it at a time; only `kill` may come from another."""

    def __init__(self, process: WorkerProcess, publication: Publication, settings: PoolSettings) -> None:
        self._process = process
        self._settings = settings
        self._until = 0.0  # monotonic seconds; see `begin`
        self._answer: EngineAnswer | None = None
        self._asked = False  # a request is under way whose last frame has not been read
        self.publication = publication
        self.bound = False
        self.walls: tuple[str, ...] = ()
        process.label = f"contract {publication.contract}"
        self.begin()

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self.bound and not self._asked and self._process.alive()

    def serves(self, publication: Publication) -> bool:
        """Whether it is bound to this very file: another version, another worker."""
        mine = self.publication
        return (mine.version, mine.path, mine.sha256) == (publication.version, publication.path, publication.sha256)

    def bind(self, uid: int | None) -> None:
        """Give it its file for life, once it is warm. Raises Refused NOT_PUBLISHED, WORKER_LOST or INTERNAL."""
        document = {
            "pool": os.getpid(),
            "path": str(Path(self.publication.path).absolute()),
            "uid": uid,
            "limits": self._settings.limits.as_document(),
            "allow_missing_walls": self._settings.allow_missing_walls,
        }
        self._expect(Kind.READY, None, _START_SECONDS)
        self._process.send(Kind.BIND, json.dumps(document))
        self.walls = tuple(json.loads(self._expect(Kind.BOUND, None, _START_SECONDS).to_pybytes()))
        self.bound = True

    def begin(self) -> None:
        """From here on the time of one statement counts: of its plans and runs together, and what lies between."""
        self._until = time.monotonic() + self._settings.limits.statement_seconds

    def seconds_left(self) -> float:
        return self._until - time.monotonic()

    def plan(self, sql: str, should_stop: ShouldStop | None = None) -> dict[str, Any]:
        """DuckDB's bound, unoptimised plan; `{"error": true, …}` with engine text when `sql` does not bind.

        Tables are called `published.main.NAME` in it. Raises Refused like `run`.
        """
        self._ask(Kind.PLAN, sql)
        text = self._expect(Kind.PLANNED, should_stop, self.seconds_left())
        self._asked = False
        try:
            plan = json.loads(_unpacked(text.to_pybytes()))
        except (ValueError, zlib.error) as error:
            raise self._process.broken(error) from None
        if not isinstance(plan, dict):
            raise self._process.broken("a plan that is no object")
        return plan

    def run(self, sql: str, should_stop: ShouldStop | None = None) -> EngineAnswer:
        """Start one SELECT. `should_stop` is asked every 50 ms while nothing arrives; True kills the worker.

        Raises Refused VALUE_ERROR, RESOURCE_LIMIT, TOO_SLOW, CANCELLED, WORKER_LOST or INTERNAL (with a `reference`
        to the operator's log). The schema is what travels: see `database.wire_type`.
        """
        self._ask(Kind.RUN, sql)
        self._answer = EngineAnswer(self, should_stop, self.seconds_left())
        return self._answer

    def finish(self) -> None:
        """Make it ready for another statement: what was not read to its end is cancelled."""
        if self._asked:
            self.cancel()
        self._answer = None

    def kill(self) -> None:
        """End the process; a statement under way is refused with WORKER_LOST. Gone in some milliseconds."""
        self._process.kill()

    def kill_slow(self) -> None:
        self._process.kill("TOO_SLOW")

    def close(self) -> None:
        """Kill it and let go of its socket; for the pool, once nobody uses it."""
        self._process.close()

    def cancel(self) -> None:
        """Ask the engine to stop and throw away what is on its way; kill it when it has not stopped in 250 ms."""
        deadline = time.monotonic() + _CANCEL_SECONDS
        with suppress(Refused):
            self._process.send(Kind.CANCEL)
            while self._asked and (left := deadline - time.monotonic()) > 0:
                self.next_frame(None, left)
        if self._asked:
            self._process.kill("CANCELLED")

    def next_frame(self, should_stop: ShouldStop | None, seconds: float) -> tuple[Kind, pa.Buffer]:
        """The next frame of the statement under way. Any refusal but death is its last word."""
        try:
            kind, payload = self._process.receive(should_stop, seconds)
        except Refused:
            self._asked = False
            raise
        self._asked = kind not in (Kind.END, Kind.PLANNED)
        return kind, payload

    def broken(self, what: object) -> Refused:
        return self._process.broken(what)

    def _ask(self, kind: Kind, sql: str) -> None:
        if self._asked:
            raise RuntimeError("the answer before has not been read to its end or closed")
        if self.seconds_left() <= 0:  # it rests: no reason to kill it
            raise Refused("TOO_SLOW")
        self._asked = True
        self._process.send(kind, sql)

    def _expect(self, wanted: Kind, should_stop: ShouldStop | None, seconds: float) -> pa.Buffer:
        kind, payload = self.next_frame(should_stop, seconds)
        self._asked = False
        if kind is not wanted:
            raise self._process.broken(f"{kind.name} instead of {wanted.name}")
        return payload


def _unpacked(packed: bytes) -> bytes:
    """Raises zlib.error, or ValueError for what would be longer than any plan."""
    reader = zlib.decompressobj()
    plan = reader.decompress(packed, PLAN_BYTES)
    if not reader.eof:
        raise ValueError("longer than a plan, or not all of one")
    return plan


class EngineAnswer:
    """gate_ports.Answer. `schema` stands once the engine has accepted the statement. Read it to its end or close it."""

    def __init__(self, worker: EngineWorker, should_stop: ShouldStop | None, seconds: float) -> None:
        self._worker = worker
        self._should_stop = should_stop
        self._left = seconds  # of the engine's time: what the reader takes between frames does not count
        self._open = True
        kind, payload = self._next()
        if kind is not Kind.SCHEMA:
            raise worker.broken(f"{kind.name} instead of SCHEMA")
        try:
            self.schema: pa.Schema = pa.ipc.read_schema(payload)
        except pa.ArrowException as error:
            raise worker.broken(error) from None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Batches of about 1 MiB, never 4. Raises Refused like `EngineWorker.run`."""
        while self._open:
            kind, payload = self._next()
            if kind is Kind.BATCH:
                yield self._batch(payload)
            elif kind is Kind.END:
                self._open = False
            else:
                raise self._worker.broken(f"{kind.name} in an answer")

    def close(self) -> None:
        """Stop the statement if it still runs. The worker is then ready for another one, or dead."""
        if self._open:
            self._open = False
            self._worker.finish()

    def _next(self) -> tuple[Kind, pa.Buffer]:
        started = time.monotonic()
        try:
            if self._left <= 0:
                self._worker.kill_slow()
            frame = self._worker.next_frame(self._should_stop, max(self._left, 0.0))
        except Refused:
            self._open = False
            raise
        self._left -= time.monotonic() - started
        return frame

    def _batch(self, payload: pa.Buffer) -> pa.RecordBatch:
        try:
            batch = pa.ipc.read_record_batch(payload, self.schema)
            check_sound(batch)
        except pa.ArrowException as error:
            self._open = False
            raise self._worker.broken(error) from None
        return batch
