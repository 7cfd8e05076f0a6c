"""The reconcilers of the gateway on a pool that only counts: who is killed, who is told, and how often."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access_broker.domain.acts import Act
from access_broker.domain.audit import AuditEvent, AuditSearch
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import ContractState
from access_broker.gateway import acknowledge as acknowledge_module
from access_broker.gateway.acknowledge import Acknowledger
from access_broker.gateway.reconcile import Reconciler
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.ending import set_disabled
from access_broker.use_cases.gate_ports import Worker
from access_broker.use_cases.ports import Unavailable
from access_broker.use_cases.running import Running
from tests.support.factories import NOW, make_contract, make_records
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy

SECOND = timedelta(seconds=1)
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")


class Pool:
    """Workers as (person, contract, generation)."""

    def __init__(self) -> None:
        self.workers: list[tuple[str, str, int]] = []
        self.dying = 0.0  # seconds from leaving the list to being dead
        self.off_the_list = threading.Event()

    @contextmanager
    def get(self, person: str, contract: str, generation: int, publication: Publication) -> Iterator[Worker]:
        raise NotImplementedError
        yield

    def live(self) -> set[tuple[str, int]]:
        return {(contract, generation) for _, contract, generation in self.workers}

    def live_people(self) -> set[str]:
        return {person for person, _, _ in self.workers}

    def kill_older(self, contract: str, generation: int | None) -> int:
        return self._kill(lambda w: w[1] == contract and (generation is None or w[2] < generation))

    def kill_of(self, person: str) -> int:
        return self._kill(lambda w: w[0] == person)

    def _kill(self, doomed: Callable[[tuple[str, str, int]], bool]) -> int:
        before = len(self.workers)
        self.workers = [worker for worker in self.workers if not doomed(worker)]
        self.off_the_list.set()
        time.sleep(self.dying)
        return before - len(self.workers)


class Audit:
    """Writes straight through, unless it is broken."""

    def __init__(self, records: InMemoryRecords) -> None:
        self.records = records
        self.broken = False

    def record(self, event: AuditEvent) -> int:
        if self.broken:
            raise Unavailable("AUDIT_UNAVAILABLE")
        with self.records.write() as writer:
            return writer.record(event)

    post = record  # type: ignore[assignment]


class House:
    """A gateway's inside, stepped by hand."""

    def __init__(self) -> None:
        self.clock = FixedClock(NOW)
        contracts = [make_contract(id, ContractState.ACTIVE) for id in ("P1", "P2")]
        self.records = make_records(*contracts, clock=self.clock)
        self.pool, self.running, self.audit = Pool(), Running(), Audit(self.records)
        self.reconciler = Reconciler(self.records, self.pool, self.clock)
        self.acknowledger = self.new_acknowledger()

    def new_acknowledger(self) -> Acknowledger:
        return Acknowledger(self.records, self.pool, self.audit, self.clock, self.running.of, self.reconciler.killed)

    def act(self, act: Act, contract: str = "P1") -> None:
        with self.records.write() as writer:
            commit_act(writer, ScriptedPolicy(), ActRequest(contract, act, "F-13", "chair", "M-1"), self.clock())

    def disable(self, disabled: bool = True) -> None:
        with self.records.write() as writer:
            set_disabled(writer, "analyst", disabled, "operator", self.clock())

    def told(self) -> list[tuple[str, int, Any]]:
        with self.records.read() as reader:
            found = reader.search_audit(AuditSearch("end.acknowledged", "gateway"))
        return [(r.event.subject, r.event.body["generation"], r.event.body["ms"]) for r in found]


@pytest.fixture
def house() -> House:
    return House()


def test_workers_of_an_ended_contract_are_killed(house: House) -> None:
    house.pool.workers = [("analyst", "P1", 1), ("colleague", "P1", 1), ("analyst", "P2", 1)]
    assert house.reconciler.step() == 0
    house.act(Act.CUT)
    assert house.reconciler.step() == 2
    assert house.pool.workers == [("analyst", "P2", 1)]
    assert (house.reconciler.killed("P1"), house.reconciler.killed("P2")) == (2, 0)


def test_workers_of_before_a_lift_are_killed_and_those_after_it_live(house: House) -> None:
    house.act(Act.SUSPEND)
    house.act(Act.LIFT)
    house.pool.workers = [("analyst", "P1", 1), ("analyst", "P1", 3)]
    assert house.reconciler.step() == 1
    assert house.pool.workers == [("analyst", "P1", 3)]


def test_workers_of_a_contract_whose_term_is_over_are_killed(house: House) -> None:
    house.pool.workers = [("analyst", "P1", 1)]
    house.clock.now = make_contract().ends_at
    assert house.reconciler.step() == 1


