"""What the gate keeps must never outlive a change of the records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Token
from access_broker.use_cases.known import Known, Memory
from tests.support.factories import NOW, PEOPLE, give_token, make_contract, make_records
from tests.support.fakes import InMemoryRecords

CONTRACT = make_contract(state=ContractState.ACTIVE)
EVENT = AuditEvent("test.changed", "test", "test")


Arranged = tuple[InMemoryRecords, Token]


@pytest.fixture
def arranged() -> Arranged:
    records = make_records(CONTRACT)
    return records, give_token(records, "amt_x", "analyst", CONTRACT)


def known(memory: Memory, records: InMemoryRecords, token: Token) -> Known:
    with records.read() as reader:
        return memory.of(reader, token, NOW)


def test_it_is_read_once_while_nothing_changes(arranged: Arranged) -> None:
    records, token = arranged
    memory = Memory()
    assert known(memory, records, token) is known(memory, records, token)


def test_every_change_is_seen_at_once(arranged: Arranged) -> None:
    records, token = arranged
    memory = Memory()
    before = known(memory, records, token)
    with records.write() as writer:
        writer.save_contract(replace(CONTRACT, guarantees=(), generation=2), EVENT)
    after = known(memory, records, token)
    assert before.facts["contract"]["guarantees"]
    assert after.facts["contract"]["guarantees"] == []
    analyst = next(p for p in PEOPLE if p.id == "analyst")
    with records.write() as writer:
        writer.save_person(replace(analyst, disabled=True), EVENT)
    assert known(memory, records, token).login_facts(token, token.door, NOW)["person"]["disabled"] is True


def test_a_contract_that_is_not_there(arranged: Arranged) -> None:
    records, token = arranged
    with pytest.raises(Refused, match="TOKEN_NOT_VALID"):
        known(Memory(), records, replace(token, contract="nobody"))


def test_records_without_a_stamp_are_never_believed_to_be_unchanged(arranged: Arranged) -> None:
    records, token = arranged
    with records.read() as reader:
        reader.stamp = lambda: ""  # type: ignore[method-assign]
        memory = Memory()
        assert memory.of(reader, token, NOW) is not memory.of(reader, token, NOW)
