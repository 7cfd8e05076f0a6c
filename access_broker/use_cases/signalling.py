"""What a person makes of a signal: nothing, with the reason, or a violation (S3-P6-R2). No rule does either."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from access_broker.domain.audit import AuditEvent
from access_broker.domain.decisions import Refused
from access_broker.domain.signals import SIGNAL_TRANSITIONS, Signal, SignalKind, SignalState
from access_broker.domain.violations import ViolationSource
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.overseeing import record_violation
from access_broker.use_cases.permissions import Caller, check_may_oversee, check_may_read_contract, check_sits_over
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.said import said
from access_broker.use_cases.violations import Finding

RULE = "S3-P6-R2"


def signals_of(reader: Reader, caller: Caller, contract_id: str) -> list[Signal]:
    """The signals of a contract for those who oversee it, newest day first. The executor is not told of them."""
    check_may_oversee(reader, caller, contract_named(reader, contract_id))
    return sorted(reader.filed(Signal, contract=contract_id), key=lambda s: (s.window, s.at, s.kind), reverse=True)


def counting_signals(reader: Reader, contract_id: str) -> list[Signal]:
    """Those that were not discounted."""
    found = reader.filed(Signal, contract=contract_id)
    return [signal for signal in found if signal.state is not SignalState.DISCOUNTED]


def discount_signal(
    writer: Writer, caller: Caller, contract_id: str, kind: SignalKind, window: date, reason: str, now: datetime
) -> Signal:
    """It means nothing: it counts no more. Again is answered with the first.

    Raises Refused NOT_PERMITTED without a seat of Monitoring that has a say about this contract, NOT_FOUND, INVALID
    without a reason, STATE_FORBIDS for one that has become a violation.
    """
    signal = _judged(writer, caller, contract_id, kind, window)
    if signal.state is SignalState.DISCOUNTED:
        return signal
    _check_leads_to(signal, SignalState.DISCOUNTED)
    why = said(reason, "reason", RULE)
    discounted = replace(signal, decided_by=caller.person.id, decided_at=now, why=why)
    body = {"kind": kind.value, "window": window.isoformat(), "reason": why}
    writer.file(discounted, AuditEvent("signal.discounted", caller.person.id, contract_id, signal.rule, body))
    return discounted


def pursue_signal(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    contract_id: str,
    kind: SignalKind,
    window: date,
    text: str,
    now: datetime,
) -> Signal:
    """Make a violation of it, in words of one's own; of which class it is, the policy says. Again changes nothing.

    Raises Refused like `discount_signal`: one that was discounted is not taken up again.
    """
    signal = _judged(writer, caller, contract_id, kind, window)
    if signal.state is SignalState.PURSUED:
        return signal
    _check_leads_to(signal, SignalState.PURSUED)
    why, by = said(text, "text", RULE), caller.person.id
    evidence = (f"signal {kind.value} {window.isoformat()}", f"{signal.count} of {signal.threshold} {signal.about}")
    finding = Finding(kind.value, ViolationSource.SIGNAL, why, by, tuple(part.strip() for part in evidence))
    violation = record_violation(writer, policy, contract_id, finding, now)
    pursued = replace(signal, decided_by=by, decided_at=now, why=why, violation=str(violation.number))
    body = {"kind": kind.value, "window": window.isoformat(), "violation": violation.number}
    writer.file(pursued, AuditEvent("signal.pursued", by, contract_id, signal.rule, body))
    return pursued


def _judged(reader: Reader, caller: Caller, contract_id: str, kind: SignalKind, window: date) -> Signal:
    contract = contract_named(reader, contract_id)
    check_may_read_contract(reader, caller, contract)
    check_sits_over(caller, contract)
    for signal in reader.filed(Signal, contract=contract_id, window=window):
        if signal.kind is kind:
            return signal
    raise Refused("NOT_FOUND", name=f"{kind.value} {window.isoformat()}")


def _check_leads_to(signal: Signal, state: SignalState) -> None:
    if state not in SIGNAL_TRANSITIONS[signal.state]:
        raise Refused("STATE_FORBIDS", RULE, state=signal.state)
