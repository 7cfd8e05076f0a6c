"""How much of each contract a file beside it has held: a second, small file that only the gateway writes.

A file that was lost, or replaced by an older copy, holds less, and would otherwise begin afresh unnoticed: with an
empty memory, or a whole epsilon. The witness holds counts and nothing of an answer. It may be behind by what was
written when it could not be, never ahead.
"""

from __future__ import annotations

import logging
from pathlib import Path

from access_broker.adapters.kept_file import FAULTS, KeptFile

log = logging.getLogger("amanat.query")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS witness (
    what TEXT NOT NULL, contract TEXT NOT NULL, held INTEGER NOT NULL, PRIMARY KEY (what, contract)
) WITHOUT ROWID
"""
_SEEN = "SELECT held FROM witness WHERE what = ? AND contract = ?"
_SEE = """
INSERT INTO witness VALUES (?, ?, ?) ON CONFLICT (what, contract) DO UPDATE SET held = max(held, excluded.held)
"""


class Witness:
    """Of one file, the `what`. Not thread-safe: its owner's lock is its lock."""

    def __init__(self, path: Path, what: str) -> None:
        self._file, self._what = KeptFile(path, _SCHEMA), what

    def check(self, contract: str, held: int) -> None:
        """Raises ValueError when there was more than is `held` now, sqlite3.Error or OSError when nobody can say."""
        row = self._file.connection().execute(_SEEN, (self._what, contract)).fetchone()
        if row and held < int(row[0]):
            log.error("the %s has %d of %d of contract %s: bring it back", self._what, held, row[0], contract)
            raise ValueError(f"{held} of {row[0]}")

    def see(self, contract: str, held: int) -> None:
        """What is written by now stands whatever happens to the witness, which then sees it the next time."""
        try:
            self._file.connection().execute(_SEE, (self._what, contract, held))
        except FAULTS as error:
            self._file.close()
            log.error("the witness of the %s cannot be written: %s", self._what, error)

    def close(self) -> None:
        self._file.close()
