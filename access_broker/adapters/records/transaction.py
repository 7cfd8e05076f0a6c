"""One transaction, opened with patience and ended for certain: committed when its block ends, else rolled back."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Engine, Executable, Row, Select, Table, bindparam, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from access_broker.adapters.records.engine import WRITE
from access_broker.adapters.records.failures import RECORDS, is_lost_connection, spoken

Values = Mapping[str, Any]
AT_ONCE = 1.0  # seconds within which a stale connection shows itself


class Transaction:
    """Statements on one connection. Once a statement failed the whole transaction is lost, whatever the caller does.

    PostgreSQL answers COMMIT after a failure with a silent rollback; without `failure` a caller that swallowed the
    exception would believe that its change is on record.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.failure: Exception | None = None

    def rows(self, query: Executable, values: Values | None = None, *, code: str = RECORDS) -> Sequence[Row[Any]]:
        with self._watched(code):
            return self._connection.execute(query, values or {}).all()

    def run(
        self, statement: Executable, values: Values | Sequence[Values] | None = None, *, code: str = RECORDS
    ) -> int:
        """Executes a change and returns the number of rows it touched."""
        with self._watched(code):
            return self._connection.execute(statement, values).rowcount

    def upsert(self, table: Table, row: Values) -> None:
        """Insert, or replace every other column of the row with the same primary key."""
        new = (postgresql if self._connection.dialect.name == "postgresql" else sqlite).insert(table)
        changed = {name: new.excluded[name] for name in row if name not in table.primary_key.columns}
        self.run(new.values(dict(row)).on_conflict_do_update(index_elements=table.primary_key.columns, set_=changed))

    def replace(self, table: Table, parent: str, id: str, rows: Sequence[Values]) -> None:
        """The rows that belong to a parent, replaced as a whole."""
        self.run(delete(table).where(table.c[parent] == id))
        if rows:
            self.run(insert(table), [{parent: id, **row} for row in rows])

    @contextmanager
    def _watched(self, code: str) -> Iterator[None]:
        try:
            with spoken(code):
                yield
        except Exception as failure:
            self.failure = self.failure or failure
            raise


@contextmanager
def transaction(engine: Engine, *, writing: bool = False, code: str = RECORDS) -> Iterator[Transaction]:
    """Raises Unavailable(code) when the database cannot be opened, gives no turn in time or does not commit."""
    with spoken(code):
        connection = _opened(engine, writing)
    try:
        opened = Transaction(connection)
        yield opened
        if opened.failure:
            raise opened.failure
        with spoken(code):
            connection.commit() if writing else connection.rollback()
    finally:
        connection.close()


def _opened(engine: Engine, writing: bool) -> Connection:
    """A pooled connection may be stale after a restart of the server: then a fresh one is tried, once."""
    started = time.monotonic()
    while True:
        connection = engine.connect().execution_options(**{WRITE: writing})
        try:
            connection.begin()
            return connection
        except Exception as failure:
            connection.close()
            if not is_lost_connection(failure) or time.monotonic() - started > AT_ONCE:
                raise


@lru_cache(maxsize=128)
def rows_of(table: Table, key: str | None = None) -> Select[Any]:
    """The rows of a table in key order; of one parent, named by the parameter `key`, when `key` is given.

    Cached because building a statement costs more than running it.
    """
    query = select(table).order_by(*table.primary_key.columns)
    return query if key is None else query.where(table.c[key] == bindparam("key"))


class Children:
    """The rows of child tables by parent, read with one statement per table however many parents there are."""

    def __init__(self, tx: Transaction, parent: str, id: str | None) -> None:
        self._tx, self._parent, self._id = tx, parent, id

    def __call__(self, table: Table, *further: str) -> dict[Any, list[Row[Any]]]:
        """Rows by parent id, or by (parent id, *further columns)."""
        names = list(table.columns.keys())
        key_of = itemgetter(*(names.index(name) for name in (self._parent, *further)))
        found: dict[Any, list[Row[Any]]] = {}
        for row in load(self._tx, table, self._parent, self._id):
            found.setdefault(key_of(row), []).append(row)
        return found


def load(tx: Transaction, table: Table, key: str, id: str | None) -> Sequence[Row[Any]]:
    """All rows, or those whose `key` is `id`."""
    return tx.rows(rows_of(table)) if id is None else tx.rows(rows_of(table, key), {"key": id})
