"""The Monitoring Committee's eye on a contract: violations put on record and discounted, and the way to law.

A protective violation ends access in the same transaction (F-13); a contractual one is on record until a seat warns of
it (S3-P6-R2). Which of the two it is, nobody chooses here.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.violations import (
    VIOLATION_TRANSITIONS,
    LegalFollowUp,
    Violation,
    ViolationClass,
    ViolationSource,
    ViolationState,
)
from access_broker.use_cases.committed import RULE
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.matters import check_may_judge
from access_broker.use_cases.new_terms import gives_new_term, restart_suspension
from access_broker.use_cases.permissions import Caller, check_may_read_contract, check_sits_over
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.said import said
from access_broker.use_cases.suspending import open_suspension, settle_suspension, write_suspension
from access_broker.use_cases.violations import Finding, classed, file_violation, rule_of, violation_named
from access_broker.use_cases.voted_on import check_may_discount


def report_violation(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    contract_id: str,
    kind: str,
    text: str,
    evidence: tuple[str, ...],
    now: datetime,
) -> Violation:
    """A seat of the Monitoring Committee puts a violation on record. The same words again are answered with the first.

    Raises Refused NOT_PERMITTED, KIND_UNKNOWN, INVALID, STATE_FORBIDS for a contract that was never in force.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_sits_over(caller, contract)
    told = said(text, "text", "S3-P6-R2")
    finding = Finding(kind, ViolationSource.PERSON, told, caller.person.id, evidence)
    return record_violation(writer, policy, contract_id, finding, now)


def record_violation(
    writer: Writer, policy: PolicyEngine, contract_id: str, finding: Finding, now: datetime
) -> Violation:
    """Put a finding on record, of a person, a signal, a report or a rule; a protective one suspends at once, and gives
    a suspension that there is a new term, by the words of one person once. One that has lapsed, and only the clerk has
    not come yet, is settled first: it holds nobody any more.

    The same finding of a clerk again changes nothing, also when it was discounted meanwhile: what was looked at once is
    not raised anew by whoever looks at the same records. A person's same words are a retry only as long as nothing has
    happened since.
    """
    contract = contract_named(writer, contract_id)
    lapsing = open_suspension(writer, contract)
    if lapsing is not None and settle_suspension(writer, lapsing, now):
        contract = contract_named(writer, contract_id)
    rules = classed(policy, contract, finding.kind)
    earlier = _recorded_before(writer, contract, finding)
    if earlier is not None:
        return earlier
    violation = file_violation(writer, contract, finding, rules.violation_class, now)
    if violation.violation_class is not ViolationClass.PROTECTIVE:
        return violation
    suspension = open_suspension(writer, contract)
    if contract.state is ContractState.ACTIVE:
        write_suspension(writer, contract, RULE, rules, now, violation=violation.number)
    elif suspension is not None and gives_new_term(writer, suspension, violation):
        restart_suspension(writer, suspension, rules, violation, now)
    return violation


def discount_violation(
    writer: Writer, caller: Caller, contract_id: str, number: int, reason: str, now: datetime
) -> Violation:
    """It was none: from now on it counts towards nothing. What was cut stays cut. Again is answered with the first.

    Raises Refused NOT_PERMITTED without a seat of Monitoring, CONFLICT_OF_INTEREST for somebody of a side, NOT_FOUND,
    INVALID without a reason, STATE_FORBIDS for one that the committee votes on or has voted on.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_sits_over(caller, contract)
    violation = violation_named(writer, contract_id, number)
    if violation.state is ViolationState.DISCOUNTED:
        return violation
    rule = rule_of(violation.violation_class)
    if ViolationState.DISCOUNTED not in VIOLATION_TRANSITIONS[violation.state]:
        raise Refused("STATE_FORBIDS", rule, state=violation.state)
    check_may_judge(writer, caller, contract)
    check_may_discount(writer, contract, violation)
    why = said(reason, "reason", rule)
    by = caller.person.id
    discounted = replace(violation, discounted_by=by, discounted_at=now, discounted_why=why)
    body = {"number": number, "kind": violation.kind, "reason": why}
    writer.file(discounted, AuditEvent("violation.discounted", by, contract_id, rule, body))
    return discounted


def follow_up_by_law(writer: Writer, caller: Caller, contract_id: str, why: str, now: datetime) -> LegalFollowUp:
    """The committee takes the matter of a cut contract to law (S3-P6-R2). Once is enough.

    Raises Refused NOT_PERMITTED without a seat of Monitoring, STATE_FORBIDS for a contract that is not cut, INVALID.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_sits_over(caller, contract)
    followed = follow_up_of(writer, contract_id)
    if followed is not None:
        return followed
    if contract.state is not ContractState.CUT:
        raise Refused("STATE_FORBIDS", "S3-P6-R2", state=contract.state)
    taken = LegalFollowUp(contract_id, caller.person.id, now, said(why, "reason", "S3-P6-R2"))
    writer.file(taken, AuditEvent("follow_up.opened", taken.by, contract_id, "S3-P6-R2", {"reason": taken.why}))
    return taken


def follow_up_of(reader: Reader, contract_id: str) -> LegalFollowUp | None:
    return filed_one(reader, LegalFollowUp, contract=contract_id)


def _recorded_before(reader: Reader, contract: Contract, finding: Finding) -> Violation | None:
    told = (finding.kind, finding.source, finding.by, finding.text.strip(), finding.evidence)
    on_record = reader.filed(Violation, contract=contract.id)
    if finding.source is ViolationSource.PERSON:
        on_record = [v for v in on_record[-1:] if v.counts and not _was_lifted(contract, v)]
    same = (v for v in on_record if (v.kind, v.source, v.recorded_by, v.text, v.evidence) == told)
    return next(same, None)


def _was_lifted(contract: Contract, violation: Violation) -> bool:
    """It ended access once, and people have access again: whoever says it now says it anew."""
    return violation.violation_class is ViolationClass.PROTECTIVE and contract.state is ContractState.ACTIVE
