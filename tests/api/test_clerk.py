from __future__ import annotations

import time
from datetime import timedelta

import pytest

from access_broker.api import clerk as clerk_module
from access_broker.api.clerk import Clerk
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.use_cases.ports import Unavailable
from tests.support.factories import NOW, audit_kinds, make_contract, make_records, position
from tests.support.fakes import FixedClock, InMemoryRecords

EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
SOON = make_contract(state=ContractState.ACTIVE, ends_at=NOW + timedelta(seconds=5))
LATER = make_contract("P2", ContractState.ACTIVE)


class Office:
    """A clerk with a clock of its own."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        self.records: InMemoryRecords = make_records(SOON, LATER, clock=self.clock)
        self.told: list[str] = []
        self.clerk = self.new()

    def new(self) -> Clerk:
        return Clerk(self.records, self.clock, self.told.append)


@pytest.fixture
def office() -> Office:
    return Office()


def test_the_end_of_a_term_is_recorded_when_it_comes(office: Office) -> None:
    assert office.clerk.step() == 0
    office.clock.advance(timedelta(seconds=5))
    start = position(office.records)
    assert office.clerk.step() == 1
    assert audit_kinds(office.records, start) == ["contract.expired", "tokens.revoked", "end.acknowledged"]
    assert office.told == ["P1"]
    assert (office.clerk.step(), office.new().step()) == (0, 0)
    assert position(office.records) == start + 3


def test_a_change_is_seen(office: Office) -> None:
    office.clerk.step()
    with office.records.write() as writer:
        writer.save_contract(make_contract("P3", ContractState.ACTIVE, ends_at=NOW), EVENT)
    assert office.clerk.step() == 1
    assert office.told == ["P3"]


def test_the_clerk_outlives_records_that_do_not_answer(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clerk_module, "EVERY_SECONDS", 0.005)
    office.clock.advance(timedelta(seconds=5))
    office.records.broken = Unavailable("RECORDS_UNAVAILABLE")
    office.clerk.start()
    time.sleep(0.05)
    office.records.broken = ValueError("a surprise")
    time.sleep(0.05)
    assert office.told == []
    office.records.broken = None
    deadline = time.monotonic() + 5
    while not office.told and time.monotonic() < deadline:
        time.sleep(0.005)
    office.clerk.stop()
    assert office.told == ["P1"]
    assert not office.clerk.is_alive()