def test_workers_of_somebody_shut_out_are_killed_in_every_contract(house: House) -> None:
    house.pool.workers = [("analyst", "P1", 1), ("analyst", "P2", 1), ("colleague", "P1", 1)]
    assert house.reconciler.step() == 0
    house.disable()
    assert house.reconciler.step() == 2
    assert house.pool.workers == [("colleague", "P1", 1)]
    house.pool.workers.append(("analyst", "P1", 1))  # was on its way in
    assert house.reconciler.step() == 1
    house.disable(False)
    house.pool.workers.append(("analyst", "P1", 1))
    assert house.reconciler.step() == 0


def test_workers_of_somebody_nobody_knows_are_killed(house: House) -> None:
    house.pool.workers = [("stranger", "P1", 1)]
    assert house.reconciler.step() == 1


def test_an_end_is_told_once_its_workers_are_gone(house: House) -> None:
    house.pool.workers = [("analyst", "P1", 1)]
    assert house.acknowledger.step() == 0
    house.act(Act.CUT)
    assert house.acknowledger.step() == 0, "a worker is left"
    house.clock.advance(SECOND)
    house.reconciler.step()
    assert house.acknowledger.step() == 1
    assert house.told() == [("P1", 2, 1000)]
    with house.records.read() as reader:
        body = reader.acknowledgements("P1")[-1].event.body
    assert (body["step"], body["workers"], body["unread"]) == ("workers_stopped", 1, 0)
    assert (house.acknowledger.step(), house.new_acknowledger().step()) == (0, 0)


def test_an_end_is_not_told_while_its_workers_are_dying(house: House) -> None:
    house.pool.workers, house.pool.dying = [("analyst", "P1", 1)], 0.1
    house.act(Act.CUT)
    killing = threading.Thread(target=house.reconciler.step)
    killing.start()
    assert house.pool.off_the_list.wait(5)
    begun = time.monotonic()
    assert house.acknowledger.step() == 1
    assert time.monotonic() - begun > 0.05
    killing.join()
    with house.records.read() as reader:
        assert reader.acknowledgements("P1")[-1].event.body["workers"] == 1


def test_an_end_is_told_after_a_restart_too_and_where_nothing_ran(house: House) -> None:
    house.act(Act.CUT)
    house.act(Act.SUSPEND, "P2")
    assert house.new_acknowledger().step() == 2
    assert house.told() == [("P1", 2, 0), ("P2", 2, 0)]
    house.act(Act.LIFT, "P2")
    assert house.acknowledger.step() == 0
    house.act(Act.CUT, "P2")
    assert house.acknowledger.step() == 1
    assert house.told()[-1] == ("P2", 4, 0)


def test_the_end_of_a_term_is_told(house: House) -> None:
    assert house.acknowledger.step() == 0
    house.clock.now = make_contract().ends_at + SECOND
    assert house.acknowledger.step() == 2
    assert house.told() == [("P1", 1, 1000), ("P2", 1, 1000)]


def test_drafts_and_contracts_to_come_have_no_end(house: House) -> None:
    with house.records.write() as writer:
        writer.save_contract(make_contract("P3"), EVENT)
        writer.save_contract(replace(make_contract("P4", ContractState.ACTIVE), starts_at=NOW + SECOND), EVENT)
    assert house.acknowledger.step() == 0


def test_an_answer_on_its_way_is_waited_for_but_not_for_ever(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    end = house.running.begin("P1")
    house.act(Act.CUT)
    assert house.acknowledger.step() == 0
    end()
    assert house.acknowledger.step() == 1
    house.running.begin("P2")
    house.act(Act.CUT, "P2")
    assert house.acknowledger.step() == 0
    monkeypatch.setattr(acknowledge_module, "GRACE_SECONDS", 0.0)
    time.sleep(0.001)
    assert house.acknowledger.step() == 1
    with house.records.read() as reader:
        assert reader.acknowledgements("P2")[-1].event.body["unread"] == 1


def test_what_could_not_be_recorded_is_told_later(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acknowledge_module, "EVERY_SECONDS", 0.005)
    house.act(Act.CUT)
    house.audit.broken = True
    house.acknowledger.start()
    time.sleep(0.05)
    house.records.broken = ValueError("a surprise")
    time.sleep(0.05)
    assert house.acknowledger.is_alive()
    house.records.broken = None
    assert house.told() == []
    house.audit.broken = False
    deadline = time.monotonic() + 5
    while not house.told() and time.monotonic() < deadline:
        time.sleep(0.005)
    house.acknowledger.stop()
    assert house.told() == [("P1", 2, 0)]
