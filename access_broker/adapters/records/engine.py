"""Opens the records database, SQLite or PostgreSQL, so that no statement can wait for ever or outlive its file.

Every transaction is opened here by hand: a read sees one snapshot, a write waits for its turn before it looks.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.pool import QueuePool

from access_broker.adapters.records import postgres, sqlite
from access_broker.adapters.records.roles import DbRole

PATIENCE = 5.0
"""Seconds a statement may wait before the records count as unavailable."""
WRITE = "amanat_write"


def sqlite_path(url: str) -> Path | None:
    """The database file of an SQLite url; None for PostgreSQL. ValueError for anything this product does not run on."""
    parsed = make_url(url)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return None
    if backend != "sqlite" or not parsed.database or parsed.database == ":memory:":
        raise ValueError("the records live in an SQLite file or on PostgreSQL")
    return Path(parsed.database)


Opener = sqlite.Opener | postgres.Opener


def opener_of(url: str, role: DbRole, patience: float) -> Opener:
    """Opens connections to the database that the url names."""
    path = sqlite_path(url)
    return sqlite.Opener(path, role, patience) if path else postgres.Opener(make_url(url), role, patience)


def open_engine(url: str, role: DbRole = DbRole.BROKER, patience: float = PATIENCE) -> Engine:
    """An engine that connects as `role`. Nothing is opened yet, and an SQLite file is never created here."""
    opened = opener_of(url, role, patience)
    engine = create_engine(
        URL.create("sqlite" if isinstance(opened, sqlite.Opener) else "postgresql+psycopg"),
        creator=opened.connect,
        poolclass=QueuePool,
        pool_size=8,
        max_overflow=24,
        pool_timeout=patience,
        # the whole text of a statement and its values have no place in a log
        hide_parameters=True,
    )
    event.listen(engine, "checkout", opened.check)

    def begin(connection: Connection) -> None:
        opened.begin(connection, writing=bool(connection.get_execution_options().get(WRITE)))

    event.listen(engine, "begin", begin)
    return engine
