"""What the audit says was done: equal to a naive recount to the digit, week by week and month by month."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_broker.domain.activity import Activity
from access_broker.domain.acts import Act, CommitteeAct
from access_broker.domain.audit import AuditEvent, AuditRecord
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.reports import Span
from access_broker.use_cases import activity, counting
from tests.support.factories import DAY, audit_kinds, make_contract, make_records, position
from tests.support.fakes import FixedClock, InMemoryRecords

START = datetime(2026, 3, 20, 20, 30, tzinfo=UTC)  # 1405-01-01, 00:00 in Tehran
P1 = make_contract("P1", ContractState.ACTIVE, starts_at=START, ends_at=START + 80 * DAY)
OTHER = make_contract("P2", ContractState.ACTIVE, starts_at=START, ends_at=START + 80 * DAY)
TABLES = ("health.citizens", "health.provinces", "tax.payers")

REFUSED_WORD = st.sampled_from(["complete", "cut", "failed", "closed early", "refused BELOW_K", "refused ROWS_SPENT"])
BODIES: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "query.allowed": st.fixed_dictionaries(
        {"uses": st.lists(st.sampled_from(TABLES).map(lambda table: {"table": table}), max_size=3)}
    ),
    "query.refused": st.fixed_dictionaries({"code": st.sampled_from(["NOT_GRANTED", "BELOW_K", "SYNTAX"])}),
    "query.explained": st.just({}),
    "query.closed": st.fixed_dictionaries(
        {
            "outcome": REFUSED_WORD,
            "rows": st.integers(0, 10**6),
            "bytes": st.integers(0, 10**9),
            "ms": st.integers(0, 10**5),
        }
    ),
    "sandbox.admitted": st.just({"person": "analyst"}),
    "contract.warned": st.just({}),
    "token.issued": st.just({"contract": "P1"}),
}
LINES = st.sampled_from(sorted(BODIES)).flatmap(
    lambda kind: st.tuples(
        st.just(kind),
        st.sampled_from(["analyst", "intern"]),
        st.sampled_from(["P1", "P2", "p1"]),
        BODIES[kind],
        st.integers(0, 40 * 3600),
    )
)


def written(lines: list[tuple[Any, ...]], records: InMemoryRecords, clock: FixedClock) -> InMemoryRecords:
    for kind, actor, subject, body, seconds in lines:
        clock.advance(timedelta(seconds=seconds))
        with records.write() as writer:
            writer.record(AuditEvent(kind, actor, subject, "S3-P5", body))
    return records


def naive(records: list[AuditRecord], first: date, last: date) -> Activity:
    """Sixteen lines that know nothing of the code under test."""
    mine = [r for r in records if r.event.subject == "P1"]
    mine = [r for r in mine if first <= (r.at + timedelta(hours=3, minutes=30)).date() <= last]
    of = {kind: [r for r in mine if r.event.kind == kind] for kind in BODIES}
    closed = [r.event.body for r in of["query.closed"]]
    codes = [r.event.body["code"] for r in of["query.refused"]]
    codes += [b["outcome"].split()[1] for b in closed if b["outcome"].startswith("refused ")]
    tables = [use["table"] for r in of["query.allowed"] for use in r.event.body["uses"]]
    asked = [r.event.actor for kind in ("query.allowed", "query.refused", "query.explained") for r in of[kind]]
    people = {*asked, *(["analyst"] if of["sandbox.admitted"] else [])}
    return Activity(
        len(of["query.allowed"]),
        len(of["query.explained"]),
        *(sum(b[name] for b in closed) for name in ("rows", "bytes", "ms")),
        len(of["sandbox.admitted"]),
        len(of["contract.warned"]),
        tuple(sorted(Counter(codes).items())),
        tuple(sorted({table.split(".")[0] for table in tables})),
        tuple(sorted(people)),
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, max_size=60), st.integers(1, 9))
def test_weeks_and_months_equal_a_naive_recount_to_the_digit(lines: list[tuple[Any, ...]], page: int) -> None:
    clock = FixedClock(START)
    records = written(lines, make_records(P1, OTHER, clock=clock), clock)
    clock.advance(90 * DAY)
    with pytest.MonkeyPatch.context() as patched, records.read() as reader:
        patched.setattr(counting, "AT_ONCE", page)
        everything = reader.audit(0, 10_000)
        weeks = activity.weeks_of(reader, P1, clock())
        assert [week.number for week in weeks] == list(range(1, len(weeks) + 1))
        for week in weeks:
            assert week.total == naive(everything, week.first, week.last)
        months = list(activity.months_between(date(2026, 3, 21), activity.today(P1.ends_at)))
        assert [month.number for month in months] == [140501, 140502, 140503]
        for month in months:
            told = activity.statement(reader, P1, month.number, clock())
            parts = [activity.within(week, month.first, month.last) for week in weeks]
            last = min(month.last, weeks[-1].last)
            assert told.total == naive(everything, month.first, month.last)
            assert activity.within(told, month.first, last) == activity.total_of(parts)


def a_busy_fortnight() -> tuple[InMemoryRecords, FixedClock]:
    clock = FixedClock(START)
    lines = [("query.allowed", "analyst", "P1", {"uses": [{"table": "health.citizens"}]}, 3600) for _ in range(400)]
    return written(lines, make_records(P1, OTHER, clock=clock), clock), clock


def test_a_report_is_made_once_when_its_days_are_over() -> None:
    records, clock = a_busy_fortnight()
    with records.read() as reader:
        periods = list(activity.periods_of(reader, P1, clock()))
    start = position(records)
    with records.write() as writer:
        made = [activity.make_report(writer, "P1", period, clock()) for period in periods]
        again = [activity.make_report(writer, "P1", period, clock()) for period in periods]
    assert [(report.span, report.number) for report in made if report] == [(Span.WEEK, 1), (Span.WEEK, 2)]
    assert again == [None] * len(periods)
    assert audit_kinds(records, start) == ["report.counted"] * 2
    assert [report.total.statements for report in made if report] == [168 - 1, 168]


def test_a_stored_report_can_be_counted_again_and_a_false_one_is_found() -> None:
    records, clock = a_busy_fortnight()
    with records.write() as writer:
        week = next(activity.periods_of(writer, P1, clock()))
        report = activity.make_report(writer, "P1", week, clock())
        assert report is not None
        for _ in range(3):
            writer.record(AuditEvent("query.allowed", "analyst", "P1", "F-1"))
    with records.read() as reader:
        assert activity.is_still_true(reader, report)
        assert not activity.is_still_true(reader, replace(report, days=report.days[1:]))
        assert not activity.is_still_true(reader, replace(report, to_position=report.to_position - 1))
        assert activity.stored(reader, "P1", Span.WEEK, 1) == report


def test_what_goes_on_after_a_cut_is_in_no_further_report() -> None:
    records, clock = a_busy_fortnight()
    with records.write() as writer:
        cut = AuditEvent("contract.cut", "chair", "P1", "F-1")
        writer.save_contract(replace(P1, state=ContractState.CUT, generation=9), cut)
        writer.save_act(CommitteeAct("P1", Act.CUT, "F-13", "chair", None, clock(), generation=9), cut)
    clock.advance(40 * DAY)
    with records.read() as reader:
        contract = reader.contract("P1")
        assert contract is not None
        assert [p.number for p in activity.periods_of(reader, contract, clock())] == [1, 2, 3, 140501]


def test_a_draft_has_no_reports_and_a_strange_month_no_statement() -> None:
    records, clock = a_busy_fortnight()
    with records.read() as reader:
        assert list(activity.periods_of(reader, replace(P1, state=ContractState.DRAFTED), clock())) == []
        with pytest.raises(Refused) as refused:
            activity.statement(reader, P1, 140413, clock())
    assert refused.value.reason.code == "NOT_FOUND"


def test_a_running_month_says_that_it_is_not_whole() -> None:
    records, clock = a_busy_fortnight()
    with records.read() as reader:
        told = activity.statement(reader, P1, 140501, clock())
    assert told.total.statements == 400
    assert not activity.is_whole(told)
    assert activity.is_whole(replace(told, made_at=START + 31 * DAY))
