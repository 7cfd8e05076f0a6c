"""Statements that run now, as the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from access_broker.use_cases import watching
from access_broker.use_cases.ports import Reader


@dataclass(frozen=True)
class Statement:
    """`position`: of its decision in the audit. `text`: as it was recorded, for showing token by token only."""

    position: int
    person: str
    contract: str
    since: datetime
    text: str


def running_statements(reader: Reader, now: datetime) -> list[Statement]:
    """Oldest first."""
    return [
        Statement(r.position, r.event.actor, r.event.subject, r.at, str(r.event.body.get("text", "")))
        for r in watching.running_statements(reader, now)
    ]
