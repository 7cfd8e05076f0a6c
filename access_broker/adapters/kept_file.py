"""A SQLite file in the gateway's state that nobody else writes, and that must not get lost: what it says is a limit."""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock

from access_broker.use_cases.ports import Unavailable

FAULTS = (sqlite3.Error, OSError, ValueError, zlib.error)
"""What can go wrong with such a file and what is in it."""


class KeptFile:
    """Opened when it is first needed, so that a file that cannot be had stops only who needs it. Not thread-safe."""

    def __init__(self, path: Path, schema: str) -> None:
        self._path, self._schema = path, schema
        self._open: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def connection(self) -> sqlite3.Connection:
        """Raises OSError once the file is gone or another one: what is written then would be read by nobody."""
        if self._file is not None and self._file != _identity(self._path):
            raise OSError(f"{self._path} is not the file it was")
        if self._open is None:
            self._open, self._file = _opened(self._path, self._schema), _identity(self._path)
        return self._open

    def close(self) -> None:
        """The next one opens it anew: what was wrong with it may have been mended."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
            self._open = None


class SharedFile:
    """A kept file for many threads, one at a time; whatever is wrong with it is Unavailable."""

    def __init__(self, path: Path, schema: str) -> None:
        self._file, self._lock = KeptFile(path, schema), Lock()

    @contextmanager
    def connected(self) -> Iterator[sqlite3.Connection]:
        """Raises Unavailable("LEDGER_UNAVAILABLE") for any of FAULTS, also within the block."""
        with self._lock:
            try:
                yield self._file.connection()
            except FAULTS as error:
                self._file.close()
                raise Unavailable("LEDGER_UNAVAILABLE", str(error)) from error

    def close(self) -> None:
        with self._lock:
            self._file.close()


def _opened(path: Path, schema: str) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=3)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.executescript(schema)
    return connection


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
