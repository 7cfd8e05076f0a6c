"""Many threads, one commit; and when it fails everyone who waits is told so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from access_broker.adapters.records import GroupCommitAudit, group_commit
from access_broker.adapters.records.postgres import CHAIN_LOCK
from access_broker.domain.audit import AuditEvent
from access_broker.use_cases.ports import Unavailable
from tests.adapters.records.conftest import Place
from tests.adapters.records.world import record

THREADS = 24


@pytest.fixture
def audit(place: Place) -> Iterator[GroupCommitAudit]:
    made = GroupCommitAudit(place.records("gateway", signed=True, patience=0.5), patience=2.0)
    yield made
    made.close()


def event(n: int = 0) -> AuditEvent:
    return AuditEvent("query.decided", f"analyst{n}", "P1", "S3-P5", {"n": n})


def outcome(audit: GroupCommitAudit, n: int = 0) -> int | str:
    try:
        return audit.record(event(n))
    except Unavailable as unavailable:
        return unavailable.code


def test_each_caller_gets_the_place_of_its_own_record(place: Place, audit: GroupCommitAudit) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        positions = list(threads.map(lambda n: audit.record(event(n)), range(200)))
    assert sorted(positions) == list(range(1, 201))
    with place.records().read() as reader:
        by_position = {found.position: found.event for found in reader.audit()}
    assert [by_position[position] for position in positions] == [event(n) for n in range(200)]
    assert place.verify().ok


def test_whoever_waits_is_committed_together(place: Place, audit: GroupCommitAudit) -> None:
    with ThreadPoolExecutor(THREADS) as threads:
        with locked(place):
            waiting = [threads.submit(audit.record, event(n)) for n in range(THREADS)]
            time.sleep(0.2)
        assert len({future.result() for future in waiting}) == THREADS
    # one clock reading for a group; the first group was the one record that came before the others
    assert place.sql("SELECT COUNT(DISTINCT at) FROM audit")[0][0] <= 2


def test_a_locked_database_refuses_everyone_in_time_and_comes_back(place: Place, audit: GroupCommitAudit) -> None:
    with ThreadPoolExecutor(THREADS) as threads, locked(place):
        started = time.monotonic()
        outcomes = list(threads.map(lambda n: outcome(audit, n), range(THREADS)))
        assert set(outcomes) == {"AUDIT_UNAVAILABLE"}
        assert time.monotonic() - started < 2.5
    assert outcome(audit) == 1


def test_an_audit_that_cannot_be_written_refuses_and_comes_back(place: Place, audit: GroupCommitAudit) -> None:
    assert outcome(audit) == 1
    with place.without("audit"):
        assert outcome(audit) == "AUDIT_UNAVAILABLE"
    assert outcome(audit) == 2


def test_a_body_that_is_no_json_is_its_authors_problem_only(audit: GroupCommitAudit) -> None:
    with pytest.raises(TypeError):
        audit.record(AuditEvent("query.decided", "analyst", "P1", "", {1: "a", "b": "c"}))  # type: ignore[dict-item]
    assert outcome(audit) == 1


def test_the_writer_outlives_any_failure(audit: GroupCommitAudit, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[int]:
        raise MemoryError

    with monkeypatch.context() as patched:
        patched.setattr(audit._records, "append", fail)
        assert outcome(audit) == "AUDIT_UNAVAILABLE"
    assert outcome(audit) == 1


def test_one_that_gave_up_waiting_is_not_written_later(place: Place) -> None:
    audit = GroupCommitAudit(place.records("gateway", patience=2.0), patience=0.2)
    with ThreadPoolExecutor(2) as threads, locked(place):
        first = threads.submit(outcome, audit, 1)
        time.sleep(0.1)  # this one is being tried; the next one still stands in the queue
        assert threads.submit(outcome, audit, 2).result() == first.result() == "AUDIT_UNAVAILABLE"
    audit.close()
    assert place.sql("SELECT actor FROM audit") in ([], [("analyst1",)])


def test_what_is_posted_is_written_in_its_turn(place: Place) -> None:
    audit = GroupCommitAudit(place.records("gateway", signed=True))
    audit.post(event(1))
    assert audit.record(event(2)) == 2
    audit.post(event(3))
    audit.close()
    assert place.sql("SELECT actor FROM audit ORDER BY position") == [("analyst1",), ("analyst2",), ("analyst3",)]
    with pytest.raises(Unavailable, match="AUDIT_UNAVAILABLE"):
        audit.post(event())


def test_what_is_posted_alone_is_written_without_waiting_for_others(place: Place, audit: GroupCommitAudit) -> None:
    audit.post(event(1))
    until(lambda: place.sql("SELECT actor FROM audit") == [("analyst1",)])


def test_closing_writes_what_waits_and_signs_it(place: Place) -> None:
    audit = GroupCommitAudit(place.records("gateway", signed=True))
    with ThreadPoolExecutor(THREADS) as threads:
        waiting = [threads.submit(audit.record, event(n)) for n in range(THREADS)]
        until(lambda: all(future.running() or future.done() for future in waiting))
    audit.close()
    assert place.sql("SELECT MAX(position) FROM audit_checkpoints") == [(THREADS,)]
    with pytest.raises(Unavailable, match="AUDIT_UNAVAILABLE"):
        audit.record(event())
    audit.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "audit-writer"]


def test_silence_is_used_to_sign_the_tail(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(group_commit, "_IDLE", 0.02)
    audit = GroupCommitAudit(place.records("gateway", signed=True))
    audit.record(event())
    until(lambda: place.sql("SELECT position FROM audit_checkpoints") == [(1,)])
    audit.close()


def test_a_full_group_does_not_wait_for_silence(place: Place) -> None:
    audit = GroupCommitAudit(place.records("gateway"), largest_group=2)
    with ThreadPoolExecutor(THREADS) as threads:
        assert len(set(threads.map(lambda n: audit.record(event(n)), range(50)))) == 50
    audit.close()


def test_the_brokers_own_writes_fit_in_between(place: Place, audit: GroupCommitAudit) -> None:
    with ThreadPoolExecutor(8) as threads:
        busy = [threads.submit(lambda n=n: [audit.record(event(n)) for _ in range(20)]) for n in range(8)]
        for _ in range(10):
            record(place.records(signed=True), "contract.cut")
        assert sum(len(future.result()) for future in busy) == 160
    assert place.verify().records == 170


@contextmanager
def locked(place: Place) -> Iterator[None]:
    """Someone else is writing, and takes their time."""
    statement = "BEGIN IMMEDIATE" if place.file else f"SELECT pg_advisory_lock({CHAIN_LOCK})"
    with place.connection() as connection:
        connection.execute(statement)
        yield


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
