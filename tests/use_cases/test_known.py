"""What the gate keeps must never outlive a change of the records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Token, digest_of
from access_broker.use_cases.known import Memory
from tests.support.factories import NOW, PEOPLE, give_token, make_contract, make_records
from tests.support.fakes import InMemoryReader, InMemoryRecords

CONTRACT = make_contract(state=ContractState.ACTIVE)
EVENT = AuditEvent("test.changed", "test", "test", "F-1")


Arranged = tuple[InMemoryRecords, Token]


@pytest.fixture
def arranged() -> Arranged:
    records = make_records(CONTRACT)
    return records, give_token(records, "amt_x", "analyst", CONTRACT)


def test_it_is_read_once_while_nothing_changes(arranged: Arranged) -> None:
    records, token = arranged
    memory = Memory(records)
    assert memory.of(token.digest, NOW) is memory.of(token.digest, NOW)


def test_every_change_is_seen_at_once(arranged: Arranged) -> None:
    records, token = arranged
    memory = Memory(records)
    before = memory.of(token.digest, NOW)
    with records.write() as writer:
        writer.save_contract(replace(CONTRACT, guarantees=(), generation=2), EVENT)
    after = memory.of(token.digest, NOW)
    assert before.facts["contract"]["guarantees"]
    assert after.facts["contract"]["guarantees"] == []
    assert before.visitor.why_ended(token.generation, NOW) is None
    assert after.visitor.why_ended(token.generation, NOW) == ("TOKEN_NOT_VALID", "")
    analyst = next(p for p in PEOPLE if p.id == "analyst")
    with records.write() as writer:
        writer.save_person(replace(analyst, disabled=True), EVENT)
    assert memory.of(token.digest, NOW).login_facts(token, token.door, NOW)["person"]["disabled"] is True


def test_a_token_that_was_revoked_is_worth_nothing_at_once(arranged: Arranged) -> None:
    records, token = arranged
    memory = Memory(records)
    assert memory.of(token.digest, NOW).visitor.admitted(NOW, token.door, token.address) == token
    with records.write() as writer:
        writer.revoke_token(token.digest, EVENT)
    with pytest.raises(Refused, match="TOKEN_NOT_VALID"):
        memory.of(token.digest, NOW).visitor.admitted(NOW, token.door, token.address)


def test_time_passes_for_what_is_kept(arranged: Arranged) -> None:
    records, token = arranged
    memory = Memory(records)
    memory.of(token.digest, NOW)
    late = memory.of(token.digest, CONTRACT.ends_at).visitor
    assert late.why_ended(token.generation, CONTRACT.ends_at) == ("CONTRACT_EXPIRED", "S3-P9-R1")


def test_a_token_that_is_not_there_is_looked_for_each_time(arranged: Arranged) -> None:
    records, _ = arranged
    memory = Memory(records)
    unknown = memory.of(digest_of("amt_new"), NOW)
    assert (unknown.visitor.token, unknown.contract) == (None, None)
    with pytest.raises(Refused, match="TOKEN_NOT_VALID"):
        unknown.lent()
    stamp = records.stamp()
    records.stamp = lambda: stamp  # type: ignore[method-assign]
    token = give_token(records, "amt_new", "analyst", CONTRACT)
    assert memory.of(token.digest, NOW).visitor.token == token


def test_records_without_a_stamp_are_never_believed_to_be_unchanged(
    arranged: Arranged, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, token = arranged
    monkeypatch.setattr(InMemoryReader, "stamp", lambda _: "")
    memory = Memory(records)
    assert memory.of(token.digest, NOW) is not memory.of(token.digest, NOW)
