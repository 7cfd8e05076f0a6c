"""Automatic reports of what was done under a contract: by week, and by Jalali month as the statement of use.

They are made of the audit alone, between two positions of the chain, and can be counted again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from access_broker.domain.activity import Activity, day_tuples, total_of
from access_broker.domain.audit import CLERK, AuditEvent, AuditSearch
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.reports import ActivityReport, Span
from access_broker.use_cases.calendar import add_jalali_months, first_of_month, month_number, start_of_day, today
from access_broker.use_cases.counting import count
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.stopped import over_since

WEEK = timedelta(days=7)
_RULES = {Span.WEEK: "S3-P8", Span.MONTH: "S3-P2"}
_KINDS = {Span.WEEK: "report.counted", Span.MONTH: "statement.counted"}


@dataclass(frozen=True)
class Period:
    """Whole days in Tehran. `number`: 1, 2, … of weeks, 140509 of a Jalali month."""

    span: Span
    number: int
    first: date
    last: date


def periods_of(reader: Reader, contract: Contract, now: datetime) -> Iterator[Period]:
    """Those that have begun while the contract was, or may have been, in use; the oldest first."""
    if contract.state is ContractState.DRAFTED:
        return
    first, last = today(contract.starts_at), today(min(now, last_moment(reader, contract)))
    start, number = first, 1
    while start <= last:
        yield Period(Span.WEEK, number, start, start + WEEK - timedelta(days=1))
        start, number = start + WEEK, number + 1
    yield from months_between(first, last)


def months_between(first: date, last: date) -> Iterator[Period]:
    """The Jalali months from the one of `first` to the one of `last`, as whole months."""
    start = first_of_month(first)
    while start <= last:
        following = add_jalali_months(start, 1)
        yield Period(Span.MONTH, month_number(start), start, following - timedelta(days=1))
        start = following


def last_moment(reader: Reader, contract: Contract) -> datetime:
    """When a contract ended, or is to end."""
    return min(contract.ends_at, over_since(reader, contract, contract.ends_at) or contract.ends_at)


def counted(reader: Reader, contract: str, period: Period, now: datetime) -> ActivityReport:
    """The report of a period as the audit stands; of one that has not ended, what there is so far."""
    from_position = _last_position(reader, start_of_day(period.first) - _TICK) + 1
    end = start_of_day(period.last + timedelta(days=1)) - _TICK
    to_position = max(_last_position(reader, min(now, end)), from_position - 1)
    days = count(reader, contract, from_position, to_position)
    return ActivityReport(
        contract,
        period.span,
        period.number,
        period.first,
        period.last,
        from_position,
        to_position,
        _hash_at(reader, to_position),
        day_tuples(days),
        now,
    )


def make_report(writer: Writer, contract: str, period: Period, now: datetime) -> ActivityReport | None:
    """Put the report of a period that is over on record; None while it runs, or when it is there already."""
    if not is_over(period.last, now) or stored(writer, contract, period.span, period.number) is not None:
        return None
    report = counted(writer, contract, period, now)
    body = {
        "number": report.number,
        "from": report.from_position,
        "to": report.to_position,
        "head": report.head_hash,
        "statements": report.total.statements,
        "rows": report.total.rows,
    }
    writer.file(report, AuditEvent(_KINDS[period.span], CLERK, contract, _RULES[period.span], body))
    return report


def stored(reader: Reader, contract: str, span: Span, number: int) -> ActivityReport | None:
    return next((r for r in reader.filed(ActivityReport, contract=contract, span=span) if r.number == number), None)


def is_still_true(reader: Reader, report: ActivityReport) -> bool:
    """Count again over the same records and compare, the last record's hash included."""
    days = day_tuples(count(reader, report.contract, report.from_position, report.to_position))
    return (days, _hash_at(reader, report.to_position)) == (report.days, report.head_hash)


def statement(reader: Reader, contract: Contract, month: int, now: datetime) -> ActivityReport:
    """The statement of use of a Jalali month: the stored one, or what there is so far. Raises Refused NOT_FOUND."""
    kept = stored(reader, contract.id, Span.MONTH, month)
    if kept is not None:
        return kept
    periods = [p for p in periods_of(reader, contract, now) if p.span is Span.MONTH and p.number == month]
    if not periods:
        raise Refused("NOT_FOUND", name=str(month))
    return counted(reader, contract.id, periods[0], now)


def weeks_of(reader: Reader, contract: Contract, now: datetime) -> list[ActivityReport]:
    """Every week of a contract, the stored ones as they were stored and the running one as far as it goes."""
    kept = {report.number: report for report in reader.filed(ActivityReport, contract=contract.id, span=Span.WEEK)}
    weeks = [period for period in periods_of(reader, contract, now) if period.span is Span.WEEK]
    return [kept.get(week.number) or counted(reader, contract.id, week, now) for week in weeks]


def within(report: ActivityReport, first: date, last: date) -> Activity:
    """The part of a report that lies between two days."""
    return total_of(activity for day, activity in report.by_day.items() if first <= day <= last)


def is_whole(report: ActivityReport) -> bool:
    """False for a report of a period that was still running when it was counted."""
    return is_over(report.last, report.made_at)


def is_over(day: date, now: datetime) -> bool:
    """Has the day ended in Tehran?"""
    return now >= start_of_day(day + timedelta(days=1))


_TICK = timedelta(microseconds=1)
"""The audit counts no finer."""


def _last_position(reader: Reader, moment: datetime) -> int:
    """Of the newest record made until then, whatever it is about; 0 when there was none."""
    found = reader.search_audit(AuditSearch(until=moment, newest_first=True), 1)
    return found[0].position if found else 0


def _hash_at(reader: Reader, position: int) -> str:
    found = reader.audit(position - 1, 1) if position else []
    return found[0].hash if found else ""
