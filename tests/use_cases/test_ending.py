from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from access_broker.domain.acts import Act
from access_broker.domain.audit import AuditSearch
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.endings import Component
from access_broker.domain.tokens import Door, digest_of
from access_broker.use_cases.acknowledging import acknowledged, end_of
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.ending import record_expiry, set_disabled
from access_broker.use_cases.register import register_person
from access_broker.use_cases.tokens import authenticate_token
from tests.support.factories import (
    ANALYST,
    CHAIR,
    DAY,
    NOW,
    audit_kinds,
    give_token,
    make_contract,
    make_records,
    position,
)
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE, ends_at=NOW + DAY)


def expire(records: InMemoryRecords, at: datetime) -> bool:
    with records.write() as writer:
        return record_expiry(writer, "P1", at)


def act(records: InMemoryRecords, act: Act) -> None:
    with records.write() as writer:
        commit_act(writer, ScriptedPolicy(), ActRequest("P1", act, "F-13", "chair", "M-1"), NOW)


def test_an_expiry_is_recorded_once_and_takes_the_tokens() -> None:
    records = make_records(ACTIVE, make_contract("P2", ContractState.ACTIVE))
    give_token(records, "late", "analyst", ACTIVE, expires_at=NOW + 9 * DAY)
    start, at = position(records), NOW + DAY + timedelta(milliseconds=600)
    assert not expire(records, NOW + DAY - timedelta(microseconds=1))
    assert expire(records, at)
    assert not expire(records, at + DAY)
    assert audit_kinds(records, start) == ["contract.expired", "tokens.revoked", "end.acknowledged"]
    with records.read() as reader:
        assert reader.token(digest_of("late")).revoked  # type: ignore[union-attr]
        expired = reader.audit(start)[0].event
        end = end_of(reader, "P1", at)
        assert end is not None
        (told,) = acknowledged(reader, end)
    assert (expired.actor, expired.subject, expired.rule) == ("clerk", "P1", "S3-P9-R1")
    assert (told.component, told.ms, told.detail) == (Component.BROKER, 600, {"tokens": 1})


@pytest.mark.parametrize(
    "state", [ContractState.DRAFTED, ContractState.SUSPENDED, ContractState.CUT, ContractState.ENDED]
)
def test_only_what_is_in_force_expires(state: ContractState) -> None:
    records = make_records(replace(ACTIVE, state=state, generation=2))
    start = position(records)
    assert not expire(records, NOW + 2 * DAY)
    assert position(records) == start


def test_lifted_after_its_term_a_contract_is_over_again() -> None:
    records = make_records(replace(ACTIVE, ends_at=NOW))
    assert expire(records, NOW)
    for one in (Act.SUSPEND, Act.LIFT):
        act(records, one)
    assert expire(records, NOW)
    with records.read() as reader:
        events = [r.event for r in reader.search_audit(AuditSearch("contract.expired"))]
    assert [event.body["generation"] for event in events] == [1, 3]


def test_an_unknown_contract_does_not_expire() -> None:
    assert not expire(make_records(), NOW)


def shut(records: InMemoryRecords, disabled: bool, person: str = "analyst"):  # type: ignore[no-untyped-def]
    with records.write() as writer:
        return set_disabled(writer, person, disabled, "operator", NOW)


def test_who_is_shut_out_has_no_token_left() -> None:
    other = make_contract("P2", ContractState.ACTIVE)
    drafted = make_contract("P3")
    records = make_records(ACTIVE, other, drafted)
    for text, contract in (("own", None), ("mine", ACTIVE), ("other", other)):
        give_token(records, text, "analyst", *([contract] if contract else []))
    give_token(records, "in a sandbox", "analyst", ACTIVE, door=Door.SANDBOX, address="198.18.0.10")
    give_token(records, "chairs", "chair")
    start = position(records)
    done = shut(records, True)
    assert (done.tokens, done.contracts, done.person.disabled) == (4, ("P1", "P2"), True)
    with records.read() as reader:
        for text in ("own", "mine", "other", "in a sandbox"):
            assert reader.token(digest_of(text)).revoked  # type: ignore[union-attr]
        assert not reader.token(digest_of("chairs")).revoked  # type: ignore[union-attr]
        events = [record.event for record in reader.audit(start)]
    assert [event.kind for event in events] == [
        "person.disabled",
        "tokens.revoked",
        "end.acknowledged",
        "end.acknowledged",
    ]
    assert [(e.subject, e.body["person"], e.body["generation"]) for e in events[2:]] == [
        ("P1", "analyst", 1),
        ("P2", "analyst", 1),
    ]
    again = position(records)
    assert shut(records, True).tokens == 0
    assert position(records) == again


def test_who_is_let_in_again_needs_a_new_token() -> None:
    records = make_records(ACTIVE)
    give_token(records, "old", "analyst")
    shut(records, True)
    start = position(records)
    assert shut(records, False).person == ANALYST
    assert audit_kinds(records, start) == ["person.enabled"]
    with records.read() as reader, pytest.raises(Refused, match="TOKEN_NOT_VALID"):
        authenticate_token(reader, "old", NOW, Door.LOCAL, "127.0.0.1")


def test_a_file_of_before_does_not_let_anybody_in_again() -> None:
    records = make_records(ACTIVE)
    shut(records, True)
    with records.write() as writer:
        assert not register_person(writer, ANALYST, "operator")
        assert writer.person("analyst").disabled  # type: ignore[union-attr]
    with pytest.raises(Refused, match="CONFLICT"), records.write() as writer:
        register_person(writer, replace(CHAIR, disabled=True), "operator")  # a file shuts nobody out


def test_nobody_is_not_shut_out() -> None:
    with pytest.raises(Refused, match="NOT_FOUND"):
        shut(make_records(), True, "nobody")
