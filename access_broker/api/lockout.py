"""Guessing passwords is slow: after a few failures a person, or an address, has to wait. Kept in memory only."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from access_broker.domain.decisions import Refused

FAILURES = 5
WAIT = timedelta(minutes=5)
_MOST_KEYS = 10_000

Key = tuple[str, str]


@dataclass(frozen=True)
class _Tries:
    """Whose sign-in was tried, in order; `last` is when."""

    last: datetime
    people: tuple[str, ...] = ()


class Lockout:
    """Two counters that forget `WAIT` after the last failure: failures for a person, people failed from an address.

    An address counts different people, not failures: everyone behind the hub comes from one address, and a single
    forgotten password there must not lock the committee out. Unknown names count like known ones.
    """

    def __init__(self) -> None:
        self._tries: dict[Key, _Tries] = {}
        self._lock = threading.Lock()

    def begin(self, person: str, address: str, now: datetime) -> None:
        """Raises Refused TOO_MANY_ATTEMPTS while person or address has to wait; counts as a failure until it succeeds.

        Counting first keeps a hundred tries at the same moment from all being the first one.
        """
        with self._lock:
            self._tries = {key: tries for key, tries in self._tries.items() if now - tries.last < WAIT}
            keys = [("person", person), ("address", address)]
            if any(self._is_locked(key) for key in keys):
                raise Refused("TOO_MANY_ATTEMPTS", seconds=int(WAIT.total_seconds()))
            for key in keys:
                self._tries[key] = _Tries(now, (*self._of(key), person))

    def succeeded(self, person: str, address: str) -> None:
        """Forgets the person's failures. Those of others from that address stay: one good account resets nothing."""
        with self._lock:
            self._tries.pop(("person", person), None)
            key = ("address", address)
            others = tuple(name for name in self._of(key) if name != person)
            if key in self._tries:
                self._tries[key] = _Tries(self._tries[key].last, others)

    def _is_locked(self, key: Key) -> bool:
        if key not in self._tries:
            return len(self._tries) >= _MOST_KEYS  # with no room to count, nobody new may guess
        people = self._of(key)
        return (len(people) if key[0] == "person" else len(set(people))) >= FAILURES

    def _of(self, key: Key) -> tuple[str, ...]:
        return self._tries[key].people if key in self._tries else ()
