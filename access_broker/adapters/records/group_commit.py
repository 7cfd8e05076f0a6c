"""The gateway's way to the audit: whatever many threads have to say is committed at once, then all go on."""

from __future__ import annotations

import logging
import queue
import threading
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass

from access_broker.adapters.records.chain import Entry
from access_broker.adapters.records.failures import AUDIT
from access_broker.adapters.records.records import SqlRecords
from access_broker.domain.audit import AuditEvent
from access_broker.use_cases.ports import Unavailable

_log = logging.getLogger(__name__)
_IDLE = 1.0  # seconds of silence after which the tail is signed
_COMPANY = 0.1  # seconds that records nobody waits for wait for others: a statement's end then costs no commit


@dataclass(frozen=True)
class _Waiting:
    entry: Entry
    place: Future[int]
    is_awaited: bool


class GroupCommitAudit:
    """Implements `AuditLog`. One thread writes; while it waits for the disk, the next group gathers.

    A group that cannot be written fails for everyone in it with Unavailable(AUDIT_UNAVAILABLE); the next group tries
    anew, so the gateway comes back with its database. `patience`: seconds a caller waits at most.
    """

    def __init__(self, records: SqlRecords, *, patience: float = 6.0, largest_group: int = 1000) -> None:
        self._records = records
        self._patience = patience
        self._largest = largest_group
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        self._writer = threading.Thread(target=self._work, name="audit-writer", daemon=True)
        self._writer.start()

    def record(self, event: AuditEvent) -> int:
        """The record's position, once it is on the disk. After a timeout it may still be written: harmless, because
        whoever asked has been denied."""
        place = self._enqueue(event, is_awaited=True)
        try:
            return place.result(self._patience)
        except TimeoutError:
            place.cancel()
            raise Unavailable(AUDIT, f"no commit within {self._patience} s") from None

    def post(self, event: AuditEvent) -> None:
        """Written with the next group, within a tenth of a second; a failure is in the log and nowhere else."""
        self._enqueue(event, is_awaited=False)

    def _enqueue(self, event: AuditEvent, is_awaited: bool) -> Future[int]:
        entry, place = Entry.of(event), Future[int]()
        with self._door:
            if self._closed:
                raise Unavailable(AUDIT, "the audit log is closed")
            self._queue.put(_Waiting(entry, place, is_awaited))
        return place

    def close(self) -> None:
        """Writes what waits, signs the tail, ends the thread. The records stay open: they are the caller's."""
        with self._door:
            self._closed = True
            self._queue.put(None)
        self._writer.join()

    def _work(self) -> None:
        last = False
        while not last:
            group, last = self._gather()
            group = [waiting for waiting in group if waiting.place.set_running_or_notify_cancel()]
            if group:
                self._commit(group)
            elif not last:
                self._sign()
        self._sign()

    def _gather(self) -> tuple[list[_Waiting], bool]:
        """Everything that waits, and whether the log was closed; an empty group after a while of silence."""
        group: list[_Waiting] = []
        patience = _IDLE
        with suppress(queue.Empty):
            while (waiting := self._queue.get(timeout=patience)) is not None:
                group.append(waiting)
                if len(group) == self._largest:
                    return group, False
                patience = 0.0 if waiting.is_awaited else min(patience, _COMPANY)
            return group, True
        return group, False

    def _commit(self, group: list[_Waiting]) -> None:
        try:
            positions = self._records.append([waiting.entry for waiting in group])
        except Exception as failure:  # whatever it is: nobody may be left waiting, and the thread must live on
            _log.error("the audit could not be written: %s", getattr(failure, "cause", "") or failure)
            for waiting in group:
                waiting.place.set_exception(Unavailable(AUDIT, str(failure)))
            return
        for waiting, position in zip(group, positions, strict=True):
            waiting.place.set_result(position)

    def _sign(self) -> None:
        try:
            self._records.checkpoint()
        except Exception as failure:  # tried again after the next silence
            _log.warning("the audit could not be signed: %s", failure)
