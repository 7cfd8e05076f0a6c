"""Reports, statements of use, notices, signals, working weeks and closures, as tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Date, Table, Text

from access_broker.adapters.records.columns import (
    METADATA,
    SERIAL,
    UtcDateTime,
    instant,
    leaf,
    place,
    refers,
    text,
    whole,
    word,
)
from access_broker.domain.reports import ActivityReport, ExpiryNotice, Report, ReportKind, Span
from access_broker.domain.signals import Signal, SignalKind
from access_broker.domain.working_days import Closure, WorkingWeek

working_weeks = Table(
    "working_weeks",
    METADATA,
    refers("organisation", "organisations", key=True),
    place("number"),
    leaf("days_off"),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    text("declared_by"),
    instant("declared_at"),
)
closures = Table(
    "closures",
    METADATA,
    Column("organisation", Text, primary_key=True),  # no reference: the empty one stands for everybody
    Column("day", Date, primary_key=True),
    text("name"),
    text("declared_by"),
    instant("declared_at"),
)
reports = Table(
    "reports",
    METADATA,
    refers("contract", "contracts", key=True),
    word("kind", ReportKind, key=True),
    place("number"),
    instant("due_at"),
    Column("overdue_at", UtcDateTime),
    text("text"),
    text("digest"),
    Column("filed_by", Text),
    Column("filed_at", UtcDateTime),
    Column("seen_by", Text),
    Column("seen_at", UtcDateTime),
)
activity_reports = Table(
    "activity_reports",
    METADATA,
    refers("contract", "contracts", key=True),
    word("span", Span, key=True),
    place("number"),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=False),
    Column("from_position", SERIAL, nullable=False),
    Column("to_position", SERIAL, nullable=False),
    text("head_hash"),
    leaf("days"),
    instant("made_at"),
)
expiry_notices = Table(
    "expiry_notices",
    METADATA,
    refers("contract", "contracts", key=True),
    place("days"),
    instant("ends_at"),
    instant("at"),
)
signals = Table(
    "signals",
    METADATA,
    refers("contract", "contracts", key=True),
    word("kind", SignalKind, key=True),
    Column("window", Date, primary_key=True),
    text("about"),
    whole("count"),
    whole("threshold"),
    text("rule"),
    instant("at"),
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
    text("why"),
    Column("violation", Text),
)

TABLES: dict[type[Any], Table] = {
    WorkingWeek: working_weeks,
    Closure: closures,
    Report: reports,
    ActivityReport: activity_reports,
    ExpiryNotice: expiry_notices,
    Signal: signals,
}
