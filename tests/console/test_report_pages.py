"""Reports and signals at the console: what is due, filed, read and counted, and what a person makes of a signal."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.api.rounds import Rounds
from access_broker.console.chart import HEIGHT, MOST_DAYS, STEP, chart_of
from access_broker.domain.activity import Activity, day_tuples
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.reports import ActivityReport, Report, Span
from access_broker.domain.signals import Signal, SignalKind, SignalState
from tests.console.world import World, make_world
from tests.support.factories import DAY, NOW, make_contract

TODAY = date(2026, 11, 22)
P1 = make_contract("P1", ContractState.ACTIVE, starts_at=NOW - 20 * DAY, ends_at=NOW + 6 * DAY)
EVENT = AuditEvent("test.arranged", "test", "P1", "F-1")


@pytest.fixture
def world() -> World:
    made = make_world(P1)
    with made.records.write() as writer:
        writer.file(Signal("P1", SignalKind.REFUSALS, TODAY, "SYNTAX", 30, 30, "S3-P6-R2", NOW), EVENT)
        for n in range(5):
            told = {"uses": [{"table": "health.citizens"}]}
            writer.record(AuditEvent("query.allowed", "analyst", "P1", "S3-P5", told))
            body = {"outcome": "complete", "rows": 11 + n, "bytes": 77, "ms": 3}
            writer.record(AuditEvent("query.closed", "analyst", "P1", "S3-P5", body))
    return made


def filed(world: World) -> list[Report]:
    with world.records.read() as reader:
        return [report for report in reader.filed(Report, contract="P1") if report.filed_at]


def test_the_executor_sees_what_is_overdue_and_files_it(world: World) -> None:
    analyst = world.browser("analyst")
    assert "Overdue reports: 2" in analyst.get("/contracts").text
    before = analyst.get("/contracts/P1/reports").text
    assert before.count("Write it") == 5
    assert "This contract ends in 7 days or less" in before
    answer = analyst.post("/contracts/P1/reports/periodic/1", text="سه جدول دیده شد")
    assert "The report is on record" in answer.text
    assert [report.text for report in filed(world)] == ["سه جدول دیده شد"]
    assert "Overdue reports: 1" in analyst.get("/contracts").text


def test_a_text_that_is_refused_stays_on_the_page(world: World) -> None:
    answer = world.browser("analyst").post(
        "/contracts/P1/reports/periodic/1", text="a\u202eb and more", which="periodic1"
    )
    assert answer.status_code == 422
    assert "and more</textarea>" in answer.text
    assert filed(world) == []


def test_the_committee_says_that_it_has_read(world: World) -> None:
    world.browser("analyst").post("/contracts/P1/reports/periodic/1", text="پیش رفت")
    chair = world.browser("chair")
    shown = chair.get("/contracts/P1/reports").text
    assert "Write it" not in shown
    (report,) = filed(world)
    answer = chair.post("/contracts/P1/reports/periodic/1/seen", seen=report.digest)
    assert "the committee has read it" in answer.text
    assert filed(world)[0].seen_by == "chair"
    assert "The committee has read this" not in chair.get("/contracts/P1/reports").text
    stale = chair.post("/contracts/P1/reports/periodic/1/seen", seen="0" * 64)
    assert (stale.status_code, "CONFLICT" in stale.text) == (409, True)


def test_who_filed_read_and_used_is_named(world: World) -> None:
    assert "<bdi>Analyst</bdi>" in world.browser("auditor").get("/contracts/P1/reports").text, "of the statement of use"
    world.browser("analyst").post("/contracts/P1/reports/periodic/1", text="پیش رفت")
    world.browser("chair").post("/contracts/P1/reports/periodic/1/seen", seen=filed(world)[0].digest)
    text = world.browser("auditor", "fa").get("/contracts/P1/reports").text
    for id in ("analyst", "chair"):
        assert f'<bdi>{id}</bdi> <span class="id"><bdi dir="ltr">{id}</bdi></span> ·' in text


def test_activity_is_shown_to_the_digit_and_counted_again(world: World) -> None:
    auditor = world.browser("auditor")
    shown = auditor.get("/contracts/P1/reports").text
    assert shown.count(f"<bdi>{sum(11 + n for n in range(5))}</bdi>") == 2  # of the week and of the month
    assert 'class="answered"' in shown
    assert "Count again" not in shown
    world.policy = EmbeddedPolicy()  # type: ignore[assignment]
    Rounds(world.records, world.policy, world.clock, world.told.append).step()
    answer = auditor.get("/contracts/P1/reports?recount=1").text
    assert "Week 1: counted again, the same to the digit" in answer
    with world.records.write() as writer:
        (first,) = (r for r in writer.filed(ActivityReport, span=Span.WEEK) if r.number == 1)
        forged = ActivityReport(**{**vars(first), "days": day_tuples({TODAY: Activity(rows=1)})})
        writer.file(forged, EVENT)
    assert "something else than what was stored" in auditor.get("/contracts/P1/reports?recount=1").text


@pytest.mark.parametrize(("path", "state"), [("discount", SignalState.DISCOUNTED), ("violation", SignalState.PURSUED)])
def test_a_person_decides_about_a_signal(world: World, path: str, state: SignalState) -> None:
    world.policy = EmbeddedPolicy()  # type: ignore[assignment]
    world.restart()
    chair = world.browser("chair")
    assert "Signals to be looked at: 1" in chair.get("/committee").text
    assert "SYNTAX" in chair.get("/contracts/P1/signals").text
    answer = chair.post(f"/contracts/P1/signals/refusals/2026-11-22/{path}", words="یک ابزار خراب")
    assert (answer.status_code, "<bdi>Chair</bdi>" in answer.text) == (200, True)
    with world.records.read() as reader:
        (signal,) = reader.filed(Signal, contract="P1")
    assert (signal.state, signal.why) == (state, "یک ابزار خراب")
    assert "Signals to be looked at" not in chair.get("/committee").text


def test_without_words_nothing_is_decided(world: World) -> None:
    answer = world.browser("chair").post("/contracts/P1/signals/refusals/2026-11-22/discount", words=" ")
    assert (answer.status_code, "INVALID" in answer.text) == (422, True)


def test_an_auditor_looks_at_signals_and_decides_nothing(world: World) -> None:
    auditor = world.browser("auditor")
    assert "It means nothing" not in auditor.get("/contracts/P1/signals").text
    answer = auditor.post("/contracts/P1/signals/refusals/2026-11-22/discount", words="x")
    assert (answer.status_code, "NOT_PERMITTED" in answer.text) == (403, True)


def week(first: date, **days: tuple[int, int]) -> ActivityReport:
    counted = {
        first + timedelta(days=int(name[1:])): Activity(statements=answered, refusals=(("SYNTAX", refused),))
        for name, (answered, refused) in days.items()
    }
    return ActivityReport("P1", Span.WEEK, 1, first, first + 6 * DAY, 1, 2, "", day_tuples(counted), NOW)


def test_the_busiest_day_is_as_high_as_the_chart() -> None:
    chart = chart_of([week(TODAY, d0=(2, 0), d2=(6, 2))], backwards=False)
    assert [(bar.x, bar.answered, bar.refused) for bar in chart.bars] == [(0, 2, 0), (8, 0, 0), (16, 6, 2)]
    assert (chart.most, chart.width) == (8, 3 * STEP)
    assert (chart.bars[2].refused_y, chart.bars[2].answered_y) == (0, HEIGHT / 4)
    assert chart.bars[0].answered_y == HEIGHT - HEIGHT / 4


def test_in_persian_time_runs_from_right_to_left() -> None:
    chart = chart_of([week(TODAY, d0=(2, 0), d2=(6, 2))], backwards=True)
    assert [(bar.day - TODAY, bar.x) for bar in chart.bars] == [(0 * DAY, 16), (DAY, 8), (2 * DAY, 0)]


def test_a_long_time_shows_its_last_days_and_no_time_nothing() -> None:
    weeks = [week(TODAY + 7 * n * DAY, d0=(1, 0)) for n in range(26)]
    assert len(chart_of(weeks, backwards=False).bars) == MOST_DAYS
    assert chart_of([], backwards=False).bars == chart_of([week(TODAY)], backwards=False).bars == ()
