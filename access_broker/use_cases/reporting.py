"""The reports that an executor owes: when they are due, filing them, the committee's look, and those that are overdue.

Due dates are derived and stored nowhere: day `start + n x report_every_days`, moved to the next working day of the
contract's owner, and the first working day after each Jalali month for its narrative (S3-P8, I-27).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from access_broker.domain.audit import CLERK, AuditEvent, AuditSearch
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.reports import REPORT_TRANSITIONS, Due, Report, ReportKind, ReportState
from access_broker.domain.text import digest_of_text
from access_broker.domain.violations import ViolationSource
from access_broker.domain.working_days import WorkingCalendar, never_shortened
from access_broker.use_cases.activity import last_moment, months_between
from access_broker.use_cases.calendar import end_of_day, start_of_day, today
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.overseeing import record_violation
from access_broker.use_cases.permissions import Caller, check_is_named, check_may_read_contract, check_sits_over
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.said import said
from access_broker.use_cases.violations import Finding
from access_broker.use_cases.working_days import working_calendar

RULE = "S3-P8"
OVERDUE = "report_overdue"
"""The kind of the violation; policy `violations` says of which class it is."""


@dataclass(frozen=True)
class Owed:
    """A report that is due or was, and what became of it."""

    due: Due
    report: Report | None
    state: ReportState

    @property
    def is_late(self) -> bool:
        """Not there in time, whether or not it came afterwards."""
        filed = self.report.filed_at if self.report else None
        return self.state is ReportState.OVERDUE or (filed is not None and filed > self.due.due_at)


def owed_reports(reader: Reader, contract: Contract, now: datetime) -> list[Owed]:
    """Every report whose days have begun, in the order in which they are due."""
    if contract.state is ContractState.DRAFTED:
        return []
    calendar = working_calendar(reader, contract.owner)
    known = {(report.kind, report.number): report for report in reader.filed(Report, contract=contract.id)}
    owed = []
    for due in sorted(_all_due(reader, contract, calendar), key=lambda due: (due.due_at, due.kind)):
        if start_of_day(due.first) > now:
            continue
        report = known.get((due.kind, due.number))
        state = report.state if report else ReportState.DUE
        if state is ReportState.DUE and now > due.due_at:
            state = ReportState.OVERDUE
        owed.append(Owed(due, report, state))
    return owed


def count_overdue(reader: Reader, contract: Contract, now: datetime) -> int:
    """Reports that should be there and are not."""
    return sum(owed.state is ReportState.OVERDUE for owed in owed_reports(reader, contract, now))


def file_report(
    writer: Writer,
    policy: PolicyEngine,
    caller: Caller,
    contract_id: str,
    kind: ReportKind,
    number: int,
    text: str,
    now: datetime,
) -> Report:
    """A named person of the executor files a report. The same text again is answered with the first.

    Filed late, it goes on record first that it was overdue, if the clerk has not come yet: whether it was is a matter
    of the time, and nobody would be spared a violation by a clerk who was asleep.

    Raises Refused NOT_NAMED, NOT_FOUND for one that is not owed or has not begun, INVALID for an empty or misleading
    text, CONFLICT when another text was filed.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_is_named(contract, caller.person.id)
    owed = _owed(writer, contract, kind, number, now)
    words = said(text, "text", RULE)
    digest = digest_of_text(words)
    if ReportState.FILED not in REPORT_TRANSITIONS[owed.state]:
        if owed.report is None or owed.report.digest != digest:
            raise Refused("CONFLICT", RULE, name=f"{kind.value} {number}")
        return owed.report
    if record_overdue(writer, policy, contract, owed, now):
        owed = _owed(writer, contract, kind, number, now)
    by = caller.person.id
    report = owed.report or Report(contract_id, kind, number, owed.due.due_at)
    filed = replace(report, text=words, digest=digest, filed_by=by, filed_at=now)
    body = {"kind": kind.value, "number": number, "digest": digest, "late": now > owed.due.due_at}
    writer.file(filed, AuditEvent("report.filed", by, contract_id, RULE, body))
    return filed


