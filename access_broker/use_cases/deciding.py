"""Asking the policy: facts in, a Decision out. Whatever is not a clean answer counts as no answer, which denies."""

from __future__ import annotations

from typing import Any

from access_broker.domain.decisions import Decision, Reason, Refused
from access_broker.use_cases.ports import PolicyEngine, Unavailable


def ask(policy: PolicyEngine, entrypoint: str, facts: dict[str, Any]) -> Decision:
    """One decision of `login`, `activation` or `acts`. Raises Unavailable("POLICY_UNAVAILABLE").

    `allow` and `reasons` must say the same thing: a document that allows with reasons, or refuses without one,
    comes from a broken policy and is not believed.
    """
    return Decision(reasons_of(entrypoint, policy.decide(entrypoint, facts)))


def answered(policy: PolicyEngine, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
    """The whole document, for a policy that says more than yes. Raises Refused with its reasons, Unavailable."""
    document = policy.decide(entrypoint, facts)
    require(reasons_of(entrypoint, document))
    return document


def require(reasons: tuple[Reason, ...]) -> None:
    """Raises Refused for the first reason, carrying all of them; returns when there is none."""
    if not reasons:
        return
    refused = Refused(reasons[0].code, reasons[0].rule)
    refused.reasons = reasons
    raise refused


def reasons_of(entrypoint: str, document: dict[str, Any]) -> tuple[Reason, ...]:
    """Why not, of a document that may say more than yes or no. Raises Unavailable for one that nobody can believe."""
    reasons = tuple(_reason(item) for item in _listed(document))
    if document.get("allow") is not (not reasons):
        raise Unavailable("POLICY_UNAVAILABLE", f"{entrypoint}: allow and reasons disagree")
    return reasons


def _listed(document: dict[str, Any]) -> list[Any]:
    reasons = document.get("reasons")
    if not isinstance(reasons, list):
        raise Unavailable("POLICY_UNAVAILABLE", "the decision lists no reasons")
    return reasons


def _reason(item: Any) -> Reason:
    if not isinstance(item, dict) or not isinstance(item.get("code"), str) or not isinstance(item.get("rule"), str):
        raise Unavailable("POLICY_UNAVAILABLE", "a reason without code or rule")
    return Reason(item["code"], item["rule"])
