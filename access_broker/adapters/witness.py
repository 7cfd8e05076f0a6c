"""How many answers each contract's ledger has held: a second, small file beside it that only the gateway writes.

A ledger that was lost, or replaced by an older copy, has fewer, and would otherwise begin a fresh memory unnoticed. It
holds counts and nothing of an answer. It may be behind by what was told when it could not be written, never ahead.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS witness (contract TEXT PRIMARY KEY, answers INTEGER NOT NULL) WITHOUT ROWID
"""
_SEEN = "SELECT answers FROM witness WHERE contract = ?"
_SEE = """
INSERT INTO witness VALUES (?, ?) ON CONFLICT (contract) DO UPDATE SET answers = max(answers, excluded.answers)
"""


class Witness:
    """Not thread-safe: the ledger's lock is its lock. Raises sqlite3.Error and OSError."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=3)
        path.chmod(0o600)
        self._connection.execute("PRAGMA journal_mode=TRUNCATE")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._connection.execute(_SCHEMA)

    def seen(self, contract: str) -> int:
        """The most answers that its ledger has held; 0 if nobody has seen one."""
        row = self._connection.execute(_SEEN, (contract,)).fetchone()
        return int(row[0]) if row else 0

    def see(self, contract: str, answers: int) -> None:
        self._connection.execute(_SEE, (contract, answers))

    def close(self) -> None:
        self._connection.close()
