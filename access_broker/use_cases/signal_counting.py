"""Signals: counting each day of each contract from the audit, and asking the policy what of it a person should see.

The count goes on where it stopped, so that a round costs what is new, not what there is. It changes nothing: neither
access nor a violation hangs on a signal until somebody decides (`signalling`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from access_broker.domain.audit import CLERK, AuditEvent, AuditRecord, AuditSearch
from access_broker.domain.contracts import Contract
from access_broker.domain.signals import Signal, SignalKind
from access_broker.use_cases.calendar import TEHRAN, start_of_day, today
from access_broker.use_cases.counting import refusal_of
from access_broker.use_cases.deciding import answered
from access_broker.use_cases.ports import PolicyEngine, Reader, Unavailable, Writer

AT_ONCE = 1000
MOST_NAMES = 10_000
"""Different texts remembered of one day; more of them say nothing more."""

_STATEMENTS = frozenset({"query.allowed", "query.refused"})
_UNKNOWN_NAME = "NOT_GRANTED"

Window = tuple[str, date]
"""A contract and a day in Tehran."""


@dataclass
class DayCount:
    """What was counted of one window."""

    hours: list[int] = field(default_factory=lambda: [0] * 24)
    refusals: dict[str, int] = field(default_factory=dict)
    texts: set[str] = field(default_factory=set)
    egress: int = 0

    def take(self, record: AuditRecord) -> None:
        """One record of a statement."""
        if record.event.kind in _STATEMENTS:
            self.hours[record.at.astimezone(TEHRAN).hour] += 1
        code = refusal_of(record)
        if code is None:
            return
        self.refusals[code] = self.refusals.get(code, 0) + 1
        if code == _UNKNOWN_NAME and len(self.texts) < MOST_NAMES:
            self.texts.add(str(record.event.body.get("sha256", "")))


class SignalCount:
    """Goes through the audit once, from the beginning of yesterday, a piece at a time."""

    def __init__(self) -> None:
        self._position: int | None = None
        self._addresses: dict[str, str] = {}
        self._days: dict[Window, DayCount] = {}
        self._changed: set[Window] = set()

    def read_on(self, reader: Reader, now: datetime) -> bool:
        """Counts some of what is new; True while there may be more."""
        if self._position is None:
            self._begin(reader, start_of_day(today(now) - timedelta(days=1)))
        found = reader.search_audit(AuditSearch(after=self._position or 0), AT_ONCE)
        for record in found:
            self._take(record)
        if found:
            self._position = found[-1].position
        self._forget(today(now) - timedelta(days=1))
        return len(found) == AT_ONCE

    def changed(self) -> dict[Window, DayCount]:
        """The windows in which something was counted since `done` was last told."""
        return {window: self._days[window] for window in sorted(self._changed)}

    def done(self, window: Window) -> None:
        """What was counted of it until now is dealt with."""
        self._changed.discard(window)

    def _begin(self, reader: Reader, since: datetime) -> None:
        """Sandboxes that were there already are known by their addresses; younger ones come by in the audit."""
        before = reader.search_audit(AuditSearch(until=since, newest_first=True), 1)
        self._position = before[0].position if before else 0
        self._addresses = {s.address: s.contract for s in reader.sandboxes() if s.started_at <= since}

    def _take(self, record: AuditRecord) -> None:
        event = record.event
        if event.kind == "sandbox.admitted":
            self._addresses[str(event.body.get("address", ""))] = event.subject
        elif event.kind == "guard.refused":
            # Only the inner door writes an address there, and the firewall lets nobody borrow one.
            contract = self._addresses.get(str(event.body.get("user", "")))
            if contract is not None:
                self._day(contract, record).egress += int(event.body.get("count", 1))
        elif event.kind in _STATEMENTS or event.kind == "query.closed":
            self._day(event.subject, record).take(record)

    def _day(self, contract: str, record: AuditRecord) -> DayCount:
        window = (contract, today(record.at))
        self._changed.add(window)
        return self._days.setdefault(window, DayCount())

    def _forget(self, oldest: date) -> None:
        for window in [window for window in self._days if window[1] < oldest]:
            del self._days[window]
            self._changed.discard(window)


def signals_in(policy: PolicyEngine, contract: Contract, counted: DayCount, working: bool) -> list[Any]:
    """What the policy says of a day: at most one signal of each kind, the strongest. Raises Unavailable."""
    facts = {
        "working": working,
        "hours": counted.hours,
        "names": len(counted.texts),
        "egress": counted.egress,
        "refusals": counted.refusals,
        "thresholds": dict(contract.terms.signals),
    }
    told = answered(policy, "signals", facts).get("signals", [])
    strongest: dict[SignalKind, dict[str, Any]] = {}
    try:
        for one in sorted(told, key=lambda one: (one["count"], one["about"])):
            strongest[SignalKind(one["kind"])] = one
        return [strongest[kind] for kind in SignalKind if kind in strongest]
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable("POLICY_UNAVAILABLE", f"signals: {error}") from error


def raise_signal(writer: Writer, window: Window, told: dict[str, Any], now: datetime) -> Signal | None:
    """Put a signal on record, once for a contract, kind and day; None when there is one already."""
    contract, day = window
    kind = SignalKind(told["kind"])
    if any(signal.kind is kind for signal in writer.filed(Signal, contract=contract, window=day)):
        return None
    signal = Signal(
        contract, kind, day, str(told["about"]), int(told["count"]), int(told["threshold"]), str(told["rule"]), now
    )
    body = {
        "kind": kind.value,
        "window": day.isoformat(),
        "about": signal.about,
        "count": signal.count,
        "threshold": signal.threshold,
    }
    writer.file(signal, AuditEvent("signal.raised", CLERK, contract, signal.rule, body))
    return signal
