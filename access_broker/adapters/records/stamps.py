"""The stamp of the records, read alone: it is asked at every step of every query, so on connections of its own.

A transaction, or even the pool of the other connections, would cost several times what the question itself does.
"""

from __future__ import annotations

import queue
from typing import Any

from sqlalchemy import select

from access_broker.adapters.records.engine import Opener
from access_broker.adapters.records.journal import stamp

_STAMP = str(select(stamp.c.value))
_MOST = 8


class _Kept:
    """A connection; `info` is what `Opener.check` remembers of it."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection
        self.info: dict[str, Any] = {}


class Stamps:
    """Thread-safe, at most eight readers at once; the others wait, `patience` seconds at most."""

    def __init__(self, opener: Opener, patience: float) -> None:
        self._opener, self._patience = opener, patience
        self._places: queue.SimpleQueue[_Kept | None] = queue.SimpleQueue()
        for _ in range(_MOST):
            self._places.put(None)

    def read(self) -> str:
        """The stamp as it is now, "" for none. Raises whatever the database does; its connection is gone then."""
        kept = self._places.get(timeout=self._patience)
        good = None
        try:
            kept = kept or _Kept(self._opener.alone())
            self._opener.check(kept.connection, kept, None)
            row = kept.connection.execute(_STAMP).fetchall()  # to the end, or SQLite would go on reading
            good = kept
        finally:
            if good is None and kept is not None:
                kept.connection.close()
            self._places.put(good)
        return str(row[0][0]) if row else ""

    def close(self) -> None:
        """Whoever asks later opens a connection anew."""
        for _ in range(_MOST):
            kept = self._places.get(timeout=self._patience)
            if kept is not None:
                kept.connection.close()
            self._places.put(None)
