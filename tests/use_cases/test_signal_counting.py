"""Signals are counted from the audit, day by day in Tehran; the policy says what stands out; once is once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState, Terms
from access_broker.domain.signals import Signal, SignalKind
from access_broker.use_cases import signal_counting
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.signal_counting import DayCount, SignalCount, raise_signal, signals_in
from tests.adapters.records.world import make_sandbox
from tests.support.factories import DAY, audit_kinds, give_token, make_contract, make_records, position
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # Sunday, 12:00 in Tehran
TODAY = date(2026, 11, 22)
P1 = make_contract("P1", ContractState.ACTIVE)
NEVER = replace(P1, terms=Terms(signals=(("refusals", 1_000_000), ("below_k", 1_000_000))))


class World:
    def __init__(self, at: datetime = NOON) -> None:
        self.clock = FixedClock(at)
        self.records: InMemoryRecords = make_records(P1, make_contract("P2", ContractState.ACTIVE), clock=self.clock)
        self.count = SignalCount()

    def write(self, kind: str, subject: str = "P1", times: int = 1, **body: Any) -> None:
        with self.records.write() as writer:
            for n in range(times):
                told = {key: value.format(n) if isinstance(value, str) else value for key, value in body.items()}
                writer.record(AuditEvent(kind, "analyst", subject, "S3-P5", told))

    def look(self) -> dict[Any, DayCount]:
        with self.records.read() as reader:
            while self.count.read_on(reader, self.clock()):
                pass
        return self.count.changed()

    def today(self) -> DayCount:
        return self.look()["P1", TODAY]


def test_what_is_counted_of_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signal_counting, "AT_ONCE", 3)
    world = World()
    world.write("query.allowed", times=4)
    world.write("query.refused", times=5, code="NOT_GRANTED", sha256="{0}")
    world.write("query.refused", times=2, code="NOT_GRANTED", sha256="0")
    world.write("query.closed", times=3, outcome="refused BELOW_K")
    world.write("query.closed", times=3, outcome="complete", rows=7)
    world.write("query.refused", "P2", times=9, code="SYNTAX", sha256="a")
    day = world.today()
    assert day.hours == [0] * 12 + [11] + [0] * 11
    assert day.refusals == {"NOT_GRANTED": 7, "BELOW_K": 3}
    assert len(day.texts) == 5


def test_a_second_look_goes_on_where_the_first_stopped() -> None:
    world = World()
    world.write("query.refused", times=4, code="SYNTAX")
    assert world.today().refusals == {"SYNTAX": 4}
    world.count.done(("P1", TODAY))
    assert world.look() == {}
    world.write("query.refused", times=2, code="SYNTAX")
    assert world.today().refusals == {"SYNTAX": 6}


def test_a_clerk_that_starts_anew_counts_the_same_and_what_is_old_is_forgotten() -> None:
    world = World(NOON - 3 * DAY)
    world.write("query.refused", times=4, code="SYNTAX")
    world.clock.advance(2 * DAY)
    world.write("query.refused", times=5, code="SYNTAX")
    world.clock.advance(DAY)
    world.write("query.refused", times=6, code="SYNTAX")
    expected = {("P1", TODAY - DAY): {"SYNTAX": 5}, ("P1", TODAY): {"SYNTAX": 6}}
    assert {window: day.refusals for window, day in world.look().items()} == expected
    world.clock.advance(2 * DAY)
    assert world.look() == {}


def test_the_hour_is_that_of_tehran() -> None:
    world = World(NOON.replace(hour=20, minute=29))  # 23:59
    world.write("query.allowed")
    world.clock.advance(timedelta(minutes=1))
    world.write("query.allowed")
    counted = world.look()
    assert counted["P1", TODAY].hours == [0] * 23 + [1]
    assert counted["P1", TODAY + DAY].hours == [1] + [0] * 23


def test_a_line_of_the_guard_counts_for_the_contract_whose_sandbox_stood_there() -> None:
    world = World()
    give_token(world.records, "d0", "analyst", P1)
    with world.records.write() as writer:
        older = make_sandbox("s0", 5, address="198.18.16.42", started_at=NOON - 5 * DAY)
        writer.save_sandbox(older, AuditEvent("test.arranged", "test", "P1", "F-1"))
    world.write("guard.refused", "", user="198.18.16.10", count=50)
    world.write("sandbox.admitted", "P1", address="198.18.16.10", person="analyst")
    world.write("guard.refused", "", user="198.18.16.10", count=3)
    world.write("guard.refused", "", user="198.18.16.42", count=4)
    world.write("guard.refused", "", user="analyst", count=70)
    world.write("sandbox.admitted", "P2", address="198.18.16.10", person="analyst")
    world.write("guard.refused", "", user="198.18.16.10", count=8)
    counted = world.look()
    assert (counted["P1", TODAY].egress, counted["P2", TODAY].egress) == (7, 8)


CASES = [
    (DayCount(refusals={"SYNTAX": 29}), True, []),
    (DayCount(refusals={"SYNTAX": 30, "NOT_A_QUERY": 44}), True, [("refusals", "NOT_A_QUERY", 44)]),
    (DayCount(refusals={"BELOW_K": 61, "ROWS_SPENT": 1}), True, [("below_k", "", 61), ("budget", "", 1)]),
    (DayCount(texts={str(n) for n in range(15)}), True, [("probing", "", 15)]),
    (DayCount(hours=[9] * 24), True, [("odd_hours", "", 108)]),
    (DayCount(hours=[0] * 8 + [30, 30] + [0] * 14), True, []),
    (DayCount(hours=[0] * 8 + [30, 30] + [0] * 14), False, [("odd_hours", "", 60)]),
    (DayCount(egress=10), True, [("egress", "", 10)]),
]


@pytest.mark.parametrize(("day", "working", "expected"), CASES)
def test_what_stands_out(policy: EmbeddedPolicy, day: DayCount, working: bool, expected: list[Any]) -> None:
    told = signals_in(policy, P1, day, working)
    assert [(one["kind"], one["about"], one["count"]) for one in told] == expected


def test_a_contract_may_say_never(policy: EmbeddedPolicy) -> None:
    flood = DayCount(refusals={"SYNTAX": 999_999, "BELOW_K": 999_999}, texts={str(n) for n in range(9_999)})
    assert signals_in(policy, NEVER, flood, True) == []
    lower: Contract = replace(P1, terms=Terms(signals=(("refusals", 2),)))
    assert [one["threshold"] for one in signals_in(policy, lower, DayCount(refusals={"SYNTAX": 2}), True)] == [2]


def test_once_for_a_contract_a_kind_and_a_day() -> None:
    world = World()
    told = {"kind": "refusals", "about": "SYNTAX", "count": 31, "threshold": 30, "rule": "S3-P6-R2"}
    start = position(world.records)
    with world.records.write() as writer:
        first = raise_signal(writer, ("P1", TODAY), told, NOON)
        again = raise_signal(writer, ("P1", TODAY), told | {"about": "NOT_A_QUERY", "count": 90}, NOON)
        others = [raise_signal(writer, window, told, NOON) for window in (("P1", TODAY + DAY), ("P2", TODAY))]
    assert first == Signal("P1", SignalKind.REFUSALS, TODAY, "SYNTAX", 31, 30, "S3-P6-R2", NOON)
    assert again is None
    assert None not in others
    assert audit_kinds(world.records, start) == ["signal.raised"] * 3


@pytest.mark.parametrize("told", [[{"kind": "tea", "count": 1, "about": ""}], [{"kind": "budget"}], [7], 7])
def test_a_policy_that_tells_nonsense_is_unavailable(told: Any) -> None:
    class Nonsense(ScriptedPolicy):
        def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
            return super().decide(entrypoint, facts) | {"signals": told}

    with pytest.raises(Unavailable):
        signals_in(Nonsense(), P1, DayCount(), True)
