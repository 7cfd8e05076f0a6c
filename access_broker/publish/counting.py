"""How many rows a steward's tables have, for their descriptions (S1-P2-R1). The publisher alone can read the sources.

Counted once for every state of the sources, when there is nothing to publish. Of tables of people only a round figure
leaves this process.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import duckdb

from access_broker.domain.audit import AuditEvent
from access_broker.domain.dataset_records import RowCount, told_rows
from access_broker.domain.datasets import Dataset
from access_broker.domain.decisions import Refused
from access_broker.publish.sources import load_tables
from access_broker.publish.workshop import open_workshop
from access_broker.use_cases.ports import Reader, Records

ACTOR = "publisher"
_RULE = "S1-P2-R1"
_log = logging.getLogger(__name__)


@dataclass
class RowCounter:
    """`private`: the publisher's own directory. What could not be counted is not tried again until it changes."""

    private: Path
    _failed: set[str] = field(default_factory=set)
    _seen: str | None = None

    def step(self, records: Records, now: datetime) -> bool:
        """Count one dataset that nobody has counted as it is now; False when there is none."""
        stamp = records.stamp()
        if stamp == self._seen:
            return False
        with records.read() as reader:
            waiting = next((d for d in reader.datasets() if self._is_waiting(reader, d)), None)
        if waiting is None:
            self._seen = stamp
            return False
        try:
            rows = count_rows(waiting, self.private)
        except (Refused, duckdb.Error, OSError, ValueError) as error:
            self._failed.add(_state_of(waiting))
            _log.warning("dataset %s could not be counted (%s)", waiting.id, type(error).__name__)
            return True
        _file(records, waiting, rows, now)
        return True

    def _is_waiting(self, reader: Reader, dataset: Dataset) -> bool:
        state = _state_of(dataset)
        known = {count.table_id for count in reader.filed(RowCount, dataset=dataset.id) if count.sources == state}
        return state not in self._failed and not {table.id for table in dataset.tables} <= known


def count_rows(dataset: Dataset, private: Path) -> dict[str, int]:
    """Table → rows, to the digit. Refuses SOURCE_CHANGED and INVALID like publishing."""
    wanted = {f"t{number}": table for number, table in enumerate(dataset.tables)}
    with open_workshop(private, f"count-{dataset.id}") as shop:
        sealed = load_tables(shop.con, dataset, wanted, shop.path)
        rows = {
            table.id: int((shop.con.execute(f"SELECT count(*) FROM {name}").fetchone() or (0,))[0])
            for name, table in wanted.items()
        }
        for source in sealed:
            source.check_again()
    return rows


def _file(records: Records, dataset: Dataset, rows: dict[str, int], now: datetime) -> None:
    """All tables of the dataset, unless it is another by now."""
    state = _state_of(dataset)
    with records.write() as writer:
        present = writer.dataset(dataset.id)
        if present is None or _state_of(present) != state:
            return
        for table in dataset.tables:
            is_about = table.entity is not None
            told = told_rows(rows[table.id]) if is_about else rows[table.id]
            body = {"table": table.id, "rows": told, "about": is_about}
            event = AuditEvent("table.counted", ACTOR, dataset.id, _RULE, body)
            writer.file(RowCount(dataset.id, table.id, told, is_about, state, now), event)


def _state_of(dataset: Dataset) -> str:
    """Changes with the files and with which tables are of people."""
    files = [source.sha256 for source in dataset.sources]
    tables = [f"{table.id} {table.entity is not None}" for table in dataset.tables]
    return sha256("\n".join([dataset.id, *files, *tables]).encode()).hexdigest()
