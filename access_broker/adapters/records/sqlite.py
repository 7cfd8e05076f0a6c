"""Connections to the SQLite file: write-ahead log, foreign keys, full durability, and the file that the path names."""

from __future__ import annotations

import os
import sqlite3
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection
from sqlalchemy.exc import DisconnectionError

from access_broker.adapters.records.roles import DbRole, authorizer

_ASK_EVERY = 0.001  # seconds


class Opener:
    """Opens connections for one role; `patience` in seconds."""

    def __init__(self, path: Path, role: DbRole, patience: float) -> None:
        self._path = path
        self._role = role
        self._patience = patience

    def connect(self) -> sqlite3.Connection:
        """mode=rw: a database that is gone must be an error, not a new and empty one without any cut in it."""
        connection = sqlite3.connect(
            f"file:{quote(str(self._path.absolute()))}?mode=rw",
            uri=True,
            timeout=self._patience,
            check_same_thread=False,  # the pool hands a connection to one thread at a time
            isolation_level=None,  # transactions are opened by us
        )
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")  # committed means on the disk
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA recursive_triggers = ON")  # so that REPLACE counts as the DELETE it is
        if self._role is not DbRole.BROKER:
            connection.set_authorizer(authorizer(self._role))
        return connection

    alone = connect  # outside a transaction that we open, each statement is one of its own

    def check(self, connection: Any, record: Any, _proxy: Any) -> None:
        """Runs when a pooled connection is taken: one to a file that was removed or replaced writes into nowhere."""
        now = self._identity()
        if record.info.setdefault("file", now) != now or now is None:
            raise DisconnectionError("the database file is another one")

    def _identity(self) -> tuple[int, int] | None:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_dev, status.st_ino

    def begin(self, connection: Connection, *, writing: bool) -> None:
        """A writer takes its turn at once: a lock asked for half-way cannot be waited for in SQLite."""
        raw = connection.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        if writing:
            self._take_turn(raw)
        else:
            raw.execute("BEGIN")

    def _take_turn(self, raw: sqlite3.Connection) -> None:
        """Asks every millisecond. SQLite's own waiting asks ten times a second in the end, and a committee's cut would
        wait for seconds beside a busy gateway, which has the lock again within a tenth of that."""
        deadline = time.monotonic() + self._patience
        raw.execute("PRAGMA busy_timeout = 0")
        try:
            while True:
                try:
                    raw.execute("BEGIN IMMEDIATE")
                    return
                except sqlite3.OperationalError as error:
                    if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                        raise
                time.sleep(_ASK_EVERY)
        finally:
            raw.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")
