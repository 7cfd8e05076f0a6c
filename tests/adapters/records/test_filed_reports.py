"""Reports, statements, notices, signals, working weeks and closures come back as they were filed, on both engines."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.domain.activity import Activity, day_tuples
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.reports import ActivityReport, ExpiryNotice, Report, ReportKind, Span
from access_broker.domain.signals import Signal, SignalKind
from access_broker.domain.working_days import Closure, WorkingWeek
from access_broker.use_cases import counting
from tests.adapters.records.world import EVENT, furnish, make_contract
from tests.support.factories import DAY, NOW

TODAY = date(2026, 11, 22)
BUSY = Activity(3, 1, 120, 4096, 88, 1, 1, (("BELOW_K", 2), ("NOT_GRANTED", 1)), ("health",), ("analyst", "دانا"))
REPORT = Report("P1", ReportKind.NARRATIVE, 140509, NOW)
FILED = replace(REPORT, text="متن", digest="a" * 64, filed_by="analyst", filed_at=NOW)
SIGNAL = Signal("P1", SignalKind.REFUSALS, TODAY, "NOT_GRANTED", 25, 25, "S3-P6-R2", NOW)
COUNTED = ActivityReport(
    "P1", Span.WEEK, 1, TODAY, TODAY + 6 * DAY, 1, 2**40, "b" * 64, day_tuples({TODAY: BUSY, TODAY + DAY: BUSY}), NOW
)
THINGS: list[Any] = [
    REPORT,
    FILED,
    replace(FILED, overdue_at=NOW, seen_by="chair", seen_at=NOW + DAY),
    COUNTED,
    replace(COUNTED, span=Span.MONTH, number=140509, days=()),
    ExpiryNotice("P1", 15, NOW + 15 * DAY, NOW),
    SIGNAL,
    replace(SIGNAL, decided_by="chair", decided_at=NOW, why="آزمون", violation="V-1"),
    WorkingWeek("ministry", 1, (3, 4), TODAY, None, "operator", NOW),
    WorkingWeek("ministry", 2, (4,), TODAY, TODAY + DAY, "operator", NOW),
    Closure("", TODAY, "سرما", "operator", NOW),
    Closure("ministry", TODAY, "سرما", "operator", NOW),
]


@pytest.mark.parametrize("thing", THINGS, ids=lambda thing: type(thing).__name__)
def test_what_is_filed_comes_back(records: SqlRecords, thing: Any) -> None:
    furnish(records, make_contract("P1", ContractState.ACTIVE))
    with records.write() as writer:
        writer.file(thing, EVENT)
    with records.read() as reader:
        (found,) = reader.filed(type(thing))
    assert found == thing
    assert not isinstance(thing, ActivityReport) or not thing.days or found.total.rows == 2 * BUSY.rows


def test_what_was_filed_once_keeps_its_words(records: SqlRecords) -> None:
    furnish(records, make_contract("P1", ContractState.ACTIVE))
    for thing in (REPORT, FILED, replace(FILED, seen_by="chair", seen_at=NOW)):
        with records.write() as writer:
            writer.file(thing, EVENT)
    with pytest.raises(Refused), records.write() as writer:
        writer.file(replace(FILED, text="another", digest="c" * 64), EVENT)


def test_counting_goes_past_every_page_and_past_other_contracts(records: SqlRecords) -> None:
    furnish(records, make_contract("P1", ContractState.ACTIVE))
    written = 0
    with records.write() as writer:
        for n in range(1234):
            for contract in ("P1", "p1", "P2"):
                body = {"outcome": "refused BELOW_K" if n % 3 else "complete", "rows": n, "bytes": 7, "ms": 1}
                writer.record(AuditEvent("query.closed", "analyst", contract, "S3-P5", body))
            written += n
    with records.read() as reader:
        head = reader.audit_head()[0]
        (day,) = counting.count(reader, "P1", 1, head).values()
        assert (day.rows, day.bytes, day.refusals) == (written, 7 * 1234, (("BELOW_K", 822),))
        half = counting.count(reader, "P1", 1, head // 2), counting.count(reader, "P1", head // 2 + 1, head)
        assert sum(part.rows for days in half for part in days.values()) == written
