"""The gateway's memory of what each contract was told: a SQLite file that only the gateway reads and writes."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from pyroaring import BitMap

from access_broker.adapters.kept_file import SharedFile
from access_broker.adapters.witness import Witness
from access_broker.use_cases.figures import BUCKETS, Floats, Vector
from access_broker.use_cases.ledger import Told

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answer (
    id INTEGER PRIMARY KEY, contract TEXT NOT NULL, publication INTEGER NOT NULL, domain TEXT NOT NULL,
    kind TEXT NOT NULL, places TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS answer_of ON answer (contract, id);
CREATE TABLE IF NOT EXISTS figure (
    answer INTEGER NOT NULL REFERENCES answer (id), place INTEGER NOT NULL, people BLOB NOT NULL, sums BLOB NOT NULL,
    sizes BLOB, adds BLOB, PRIMARY KEY (answer, place)
) WITHOUT ROWID;
"""
_ANSWERS = "SELECT id, domain, kind, places FROM answer WHERE contract = ? ORDER BY id"
_HELD = "SELECT count(*) FROM answer WHERE contract = ?"
_FIGURES = "SELECT people, sums, sizes, adds FROM figure WHERE answer = ? ORDER BY place"


class SqliteLedger:
    """gate_ports.Ledger. `witness`: a file that stays when this one is lost or an older copy is put in its place."""

    def __init__(self, path: Path, witness: Path | None = None) -> None:
        self._file = SharedFile(path, _SCHEMA)
        self._witness = Witness(witness or path.with_name("witness.sqlite"), "ledger")

    def told(self, contract: str) -> list[tuple[str, str, Told]]:
        found = []
        with self._file.connected() as connection:
            self._held(connection, contract)
            for id_, domain, kind, places in connection.execute(_ANSWERS, (contract,)).fetchall():
                vectors = tuple(_vector(*row) for row in connection.execute(_FIGURES, (id_,)).fetchall())
                found.append((domain, kind, Told(vectors, tuple(json.loads(places)))))
        return found

    def keep(self, contract: str, publication: int, told: Sequence[tuple[str, str, Told]]) -> None:
        with self._file.connected() as connection:
            with connection:  # commits, or rolls back
                connection.execute("BEGIN IMMEDIATE")
                for domain, kind, one in told:
                    row = (contract, publication, domain, kind, json.dumps(one.places))
                    columns = "(contract, publication, domain, kind, places)"
                    added = connection.execute(f"INSERT INTO answer {columns} VALUES (?, ?, ?, ?, ?)", row)
                    figures = [(added.lastrowid, place, *_blobs(v)) for place, v in enumerate(one.vectors)]
                    connection.executemany("INSERT INTO figure VALUES (?, ?, ?, ?, ?, ?)", figures)
                held = self._held(connection, contract)
            self._witness.see(contract, held)

    def close(self) -> None:
        self._file.close()
        self._witness.close()

    def _held(self, connection: sqlite3.Connection, contract: str) -> int:
        """How many answers of the contract are here. Raises ValueError when there were more."""
        held = int(connection.execute(_HELD, (contract,)).fetchone()[0])
        self._witness.check(contract, held)
        return held


def _blobs(vector: Vector) -> tuple[bytes, bytes | None, bytes | None, bytes | None]:
    return vector.people.serialize(), _blob(vector.sums), _blob(vector.sizes), _blob(vector.adds)


def _blob(numbers: Floats | None) -> bytes | None:
    return None if numbers is None else zlib.compress(numbers.tobytes(), 1)


def _vector(people: bytes, sums: bytes, sizes: bytes | None, adds: bytes | None) -> Vector:
    members = BitMap.deserialize(people)
    held = None if sizes is None else _floats(sizes, BUCKETS)
    return Vector(members, _floats(sums, BUCKETS), held, None if adds is None else _floats(adds, len(members)))


def _floats(blob: bytes, length: int) -> Floats:
    numbers: Floats = np.frombuffer(zlib.decompress(blob), dtype=np.float64)
    if numbers.shape != (length,):
        raise ValueError("a figure of another shape")
    return numbers
