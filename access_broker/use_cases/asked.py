"""A statement that somebody asks, with what was found out about it, and how the audit tells of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Decision, UseVerdict
from access_broker.domain.footprint import Footprint
from access_broker.domain.tokens import Door, Token
from access_broker.use_cases.compiled import Question

_KEPT_TEXT = 4000


@dataclass(frozen=True)
class Login:
    """A person at the gateway's door, on one contract, with the token they showed."""

    token: Token
    door: Door
    language: str

    @property
    def person(self) -> str:
        return self.token.person

    @property
    def contract(self) -> str:
        return self.token.contract or ""


@dataclass(frozen=True)
class Asked:
    """A statement with what was found out about it."""

    login: Login
    contract: Contract
    question: Question
    decision: Decision
    footprint: Footprint

    @property
    def told(self) -> list[dict[str, Any]]:
        """The obligations, as they are told. A probe has no figure that people could be counted for."""
        obligations = self.decision.obligations
        return (replace(obligations, min_entities=()) if self.footprint.probe else obligations).as_list()

    def event(self, kind: str) -> AuditEvent:
        """That it was allowed, or asked about: with everything that was decided."""
        body = text_of(self.question.text) | {
            "generation": self.contract.generation,
            "publication": self.question.publication.version,
            "uses": [told_use(u) for u in self.decision.uses],
            "obligations": self.told,
        }
        return AuditEvent(kind, self.login.person, self.contract.id, "S3-P5", body)


def text_of(sql: str) -> dict[str, Any]:
    """The beginning of a statement, and the digest of all of it."""
    return {"sha256": digest_of(sql), "text": sql[:_KEPT_TEXT]}


def digest_of(sql: str) -> str:
    """By it every record tells of a statement, in whatever characters it was typed."""
    return hashlib.sha256(sql.encode("utf-8", "replace")).hexdigest()


def told_use(use: UseVerdict) -> dict[str, Any]:
    """One use, as the audit and `explain` tell it."""
    verdict = "allow" if use.allowed else "refuse"
    return {"table": use.table, "column": use.column, "use": use.use, "verdict": verdict, "rule": use.rule or None}
