"""Sandboxes on record: two never stand in one place, and one that has ended stays ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.domain.audit import AuditEvent, canonical_body, seal
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.sandboxes import Sandbox, SandboxEnd, SandboxState
from access_broker.domain.tokens import Door
from tests.adapters.records.conftest import Place
from tests.adapters.records.world import EVENT, furnish, make_contract, make_sandbox, make_token, record
from tests.support.factories import NOW


@pytest.fixture(autouse=True)
def world(records: SqlRecords) -> None:
    people = ("analyst", "colleague")
    furnish(records, *(make_contract(id, ContractState.ACTIVE, people=people) for id in ("P1", "P2")))
    with records.write() as writer:
        for digest in ("d0", "d1", "d2"):
            token = make_token(digest, door=Door.SANDBOX, address="198.18.16.10")
            writer.save_token(token, EVENT)


def save(records: SqlRecords, *sandboxes: Sandbox) -> None:
    with records.write() as writer:
        for sandbox in sandboxes:
            writer.save_sandbox(sandbox, EVENT)


def ended(sandbox: Sandbox, why: SandboxEnd = SandboxEnd.CUT) -> Sandbox:
    return replace(sandbox, state=SandboxState.ENDED, ended_at=NOW + timedelta(hours=1), why=why)


def test_what_is_read_is_what_was_written(records: SqlRecords) -> None:
    one = make_sandbox("s1", 511)
    two = make_sandbox("s2", 2, "d1", person="colleague", state=SandboxState.RUNNING)
    three = make_sandbox("s3", 3, "d2", contract="P2")
    save(records, one, two, three, ended(three))
    with records.read() as reader:
        assert reader.sandboxes() == [two, one]
        assert [reader.sandbox(id) for id in ("s1", "s2", "s3", "s4")] == [one, two, ended(three), None]


@pytest.mark.parametrize("why", list(SandboxEnd))
def test_every_end_can_be_stored(records: SqlRecords, why: SandboxEnd) -> None:
    save(records, make_sandbox(), ended(make_sandbox(), why))
    with records.read() as reader:
        assert reader.sandbox("s1") == ended(make_sandbox(), why)


@pytest.mark.parametrize(
    "second",
    [make_sandbox("s2", 1, "d1", person="colleague"), make_sandbox("s2", 2, "d1")],
    ids=["same slot", "same person and contract"],
)
def test_two_never_stand_in_one_place(records: SqlRecords, second: Sandbox) -> None:
    save(records, make_sandbox())
    with pytest.raises(Refused, match="CONFLICT"):
        save(records, second)
    save(records, ended(make_sandbox()), second)
    with records.read() as reader:
        assert reader.sandboxes() == [second]


def test_one_that_has_ended_stays_ended(records: SqlRecords) -> None:
    save(records, make_sandbox(), ended(make_sandbox()))
    for back in (make_sandbox(), make_sandbox(state=SandboxState.RUNNING), ended(make_sandbox(), SandboxEnd.STOPPED)):
        with pytest.raises(Refused, match="CONFLICT"):
            save(records, back)


@pytest.mark.parametrize("change", [{"person": "nobody"}, {"contract": "P9"}, {"token": "d9"}], ids=str)
def test_nothing_it_refers_to_may_be_missing(records: SqlRecords, change: dict[str, Any]) -> None:
    with pytest.raises(Refused, match="INVALID"):
        save(records, make_sandbox(**change))


def test_one_token_is_revoked_and_no_other(records: SqlRecords) -> None:
    with records.write() as writer:
        assert writer.revoke_token("d0", EVENT) == 1
        assert writer.revoke_token("d0", EVENT) == 0
        assert writer.revoke_token("unknown", EVENT) == 0
    with records.read() as reader:
        assert [reader.token(digest).revoked for digest in ("d0", "d1")] == [True, False]  # type: ignore[union-attr]


def test_the_unfinished_are_found_by_their_index(file_place: Place) -> None:
    """Asked ten times a second, while those that have ended become more and more."""
    (plan,) = file_place.sql("EXPLAIN QUERY PLAN SELECT * FROM sandboxes WHERE state <> 'ended' ORDER BY slot")
    assert "ix_sandboxes_slot" in plan[-1]


def test_contracts_of_a_person(records: SqlRecords) -> None:
    furnish(records, make_contract("P3", people=("colleague",)))
    with records.read() as reader:
        assert [contract.id for contract in reader.contracts_of("analyst")] == ["P1", "P2"]
        assert [contract.id for contract in reader.contracts_of("colleague")] == ["P1", "P2", "P3"]
        assert reader.contracts_of("nobody") == []


def test_what_is_on_record_about_a_contract(records: SqlRecords) -> None:
    strange = 'q"_%'
    with records.write() as writer:
        start = writer.record(EVENT)
        for subject, body in (
            ("P1", {}),
            ("p1", {}),
            ("analyst", {"contract": "P1"}),
            ("analyst", {"contract": "p1"}),
            ("analyst", {"text": '"contract":"P1"'}),
            ("analyst", {"text": "P1"}),
            (strange, {}),
            ("analyst", {"contract": strange}),
        ):
            writer.record(AuditEvent("test.told", "test", subject, "", body))
    with records.read() as reader:
        positions = [found.position - start for found in reader.audit_about("P1", start)]
        assert positions == [1, 3]
        assert [found.position - start for found in reader.audit_about(strange, start)] == [7, 8]
        assert [found.position - start for found in reader.audit_about("P1", start, limit=1)] == [1]
        assert reader.audit_about("P1", start + 3) == []


def test_a_record_can_be_sealed_again_from_what_is_read(records: SqlRecords) -> None:
    record(records, "query.decided")
    with records.read() as reader:
        last = reader.audit_about("P1")[-1]
    at, body = last.at.isoformat(timespec="microseconds"), canonical_body(last.event.body)
    assert seal(last.position, at, last.event, body, last.previous) == last.hash
