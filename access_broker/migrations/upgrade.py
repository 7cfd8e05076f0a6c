"""`migrate`: one transaction from whatever is there to the newest revision."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from access_broker.adapters.records.engine import WRITE, open_engine, sqlite_path
from access_broker.adapters.records.failures import RECORDS, spoken
from access_broker.migrations.grants import grant_roles
from access_broker.use_cases.ports import Unavailable

PATIENCE = 60.0
"""Seconds to wait for another process that is migrating the same database."""


def migrate(url: str, *, patience: float = PATIENCE) -> None:
    """Creates the database (an SQLite file, mode 0600) or upgrades it; does nothing to one that is up to date.

    Two processes may start at once: the second waits and then finds the work done. On PostgreSQL the database must
    exist; the group roles of `grants` are made and granted. Raises Unavailable(RECORDS_UNAVAILABLE).
    """
    path = sqlite_path(url)
    with spoken():
        if path:
            _prepare_file(path, patience)
        engine = open_engine(url, patience=patience)
        try:
            with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
                upgrade(connection)
                if path is None:
                    grant_roles(connection)
        finally:
            engine.dispose()


def upgrade(connection: Connection, to: str = "head") -> None:
    """Brings the database to a revision, in the transaction that is open. Raises Unavailable(RECORDS_UNAVAILABLE)."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    try:
        command.upgrade(config, to)
    except CommandError as error:
        raise Unavailable(RECORDS, f"a database of another version: {error}") from error


def _prepare_file(path: Path, patience: float) -> None:
    """It holds password hashes, so it is nobody else's from its first byte on."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise Unavailable(RECORDS, f"{path} cannot be made") from error
    with closing(sqlite3.connect(path, timeout=patience, isolation_level=None)) as connection:
        _use_write_ahead_log(connection, time.monotonic() + patience)


def _use_write_ahead_log(connection: sqlite3.Connection, deadline: float) -> None:
    """The file remembers it. SQLite does not wait for a busy file here, so we do."""
    while True:
        try:
            if connection.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",):
                return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
        if time.monotonic() > deadline:
            raise Unavailable(RECORDS, "the database stays busy")
        time.sleep(0.01)
