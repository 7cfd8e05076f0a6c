"""Work of the hub's event loop that must not overlap, and work that must end although nobody waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

_turns: dict[tuple[str, str], asyncio.Lock] = {}
_unfinished: set[asyncio.Future[None]] = set()


def turn_of(person: str, contract: str) -> asyncio.Lock:
    """Held by whoever builds or takes down for this pair: a home must not go from under its sandbox."""
    return _turns.setdefault((person, contract), asyncio.Lock())


def see_through(work: Coroutine[Any, Any, None]) -> None:
    """Runs it to its end. Kept in a set, because the event loop alone would let go of it."""
    task = asyncio.ensure_future(work)
    _unfinished.add(task)
    task.add_done_callback(_unfinished.discard)
