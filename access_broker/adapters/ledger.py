"""The gateway's memory of what each contract was told: a SQLite file that only the gateway reads and writes."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import zlib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

import numpy as np
from pyroaring import BitMap

from access_broker.adapters.witness import Witness
from access_broker.use_cases.figures import BUCKETS, Floats, Vector
from access_broker.use_cases.ledger import Told
from access_broker.use_cases.ports import Unavailable

log = logging.getLogger("amanat.query")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY, contract TEXT NOT NULL, publication INTEGER NOT NULL, domain TEXT NOT NULL,
    kind TEXT NOT NULL, places TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS answer_of ON answer (contract, id);
CREATE TABLE IF NOT EXISTS figure (
    answer INTEGER NOT NULL REFERENCES answer (id), place INTEGER NOT NULL, people BLOB NOT NULL, sums BLOB NOT NULL,
    sizes BLOB, PRIMARY KEY (answer, place)
) WITHOUT ROWID;
"""
_ANSWERS = "SELECT id, domain, kind, places FROM answer WHERE contract = ? ORDER BY id"
_HELD = "SELECT count(*) FROM answer WHERE contract = ?"
_FIGURES = "SELECT people, sums, sizes FROM figure WHERE answer = ? ORDER BY place"
_FAULTS = (sqlite3.Error, OSError, ValueError, zlib.error)


class SqliteLedger:
    """ports.Ledger. Opened when it is first needed, so that a store that cannot be had stops only who needs it.

    `witness`: a file that stays when this one is lost or an older copy is put in its place, and so shows it.
    """

    def __init__(self, path: Path, witness: Path | None = None) -> None:
        self._path, self._beside = path, witness or path.with_name("witness.sqlite")
        self._witness: Witness | None = None
        self._lock = Lock()
        self._open: sqlite3.Connection | None = None
        self._file: tuple[int, int] | None = None

    def told(self, contract: str) -> list[tuple[str, str, Told]]:
        try:
            with self._lock:
                connection, found = self._connection(), []
                self._held(connection, contract)
                for id_, domain, kind, places in connection.execute(_ANSWERS, (contract,)).fetchall():
                    rows = connection.execute(_FIGURES, (id_,)).fetchall()
                    vectors = tuple(_vector(*row) for row in rows)
                    found.append((domain, kind, Told(vectors, tuple(json.loads(places)))))
                return found
        except _FAULTS as error:
            raise self._unavailable(error) from error

    def keep(self, contract: str, publication: int, told: Sequence[tuple[str, str, Told]]) -> None:
        try:
            with self._lock:
                connection = self._connection()
                with connection:  # commits, or rolls back
                    connection.execute("BEGIN IMMEDIATE")
                    for domain, kind, one in told:
                        row = (contract, publication, domain, kind, json.dumps(one.places))
                        columns = "(contract, publication, domain, kind, places)"
                        added = connection.execute(f"INSERT INTO answer {columns} VALUES (?, ?, ?, ?, ?)", row)
                        figures = [(added.lastrowid, place, *_blobs(v)) for place, v in enumerate(one.vectors)]
                        connection.executemany("INSERT INTO figure VALUES (?, ?, ?, ?, ?)", figures)
                    held = self._held(connection, contract)
                self._see(contract, held)
        except _FAULTS as error:
            raise self._unavailable(error) from error

    def close(self) -> None:
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None
            if self._witness is not None:
                self._witness.close()
                self._witness = None

    def _held(self, connection: sqlite3.Connection, contract: str) -> int:
        """How many answers of the contract are here. Raises ValueError when there were more."""
        if self._witness is None:
            self._witness = Witness(self._beside)
        held, seen = int(connection.execute(_HELD, (contract,)).fetchone()[0]), self._witness.seen(contract)
        if held < seen:
            log.error("the ledger has %d of %d answers of contract %s: bring it back", held, seen, contract)
            raise ValueError(f"{held} of {seen} answers")
        return held

    def _see(self, contract: str, held: int) -> None:
        """What is in the ledger by now is told whatever happens to the witness, which then sees it the next time."""
        try:
            assert self._witness is not None
            self._witness.see(contract, held)
        except _FAULTS as error:
            log.error("the witness of the ledger cannot be written: %s", error)

    def _connection(self) -> sqlite3.Connection:
        """Raises OSError once the file is gone or another one: what is written then would be read by nobody."""
        if self._file is not None and self._file != _identity(self._path):
            raise OSError(f"{self._path} is not the file it was")
        if self._open is None:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            self._path.chmod(0o600)
            connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=3)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(_SCHEMA)
            self._open, self._file = connection, _identity(self._path)
        return self._open

    def _unavailable(self, error: Exception) -> Unavailable:
        """The next one opens the file anew: what was wrong with it may have been mended."""
        if self._open is not None:
            with suppress(sqlite3.Error):
                self._open.close()
            self._open = None
        return Unavailable("LEDGER_UNAVAILABLE", str(error))


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _blobs(vector: Vector) -> tuple[bytes, bytes, bytes | None]:
    sizes = None if vector.sizes is None else zlib.compress(vector.sizes.tobytes(), 1)
    return vector.people.serialize(), zlib.compress(vector.sums.tobytes(), 1), sizes


def _vector(people: bytes, sums: bytes, sizes: bytes | None) -> Vector:
    return Vector(BitMap.deserialize(people), _floats(sums), None if sizes is None else _floats(sizes))


def _floats(blob: bytes) -> Floats:
    numbers: Floats = np.frombuffer(zlib.decompress(blob), dtype=np.float64)
    if numbers.shape != (BUCKETS,):
        raise ValueError("a figure of another shape")
    return numbers
