"""The clerk's rounds put on record what anybody could tell from the records, once each, and outlive failures."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.api import rounds
from access_broker.api.rounds import Rounds
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState, Terms
from access_broker.domain.reports import ActivityReport, ExpiryNotice, Report, notices_due
from access_broker.domain.signals import Signal
from access_broker.use_cases.expiry_notices import days_noticed
from access_broker.use_cases.ports import Unavailable
from tests.support.factories import DAY, audit_kinds, make_contract, make_records, position
from tests.support.fakes import FixedClock, ScriptedPolicy

EVENT = AuditEvent("test.arranged", "test", "P1", "F-1")
START = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)  # Monday 1405-09-02, 00:00 in Tehran
SECOND = timedelta(seconds=1)
P1 = make_contract("P1", ContractState.ACTIVE, starts_at=START, ends_at=START + 31 * DAY - SECOND)
DRAFT = make_contract("P2", starts_at=START, ends_at=START + 31 * DAY)


class Office:
    def __init__(self, policy: Any) -> None:
        self.clock = FixedClock(START)
        self.records = make_records(P1, DRAFT, clock=self.clock)
        self.told: list[str] = []
        self.rounds = Rounds(self.records, policy, self.clock, self.told.append)

    def recorded(self) -> list[str]:
        start = position(self.records)
        done = self.rounds.step()
        kinds = [kind for kind in audit_kinds(self.records, start) if kind != "violation.recorded"]
        assert len(kinds) == done
        return kinds

    def filed(self, kind: Any) -> list[Any]:
        with self.records.read() as reader:
            return reader.filed(kind)


def test_a_quiet_start_has_nothing_to_say(policy: EmbeddedPolicy) -> None:
    assert Office(policy).recorded() == []


def test_a_month_of_rounds(policy: EmbeddedPolicy) -> None:
    """A contract under which nobody does anything: what is owed, counted and noticed, each once."""
    office = Office(policy)
    days = []
    for _ in range(40):
        days.append(office.recorded())
        assert office.recorded() == []
        office.clock.advance(DAY)
    told = [kind for day in days for kind in day]
    assert {kind: told.count(kind) for kind in told} == {
        "report.overdue": 6,  # four in the rhythm, two narratives
        "report.counted": 5,
        "statement.counted": 1,
        "expiry.noticed": 3,
        "problem.opened_again": 1,
    }
    assert office.told == ["P1"] * 6
    assert [(n.days, n.at - START) for n in office.filed(ExpiryNotice)] == [
        (1, 30 * DAY),
        (7, 24 * DAY),
        (15, 16 * DAY),
    ]
    assert {report.contract for report in [*office.filed(Report), *office.filed(ActivityReport)]} == {"P1"}


def test_a_signal_is_raised_once_and_tells_nobody(policy: EmbeddedPolicy) -> None:
    office = Office(policy)
    with office.records.write() as writer:
        for _ in range(30):
            writer.record(AuditEvent("query.refused", "analyst", "P1", "S3-P5", {"code": "SYNTAX"}))
    assert office.recorded() == ["signal.raised"]
    with office.records.write() as writer:
        writer.record(AuditEvent("query.refused", "analyst", "P1", "S3-P5", {"code": "SYNTAX"}))
    stamp = office.records.stamp()
    assert office.recorded() == []
    assert office.records.stamp() == stamp
    assert [(signal.kind, signal.count) for signal in office.filed(Signal)] == [("refusals", 30)]
    assert office.told == []


def test_a_contract_that_nobody_knows_raises_nothing(policy: EmbeddedPolicy) -> None:
    office = Office(policy)
    with office.records.write() as writer:
        for _ in range(40):
            writer.record(AuditEvent("query.refused", "analyst", "gone", "S3-P5", {"code": "SYNTAX"}))
    assert office.recorded() == []


def test_one_chore_that_fails_keeps_no_other_from_being_done() -> None:
    silent = ScriptedPolicy(signals=Unavailable("POLICY_UNAVAILABLE"), violations=Unavailable("POLICY_UNAVAILABLE"))
    office = Office(silent)
    office.clock.advance(17 * DAY)
    with office.records.write() as writer:
        writer.record(AuditEvent("query.refused", "analyst", "P1", "S3-P5", {"code": "SYNTAX"}))
    start = position(office.records)
    with pytest.raises(Unavailable):
        office.rounds.step()
    assert set(audit_kinds(office.records, start)) == {"report.counted", "expiry.noticed"}
    assert office.filed(Report) == []


def test_a_contract_that_fails_keeps_no_other_from_being_looked_at() -> None:
    other = make_contract("P0", ContractState.ACTIVE, starts_at=START, ends_at=START + 31 * DAY - SECOND)

    class Picky(ScriptedPolicy):
        def decide(self, entrypoint: str, facts: dict[str, Any]) -> dict[str, Any]:
            if entrypoint == "signals" and facts["thresholds"]:
                raise Unavailable("POLICY_UNAVAILABLE")
            told = {"kind": "refusals", "about": "SYNTAX", "count": 3, "threshold": 3, "rule": "S3-P6-R2"}
            return super().decide(entrypoint, facts) | {"signals": [told]}

    office = Office(Picky())
    with office.records.write() as writer:
        writer.save_contract(replace(other, terms=Terms(signals=(("refusals", 3),))), EVENT)
        for contract in ("P0", "P1"):
            writer.record(AuditEvent("query.refused", "analyst", contract, "S3-P5", {"code": "SYNTAX"}))
    with pytest.raises(Unavailable):
        office.rounds.step()
    assert [signal.contract for signal in office.filed(Signal)] == ["P1"]
    with pytest.raises(Unavailable):
        office.rounds.step()  # what failed is tried again


def test_while_nothing_changes_nothing_is_looked_at(policy: EmbeddedPolicy, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(policy)
    office.recorded()
    looked: list[str] = []

    def watched(reader: Any, contract: Any, now: datetime) -> list[Any]:
        looked.append(contract.id)
        return []

    monkeypatch.setattr(rounds, "owed_reports", watched)
    office.recorded()
    assert looked == []
    with office.records.write() as writer:
        writer.save_contract(P1, EVENT)
    office.recorded()
    office.clock.advance(DAY)
    office.recorded()
    assert looked == ["P1", "P1"]


def test_a_problem_that_is_open_again_is_put_on_record_once(policy: EmbeddedPolicy) -> None:
    office = Office(policy)
    office.clock.advance(P1.ends_at - START - SECOND)
    assert "problem.opened_again" not in office.recorded()
    office.clock.advance(SECOND)
    assert "problem.opened_again" in office.recorded()
    office.clock.advance(timedelta(minutes=2))
    Rounds(office.records, policy, office.clock, office.told.append).step()
    assert audit_kinds(office.records).count("problem.opened_again") == 1


BORDERS = [
    (timedelta(days=15, seconds=1), ()),
    (timedelta(days=15), (15,)),
    (timedelta(days=7, seconds=1), (15,)),
    (timedelta(days=7), (15, 7)),
    (timedelta(days=1, seconds=1), (15, 7)),
    (timedelta(days=1), (15, 7, 1)),
    (timedelta(seconds=1), (15, 7, 1)),
    (timedelta(0), ()),
    (timedelta(days=-3), ()),
]


@pytest.mark.parametrize(("left", "due"), BORDERS)
def test_notices_at_their_borders(left: timedelta, due: tuple[int, ...]) -> None:
    now = P1.ends_at - left
    assert notices_due(P1.ends_at, now) == due
    assert days_noticed(P1, now) == min(due, default=None)
    assert days_noticed(replace(P1, state=ContractState.CUT), now) is None
