"""One clock for a statement: the questions on the way to its answer, the reckoning over them, and waiting for others.

Each by itself may be short enough where all together keep a contract's other people waiting for minutes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from access_broker.domain.decisions import Refused
from access_broker.use_cases.gate_ports import Worker


def in_time(worker: Worker) -> None:
    """Raises Refused TOO_SLOW once the statement has had its time."""
    if worker.seconds_left() <= 0:
        raise Refused("TOO_SLOW")


def each_in_time(worker: Worker, batches: Iterable[Any]) -> Iterator[Any]:
    """The same for what we make of an answer: the engine's own clock stands still meanwhile."""
    for batch in batches:
        in_time(worker)
        yield batch


@contextmanager
def turn(lock: Lock, worker: Worker) -> Iterator[None]:
    """Holds the lock. Raises Refused TOO_SLOW when others hold it longer than the statement may take."""
    if not lock.acquire(timeout=max(0.0, worker.seconds_left())):
        raise Refused("TOO_SLOW")
    try:
        yield
    finally:
        lock.release()
