"""The gateway's own store of budgets: a small SQLite file that only the gateway writes."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

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
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=3)
        path.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.executescript(_SCHEMA)

    def spent(self, contract: str, day: str) -> int:
        try:
            with self._lock:
                row = self._connection.execute(_SPENT, (contract, day)).fetchone()
        except sqlite3.Error as error:
            raise Unavailable("RECORDS_UNAVAILABLE", str(error)) from error
        return int(row[0]) if row else 0

    def spend(self, contract: str, day: str, limit: int) -> None:
        if self._changed(_SPEND, (contract, day, limit)) != 1 or limit < 1:
            raise Refused("BUDGET_SPENT", "S3-P5", limit=limit)

    def spend_rows(self, contract: str, day: str, rows: int, limit: int) -> None:
        if self._changed(_SPEND_ROWS, (contract, day, rows, limit)) != 1:
            raise Refused("ROWS_SPENT", "S3-P5", limit=limit)

    def _changed(self, statement: str, values: tuple[Any, ...]) -> int:
        try:
            with self._lock:
                return self._connection.execute(statement, values).rowcount
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
