"""Awards, acceptances, exits and what was said at them, as tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Table, Text

from access_broker.adapters.records.columns import (
    METADATA,
    UtcDateTime,
    flag,
    instant,
    place,
    refers,
    text,
    word,
)
from access_broker.domain.exclusivity import Acceptance, Award, Opening, Sharing
from access_broker.domain.exits import Exit, ExitKey, ExitKind, ExitState, FailureReport
from access_broker.domain.people import Committee

awards = Table(
    "awards",
    METADATA,
    refers("problem", "problems", key=True),
    refers("executor", "organisations", key=True),
    text("decision"),
    text("by"),
    instant("at"),
)
sharings = Table(
    "sharings",
    METADATA,
    refers("problem", "problems", key=True),
    refers("dataset", "datasets", key=True),
    text("decision"),
    text("by"),
    instant("at"),
)
acceptances = Table(
    "acceptances", METADATA, refers("contract", "contracts", key=True), text("decision"), text("by"), instant("at")
)
openings = Table(
    "openings",
    METADATA,
    refers("problem", "problems", key=True),
    refers("after", "contracts", key=True),
    instant("at"),
)
exits = Table(
    "exits",
    METADATA,
    refers("contract", "contracts", key=True),
    place("number"),
    word("kind", ExitKind),
    text("text"),
    text("asked_by"),
    instant("asked_at"),
    word("state", ExitState),
    Column("ended_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("certificate", Text),
    Column("digest", Text),
)
exit_keys = Table(
    "exit_keys",
    METADATA,
    refers("contract", "contracts", key=True),
    place("number"),
    word("committee", Committee, key=True),
    text("person"),
    text("decision"),
    flag("approved"),
    instant("at"),
    text("text"),
)
failure_reports = Table(
    "failure_reports",
    METADATA,
    refers("contract", "contracts", key=True),
    place("number"),
    text("text"),
    text("by"),
    instant("at"),
)

TABLES: dict[type[Any], Table] = {
    Award: awards,
    Sharing: sharings,
    Acceptance: acceptances,
    Opening: openings,
    Exit: exits,
    ExitKey: exit_keys,
    FailureReport: failure_reports,
}
