"""What goes out about reports, statements, signals and working days: numbers and words of people, never data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

from pydantic import BaseModel

from access_broker.domain.activity import Activity
from access_broker.domain.reports import ActivityReport, Report
from access_broker.domain.signals import Signal
from access_broker.domain.working_days import Closure, WorkingCalendar, WorkingWeek
from access_broker.use_cases.activity import is_whole
from access_broker.use_cases.reporting import Owed


class OwedView(BaseModel):
    """A report that is owed. `state`: due, overdue, filed or seen. `digest`: to be named by whoever has read it."""

    kind: str
    number: int
    first: date
    last: date
    due_at: datetime
    state: str
    late: bool
    text: str | None
    digest: str | None
    filed_by: str | None
    filed_at: datetime | None
    seen_by: str | None
    seen_at: datetime | None

    @classmethod
    def of(cls, owed: Owed) -> Self:
        due, report = owed.due, owed.report
        filed = report if report is not None and report.filed_at is not None else None
        return cls(
            kind=due.kind.value,
            number=due.number,
            first=due.first,
            last=due.last,
            due_at=due.due_at,
            state=owed.state.value,
            late=owed.is_late,
            text=filed.text if filed else None,
            digest=filed.digest if filed else None,
            filed_by=filed.filed_by if filed else None,
            filed_at=filed.filed_at if filed else None,
            seen_by=filed.seen_by if filed else None,
            seen_at=filed.seen_at if filed else None,
        )


class FiledView(BaseModel):
    kind: str
    number: int
    state: str
    digest: str
    filed_by: str | None
    filed_at: datetime | None
    seen_by: str | None
    seen_at: datetime | None

    @classmethod
    def of(cls, report: Report) -> Self:
        return cls(
            kind=report.kind.value,
            number=report.number,
            state=report.state.value,
            digest=report.digest,
            filed_by=report.filed_by,
            filed_at=report.filed_at,
            seen_by=report.seen_by,
            seen_at=report.seen_at,
        )


class ActivityView(BaseModel):
    """Numbers of statements and what they delivered. `refusals`: by code."""

    statements: int
    explained: int
    refused: int
    refusals: dict[str, int]
    rows: int
    bytes: int
    ms: int
    sandboxes: int
    warnings: int
    datasets: list[str]
    people: list[str]

    @classmethod
    def of(cls, activity: Activity) -> Self:
        return cls(
            statements=activity.statements,
            explained=activity.explained,
            refused=activity.refused,
            refusals=dict(activity.refusals),
            rows=activity.rows,
            bytes=activity.bytes,
            ms=activity.ms,
            sandboxes=activity.sandboxes,
            warnings=activity.warnings,
            datasets=list(activity.datasets),
            people=list(activity.people),
        )


class ActivityReportView(BaseModel):
    """Counted from the audit between two positions. `whole` false: the period still ran when it was counted."""

    contract: str
    span: str
    number: int
    first: date
    last: date
    whole: bool
    from_position: int
    to_position: int
    head_hash: str
    made_at: datetime
    total: ActivityView
    days: dict[date, ActivityView]

    @classmethod
    def of(cls, report: ActivityReport) -> Self:
        return cls(
            contract=report.contract,
            span=report.span.value,
            number=report.number,
            first=report.first,
            last=report.last,
            whole=is_whole(report),
            from_position=report.from_position,
            to_position=report.to_position,
            head_hash=report.head_hash,
            made_at=report.made_at,
            total=ActivityView.of(report.total),
            days={day: ActivityView.of(activity) for day, activity in report.by_day.items()},
        )


class Recount(BaseModel):
    """Whether counting again over the same records says the same."""

    ok: bool
    from_position: int
    to_position: int


class SignalView(BaseModel):
    """`about`: the code that was counted, where it is one. `violation`: the number of what became of it."""

    kind: str
    window: date
    about: str
    count: int
    threshold: int
    rule: str
    at: datetime
    state: str
    decided_by: str | None
    decided_at: datetime | None
    why: str
    violation: str | None

    @classmethod
    def of(cls, signal: Signal) -> Self:
        return cls(
            kind=signal.kind.value,
            window=signal.window,
            about=signal.about,
            count=signal.count,
            threshold=signal.threshold,
            rule=signal.rule,
            at=signal.at,
            state=signal.state.value,
            decided_by=signal.decided_by,
            decided_at=signal.decided_at,
            why=signal.why,
            violation=signal.violation,
        )


class DayView(BaseModel):
    """`why`: the name of the holiday or closure, or `weekend`; null on a working day."""

    day: date
    working: bool
    why: str | None

    @classmethod
    def of(cls, calendar: WorkingCalendar, day: date) -> Self:
        why = calendar.why_off(day)
        return cls(day=day, working=why is None, why=why)


class ClosureView(BaseModel):
    organisation: str | None
    day: date
    name: str
    declared_at: datetime

    @classmethod
    def of(cls, closure: Closure) -> Self:
        organisation = closure.organisation or None
        return cls(organisation=organisation, day=closure.day, name=closure.name, declared_at=closure.declared_at)


class WeekView(BaseModel):
    organisation: str
    number: int
    days_off: list[int]
    valid_from: date
    valid_to: date | None
    declared_at: datetime

    @classmethod
    def of(cls, week: WorkingWeek) -> Self:
        return cls(
            organisation=week.organisation,
            number=week.number,
            days_off=list(week.days_off),
            valid_from=week.valid_from,
            valid_to=week.valid_to,
            declared_at=week.declared_at,
        )
