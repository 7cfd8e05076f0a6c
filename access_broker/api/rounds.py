"""The clerk's rounds: reports that did not come, activity of weeks and months, notices of the end, problems that are

open to other executors again, signals.

Everything here is told by the records whenever somebody looks; the rounds only put it on record. Access never waits
for them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import date, datetime
from functools import partial

from access_broker.adapters.periodic import Periodic
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.reports import ActivityReport, ReportState
from access_broker.domain.signals import Signal
from access_broker.use_cases.activity import is_over, make_report, periods_of
from access_broker.use_cases.awarding import openings_due, record_openings
from access_broker.use_cases.calendar import today
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.expiry_notices import record_notice, unrecorded_notices
from access_broker.use_cases.ports import Clock, PolicyEngine, Records
from access_broker.use_cases.reporting import owed_reports, record_overdue
from access_broker.use_cases.signal_counting import DayCount, SignalCount, Window, raise_signal, signals_in
from access_broker.use_cases.working_days import working_calendar

log = logging.getLogger("amanat.clerk")
EVERY_SECONDS = 60.0


class Rounds(Periodic):
    """Goes round once a minute. `announce` hears the id of a contract when a violation was put on record.

    A contract or chore that fails keeps no other from being looked at; the first failure is told when all were tried.
    """

    def __init__(self, records: Records, policy: PolicyEngine, clock: Clock, announce: Callable[[str], None]) -> None:
        super().__init__("rounds", EVERY_SECONDS, log)
        self._records, self._policy, self._clock, self._announce = records, policy, clock, announce
        self._signals = SignalCount()
        self._looked: tuple[str, date] | None = None

    def step(self) -> int:
        """One round; returns how much was put on record."""
        now, failures = self._clock(), _Failures()
        done = failures.kept(lambda: self._of_days(now, failures)) + failures.kept(lambda: self._notices(now))
        done += failures.kept(lambda: self._openings(now)) + failures.kept(lambda: self._raise_signals(now, failures))
        failures.tell()
        return done

    def _of_days(self, now: datetime, failures: _Failures) -> int:
        """What changes with the day or with the records, and is not looked at again while both are the same."""
        with self._records.read() as reader:
            looked = (reader.stamp(), today(now))
            contracts = [c for c in reader.contracts() if c.state is not ContractState.DRAFTED]
        if looked == self._looked:
            return 0
        done = 0
        for contract in contracts:
            done += failures.kept(partial(self._overdue, contract, now))
            done += failures.kept(partial(self._activity, contract, now))
        if not failures.found:
            with self._records.read() as reader:
                self._looked = (reader.stamp(), looked[1]) if done else looked
        return done

    def _overdue(self, contract: Contract, now: datetime) -> int:
        with self._records.read() as reader:
            owed = owed_reports(reader, contract, now)
        if not any(one.state is ReportState.OVERDUE and one.report is None for one in owed):
            return 0
        with self._records.write() as writer:
            current = contract_named(writer, contract.id)
            owed = owed_reports(writer, current, now)
            recorded = sum(record_overdue(writer, self._policy, current, one, now) for one in owed)
        if recorded:
            self._announce(contract.id)
        return recorded

    def _activity(self, contract: Contract, now: datetime) -> int:
        """A report for each week and month that is over and has none."""
        with self._records.read() as reader:
            made = {(report.span, report.number) for report in reader.filed(ActivityReport, contract=contract.id)}
            periods = [p for p in periods_of(reader, contract, now) if is_over(p.last, now)]
        done = 0
        for period in periods:
            if (period.span, period.number) not in made:
                with self._records.write() as writer:
                    done += make_report(writer, contract.id, period, now) is not None
        return done

    def _notices(self, now: datetime) -> int:
        with self._records.read() as reader:
            due = [notice for contract in reader.contracts() for notice in unrecorded_notices(reader, contract, now)]
        if not due:
            return 0
        with self._records.write() as writer:
            return sum(record_notice(writer, notice) for notice in due)

    def _openings(self, now: datetime) -> int:
        """Problems that nobody works on alone any more."""
        with self._records.read() as reader:
            due = openings_due(reader, now)
        if not due:
            return 0
        with self._records.write() as writer:
            return len(record_openings(writer, now))

    def _raise_signals(self, now: datetime, failures: _Failures) -> int:
        more = True
        while more:  # each piece in a transaction of its own: no other waits for a long chain
            with self._records.read() as reader:
                more = self._signals.read_on(reader, now)
        with self._records.read() as reader:
            contracts = {contract.id: contract for contract in reader.contracts()}
            calendars = {owner: working_calendar(reader, owner) for owner in {c.owner for c in contracts.values()}}
        done = 0
        for window, count in self._signals.changed().items():
            contract = contracts.get(window[0])
            if contract is None:
                self._signals.done(window)
                continue
            working = calendars[contract.owner].is_working(window[1])
            done += failures.kept(partial(self._raised, contract, window, count, working, now))
        return done

    def _raised(self, contract: Contract, window: Window, count: DayCount, working: bool, now: datetime) -> int:
        told = signals_in(self._policy, contract, count, working)
        with self._records.read() as reader:
            known = {signal.kind.value for signal in reader.filed(Signal, contract=contract.id, window=window[1])}
        new = [one for one in told if one["kind"] not in known]
        done = 0
        if new:
            with self._records.write() as writer:
                done = sum(raise_signal(writer, window, one, now) is not None for one in new)
        self._signals.done(window)
        return done


class _Failures:
    """What went wrong on the way, told at its end."""

    def __init__(self) -> None:
        self.found: list[Exception] = []

    def kept(self, chore: Callable[[], int]) -> int:
        try:
            return chore()
        except Exception as failure:
            self.found.append(failure)
            return 0

    def tell(self) -> None:
        if self.found:
            raise self.found[0]