def see_report(
    writer: Writer, caller: Caller, contract_id: str, kind: ReportKind, number: int, seen: str, now: datetime
) -> Report:
    """A seat of the Monitoring Committee has read it. `seen`: the digest of what was read. Once is enough.

    Raises Refused NOT_PERMITTED, NOT_FOUND, STATE_FORBIDS before it is filed, CONFLICT for another text.
    """
    contract = contract_named(writer, contract_id)
    check_may_read_contract(writer, caller, contract)
    check_sits_over(caller, contract)
    report = _owed(writer, contract, kind, number, now).report
    if report is None or report.filed_at is None:
        raise Refused("STATE_FORBIDS", RULE, name=f"{kind.value} {number}")
    if report.digest != seen:
        raise Refused("CONFLICT", RULE, name=f"{kind.value} {number}")
    if ReportState.SEEN not in REPORT_TRANSITIONS[report.state]:
        return report
    looked_at = replace(report, seen_by=caller.person.id, seen_at=now)
    body = {"kind": kind.value, "number": number, "digest": seen}
    writer.file(looked_at, AuditEvent("report.seen", caller.person.id, contract_id, RULE, body))
    return looked_at


def record_overdue(writer: Writer, policy: PolicyEngine, contract: Contract, owed: Owed, now: datetime) -> bool:
    """Put on record that a report did not come, with the violation that this is; False when that was done."""
    if owed.state is not ReportState.OVERDUE or owed.report is not None:
        return False
    due = owed.due
    body = {"kind": due.kind.value, "number": due.number, "due_at": due.due_at.isoformat()}
    overdue = Report(contract.id, due.kind, due.number, due.due_at, overdue_at=now)
    writer.file(overdue, AuditEvent("report.overdue", CLERK, contract.id, RULE, body))
    told = f"{due.kind.value} {due.number}, {due.due_at.isoformat()}"
    record_violation(writer, policy, contract.id, Finding(OVERDUE, ViolationSource.REPORT, told, CLERK), now)
    return True


def activated_at(reader: Reader, contract: Contract) -> datetime:
    """Since when reports are owed: nobody could have filed one before the contract was in force."""
    search = AuditSearch(kind="contract.activated", subject=contract.id)
    return max([contract.starts_at, *(record.at for record in reader.search_audit(search, 1))])


def _owed(reader: Reader, contract: Contract, kind: ReportKind, number: int, now: datetime) -> Owed:
    for owed in owed_reports(reader, contract, now):
        if (owed.due.kind, owed.due.number) == (kind, number):
            return owed
    raise Refused("NOT_FOUND", RULE, name=f"{kind.value} {number}")


def _all_due(reader: Reader, contract: Contract, calendar: WorkingCalendar) -> Iterator[Due]:
    """Those that come due while the contract is in force; the narrative of its last days comes after its end."""
    first, end = today(contract.starts_at), today(last_moment(reader, contract))
    since = activated_at(reader, contract)
    for due in (*_periodic(contract, first, end, calendar), *_narratives(contract, first, end, calendar)):
        if due.due_at >= since:
            yield due


def _periodic(contract: Contract, first: date, end: date, calendar: WorkingCalendar) -> Iterator[Due]:
    every = contract.report_every_days
    if every is None or every < 1:
        return
    number, begins = 1, first
    while (falls := first + timedelta(days=number * every)) <= end:
        yield _due(contract, (ReportKind.PERIODIC, number), (begins, falls - timedelta(days=1)), falls, calendar)
        number, begins = number + 1, falls


def _narratives(contract: Contract, first: date, end: date, calendar: WorkingCalendar) -> Iterator[Due]:
    """A contract that was cut owes none for the month of its cut: nobody works under it any more."""
    for month in months_between(first, end):
        if month.last > end and contract.state is ContractState.CUT:
            return
        days = (max(month.first, first), min(month.last, end))
        falls = days[1] + timedelta(days=1)
        yield _due(contract, (ReportKind.NARRATIVE, month.number), days, falls, calendar)


def _due(
    contract: Contract,
    which: tuple[ReportKind, int],
    days: tuple[date, date],
    falls: date,
    calendar: WorkingCalendar,
) -> Due:
    day = never_shortened(calendar, start_of_day(days[0]), lambda known: known.next_working(falls))
    return Due(contract.id, *which, *days, end_of_day(day))
