"""What goes out about keys given, columns tagged, ends acknowledged, and what runs."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel

from access_broker.api.contract_views import KeysView
from access_broker.domain.audit import AuditRecord
from access_broker.domain.contracts import Contract
from access_broker.domain.endings import Acknowledgement
from access_broker.domain.sandboxes import Sandbox
from access_broker.use_cases.watching import EndReport


class KeyGiven(KeysView):
    """The keys a contract has now."""

    contract: str
    state: str

    @classmethod
    def of(cls, contract: Contract) -> Self:
        return cls(contract=contract.id, state=contract.state.value, **cls.members(contract))


class ColumnTagged(BaseModel):
    """`suspended`: contracts in force that lost their access, because their level does not cover the new class."""

    column: str
    data_class: str
    suspended: list[str]


class PersonShut(BaseModel):
    """`tokens`: how many were revoked; `contracts`: in force, and naming the person."""

    person: str
    disabled: bool
    tokens: int
    contracts: list[str]


class AcknowledgementView(BaseModel):
    """`ms`: from the commit of the end to `at`; null when that is not known. `detail`: counts and digests, no data."""

    component: str
    step: str
    at: datetime
    ms: int | None
    detail: dict[str, Any]

    @classmethod
    def of(cls, told: Acknowledgement) -> Self:
        return cls(component=told.component.value, step=told.step, at=told.at, ms=told.ms, detail=told.detail)


class EndView(BaseModel):
    """`code` null: the contract has not ended. `complete`: all that was expected has come, and no sandbox is left."""

    state: str
    since: datetime | None
    code: str | None
    rule: str | None
    generation: int | None
    acknowledgements: list[AcknowledgementView]
    expected: list[str]
    complete: bool

    @classmethod
    def of(cls, report: EndReport) -> Self:
        end = report.end
        return cls(
            state=report.state,
            since=end.since if end else None,
            code=end.code if end else None,
            rule=end.rule if end else None,
            generation=end.generation if end else None,
            acknowledgements=[AcknowledgementView.of(told) for told in report.acknowledgements],
            expected=[component.value for component in report.expected],
            complete=report.complete,
        )


class RunningSandbox(BaseModel):
    sandbox: str
    person: str
    contract: str
    state: str
    since: datetime

    @classmethod
    def of(cls, sandbox: Sandbox) -> Self:
        return cls(
            sandbox=sandbox.id,
            person=sandbox.person,
            contract=sandbox.contract,
            state=sandbox.state.value,
            since=sandbox.started_at,
        )


class RunningStatement(BaseModel):
    """`record`: position of its decision in the audit chain, where the whole of it stands."""

    record: int
    person: str
    contract: str
    since: datetime
    text: str

    @classmethod
    def of(cls, record: AuditRecord) -> Self:
        event = record.event
        return cls(
            record=record.position,
            person=event.actor,
            contract=event.subject,
            since=record.at,
            text=str(event.body.get("text", "")),
        )


class RunningView(BaseModel):
    sandboxes: list[RunningSandbox]
    statements: list[RunningStatement]
