"""When reports are due, who files them, and what happens to those that do not come."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from access_broker.domain.acts import Act, CommitteeAct
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Person, Seat
from access_broker.domain.reports import ReportKind, ReportState
from access_broker.domain.violations import Violation, ViolationSource
from access_broker.domain.working_days import THURSDAY_AND_FRIDAY, WorkingCalendar
from access_broker.use_cases import reporting
from access_broker.use_cases.calendar import today
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.reporting import Owed
from access_broker.use_cases.working_days import declare_closure, working_calendar
from tests.support.factories import (
    ANALYST,
    CHAIR,
    DAY,
    HERASAT,
    OUTSIDER,
    SEATS,
    audit_kinds,
    give_token,
    make_contract,
    make_records,
    position,
)
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy

EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
START = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # Saturday 1405-08-30, 00:00 in Tehran
P1 = make_contract("P1", ContractState.ACTIVE, starts_at=START, ends_at=START + 60 * DAY - timedelta(seconds=1))
TEXT = "این هفته سه جدول دیده شد."


class Violations(ScriptedPolicy):
    """Classes as the policy does, without its engine."""

    def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
        document = super().decide(entrypoint, facts)
        rest = {"class": "contractual", "ratify_working_days": 3, "served_after_working_days": 5, "on_lapse": "lifted"}
        return document | rest if entrypoint == "violations" else document


class World:
    def __init__(self, contract: Contract = P1, at: datetime = START) -> None:
        self.clock = FixedClock(at)
        self.contract = contract
        self.records: InMemoryRecords = make_records(contract, clock=self.clock)
        self.policy = Violations()

    def owed(self) -> list[Owed]:
        with self.records.read() as reader:
            contract = reader.contract("P1")
            assert contract is not None
            return reporting.owed_reports(reader, contract, self.clock())

    def of(self, kind: ReportKind) -> list[Owed]:
        return [owed for owed in self.owed() if owed.due.kind is kind]

    def file(self, number: int = 1, text: str = TEXT, by: Person = ANALYST, kind: Any = ReportKind.PERIODIC) -> Any:
        with self.records.write() as writer:
            caller = self.caller(by)
            return reporting.file_report(writer, self.policy, caller, "P1", kind, number, text, self.clock())

    def see(self, digest: str, by: Person = CHAIR, number: int = 1) -> Any:
        with self.records.write() as writer:
            caller = self.caller(by, *(seat for seat in SEATS if seat.person == by.id))
            return reporting.see_report(writer, caller, "P1", ReportKind.PERIODIC, number, digest, self.clock())

    def clerk(self) -> int:
        owed = self.owed()
        with self.records.write() as writer:
            return sum(reporting.record_overdue(writer, self.policy, self.contract, o, self.clock()) for o in owed)

    def caller(self, person: Person, *seats: Seat) -> Caller:
        return Caller(person, give_token(self.records, person.id, person.id), seats, person.roles)


def refused(act: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(*arguments, **named)
    return caught.value.reason.code


def test_due_days_of_a_whole_term() -> None:
    world = World(at=START + 70 * DAY)
    periodic = [today(owed.due.due_at) for owed in world.of(ReportKind.PERIODIC)]
    assert periodic == [START.date() + timedelta(days=1 + 7 * n) for n in range(1, 9)]  # Saturdays, none a holiday
    assert [owed.due.due_at.hour for owed in world.of(ReportKind.PERIODIC)] == [20] * 8  # 23:59:59 in Tehran
    narratives = [(owed.due.number, today(owed.due.due_at)) for owed in world.of(ReportKind.NARRATIVE)]
    assert narratives == [
        (140508, date(2026, 11, 22)),
        (140509, date(2026, 12, 22)),
        (140510, date(2027, 1, 20)),  # the term ends before the month does
    ]


@pytest.mark.parametrize("every", range(1, 31))
def test_a_report_falls_due_on_the_next_working_day_and_never_before_its_day(every: int) -> None:
    world = World(replace(P1, report_every_days=every), at=START + 70 * DAY)
    with world.records.read() as reader:
        calendar = working_calendar(reader, P1.owner)
    assert calendar.usual == THURSDAY_AND_FRIDAY
    for owed in world.of(ReportKind.PERIODIC):
        falls = today(START) + timedelta(days=owed.due.number * every)
        day = today(owed.due.due_at)
        assert day == next_working_naively(calendar, falls)
        assert owed.due.last == falls - timedelta(days=1)


def next_working_naively(calendar: WorkingCalendar, day: date) -> date:
    return min(d for d in (day + timedelta(days=n) for n in range(40)) if calendar.why_off(d) is None)


def test_a_closure_declared_while_a_report_runs_gives_it_another_day() -> None:
    world = World(at=START + 2 * DAY)
    before = world.of(ReportKind.PERIODIC)[0].due.due_at
    with world.records.write() as writer:
        declare_closure(writer, "", today(before), "آلودگی هوا", "operator", world.clock())
    assert world.of(ReportKind.PERIODIC)[0].due.due_at == before + DAY


def test_only_reports_that_have_begun_are_told_and_none_of_before_the_contract_was_in_force() -> None:
    world = World(at=START)
    assert [(o.due.kind, o.due.number) for o in world.owed()] == [
        (ReportKind.NARRATIVE, 140508),
        (ReportKind.PERIODIC, 1),
    ]
    world.clock.advance(20 * DAY)
    with world.records.write() as writer:
        writer.record(AuditEvent("contract.activated", "chair", "P1", "F-12"))
    assert [o.due.number for o in world.of(ReportKind.PERIODIC)] == [3]
    assert World(replace(P1, state=ContractState.DRAFTED), START + 20 * DAY).owed() == []
    assert World(replace(P1, report_every_days=None), START + 20 * DAY).of(ReportKind.PERIODIC) == []


def test_a_report_is_filed_once() -> None:
    world = World(at=START + 3 * DAY)
    start = position(world.records)
    filed = world.file()
    assert (filed.state, filed.text, len(filed.digest)) == (ReportState.FILED, TEXT, 64)
    world.clock.advance(DAY)
    assert world.file() == world.file(text=f" {TEXT} \n") == filed
    assert refused(world.file, text="another") == "CONFLICT"
    assert [kind for kind in audit_kinds(world.records, start) if kind.startswith("report")] == ["report.filed"]
    assert not world.of(ReportKind.PERIODIC)[0].is_late


@pytest.mark.parametrize("text", ["", "  \n", "x" * 10_001, "for\u202eward"])
def test_a_report_says_something_that_can_be_read(text: str) -> None:
    assert refused(World().file, text=text) == "INVALID"


def test_who_files() -> None:
    world = World()
    assert refused(world.file, by=OUTSIDER) == "NOT_FOUND"
    with world.records.write() as writer:
        assert refused(file_as_chair, writer, world) == "NOT_NAMED"
    assert refused(world.file, number=2) == "NOT_FOUND"  # it has not begun
    assert refused(world.file, number=99) == "NOT_FOUND"


def file_as_chair(writer: Any, world: World) -> None:
    caller = world.caller(CHAIR, *SEATS[:1])
    reporting.file_report(writer, world.policy, caller, "P1", ReportKind.PERIODIC, 1, TEXT, world.clock())


def test_the_committee_reads_what_it_says_it_has_read() -> None:
    world = World()
    assert refused(world.see, "0" * 64) == "STATE_FORBIDS"
    filed = world.file()
    assert refused(world.see, "0" * 64) == "CONFLICT"
    assert refused(world.see, filed.digest, HERASAT) == "NOT_PERMITTED"
    theirs = world.caller(CHAIR, Seat(Committee.MONITORING, 6, "chair", organisation="roads"))  # not the owner's
    with world.records.write() as writer:
        period = ("P1", ReportKind.PERIODIC, 1)
        assert refused(reporting.see_report, writer, theirs, *period, filed.digest, world.clock()) == "NOT_PERMITTED"
    start = position(world.records)
    seen = world.see(filed.digest)
    assert (seen.state, seen.seen_by) == (ReportState.SEEN, "chair")
    world.clock.advance(DAY)
    assert world.see(filed.digest) == seen
    assert [kind for kind in audit_kinds(world.records, start) if kind.startswith("report")] == ["report.seen"]


def test_a_report_that_does_not_come_is_a_violation_once() -> None:
    world = World(at=START + 2 * DAY + timedelta(hours=1))  # the narrative of the first month is overdue by now
    assert [owed.state for owed in world.owed()] == [ReportState.OVERDUE, ReportState.DUE, ReportState.DUE]
    start = position(world.records)
    assert (world.clerk(), world.clerk()) == (1, 0)
    assert audit_kinds(world.records, start) == ["report.overdue", "violation.recorded"]
    with world.records.read() as reader:
        (violation,) = reader.filed(Violation, contract="P1")
    assert (violation.kind, violation.source) == ("report_overdue", ViolationSource.REPORT)
    assert "140508" in violation.text
    filed = world.file(140508, kind=ReportKind.NARRATIVE)
    assert (filed.state, filed.overdue_at) == (ReportState.FILED, world.clock())
    assert world.of(ReportKind.NARRATIVE)[0].is_late
    assert world.clerk() == 0


def test_a_report_that_comes_late_is_a_violation_though_the_clerk_has_not_come() -> None:
    world = World(at=START + 2 * DAY + timedelta(hours=1))
    start = position(world.records)
    assert refused(world.file, 140508, text="", kind=ReportKind.NARRATIVE) == "INVALID"
    filed = world.file(140508, kind=ReportKind.NARRATIVE)
    assert (filed.state, filed.overdue_at, filed.filed_at) == (ReportState.FILED, world.clock(), world.clock())
    told = [kind for kind in audit_kinds(world.records, start) if not kind.startswith("test")]
    assert told == ["report.overdue", "violation.recorded", "report.filed"]
    assert (world.clerk(), world.file(140508, kind=ReportKind.NARRATIVE)) == (0, filed)
    assert world.file().overdue_at is None, "the first week's is not due yet"
    with world.records.read() as reader:
        (violation,) = reader.filed(Violation, contract="P1")
    assert (violation.kind, violation.source, violation.recorded_by) == (
        "report_overdue",
        ViolationSource.REPORT,
        "clerk",
    )


def test_a_contract_that_was_cut_owes_nothing_more() -> None:
    world = World(at=START + 10 * DAY)
    world.contract = replace(P1, state=ContractState.CUT, generation=5)
    with world.records.write() as writer:
        writer.save_contract(world.contract, EVENT)
        writer.save_act(CommitteeAct("P1", Act.CUT, "F-13", "chair", None, world.clock(), generation=5), EVENT)
    world.clock.advance(40 * DAY)
    assert [(o.due.kind, o.due.number) for o in world.owed()] == [
        (ReportKind.NARRATIVE, 140508),
        (ReportKind.PERIODIC, 1),
    ]
