"""Reads the audit chain from its first record to its last and tells where it breaks first.

Works on a running system (one snapshot), on a stopped one, and on a copy in a directory that cannot be written.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, Row, Table, create_engine, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import NullPool

from access_broker.adapters.records.chain import Head
from access_broker.adapters.records.checkpoints import Anchor, anchor_path, public_key
from access_broker.adapters.records.engine import open_engine, sqlite_path
from access_broker.adapters.records.failures import AUDIT, spoken
from access_broker.adapters.records.journal import audit, audit_checkpoints
from access_broker.domain.audit import AuditEvent, seal
from access_broker.use_cases.ports import Unavailable

_CHUNK = 1000  # rows in memory at once
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@dataclass(frozen=True)
class Verification:
    """`records`: how many hold, counted from the first. `first_broken`: the position after them, None when all hold.

    `anchored`: an anchor was there to compare with. Without one a tail that was cut off together with its checkpoints
    cannot be seen, nor a chain that was computed anew.
    """

    ok: bool
    records: int
    first_broken: int | None
    anchored: bool


def verify(url: str, state: Path | None = None) -> Verification:
    """`state`: the directory with the key, as `SqlRecords` has it; then an anchor must be there, signed by that key.

    Raises Unavailable(RECORDS_UNAVAILABLE) when the database cannot be read at all.
    """
    try:
        known, lost = _anchor(url, state), False
    except Unavailable:
        known, lost = None, True
    found = _verify_database(url, known)
    if found.ok and lost:  # the chain holds, but whether it is all of it, nothing says any more
        return Verification(False, found.records, found.records + 1, anchored=False)
    return found


def _anchor(url: str, state: Path | None) -> Anchor | None:
    place = anchor_path(url, state)
    known = Anchor.read(place) if place else None
    key = public_key(state) if state else None
    if key and (known is None or known.public_key != key):
        raise Unavailable(AUDIT, "the anchor is gone or was signed with another key")
    return known


def _verify_database(url: str, known: Anchor | None) -> Verification:
    path = sqlite_path(url)
    if path is None:
        return _verify_with(open_engine(url), known)
    at_rest = not _wal(path).exists()
    found = _verify_with(_file_engine(path, immutable=at_rest), known)
    if not found.ok and at_rest and _wal(path).exists():  # a system was started while we read
        return _verify_with(_file_engine(path, immutable=False), known)
    return found


def _wal(path: Path) -> Path:
    return path.with_name(path.name + "-wal")


def _file_engine(path: Path, *, immutable: bool) -> Engine:
    """`immutable`: SQLite neither locks nor makes files beside the database, which a copy kept as evidence needs."""
    mode = "mode=ro&immutable=1" if immutable else "mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(f"file:{quote(str(path.absolute()))}?{mode}", uri=True, timeout=5.0)
        # a byte that is no longer text must show as a wrong hash, not as a failure of the reader
        connection.text_factory = lambda raw: raw.decode("utf-8", "surrogateescape")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)


def _verify_with(engine: Engine, known: Anchor | None) -> Verification:
    walk = _Walk(known)
    try:
        with spoken():
            holds = _walk_through(engine, walk)
    finally:
        engine.dispose()
    records = walk.head.position
    return Verification(holds, records, None if holds else records + 1, anchored=known is not None)


def _walk_through(engine: Engine, walk: _Walk) -> bool:
    try:
        with engine.connect() as connection:
            return walk.through(connection)
    except DatabaseError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:  # without the extension
            return False
        raise


class _Walk:
    """`head` is the last record that holds."""

    def __init__(self, known: Anchor | None) -> None:
        self.head = Head()
        self._known = known
        self._marked = Head()

    def through(self, connection: Connection) -> bool:
        """True when every record follows the one before and everything signed is there, as it was signed."""
        with closing(_rows(connection, audit)) as records, closing(_rows(connection, audit_checkpoints)) as marks:
            mark = next(marks, None)
            for row in records:
                here = Head(row.position, row.hash)
                if not _follows(row, self.head):
                    return False
                while mark is not None and mark.position <= here.position:
                    if not self._vouched(mark, here):
                        return False
                    mark = next(marks, None)
                if not self._as_anchored(here):
                    return False
                self.head = here
        return mark is None and not (self._known and self._known.head.position > self.head.position)

    def _vouched(self, mark: Row[Any], here: Head) -> bool:
        self._marked = Head(mark.position, mark.hash)
        return self._marked == here and (self._known is None or self._known.vouches_for(here, mark.signature))

    def _as_anchored(self, here: Head) -> bool:
        """The anchor was written after its checkpoint, so that checkpoint must be here too."""
        if self._known is None or self._known.head.position != here.position:
            return True
        return self._known.head == here == self._marked


def _rows(connection: Connection, table: Table) -> Any:
    """A result that holds a chunk at a time."""
    return connection.execute(select(table).order_by(table.c.position).execution_options(yield_per=_CHUNK))


def _follows(row: Row[Any], head: Head) -> bool:
    """The stored words of the record give its hash, and it names the hash of the record before."""
    if not all(isinstance(value, str) for name, value in row._mapping.items() if name != "position"):
        return False
    event = AuditEvent(row.kind, row.actor, row.subject, row.rule)
    sealed = seal(row.position, row.at, event, row.body, row.previous)
    return (row.position, row.previous, row.hash) == (head.position + 1, head.hash, sealed)
