"""The rule catalogue: what the directive demands, what enforces it, and which tests prove it."""

from __future__ import annotations

from typing import Self

from fastapi import APIRouter
from pydantic import BaseModel

from access_broker.adapters.rule_catalogue import rule_catalogue
from access_broker.domain.rules import Clause, Rule

router = APIRouter(prefix="/rules", tags=["rules"])


class ClauseView(BaseModel):
    """`tests`: file and name of what proves it. Without any, `pending` is planned, gap or later."""

    id: str
    text_en: str
    text_fa: str
    tests: list[str]
    pending: str | None
    missing: str

    @classmethod
    def of(cls, clause: Clause) -> Self:
        return cls(
            id=clause.id,
            text_en=clause.text_en,
            text_fa=clause.text_fa,
            tests=list(clause.tests),
            pending=clause.pending.value if clause.pending else None,
            missing=clause.missing,
        )


class RuleView(BaseModel):
    """`id` is what refusals and audit records cite. Texts are ours; the directive's own words are not repeated."""

    id: str
    kind: str
    force: str
    reach: str
    status: str
    text_en: str
    text_fa: str
    enforced_by: list[str]
    clauses: list[ClauseView]

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return cls(
            id=rule.id,
            kind=rule.kind.value,
            force=rule.force.value,
            reach=rule.reach.value,
            status=rule.status.value,
            text_en=rule.text_en,
            text_fa=rule.text_fa,
            enforced_by=list(rule.enforced_by),
            clauses=[ClauseView.of(clause) for clause in rule.clauses],
        )


_CATALOGUE = [RuleView.of(rule) for rule in rule_catalogue()]  # read at the start: a faulty catalogue starts nothing


@router.get("")
def rules() -> list[RuleView]:
    """Every rule in the order of the directive. Needs no token: whoever is refused may read why, and so may anybody."""
    return _CATALOGUE
