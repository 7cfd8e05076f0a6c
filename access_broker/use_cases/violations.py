"""Violations on record: classed by policy and contract, found by people, signals, reports or rules (S3-P6-R2, F-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.suspensions import OnLapse
from access_broker.domain.violations import Violation, ViolationClass, ViolationSource
from access_broker.use_cases.deciding import answered
from access_broker.use_cases.filing import filed_or_refused
from access_broker.use_cases.ports import PolicyEngine, Reader, Unavailable, Writer
from access_broker.use_cases.said import said

BREACH, CONTRACT, LEVEL_TOO_LOW, REPETITION = "breach", "contract", "level_too_low", "repetition"
"""Kinds that acts of the committee and rules of the system name themselves; policies/violations has them all."""

MOST_EVIDENCE = 20


@dataclass(frozen=True)
class Finding:
    """What somebody or something found. `evidence`: references to records, no data."""

    kind: str
    source: ViolationSource
    text: str
    by: str
    evidence: tuple[str, ...] = ()
    decision: str | None = None


@dataclass(frozen=True)
class Classed:
    """What the policy says of a kind under a contract. Days are working days."""

    violation_class: ViolationClass
    ratify_days: int
    serve_days: int
    on_lapse: OnLapse


def rule_of(violation_class: ViolationClass) -> str:
    """F-13 ends access, S3-P6-R2 warns first."""
    return "F-13" if violation_class is ViolationClass.PROTECTIVE else "S3-P6-R2"


def classed(policy: PolicyEngine, contract: Contract, kind: str) -> Classed:
    """Raises Refused KIND_UNKNOWN, STATE_FORBIDS for a contract that was never in force; Unavailable."""
    facts = {"kind": kind, "state": contract.state.value, "raised": list(contract.terms.protective)}
    document = answered(policy, "violations", facts)
    try:
        return Classed(
            ViolationClass(document["class"]),
            _days(document["ratify_working_days"]),
            _days(document["served_after_working_days"]),
            OnLapse(document["on_lapse"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable("POLICY_UNAVAILABLE", f"violations: {error}") from error


def file_violation(
    writer: Writer, contract: Contract, finding: Finding, violation_class: ViolationClass, now: datetime
) -> Violation:
    """Put it on record, and nothing else. What it leads to is told in use_cases/overseeing.py."""
    number = max((v.number for v in writer.filed(Violation, contract=contract.id)), default=0) + 1
    violation = Violation(
        contract.id,
        number,
        finding.kind,
        violation_class,
        finding.source,
        said(finding.text, "text", "S3-P6-R2", needed=False),
        tuple(said(ref, "evidence", "S3-P6-R2", most=300) for ref in finding.evidence[: MOST_EVIDENCE + 1]),
        finding.by,
        now,
        finding.decision,
    )
    if len(finding.evidence) > MOST_EVIDENCE:
        raise Refused("INVALID", "S3-P6-R2", where="evidence")
    body = {
        "number": number,
        "kind": violation.kind,
        "class": violation_class.value,
        "source": violation.source.value,
        "text": violation.text,
        "evidence": list(violation.evidence),
    }
    event = AuditEvent("violation.recorded", finding.by, contract.id, rule_of(violation_class), body)
    writer.file(violation, event)
    return violation


def violation_named(reader: Reader, contract_id: str, number: int) -> Violation:
    """Raises Refused NOT_FOUND."""
    return filed_or_refused(reader, Violation, f"{contract_id} {number}", contract=contract_id, number=number)


def counted(reader: Reader, contract_id: str) -> list[Violation]:
    """Those that were not discounted, oldest first."""
    return [violation for violation in reader.filed(Violation, contract=contract_id) if violation.counts]


def _days(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value) or value < 1:
        raise ValueError(f"{value!r} is no number of working days")
    return int(value)
