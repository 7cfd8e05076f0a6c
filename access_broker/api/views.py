"""What goes out: a model per answer, made from the values of the domain. No model has room for a row of data."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel

from access_broker.domain.acts import CommitteeAct, WarningNotice
from access_broker.domain.audit import AuditRecord
from access_broker.domain.people import Seat
from access_broker.use_cases.load import LoadReport
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.tokens import IssuedToken


class Health(BaseModel):
    status: Literal["ok"] = "ok"


class SeatView(BaseModel):
    committee: str
    number: int

    @classmethod
    def of(cls, seat: Seat) -> Self:
        return cls(committee=seat.committee.value, number=seat.number)


class Me(BaseModel):
    """`contract`: the one contract the token is for, null for a token of the person."""

    person: str
    organisation: str
    family: str
    name_en: str
    name_fa: str
    language: str
    roles: list[str]
    seats: list[SeatView]
    contract: str | None
    door: str
    expires_at: datetime

    @classmethod
    def of(cls, caller: Caller) -> Self:
        person = caller.person
        return cls(
            person=person.id,
            organisation=person.organisation,
            family=person.family.value,
            name_en=person.name_en,
            name_fa=person.name_fa,
            language=person.language,
            roles=sorted(role.value for role in caller.roles),
            seats=[SeatView.of(seat) for seat in caller.seats],
            contract=caller.contract,
            door=caller.token.door.value,
            expires_at=caller.token.expires_at,
        )


class TokenView(BaseModel):
    token: str
    person: str
    contract: str | None
    door: str
    expires_at: datetime

    @classmethod
    def of(cls, issued: IssuedToken) -> Self:
        token = issued.token
        return cls(
            token=issued.text,
            person=token.person,
            contract=token.contract,
            door=token.door.value,
            expires_at=token.expires_at,
        )


class ActTaken(BaseModel):
    """`generation`: of the contract after the act; every login of an earlier one is dead."""

    contract: str
    act: str
    ground: str
    by: str
    decision: str | None
    committed_at: datetime
    generation: int

    @classmethod
    def of(cls, act: CommitteeAct) -> Self:
        return cls(
            contract=act.contract,
            act=act.act.value,
            ground=act.ground,
            by=act.by,
            decision=act.decision,
            committed_at=act.committed_at,
            generation=act.generation,
        )


class WarningView(BaseModel):
    """`violation`: number of what it is about. `cure_by`: until when that is to be mended, null for at once."""

    number: int
    state: str
    issued_at: datetime
    text: str
    violation: int | None
    cure_by: datetime | None
    acknowledged_at: datetime | None
    served_at: datetime | None
    appeal_text: str | None
    appealed_at: datetime | None
    appeal_decision: str | None
    appeal_decided_at: datetime | None
    withdrawn: bool
    withdrawn_at: datetime | None
    withdrawn_why: str | None

    @classmethod
    def of(cls, notice: WarningNotice) -> Self:
        return cls(
            number=notice.number,
            state=notice.state.value,
            issued_at=notice.issued_at,
            text=notice.text,
            violation=notice.violation,
            cure_by=notice.cure_by,
            acknowledged_at=notice.acknowledged_at,
            served_at=notice.served_at,
            appeal_text=notice.appeal_text,
            appealed_at=notice.appealed_at,
            appeal_decision=notice.appeal_decision,
            appeal_decided_at=notice.appeal_decided_at,
            withdrawn=notice.withdrawn,
            withdrawn_at=notice.withdrawn_at,
            withdrawn_why=notice.withdrawn_why,
        )


class Acknowledged(BaseModel):
    contract: str
    person: str


class Activated(BaseModel):
    contract: str
    state: str
    generation: int


class AuditEntry(BaseModel):
    """A record of the chain. `hash` seals everything before it; `body` holds decisions, never rows."""

    position: int
    at: datetime
    kind: str
    actor: str
    subject: str
    rule: str
    body: dict[str, Any]
    previous: str
    hash: str

    @classmethod
    def of(cls, record: AuditRecord) -> Self:
        event = record.event
        return cls(
            position=record.position,
            at=record.at,
            kind=event.kind,
            actor=event.actor,
            subject=event.subject,
            rule=event.rule,
            body=event.body,
            previous=record.previous,
            hash=record.hash,
        )


class Verification(BaseModel):
    ok: bool
    records: int
    first_broken: int | None


class ReasonView(BaseModel):
    code: str
    rule: str
    detail: str


class ContractLoaded(BaseModel):
    """`missing`: why it is still drafted. `dates_kept`: the dates of the file differ, those on record hold."""

    contract: str
    state: str
    missing: list[ReasonView]
    dates_kept: bool
    acts_taken: int


class Loaded(BaseModel):
    """`created`: how many of each kind are new."""

    created: dict[str, int]
    contracts: list[ContractLoaded]

    @classmethod
    def of(cls, report: LoadReport, told: Any) -> Self:
        """`told` makes the sentence of a reason in the caller's language."""
        contracts = [
            ContractLoaded(
                contract=loaded.id,
                state=loaded.state.value,
                missing=[ReasonView(code=r.code, rule=r.rule, detail=told(r, {})) for r in loaded.missing],
                dates_kept=loaded.dates_kept,
                acts_taken=loaded.acts_taken,
            )
            for loaded in report.contracts
        ]
        return cls(created=dict(report.created), contracts=contracts)


class PublicationView(BaseModel):
    """`state`: published, failed or pending. A contract that is not in force has no entry."""

    contract: str
    state: Literal["published", "failed", "pending"]
    version: int | None
    failure: str | None
