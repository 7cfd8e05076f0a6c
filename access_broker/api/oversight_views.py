"""What goes out about violations and suspensions."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from pydantic import BaseModel

from access_broker.domain.contracts import Contract
from access_broker.domain.suspensions import Suspension
from access_broker.domain.violations import LegalFollowUp, Violation
from access_broker.use_cases.overseeing import follow_up_of
from access_broker.use_cases.ports import Reader
from access_broker.use_cases.suspending import ratify_by


class ViolationView(BaseModel):
    """`violation_class`: what policy and contract say of its kind. A discounted one counts towards nothing."""

    number: int
    kind: str
    violation_class: str
    source: str
    state: str
    text: str
    evidence: list[str]
    recorded_by: str
    at: datetime
    decision: str | None
    discounted_by: str | None
    discounted_at: datetime | None
    discounted_why: str | None

    @classmethod
    def of(cls, violation: Violation) -> Self:
        return cls(
            number=violation.number,
            kind=violation.kind,
            violation_class=violation.violation_class.value,
            source=violation.source.value,
            state=violation.state.value,
            text=violation.text,
            evidence=list(violation.evidence),
            recorded_by=violation.recorded_by,
            at=violation.at,
            decision=violation.decision,
            discounted_by=violation.discounted_by,
            discounted_at=violation.discounted_at,
            discounted_why=violation.discounted_why,
        )


class SuspensionView(BaseModel):
    """`ratify_by`: the last second in which the committee may ratify it, null once that is settled."""

    generation: int
    state: str
    ground: str
    by: str
    at: datetime
    violation: int | None
    ratify_by: datetime | None
    on_lapse: str
    decision: str | None
    changed_by: str | None
    changed_at: datetime | None

    @classmethod
    def of(cls, reader: Reader, suspension: Suspension) -> Self:
        return cls(
            generation=suspension.generation,
            state=suspension.state.value,
            ground=suspension.ground,
            by=suspension.by,
            at=suspension.at,
            violation=suspension.violation,
            ratify_by=ratify_by(reader, suspension) if suspension.is_provisional else None,
            on_lapse=suspension.on_lapse.value,
            decision=suspension.decision,
            changed_by=suspension.changed_by,
            changed_at=suspension.changed_at,
        )


class FollowUpView(BaseModel):
    contract: str
    by: str
    at: datetime
    why: str

    @classmethod
    def of(cls, taken: LegalFollowUp) -> Self:
        return cls(contract=taken.contract, by=taken.by, at=taken.at, why=taken.why)


class OversightView(BaseModel):
    """`protective`: kinds of violations that this contract raises, beside those that are protective by policy."""

    contract: str
    protective: list[str]
    violations: list[ViolationView]
    suspensions: list[SuspensionView]
    legal_follow_up: FollowUpView | None

    @classmethod
    def of(cls, reader: Reader, contract: Contract) -> Self:
        taken = follow_up_of(reader, contract.id)
        return cls(
            contract=contract.id,
            protective=list(contract.terms.protective),
            violations=[ViolationView.of(v) for v in reader.filed(Violation, contract=contract.id)],
            suspensions=[SuspensionView.of(reader, s) for s in reader.filed(Suspension, contract=contract.id)],
            legal_follow_up=FollowUpView.of(taken) if taken else None,
        )
