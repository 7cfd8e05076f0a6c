"""What the executor reports, when it is due, and what the system counts by itself (S3-P8, S3-P2).

Two kinds are owed by the executor: the report in the rhythm that the contract names, and a narrative of each Jalali
month. What was done is counted from the audit alone, by week and, as the statement of use, by month.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from access_broker.domain.activity import Activity, DayTuple, days_in, total_of


class ReportKind(StrEnum):
    """`periodic`: every `report_every_days`. `narrative`: of a Jalali month, in words."""

    PERIODIC = "periodic"
    NARRATIVE = "narrative"


class ReportState(StrEnum):
    DUE = "due"
    OVERDUE = "overdue"
    FILED = "filed"
    SEEN = "seen"


REPORT_TRANSITIONS: dict[ReportState, frozenset[ReportState]] = {
    ReportState.DUE: frozenset({ReportState.OVERDUE, ReportState.FILED}),
    ReportState.OVERDUE: frozenset({ReportState.FILED}),
    ReportState.FILED: frozenset({ReportState.SEEN}),
    ReportState.SEEN: frozenset(),
}
"""A report is filed once and stays as it was filed; one that was overdue stays known as that (S3-P8)."""


@dataclass(frozen=True)
class Due:
    """A report that is owed: of the days from `first` to `last`. `number`: counted from 1, or 140509 for a month."""

    contract: str
    kind: ReportKind
    number: int
    first: date
    last: date
    due_at: datetime


@dataclass(frozen=True)
class Report:
    """One that is on record, because it was filed or because it was overdue. `digest`: SHA-256 of the text."""

    KEY: ClassVar[tuple[str, ...]] = ("contract", "kind", "number")
    contract: str
    kind: ReportKind
    number: int
    due_at: datetime
    overdue_at: datetime | None = None
    text: str = ""
    digest: str = ""
    filed_by: str | None = None
    filed_at: datetime | None = None
    seen_by: str | None = None
    seen_at: datetime | None = None

    @property
    def state(self) -> ReportState:
        if self.seen_at is not None:
            return ReportState.SEEN
        if self.filed_at is not None:
            return ReportState.FILED
        return ReportState.OVERDUE if self.overdue_at is not None else ReportState.DUE


class Span(StrEnum):
    """What an automatic report covers: seven days of a contract, or a Jalali month of it (the statement of use)."""

    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True)
class ActivityReport:
    """What the audit says about a contract from one position to another.

    `head_hash`: of the record at `to_position`, so that anybody can count again over the same records. `days`: one
    entry for each day in Tehran on which something was done.
    """

    KEY: ClassVar[tuple[str, ...]] = ("contract", "span", "number")
    contract: str
    span: Span
    number: int
    first: date
    last: date
    from_position: int
    to_position: int
    head_hash: str
    days: tuple[DayTuple, ...]
    made_at: datetime

    @property
    def by_day(self) -> dict[date, Activity]:
        return days_in(self.days)

    @property
    def total(self) -> Activity:
        return total_of(self.by_day.values())


NOTICE_DAYS = (15, 7, 1)
"""How many days before its end a contract says so (S3-P9-R1)."""


@dataclass(frozen=True)
class ExpiryNotice:
    """Put on record once: that a contract ends in `days` days or less."""

    KEY: ClassVar[tuple[str, ...]] = ("contract", "days")
    contract: str
    days: int
    ends_at: datetime
    at: datetime


def notices_due(ends_at: datetime, now: datetime) -> tuple[int, ...]:
    """Which of the notices of a contract that ends at `ends_at` are due, the earliest first; none once it has ended."""
    left = (ends_at - now).total_seconds() / 86_400
    return tuple(days for days in NOTICE_DAYS if 0 < left <= days)
