"""Looking into the chain: the same answers from both databases as from the fakes that the use-cases are tested on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.domain.audit import AuditEvent, AuditRecord, AuditSearch
from access_broker.domain.contracts import ContractState, Standing
from tests.adapters.records.conftest import Place
from tests.adapters.records.world import EVENT, furnish, make_contract, make_token
from tests.support.factories import DAY, NOW
from tests.support.fakes import FixedClock, InMemoryRecords

MINUTE = timedelta(minutes=1)
STORY = (
    ("query.allowed", "analyst", "P1"),
    ("query.closed", "analyst", "P1"),
    ("query.allowed", "colleague", "P2"),
    ("queryish", "analyst", "P1"),
    ("contract.cut", "chair", "P1"),
    ("end.acknowledged", "gateway", "P1"),
    ("end.acknowledged", "gateway", "P2"),
)
SEARCHES = [
    AuditSearch(),
    AuditSearch(kind="query."),
    AuditSearch(kind="query"),
    AuditSearch(kind="contract.cut"),
    AuditSearch(kind="nothing"),
    AuditSearch(kind="%"),
    AuditSearch(kind="q_ery"),
    AuditSearch(actor="analyst"),
    AuditSearch(actor="ANALYST"),
    AuditSearch(subject="P1", kind="query."),
    AuditSearch(since=NOW + 2 * MINUTE),
    AuditSearch(until=NOW + 2 * MINUTE),
    AuditSearch(since=NOW + MINUTE, until=NOW + 3 * MINUTE, actor="analyst"),
    AuditSearch(after=2),
    AuditSearch(after=1, before=4),
    AuditSearch(before=3, newest_first=True),
    AuditSearch(newest_first=True, subject="P1"),
]


def tell(records: Any, clock: FixedClock) -> None:
    """A record a minute; a closing names the statement before it."""
    for number, (kind, actor, subject) in enumerate(STORY):
        with records.write() as writer:
            writer.record(AuditEvent(kind, actor, subject, "S3-P5", {"query": number}))
        clock.advance(MINUTE)


@pytest.fixture
def records(place: Place) -> SqlRecords:
    clock = FixedClock(NOW)
    told = place.records(clock=clock)
    tell(told, clock)
    return told


@pytest.fixture
def fake() -> InMemoryRecords:
    clock = FixedClock(NOW)
    told = InMemoryRecords(clock)
    tell(told, clock)
    return told


def bare(records: list[AuditRecord]) -> list[tuple[int, AuditEvent]]:
    return [(record.position, record.event) for record in records]


def test_a_search_finds_what_fits(records: SqlRecords, fake: InMemoryRecords) -> None:
    with records.read() as reader, fake.read() as expected:
        for search in SEARCHES:
            for limit in (1, 2, 1000):
                assert bare(reader.search_audit(search, limit)) == bare(expected.search_audit(search, limit)), search


def test_the_kinds_on_record(records: SqlRecords, fake: InMemoryRecords) -> None:
    with records.read() as reader, fake.read() as expected:
        assert sorted(reader.audit_kinds()) == expected.audit_kinds()


def test_no_record_no_kind(place: Place) -> None:
    with place.records().read() as reader:
        assert (reader.audit_kinds(), reader.search_audit(AuditSearch(kind="q"))) == ([], [])
        assert reader.open_statements(10) == []


def test_who_acknowledged(records: SqlRecords, fake: InMemoryRecords) -> None:
    with records.read() as reader, fake.read() as expected:
        for contract in ("P1", "P2", "P3"):
            assert bare(reader.acknowledgements(contract)) == bare(expected.acknowledgements(contract))
        assert len(reader.acknowledgements("P1")) == 1


def test_statements_that_nobody_closed(records: SqlRecords) -> None:
    with records.write() as writer:
        for body in ({"query": 3}, {"outcome": "no number"}):
            writer.record(AuditEvent("query.closed", "analyst", "P2", "", body))
        last = writer.record(AuditEvent("query.allowed", "analyst", "P1", "S3-P5", {"text": "SELECT 1"}))
    with records.read() as reader:
        assert [record.position for record in reader.open_statements(1000)] == [last]
        assert [record.position for record in reader.open_statements(1)] == [last]
        assert reader.open_statements(0) == []


def test_indexes_are_used(records: SqlRecords, file_place: Place) -> None:
    """What the partial index is about is spelt as the index has it; a parameter in its place would not find it."""
    ways = {
        "kind = 'end.acknowledged' AND subject = 'P1' ORDER BY position": "ix_audit_acknowledgements",
        "actor = 'x' AND position > 3 ORDER BY position LIMIT 5": "ix_audit_actor_position",
        "at >= '2026'": "ix_audit_at",
    }
    for condition, index in ways.items():
        plan = file_place.sql(f"EXPLAIN QUERY PLAN SELECT * FROM audit WHERE {condition}")
        assert index in str(plan), condition


def test_standings_in_one_read(place: Place) -> None:
    records = place.records()
    furnish(records, make_contract("P1", ContractState.ACTIVE), make_contract("P2"))
    with records.read() as reader:
        standings = reader.standings()
        assert standings == {id: reader.standing(id) for id in ("P1", "P2")}
    assert standings["P1"] == Standing(ContractState.ACTIVE, 1, NOW - DAY, NOW + 90 * DAY)


def test_all_tokens_of_a_person(place: Place) -> None:
    records = place.records()
    furnish(records, make_contract("P1", ContractState.ACTIVE))
    with records.write() as writer:
        for token in (
            make_token("d1"),
            make_token("d2", contract=None),
            make_token("d3", revoked=True),
            make_token("d4", person="chair", contract=None),
        ):
            writer.save_token(token, EVENT)
        assert writer.revoke_tokens_of("analyst", EVENT) == 2
        assert writer.revoke_tokens_of("analyst", EVENT) == 0
        assert [writer.token(f"d{n}").revoked for n in (1, 2, 3, 4)] == [True, True, True, False]  # type: ignore[union-attr]
