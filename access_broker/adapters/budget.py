"""The gateway's own store of budgets: a small SQLite file that only the gateway writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

from access_broker.domain.decisions import Refused
from access_broker.use_cases.ports import Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS spent (
    contract TEXT NOT NULL, day TEXT NOT NULL, queries INTEGER NOT NULL, PRIMARY KEY (contract, day)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS spent_rows (
    contract TEXT NOT NULL, day TEXT NOT NULL, rows INTEGER NOT NULL, PRIMARY KEY (contract, day)
) WITHOUT ROWID;
"""
_SPEND = """
INSERT INTO spent VALUES (?, ?, 1)
ON CONFLICT (contract, day) DO UPDATE SET queries = queries + 1 WHERE queries < ?
RETURNING queries
"""
_FINE = """
INSERT INTO spent VALUES (?1, ?2, min(?3, ?4))
ON CONFLICT (contract, day) DO UPDATE SET queries = max(queries, min(queries + ?3, ?4))
RETURNING queries
"""
_SPEND_ROWS = """
INSERT INTO spent_rows SELECT ?1, ?2, ?3 WHERE ?3 <= ?4
ON CONFLICT (contract, day) DO UPDATE SET rows = rows + ?3 WHERE rows + ?3 <= ?4
"""
_SPENT = "SELECT queries FROM spent WHERE contract = ? AND day = ?"


class SqliteBudget:
    """Counts answered statements. A store that cannot be written refuses: an uncounted answer is a free one."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._lock = Lock()
        self._seen: dict[tuple[str, str], int] = {}  # what is in the file: nobody else writes it
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=3)
        path.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(_SCHEMA)

    def spent(self, contract: str, day: str) -> int:
        seen = self._seen.get((contract, day))
        if seen is not None:
            return seen
        with self._watched():
            return self._counted(contract, day, self._connection.execute(_SPENT, (contract, day)).fetchone())

    def spend(self, contract: str, day: str, limit: int) -> None:
        with self._watched():
            rows = self._connection.execute(_SPEND, (contract, day, limit)).fetchall()  # to the end: only that commits
            for row in rows:
                self._counted(contract, day, row)
        if not rows or limit < 1:
            raise Refused("BUDGET_SPENT", "S3-P5", limit=limit)

    def fine(self, contract: str, day: str, queries: int, limit: int) -> None:
        with self._watched():
            for row in self._connection.execute(_FINE, (contract, day, queries, limit)).fetchall():
                self._counted(contract, day, row)

    def spend_rows(self, contract: str, day: str, rows: int, limit: int) -> None:
        with self._watched():
            changed = self._connection.execute(_SPEND_ROWS, (contract, day, rows, limit)).rowcount
        if changed != 1:
            raise Refused("ROWS_SPENT", "S3-P5", limit=limit)

    def _counted(self, contract: str, day: str, row: tuple[int] | None) -> int:
        """Only the present day is asked for: what was seen of others is forgotten."""
        if any(other != day for _, other in self._seen):
            self._seen.clear()
        self._seen[contract, day] = int(row[0]) if row else 0
        return self._seen[contract, day]

    @contextmanager
    def _watched(self) -> Iterator[None]:
        try:
            with self._lock:
                yield
        except sqlite3.Error as error:
            raise Unavailable("RECORDS_UNAVAILABLE", str(error)) from error

    def close(self) -> None:
        self._connection.close()


def spent_in(path: Path, contract: str, day: str) -> int | None:
    """What a SqliteBudget at `path` would answer, read beside it; None where there is none, or it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            row = connection.execute(_SPENT, (contract, day)).fetchone()
    except sqlite3.Error:
        return None
    return int(row[0]) if row else 0
