"""The end of the audit chain, and records put after it: inside the transaction of the change they stand for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, insert, select

from access_broker.adapters.records.failures import AUDIT
from access_broker.adapters.records.journal import audit
from access_broker.adapters.records.transaction import Transaction
from access_broker.domain.audit import GENESIS, AuditEvent, AuditRecord, canonical_body, seal
from access_broker.use_cases.ports import Unavailable

_LAST = select(audit.c.position, audit.c.hash).order_by(audit.c.position.desc()).limit(1)


@dataclass(frozen=True)
class Head:
    """The last record of the chain: its position and hash."""

    position: int = 0
    hash: str = GENESIS


@dataclass(frozen=True)
class Entry:
    """An event and its body as it will be stored, spelt once, in the thread that wrote it."""

    event: AuditEvent
    body: str

    @classmethod
    def of(cls, event: AuditEvent) -> Entry:
        kind, actor, subject, rule = map(storable, (event.kind, event.actor, event.subject, event.rule))
        return cls(AuditEvent(kind, actor, subject, rule, event.body), canonical_body(event.body))


def storable(text: str) -> str:
    """A name someone typed must never be the reason why its refusal cannot be recorded: no engine takes NUL or
    half a surrogate pair, so they are written as escapes."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")


class Chain:
    """The chain as one write transaction sees and continues it.

    `floor` is the last head this process knows of. A chain that ends before it was cut short or restored from an old
    copy, and with it perhaps a revocation: nothing may be written, and so nothing released, until someone looks.
    """

    def __init__(self, tx: Transaction, floor: Head) -> None:
        self._tx = tx
        self._floor = floor
        self.grown: Head | None = None
        """The new end, once this transaction has put a record there."""

    def append(self, entries: Sequence[Entry], at: datetime) -> list[int]:
        """The positions of the new records, in order."""
        head, stamp, rows = self.grown or self.end(), at.astimezone(UTC).isoformat(timespec="microseconds"), []
        for entry in entries:
            rows.append(_row(head, stamp, entry))
            head = Head(rows[-1]["position"], rows[-1]["hash"])
        self._tx.run(insert(audit), rows, code=AUDIT)
        self.grown = head
        return [row["position"] for row in rows]

    def end(self) -> Head:
        """The stored end; Unavailable(AUDIT_UNAVAILABLE) when it does not contain what this process knows of."""
        known = stored = stored_head(self._tx)
        if stored.position > self._floor.position > 0:
            query = select(audit.c.position, audit.c.hash).where(audit.c.position == self._floor.position)
            known = next((Head(*row) for row in self._tx.rows(query, code=AUDIT)), Head())
        if self._floor.position > 0 and known != self._floor:
            raise Unavailable(AUDIT, f"record {self._floor.position} of the audit chain is gone or another one")
        return stored


def stored_head(tx: Transaction) -> Head:
    return next((Head(*row) for row in tx.rows(_LAST, code=AUDIT)), Head())


def _row(head: Head, at: str, entry: Entry) -> dict[str, Any]:
    position, event = head.position + 1, entry.event
    return {
        "position": position,
        "at": at,
        "kind": event.kind,
        "actor": event.actor,
        "subject": event.subject,
        "rule": event.rule,
        "body": entry.body,
        "previous": head.hash,
        "hash": seal(position, at, event, entry.body, head.hash),
    }


def record_of(row: Row[Any]) -> AuditRecord:
    """A stored row as the domain sees it."""
    event = AuditEvent(row.kind, row.actor, row.subject, row.rule, json.loads(row.body))
    return AuditRecord(row.position, datetime.fromisoformat(row.at), event, row.previous, row.hash)
