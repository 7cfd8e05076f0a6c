"""What a query worker does with its life: warm up, wait for a file, raise the walls, open it, answer in turn."""

from __future__ import annotations

import json
import os
import queue
import socket
import stat
import threading
import zlib
from typing import Any

import duckdb
import pyarrow as pa

from access_broker.adapters.engine import database, kernel, sandbox
from access_broker.adapters.engine.channel import Channel, Hangup, Kind
from access_broker.adapters.engine.database import Fault
from access_broker.adapters.engine.leftovers import without_leftovers
from access_broker.adapters.engine.limits import LARGEST_FRAME, PLAN_BYTES, Limits

_LARGEST_REQUEST = 4 << 20
_MOST_BOUND = 32
"""Statements kept as they were bound: binding one costs as much as running a small one."""


class Engine:
    """One open file and its channel. `serve` is the main thread, `listen` the other."""

    def __init__(self, channel: Channel, connection: duckdb.DuckDBPyConnection, limits: Limits) -> None:
        self._channel = channel
        self._connection = connection
        self._limits = limits
        self._requests: queue.SimpleQueue[tuple[Kind, str]] = queue.SimpleQueue()
        self._cancelled = threading.Event()
        self._bound: dict[str, duckdb.DuckDBPyRelation] = {}

    def listen(self) -> None:
        """Take requests off the wire while a statement runs, so that CANCEL is heard. The pool's end ends us."""
        try:
            while True:
                kind, payload = self._channel.receive()
                if kind is Kind.CANCEL:
                    self._cancelled.set()
                    self._connection.interrupt()
                else:
                    self._cancelled.clear()
                    self._requests.put((kind, payload.to_pybytes().decode("utf-8")))
        finally:
            os._exit(0)

    def serve(self) -> None:
        """Answer requests in turn, for ever."""
        while True:
            kind, sql = self._requests.get()
            sandbox.allow_cpu(self._limits.cpu_seconds)
            try:
                self._plan(sql) if kind is Kind.PLAN else self._run(sql)
            except Hangup:
                return
            except BaseException as error:  # whatever it is, the pool must hear that this statement is over
                send_fault(self._channel, database.classify(error), error)

    def _plan(self, sql: str) -> None:
        plan = database.plan(self._connection, sql).encode()
        packed = zlib.compress(plan, 1)
        if len(plan) > PLAN_BYTES or len(packed) > LARGEST_FRAME:
            raise MemoryError("a plan is longer than the pool takes")
        self._channel.send(Kind.PLANNED, packed)

    def _run(self, sql: str) -> None:
        relation = self._bound.pop(sql, None)
        if relation is None:  # not `or`: what a relation is worth as a truth is its length, and counting it runs it
            relation = database.bound(self._connection, sql)
        with database.start(relation) as reader:
            self._channel.send(Kind.SCHEMA, reader.schema.serialize())
            for batch in reader:
                self._send(batch)
        self._keep(sql, relation)  # only here: what failed or was cut short is bound anew
        self._channel.send(Kind.END)

    def _keep(self, sql: str, relation: duckdb.DuckDBPyRelation) -> None:
        self._bound[sql] = relation
        if len(self._bound) > _MOST_BOUND:
            del self._bound[next(iter(self._bound))]

    def _send(self, batch: pa.RecordBatch) -> None:
        for frame in database.frames(without_leftovers(batch)):
            if self._cancelled.is_set():
                raise InterruptedError("INTERRUPT Error: asked by the pool")
            self._channel.send(Kind.BATCH, frame.serialize())


def send_fault(channel: Channel, fault: Fault, error: BaseException) -> None:
    """Tell the pool what went wrong. The text is the engine's own and goes to the operator's log only."""
    text = f"{type(error).__name__}: {error}"[:4000]
    channel.send(Kind.ERROR, json.dumps({"fault": fault, "text": text}).encode())


def warm_up() -> duckdb.DuckDBPyConnection:
    """DuckDB, with all code a statement needs touched once: behind the walls nothing can be imported any more."""
    connection = database.connect()
    json.loads(database.plan(connection, "SELECT 1"))
    with database.stream(connection, "SELECT sum(1) AS a, 'x' AS b UNION ALL SELECT NULL, NULL") as reader:
        for batch in reader:
            without_leftovers(batch).serialize()
    return connection


def open_file(path: str) -> int:
    """A descriptor (O_PATH) of the published file. Raises FileNotFoundError unless it is a plain file."""
    fd = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        raise FileNotFoundError("not a plain file")
    return fd


def bind(connection: duckdb.DuckDBPyConnection, request: dict[str, Any], network: bool) -> tuple[str, ...]:
    """Raise the walls round the one file and open it through its descriptor; returns the walls that stand.

    Through /proc/self/fd no directory on the way needs to be open to the worker's uid, and SQL never sees the path.
    """
    if os.getppid() != request["pool"]:
        raise Hangup  # the pool died before the kernel was told to tie our life to its
    limits = Limits(**request["limits"])
    published = open_file(request["path"])
    plan = sandbox.WallPlan(published, request["uid"], limits)
    walls = sandbox.raise_walls(plan, network, request["allow_missing_walls"])
    database.open_published(connection, f"/proc/self/fd/{published}", limits)
    return walls


def live(fd: int) -> None:
    """The whole life of the process, `fd` being its end of the socket pair. Ends when the pool does."""
    channel = Channel(socket.socket(fileno=fd), _LARGEST_REQUEST)
    os.environ.clear()
    network = sandbox.isolate_network()
    kernel.die_with_parent()
    connection = warm_up()
    channel.send(Kind.READY)
    request = json.loads(channel.receive()[1].to_pybytes())
    try:
        walls = bind(connection, request, network)
    except Exception as error:
        fault = Fault.NOT_PUBLISHED if isinstance(error, FileNotFoundError) else Fault.INTERNAL
        send_fault(channel, fault, error)
        return
    engine = Engine(channel, connection, Limits(**request["limits"]))
    threading.Thread(target=engine.listen, daemon=True).start()
    channel.send(Kind.BOUND, json.dumps(walls).encode())
    engine.serve()
