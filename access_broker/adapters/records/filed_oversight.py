"""Oversight: violations, suspensions and the way to law, as tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Integer, Table, Text

from access_broker.adapters.records.columns import (
    METADATA,
    UtcDateTime,
    instant,
    leaf,
    place,
    refers,
    text,
    whole,
    word,
)
from access_broker.domain.suspensions import OnLapse, Suspension, SuspensionState
from access_broker.domain.violations import LegalFollowUp, Violation, ViolationClass, ViolationSource

TABLES: dict[type[Any], Table] = {
    Violation: Table(
        "violations",
        METADATA,
        refers("contract", "contracts", key=True),
        place("number"),
        text("kind"),
        word("violation_class", ViolationClass),
        word("source", ViolationSource),
        text("text"),
        leaf("evidence"),
        text("recorded_by"),
        instant("at"),
        Column("decision", Text),
        Column("discounted_by", Text),
        Column("discounted_at", UtcDateTime),
        Column("discounted_why", Text),
    ),
    Suspension: Table(
        "suspensions",
        METADATA,
        refers("contract", "contracts", key=True),
        place("generation"),
        text("ground"),
        text("by"),
        instant("at"),
        whole("ratify_days"),
        word("on_lapse", OnLapse),
        Column("violation", Integer),
        word("state", SuspensionState),
        Column("decision", Text),
        Column("changed_by", Text),
        Column("changed_at", UtcDateTime),
    ),
    LegalFollowUp: Table(
        "legal_follow_ups",
        METADATA,
        refers("contract", "contracts", key=True),
        text("by"),
        instant("at"),
        text("why"),
    ),
}
