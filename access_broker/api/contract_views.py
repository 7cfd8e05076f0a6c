"""Contracts as they go out: to a party its contract, to an overseer also how it came about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from access_broker.api.views import ActTaken, WarningView
from access_broker.domain.agreement import current, lost_keys, text_digest
from access_broker.domain.contracts import Contract, Signatory, Terms
from access_broker.domain.visits import WorkspaceVisit
from access_broker.use_cases.exclusivity import acceptance_of
from access_broker.use_cases.guarantees_needed import guarantees_needed
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.visiting import visits


class EpsilonView(BaseModel):
    """The privacy budget: what one statement, and all of them, may spend."""

    per_statement: float
    total: float


class TermsView(BaseModel):
    k: int
    max_rows: int
    daily_queries: int
    aggregates: list[str]
    differencing: str
    answer_mode: str
    top_code: bool
    daily_rows: int | None
    answer_ms: int
    epsilon: EpsilonView | None
    protective: list[str]

    @classmethod
    def of(cls, terms: Terms) -> Self:
        return cls(
            k=terms.k,
            max_rows=terms.max_rows,
            daily_queries=terms.daily_queries,
            aggregates=list(terms.aggregates),
            differencing=terms.differencing.value,
            answer_mode=terms.answer_mode.value,
            top_code=terms.top_code,
            daily_rows=terms.daily_rows,
            answer_ms=terms.answer_ms,
            protective=list(terms.protective),
            epsilon=None if terms.epsilon is None else EpsilonView.model_validate(terms.epsilon, from_attributes=True),
        )


class ApprovalView(BaseModel):
    committee: str
    person: str
    decision: str
    at: datetime


class GuaranteeView(BaseModel):
    kind: str
    expires_at: datetime


class ConsentView(BaseModel):
    dataset: str
    person: str
    at: datetime


class KeysView(BaseModel):
    """The keys that were given for the present text, `digest`. `keys_lost`: given for an earlier one."""

    digest: str
    signatures: list[str]
    ito_approved: bool
    approvals: list[ApprovalView]
    consents: list[ConsentView]
    guarantees: list[GuaranteeView]
    keys_lost: list[str]

    @classmethod
    def members(cls, contract: Contract) -> dict[str, Any]:
        signed = [s.signatory for s in current(contract, contract.signatures)]
        return {
            "digest": text_digest(contract),
            "signatures": [signatory.value for signatory in signed if signatory is not Signatory.ITO],
            "ito_approved": Signatory.ITO in signed,
            "approvals": [
                ApprovalView(committee=a.committee.value, person=a.person, decision=a.decision, at=a.at)
                for a in current(contract, contract.approvals)
            ],
            "consents": [
                ConsentView(dataset=c.dataset, person=c.person, at=c.at) for c in current(contract, contract.consents)
            ],
            "guarantees": [GuaranteeView(kind=g.kind, expires_at=g.expires_at) for g in contract.guarantees],
            "keys_lost": list(lost_keys(contract)),
        }


class History(KeysView):
    """How a contract came about and what the committee did. For committees, auditors and its stewards."""

    acts: list[ActTaken]

    @classmethod
    def of(cls, reader: Reader, contract: Contract) -> Self:
        return cls(
            **cls.members(contract),
            acts=[ActTaken.of(act) for act in reader.acts(contract.id)],
        )


@dataclass(frozen=True)
class Left:
    """Statements of today, and epsilon, that a contract has not spent; None where that is not to be told or seen."""

    today: int | None
    epsilon: float | None


class ClauseView(BaseModel):
    kind: str
    text_en: str
    text_fa: str


class VisitView(BaseModel):
    """Somebody of ITO looked into the workspace of `person` (C-3)."""

    number: int
    person: str
    by: str
    at: datetime
    reason: str

    @classmethod
    def of(cls, visit: WorkspaceVisit) -> Self:
        return cls(number=visit.number, person=visit.person, by=visit.by, at=visit.at, reason=visit.why)


class ContractView(BaseModel):
    """`history` is null for a party. `digest`: of the text, which whoever signs or approves names as `seen`.

    `left_today`: statements that may still be answered before midnight UTC, of `terms.daily_queries`; null while the
    contract gives no access, and where the gateway's count is not seen. `epsilon_left`: of `terms.epsilon.total`; null
    where there is none, or its count is not seen. `guarantees_needed`: the kinds that its data asks for now.
    """

    contract: str
    digest: str
    problem: str
    executor: str
    owner: str
    type: str
    purpose: str
    level: str
    state: str
    generation: int
    starts_at: datetime
    ends_at: datetime
    people: list[str]
    acknowledged: list[str]
    report_every_days: int | None
    legal_access_level_ref: str | None
    profile: str
    follows: str | None
    accepted_at: datetime | None
    clauses: list[ClauseView]
    guarantees_needed: list[str]
    terms: TermsView
    left_today: int | None
    epsilon_left: float | None
    warnings: list[WarningView]
    visits: list[VisitView]
    history: History | None

    @classmethod
    def of(cls, reader: Reader, contract: Contract, left: Left, with_history: bool) -> Self:
        acceptance = acceptance_of(reader, contract.id)
        return cls(
            contract=contract.id,
            digest=text_digest(contract),
            problem=contract.problem,
            executor=contract.executor,
            owner=contract.owner,
            type=contract.type.value,
            purpose=contract.purpose,
            level=contract.level.value,
            state=contract.state.value,
            generation=contract.generation,
            starts_at=contract.starts_at,
            ends_at=contract.ends_at,
            people=list(contract.people),
            acknowledged=list(contract.acknowledged),
            report_every_days=contract.report_every_days,
            legal_access_level_ref=contract.legal_access_level_ref,
            profile=contract.profile.value,
            follows=contract.follows,
            accepted_at=acceptance.at if acceptance else None,
            clauses=[ClauseView.model_validate(clause, from_attributes=True) for clause in contract.clauses],
            guarantees_needed=[kind.value for kind in guarantees_needed(reader, contract)],
            terms=TermsView.of(contract.terms),
            left_today=left.today,
            epsilon_left=left.epsilon,
            warnings=[WarningView.of(notice) for notice in reader.warnings(contract.id)],
            visits=[VisitView.of(visit) for visit in visits(reader, contract.id)],
            history=History.of(reader, contract) if with_history else None,
        )
