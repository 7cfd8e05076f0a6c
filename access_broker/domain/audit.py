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

CLERK = "clerk"
"""The actor of what the calendar does and nobody's hand."""


@dataclass(frozen=True)
class AuditEvent:
    """What a use-case writes with its change. `kind` is `subject.verb`, e.g. `contract.cut`, `query.decided`.

    `rule`: the directive's id that it rests on; every event has one (PRE-1). In records of earlier versions it may be
    empty.
    """

    kind: str
    actor: str
    subject: str
    rule: str
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


def audit_line(record: AuditRecord) -> bytes:
    """A record as one line of JSON, spelt so that its hash can be worked out again from the line alone."""
    event = record.event
    line = {
        "position": record.position,
        "at": record.at.isoformat(timespec="microseconds"),
        "kind": event.kind,
        "actor": event.actor,
        "subject": event.subject,
        "rule": event.rule,
        "body": event.body,
        "previous": record.previous,
        "hash": record.hash,
    }
    return json.dumps(line, ensure_ascii=True).encode() + b"\n"


def line_faults(lines: list[bytes], last: int) -> list[str]:
    """What is wrong with an extract of the chain that may hold records up to position `last`, a sentence each."""
    faults, before, previous = [], 0, {0: GENESIS}
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
            event = AuditEvent(told["kind"], told["actor"], told["subject"], told["rule"], told["body"])
            position, body = int(told["position"]), canonical_body(told["body"])
            sealed = seal(position, told["at"], event, body, told["previous"])
        except (ValueError, KeyError, TypeError):
            faults.append(f"line {number} of the audit is no record")
            continue
        is_linked = previous.get(position - 1, told["previous"]) == told["previous"]
        if sealed != told["hash"] or not is_linked or not before < position <= last:
            faults.append(f"line {number} of the audit is not what its hash says")
        before, previous = position, {position: told["hash"]}
    return faults


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
