"""What the guard turned away, as audit lines. Everything in them was typed by somebody who may mean harm."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from access_broker.domain.audit import AuditEvent
from access_broker.domain.text import has_invisible
from access_broker.use_cases.ports import Writer

GUARD = "guard"
LONGEST_PATH = 300
LONGEST_WORD = 100


@dataclass(frozen=True)
class RefusedRequest:
    """`user`: from the path, proven by nobody. `count`: how many such requests the line stands for."""

    method: str
    path: str
    status: int
    why: str
    user: str
    count: int


def record_refusals(writer: Writer, requests: Iterable[RefusedRequest]) -> None:
    """One audit record for each. The guard is the actor: who it was is what the request claims, so it is body."""
    for request in requests:
        body = {
            "method": shown(request.method, LONGEST_WORD),
            "path": shown(request.path, LONGEST_PATH),
            "status": request.status,
            "why": shown(request.why, LONGEST_WORD),
            "user": shown(request.user, LONGEST_WORD),
            "count": request.count,
        }
        writer.record(AuditEvent("guard.refused", GUARD, "", "S3-P8", body))


def shown(text: str, longest: int) -> str:
    """At most `longest` characters, each of which a reader of the log can see: the rest as U+FFFD.

    A path with marks that turn the writing direction would otherwise be read as another one.
    """
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join("\ufffd" if has_invisible(ch) or ch in "\t\n\r" else ch for ch in cut)
