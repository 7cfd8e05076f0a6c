"""The shape a decision document must have before anybody believes it."""

from __future__ import annotations

from typing import Any

from access_broker.domain.text import is_stable_id
from access_broker.use_cases.ports import Unavailable


def unavailable(cause: str) -> Unavailable:
    """No decision. `cause` is for the operator's log; engines add pages of trace to it, the first line is enough."""
    lines = [line.strip() for line in cause.split("Stack backtrace", 1)[0].splitlines() if line.strip(" |")]
    return Unavailable("POLICY_UNAVAILABLE", "; ".join(lines)[:400])


def checked_entrypoint(entrypoint: str) -> str:
    """A package name as it may stand in a rule path or an address. Raises Unavailable."""
    if not is_stable_id(entrypoint):
        raise unavailable(f"{entrypoint!r} is no policy package")
    return entrypoint


def checked(document: Any) -> dict[str, Any]:
    """`document` when it decides: `allow` is true exactly when `reasons` lists nothing. Raises Unavailable."""
    if not isinstance(document, dict):
        raise unavailable("the decision is undefined")
    allow, reasons = document.get("allow"), document.get("reasons")
    if not isinstance(allow, bool) or not isinstance(reasons, list) or not all(map(_is_reason, reasons)):
        raise unavailable("the decision is malformed")
    if allow is not (not reasons):
        raise unavailable("allow and reasons disagree")
    return document


def _is_reason(reason: Any) -> bool:
    return (
        isinstance(reason, dict)
        and isinstance(reason.get("code"), str)
        and reason["code"] != ""
        and isinstance(reason.get("rule"), str)
    )
