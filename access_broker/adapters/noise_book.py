"""The gateway's book of epsilon: what each contract has spent, and what was drawn for it. Nobody else writes it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Lock

from access_broker.domain.decisions import Refused
from access_broker.use_cases.ports import Drawn, Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS charge (
    contract TEXT NOT NULL, question TEXT NOT NULL, epsilon INTEGER NOT NULL CHECK (epsilon > 0), drawn TEXT,
    PRIMARY KEY (contract, question)
) WITHOUT ROWID
"""
_SPENT = "SELECT COALESCE(SUM(epsilon), 0) FROM charge WHERE contract = ?"
_CHARGE = "INSERT INTO charge (contract, question, epsilon) VALUES (?, ?, ?)"


class SqliteNoiseBook:
    """ports.NoiseBook. A store that cannot be had stops only who needs it."""

    def __init__(self, path: Path) -> None:
        self._path, self._lock = path, Lock()
        self._open: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None
        with suppress(Unavailable):  # so that others can see that nothing is spent yet
            self.spent("")

    def drawn(self, contract: str, questions: Sequence[str]) -> dict[str, Drawn]:
        with self._connection() as connection:
            found = f"SELECT question, drawn FROM charge WHERE contract = ? AND question IN ({_marks(questions)})"
            rows = connection.execute(found, (contract, *questions)).fetchall()
            return {question: json.loads(drawn) for question, drawn in rows if drawn is not None}

    def charge(self, contract: str, wanted: Mapping[str, int], most: int) -> dict[str, int]:
        with self._connection() as connection, connection:  # commits, or rolls back
            connection.execute("BEGIN IMMEDIATE")
            found = f"SELECT question, epsilon FROM charge WHERE contract = ? AND question IN ({_marks(wanted)})"
            charged: dict[str, int] = dict(connection.execute(found, (contract, *wanted)).fetchall())
            new = {question: epsilon for question, epsilon in wanted.items() if question not in charged}
            (spent,) = connection.execute(_SPENT, (contract,)).fetchone()
            if min(new.values(), default=1) < 1 or (new and spent + sum(new.values()) > most):
                raise Refused("EPSILON_SPENT", "S3-P5")
            connection.executemany(_CHARGE, [(contract, question, epsilon) for question, epsilon in new.items()])
        return charged | new

    def keep(self, contract: str, drawn: Mapping[str, Drawn]) -> None:
        rows = [(json.dumps(values, ensure_ascii=False), contract, question) for question, values in drawn.items()]
        with self._connection() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            kept = connection.executemany("UPDATE charge SET drawn = ? WHERE contract = ? AND question = ?", rows)
            if kept.rowcount != len(rows):
                raise sqlite3.IntegrityError("drawn without a charge")

    def spent(self, contract: str) -> int:
        with self._connection() as connection:
            return int(connection.execute(_SPENT, (contract,)).fetchone()[0])

    def close(self) -> None:
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Any fault is a refusal, and the next one opens the file anew: what was wrong may have been mended."""
        try:
            with self._lock:
                if self._file is not None and self._file != _identity(self._path):
                    raise OSError(f"{self._path} is not the file it was")  # what is written then, nobody would read
                if self._open is None:
                    self._open, self._file = _opened(self._path), _identity(self._path)
                yield self._open
        except (sqlite3.Error, OSError, ValueError) as error:
            if self._open is not None:
                self._open.close()
            self._open = None
            raise Unavailable("LEDGER_UNAVAILABLE", str(error)) from error


def _marks(questions: Collection[str]) -> str:
    return ", ".join("?" for _ in questions)


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    path.chmod(0o600)
    connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=3)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(_SCHEMA)
    return connection


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def epsilon_spent_in(path: Path, contract: str) -> int | None:
    """What a SqliteNoiseBook at `path` would answer, read beside it; None where there is none, or it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            return int(connection.execute(_SPENT, (contract,)).fetchone()[0])
    except sqlite3.Error:
        return None
