"""What goes out about exclusivity, acceptance and leaving."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from access_broker.domain.exclusivity import Acceptance, Award, Sharing
from access_broker.domain.exits import EXIT_KEYS, Exit, ExitKey, FailureReport
from access_broker.use_cases.awarding import Exclusivity
from access_broker.use_cases.certificate import checklist
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.watching import end_report


class HoldView(BaseModel):
    """`phase`: chosen, development or market. `until`: the first moment at which it holds no more."""

    executor: str
    phase: str
    until: datetime


class ExclusivityView(BaseModel):
    """Who works on a problem alone. `opens_at`: from when on others may be called; null when they may now."""

    problem: str
    holders: list[HoldView]
    opens_at: datetime | None

    @classmethod
    def of(cls, told: Exclusivity) -> Self:
        holders = [HoldView(executor=h.executor, phase=h.phase.value, until=h.until) for h in told.holds]
        return cls(problem=told.problem, holders=holders, opens_at=told.opens_at)


class Awarded(BaseModel):
    problem: str
    executor: str
    decision: str
    at: datetime

    @classmethod
    def of(cls, award: Award) -> Self:
        return cls(problem=award.problem, executor=award.executor, decision=award.decision, at=award.at)


class Shared(BaseModel):
    problem: str
    dataset: str
    decision: str
    at: datetime

    @classmethod
    def of(cls, sharing: Sharing) -> Self:
        return cls(problem=sharing.problem, dataset=sharing.dataset, decision=sharing.decision, at=sharing.at)


class Accepted(BaseModel):
    """`market_until`: the last second that market access may have."""

    contract: str
    decision: str
    accepted_at: datetime
    market_until: datetime

    @classmethod
    def of(cls, acceptance: Acceptance, market_until: datetime) -> Self:
        return cls(
            contract=acceptance.contract,
            decision=acceptance.decision,
            accepted_at=acceptance.at,
            market_until=market_until,
        )


class ExitKeyView(BaseModel):
    """`approved` false: the committee refuses, for the reason in `text`."""

    committee: str
    person: str
    decision: str
    approved: bool
    at: datetime
    text: str


class CheckedView(BaseModel):
    item: str
    state: str
    at: datetime | None


class FailureReported(BaseModel):
    text: str
    by: str
    at: datetime

    @classmethod
    def of(cls, report: FailureReport) -> Self:
        return cls(text=report.text, by=report.by, at=report.at)


class ExitView(BaseModel):
    """One exit, how far it has come. `needs`: the committees whose approval it takes. `digest`: of its certificate."""

    contract: str
    number: int
    kind: str
    state: str
    text: str
    asked_by: str
    asked_at: datetime
    needs: list[str]
    keys: list[ExitKeyView]
    checklist: list[CheckedView]
    failure_report: FailureReported | None
    ended_at: datetime | None
    closed_at: datetime | None
    digest: str | None

    @classmethod
    def of(cls, reader: Reader, about: Exit, now: datetime) -> Self:
        this = {"contract": about.contract, "number": about.number}
        reports = reader.filed(FailureReport, **this)
        report = end_report(reader, about.contract, now)
        return cls(
            contract=about.contract,
            number=about.number,
            kind=about.kind.value,
            state=about.state.value,
            text=about.text,
            asked_by=about.asked_by,
            asked_at=about.asked_at,
            needs=sorted(committee.value for committee in EXIT_KEYS[about.kind]),
            keys=[_key(key) for key in reader.filed(ExitKey, **this)],
            checklist=[CheckedView(item=c.item.value, state=c.state.value, at=c.at) for c in checklist(report)]
            if report.end
            else [],
            failure_report=FailureReported.of(reports[0]) if reports else None,
            ended_at=about.ended_at,
            closed_at=about.closed_at,
            digest=about.digest,
        )


class CertificateView(BaseModel):
    """`text` is what `digest` is the SHA-256 of, letter for letter; `certificate` says the same as a document."""

    digest: str
    text: str
    certificate: dict[str, Any]

    @classmethod
    def of(cls, text: str, digest: str) -> Self:
        return cls(digest=digest, text=text, certificate=json.loads(text))


def _key(key: ExitKey) -> ExitKeyView:
    return ExitKeyView(
        committee=key.committee.value,
        person=key.person,
        decision=key.decision,
        approved=key.approved,
        at=key.at,
        text=key.text,
    )
