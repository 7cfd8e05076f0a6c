"""The gateway's book of epsilon: what each contract has spent, and what was drawn for it. Nobody else writes it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from access_broker.adapters.kept_file import SharedFile
from access_broker.adapters.witness import Witness
from access_broker.domain.decisions import Refused
from access_broker.use_cases.gate_ports import Drawn
from access_broker.use_cases.ports import Unavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS charge (
    contract TEXT NOT NULL, question TEXT NOT NULL, epsilon INTEGER NOT NULL CHECK (epsilon > 0), drawn TEXT,
    PRIMARY KEY (contract, question)
) WITHOUT ROWID
"""
_SPENT = "SELECT COALESCE(SUM(epsilon), 0) FROM charge WHERE contract = ?"
_CHARGE = "INSERT INTO charge (contract, question, epsilon) VALUES (?, ?, ?)"


class SqliteNoiseBook:
    """gate_ports.NoiseBook. `witness`: a file that stays when this one is lost or an older copy is put in its place."""

    def __init__(self, path: Path, witness: Path | None = None) -> None:
        self._file = SharedFile(path, _SCHEMA)
        self._witness = Witness(witness or path.with_name("witness.sqlite"), "book of epsilon")
        with suppress(Unavailable), self._file.connected():  # so that others can see that nothing is spent yet
            pass

    def drawn(self, contract: str, questions: Sequence[str]) -> dict[str, Drawn]:
        with self._file.connected() as connection:
            found = f"SELECT question, drawn FROM charge WHERE contract = ? AND question IN ({_marks(questions)})"
            rows = connection.execute(found, (contract, *questions)).fetchall()
            return {question: json.loads(drawn) for question, drawn in rows if drawn is not None}

    def charge(self, contract: str, wanted: Mapping[str, int], most: int) -> dict[str, int]:
        with self._file.connected() as connection:
            with connection:  # commits, or rolls back
                connection.execute("BEGIN IMMEDIATE")
                found = f"SELECT question, epsilon FROM charge WHERE contract = ? AND question IN ({_marks(wanted)})"
                charged: dict[str, int] = dict(connection.execute(found, (contract, *wanted)).fetchall())
                new = {question: epsilon for question, epsilon in wanted.items() if question not in charged}
                spent = self._spent(connection, contract) + sum(new.values())
                if min(new.values(), default=1) < 1 or (new and spent > most):
                    raise Refused("EPSILON_SPENT", "S3-P5")
                connection.executemany(_CHARGE, [(contract, question, epsilon) for question, epsilon in new.items()])
            self._witness.see(contract, spent)
        return charged | new

    def keep(self, contract: str, drawn: Mapping[str, Drawn]) -> None:
        rows = [(json.dumps(values, ensure_ascii=False), contract, question) for question, values in drawn.items()]
        with self._file.connected() as connection, connection:
            connection.execute("BEGIN IMMEDIATE")
            kept = connection.executemany("UPDATE charge SET drawn = ? WHERE contract = ? AND question = ?", rows)
            if kept.rowcount != len(rows):
                raise ValueError("drawn without a charge")

    def spent(self, contract: str) -> int:
        with self._file.connected() as connection:
            return self._spent(connection, contract)

    def close(self) -> None:
        self._file.close()
        self._witness.close()

    def _spent(self, connection: sqlite3.Connection, contract: str) -> int:
        """Raises ValueError when it was more before."""
        spent = int(connection.execute(_SPENT, (contract,)).fetchone()[0])
        self._witness.check(contract, spent)
        return spent


def _marks(questions: Collection[str]) -> str:
    return ", ".join("?" for _ in questions)


def epsilon_spent_in(path: Path, contract: str) -> int | None:
    """What a SqliteNoiseBook at `path` would answer, read beside it; None where there is none, or it cannot be read."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=1)) as connection:
            return int(connection.execute(_SPENT, (contract,)).fetchone()[0])
    except sqlite3.Error:
        return None
