"""Every test of the records runs on SQLite and on PostgreSQL, each time on a fresh database."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine

from access_broker.adapters.records import METADATA, DbRole, SqlRecords, Verification, anchor_path, verify
from access_broker.adapters.records.engine import open_engine
from access_broker.migrations import migrate
from tests.adapters.records.world import record
from tests.support.postgres import PostgresServer

ENGINES = ("sqlite", "postgresql")


@dataclass
class Place:
    """A migrated database. `sql` is how someone who has the file, or the owner's password, gets at it."""

    url: str
    state: Path
    file: Path | None = None
    _records: dict[Any, SqlRecords] = field(default_factory=dict)
    _engines: dict[str, Engine] = field(default_factory=dict)

    def records(self, role: str = "broker", *, signed: bool = False, **options: Any) -> SqlRecords:
        """The same ones for the same wishes: connections to a server take their time."""
        wishes = (role, signed, *options.items())
        if wishes not in self._records:
            self._records[wishes] = SqlRecords(self.url, role, state=self.state if signed else None, **options)
        return self._records[wishes]

    def engine(self, role: str) -> Engine:
        if role not in self._engines:
            self._engines[role] = open_engine(self.url, DbRole(role))
        return self._engines[role]

    @contextmanager
    def connection(self) -> Iterator[Any]:
        """Of someone who has the file, or the owner's password. Every statement is committed."""
        if self.file:
            with closing(sqlite3.connect(self.file, isolation_level=None)) as connection:
                yield connection
        else:
            with psycopg.connect(self.url, autocommit=True) as server:
                yield server

    def sql(self, *statements: str) -> list[tuple[Any, ...]]:
        """Runs statements past our code; returns the rows of the last."""
        with self.connection() as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def unguarded(self, *statements: str) -> None:
        """The same by someone who first takes the triggers away."""
        if self.file:
            names = [row[0] for row in self.sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
            self.sql(*(f"DROP TRIGGER {name}" for name in names), *statements)
        else:
            self.sql("SET session_replication_role = replica", *statements)

    @contextmanager
    def without(self, table: str) -> Iterator[None]:
        self.sql(f"ALTER TABLE {table} RENAME TO elsewhere")
        yield
        self.sql(f"ALTER TABLE elsewhere RENAME TO {table}")

    def verify(self, *, signed: bool = True) -> Verification:
        return verify(self.url, self.state if signed else None)

    @property
    def anchor(self) -> Path:
        path = anchor_path(self.url, self.state)
        assert path is not None
        return path

    def close(self) -> None:
        for records in self._records.values():
            records.close()
        for engine in self._engines.values():
            engine.dispose()


@pytest.fixture(scope="session")
def templates(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path | str]:
    """An empty migrated database of each kind, to be copied."""
    file = tmp_path_factory.mktemp("template") / "records.db"
    migrate(f"sqlite:///{file}")
    url = postgres_server.create_database()
    migrate(url)
    return {"sqlite": file, "postgresql": url.split("/")[3].split("?")[0]}


@pytest.fixture(scope="session")
def fresh(
    postgres_server: PostgresServer,
    templates: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Place]:
    """Makes a fresh place on the engine named."""

    def make(engine: str) -> Place:
        state = tmp_path_factory.mktemp(engine)
        if engine == "postgresql":
            return Place(postgres_server.create_database(templates["postgresql"]), state)
        file = state / "records.db"
        shutil.copy(templates["sqlite"], file)
        return Place(f"sqlite:///{file}", state, file)

    return make


@pytest.fixture(scope="session")
def emptied(fresh: Callable[[str], Place], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Place]:
    """The same for one test at a time: a server takes long to make a database, but not to empty one."""
    server_url = fresh("postgresql").url

    def make(engine: str) -> Place:
        if engine == "sqlite":
            return fresh(engine)
        place = Place(server_url, tmp_path_factory.mktemp(engine))
        place.unguarded(*(f"DELETE FROM {table}" for table in METADATA.tables))
        return place

    return make


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, emptied: Callable[[str], Place]) -> Iterator[Place]:
    made = emptied(request.param)
    yield made
    made.close()


@pytest.fixture
def file_place(emptied: Callable[[str], Place]) -> Iterator[Place]:
    """For what only a file can suffer."""
    made = emptied("sqlite")
    yield made
    made.close()


@pytest.fixture
def server_place(emptied: Callable[[str], Place]) -> Iterator[Place]:
    """For what only a server can suffer."""
    made = emptied("postgresql")
    yield made
    made.close()


@pytest.fixture
def records(place: Place) -> SqlRecords:
    return place.records()


@pytest.fixture
def chain(place: Place) -> Place:
    """Twelve records, signed at the fourth, eighth and last."""
    for _ in range(3):
        record(place.records(signed=True), "query.decided", "query.closed", "query.decided", "query.closed")
    return place
