"""The records database as the use-cases know it: a consistent view to read, a transaction to write."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select

from access_broker.adapters.records.chain import Chain, Entry, Head
from access_broker.adapters.records.checkpoints import Anchor, Signer, anchor_path
from access_broker.adapters.records.engine import PATIENCE, open_engine, opener_of
from access_broker.adapters.records.failures import AUDIT, RECORDS, spoken
from access_broker.adapters.records.journal import audit_checkpoints, stamp
from access_broker.adapters.records.reader import SqlReader
from access_broker.adapters.records.roles import DbRole
from access_broker.adapters.records.stamps import Stamps
from access_broker.adapters.records.transaction import AT_ONCE, Transaction, transaction
from access_broker.adapters.records.writer import SqlWriter
from access_broker.use_cases.ports import Clock, Unavailable

_log = logging.getLogger(__name__)


def utc_now() -> datetime:
    return datetime.now(UTC)


class SqlRecords:
    """Implements `Records` on a database that `migrations.migrate` has made.

    `url`: `sqlite:////path/to/file` or `postgresql://…`. `role`: one of `DbRole`, what the database lets us write.
    `state`: directory of the key that signs checkpoints; without one this process writes none.
    `patience`: seconds to wait for a lock. `checkpoint_every`: records in bulk after which a checkpoint is due.
    Every failure is Unavailable(RECORDS_UNAVAILABLE | AUDIT_UNAVAILABLE) or Refused, see `failures`.
    """

    def __init__(
        self,
        url: str,
        role: str = DbRole.BROKER,
        *,
        state: Path | None = None,
        patience: float = PATIENCE,
        checkpoint_every: int = 1000,
        clock: Clock = utc_now,
    ) -> None:
        self._clock = clock
        self._stamps = DbRole(role) is not DbRole.GATEWAY  # which can change nothing but the audit
        self._every = checkpoint_every
        self._engine = open_engine(url, DbRole(role), patience)
        self._stamp = Stamps(opener_of(url, DbRole(role), patience), patience)
        anchor = anchor_path(url, state)
        self._signer = Signer(state, anchor) if state and anchor else None
        known = Anchor.read(anchor) if anchor else None
        self._lock = threading.Lock()
        self._floor = known.head if known else Head()
        self._signed = self._floor.position

    @contextmanager
    def read(self) -> Iterator[SqlReader]:
        with transaction(self._engine) as tx:
            yield SqlReader(tx)

    def stamp(self) -> str:
        """A connection that went stale is tried again, within a transaction. Raises Unavailable."""
        started = time.monotonic()
        with spoken(RECORDS):
            try:
                return self._stamp.read()
            except Exception:
                if time.monotonic() - started > AT_ONCE:
                    raise
        with self.read() as reader:
            return reader.stamp()

    @contextmanager
    def write(self) -> Iterator[SqlWriter]:
        """What is decided here is rare and weighty: every such transaction ends with a checkpoint."""
        with self._chained(RECORDS, every=1) as (tx, chain):
            yield SqlWriter(tx, chain, self._clock)
            if self._stamps and not tx.failure:
                tx.upsert(stamp, {"id": 1, "value": secrets.token_hex(8)})

    def append(self, entries: Sequence[Entry]) -> list[int]:
        """Many audit records in one commit; returns their positions. Unavailable(AUDIT_UNAVAILABLE) if it fails."""
        with self._chained(AUDIT, every=self._every) as (_, chain):
            return chain.append(entries, self._clock())

    def checkpoint(self) -> None:
        """Signs the end of the chain, unless nothing was written since the last time."""
        if self._signer is None or self._signed >= self._floor.position:
            return
        with self._chained(AUDIT, every=1) as (tx, chain):
            end = chain.end()
            if tx.rows(select(audit_checkpoints).where(audit_checkpoints.c.position == end.position), code=AUDIT):
                self._signed = end.position  # by another process
            else:
                chain.grown = end

    def close(self) -> None:
        """A clean stop: the tail is signed, connections are closed."""
        try:
            self.checkpoint()
        finally:
            self._stamp.close()
            self._engine.dispose()

    @contextmanager
    def _chained(self, code: str, every: int) -> Iterator[tuple[Transaction, Chain]]:
        signature = None
        with transaction(self._engine, writing=True, code=code) as tx:
            chain = Chain(tx, self._floor)
            yield tx, chain
            if self._signer and chain.grown and chain.grown.position - self._signed >= every:
                signature = self._signer.sign(chain.grown)
                row = {"position": chain.grown.position, "hash": chain.grown.hash, "signature": signature}
                tx.run(insert(audit_checkpoints), row, code=AUDIT)
        if chain.grown:
            self._committed(chain.grown, signature)

    def _committed(self, head: Head, signature: str | None) -> None:
        """After the commit, not before: an anchor ahead of the database would be an alarm without a cause."""
        with self._lock:
            if head.position > self._floor.position:
                self._floor = head
            if signature and self._signer:
                self._signed = max(self._signed, head.position)
                try:
                    self._signer.publish(head, signature)
                except (OSError, Unavailable) as error:
                    _log.warning("the audit anchor was not moved: %s", error)
