"""What the door remembers between two requests: prepared statements and tickets, each for its owner alone."""

from __future__ import annotations

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from access_broker.domain.decisions import Refused
from access_broker.gateway.service import Parameters

Owner = tuple[str, str]
"""(person, contract)."""

TICKET_SECONDS = 300.0
PREPARED_SECONDS = 8 * 3600.0


@dataclass
class Statement:
    """A statement as its owner sent it. `schema` is what was announced for it, None while unknown."""

    sql: str
    parameters: Parameters | None = None
    schema: Any = None
    seconds: float = TICKET_SECONDS
    expires_at: float = 0.0
    cancelled: threading.Event = field(default_factory=threading.Event)


class Handles:
    """Statements by (owner, handle), bounded in number and time.

    Looking up another's handle is looking up one that never was: the answer is the same and says nothing. One owner
    who hoards pushes out his own oldest; only when all together hoard is anybody turned away.
    """

    def __init__(self, per_owner: int = 256, total: int = 4096, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_owner = per_owner
        self._total = total
        self._clock = clock
        self._lock = threading.Lock()
        self._of: dict[Owner, OrderedDict[bytes, Statement]] = {}
        self._count = 0

    def keep(self, owner: Owner, statement: Statement) -> bytes:
        """A new handle for `statement`. Raises Refused BUSY when the door can remember no more."""
        handle = secrets.token_bytes(16)
        with self._lock:
            mine = self._of.get(owner, OrderedDict())
            if len(mine) >= self._per_owner:
                self._drop(owner, next(iter(mine)))
            elif self._count >= self._total:
                self._drop_expired()
                if self._count >= self._total:
                    raise Refused("BUSY")
            statement.expires_at = self._clock() + statement.seconds
            self._of.setdefault(owner, OrderedDict())[handle] = statement
            self._count += 1
        return handle

    def find(self, owner: Owner, handle: bytes) -> Statement:
        """The owner's statement, its time begun anew. Raises Refused TOKEN_NOT_VALID."""
        with self._lock:
            mine = self._of.get(owner, OrderedDict())
            statement = mine.get(handle)
            if statement is None or statement.expires_at <= self._clock():
                raise Refused("TOKEN_NOT_VALID", subject="handle")
            statement.expires_at = self._clock() + statement.seconds
            mine.move_to_end(handle)
        return statement

    def forget(self, owner: Owner, handle: bytes) -> None:
        """Drop the owner's handle; one that is not there is nothing to drop."""
        with self._lock:
            if handle in self._of.get(owner, ()):
                self._drop(owner, handle)

    def __len__(self) -> int:
        with self._lock:
            return self._count

    def _drop(self, owner: Owner, handle: bytes) -> None:
        mine = self._of[owner]
        del mine[handle]
        self._count -= 1
        if not mine:
            del self._of[owner]

    def _drop_expired(self) -> None:
        now = self._clock()
        dead = [(o, h) for o, mine in self._of.items() for h, s in mine.items() if s.expires_at <= now]
        for owner, handle in dead:
            self._drop(owner, handle)


class Slots:
    """How many statements may run at once, in all and for one owner. A place is taken at once or not at all."""

    def __init__(self, total: int, per_owner: int) -> None:
        self.total = total
        self._per_owner = per_owner
        self._lock = threading.Lock()
        self._taken: dict[Owner, int] = {}

    def take(self, owner: Owner) -> Slot:
        """A place, until released. Raises Refused BUSY."""
        with self._lock:
            mine = self._taken.get(owner, 0)
            if mine >= self._per_owner or sum(self._taken.values()) >= self.total:
                raise Refused("BUSY")
            self._taken[owner] = mine + 1
        return Slot(self, owner)

    def taken(self) -> int:
        """Places in use now."""
        with self._lock:
            return sum(self._taken.values())

    def _give_back(self, owner: Owner) -> None:
        with self._lock:
            self._taken[owner] -= 1
            if not self._taken[owner]:
                del self._taken[owner]


@dataclass(frozen=True)
class Shared:
    """What the doors of one gateway have in common."""

    handles: Handles = field(default_factory=Handles)
    slots: Slots = field(default_factory=lambda: Slots(total=64, per_owner=48))


class Slot:
    """One place; releasing it twice counts once."""

    def __init__(self, slots: Slots, owner: Owner) -> None:
        self._slots: Slots | None = slots
        self._owner = owner
        self._lock = threading.Lock()

    def __enter__(self) -> Slot:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def release(self) -> None:
        with self._lock:
            slots, self._slots = self._slots, None
        if slots is not None:
            slots._give_back(self._owner)
