"""The audit record and its chain. A record names who did what to what, under which rule, and seals the one before.

Chain: `hash = SHA-256(canonical JSON of every field, previous hash included)`; position 1 seals 64 zeros.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class AuditEvent:
    """What a use-case writes with its change. `kind` is `subject.verb`, e.g. `contract.cut`, `query.decided`."""

    kind: str
    actor: str
    subject: str
    rule: str = ""
    body: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditRecord:
    """An event at its place in the chain. `at` is UTC."""

    position: int
    at: datetime
    event: AuditEvent
    previous: str
    hash: str


@dataclass(frozen=True)
class AuditSearch:
    """Which records to find; what is empty or None does not narrow. Every end given is part of what is found.

    `kind`: the beginning of a kind, e.g. `query.`. `actor`, `subject`: exactly. `after`, `before`: positions that are
    not part of it, to go on from.
    """

    kind: str = ""
    actor: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None
    after: int = 0
    before: int | None = None
    newest_first: bool = False


def canonical_body(body: dict[str, Any]) -> str:
    """The one spelling of a body: sorted keys, no spaces, ASCII only, so that bidi text cannot reorder a log line."""
    return json.dumps(body, ensure_ascii=True, sort_keys=True, separators=(",", ":"), default=str)


def seal(position: int, at: str, event: AuditEvent, body: str, previous: str) -> str:
    """The hash of a record. `at` and `body` are the stored strings, so that what is verified is what is stored."""
    content = json.dumps(
        [position, at, event.kind, event.actor, event.subject, event.rule, body, previous],
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(content.encode("ascii")).hexdigest()
