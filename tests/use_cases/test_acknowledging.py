from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from access_broker.domain.acts import Act
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.endings import Component, End
from access_broker.use_cases.acknowledging import (
    Step,
    acknowledge_end,
    acknowledged,
    end_of,
    expected_components,
    is_acknowledged,
)
from access_broker.use_cases.acts import ActRequest, commit_act
from tests.support.factories import DAY, NOW, give_token, make_contract, make_records
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy

GATEWAY = Step(Component.GATEWAY, "workers_stopped")


def cut(records: InMemoryRecords, act: Act = Act.CUT, at: datetime = NOW, ground: str = "F-13") -> None:
    with records.write() as writer:
        commit_act(writer, ScriptedPolicy(), ActRequest("P1", act, ground, "chair", "M-1"), at)


def end(records: InMemoryRecords, at: datetime = NOW) -> End | None:
    with records.read() as reader:
        return end_of(reader, "P1", at)


@pytest.mark.parametrize(
    ("state", "changes", "code"),
    [
        (ContractState.DRAFTED, {}, None),
        (ContractState.ACTIVE, {}, None),
        (ContractState.ACTIVE, {"starts_at": NOW + DAY}, None),
        (ContractState.ACTIVE, {"ends_at": NOW}, "CONTRACT_EXPIRED"),
        (ContractState.SUSPENDED, {}, "CONTRACT_SUSPENDED"),
        (ContractState.CUT, {}, "CONTRACT_CUT"),
        (ContractState.ENDED, {}, "CONTRACT_ENDED"),
    ],
)
def test_what_has_ended(state: ContractState, changes: dict[str, object], code: str | None) -> None:
    found = end(make_records(make_contract(state=state, **changes)))
    assert (found.code if found else None) == code


def test_the_end_names_its_ground_and_its_commit() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    cut(records, ground="S3-P6-R2")
    assert end(records, NOW + DAY) == End("P1", 2, "CONTRACT_CUT", "S3-P6-R2", NOW)
    expired = make_records(make_contract(state=ContractState.ACTIVE, ends_at=NOW - DAY))
    assert end(expired) == End("P1", 1, "CONTRACT_EXPIRED", "S3-P9-R1", NOW - DAY)
    assert end(make_records(), NOW) is None


def test_a_warning_after_a_suspension_does_not_move_its_beginning() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    cut(records, Act.SUSPEND)
    cut(records, Act.WARN, NOW + timedelta(hours=1), "S3-P6-R2")
    found = end(records, NOW + DAY)
    assert found is not None
    assert (found.code, found.since) == ("CONTRACT_SUSPENDED", NOW)


def test_the_broker_acknowledges_in_the_transaction_of_the_act() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    give_token(records, "one", "analyst", make_contract(state=ContractState.ACTIVE))
    cut(records)
    with records.read() as reader:
        found = end_of(reader, "P1", NOW)
        assert found is not None
        (told,) = acknowledged(reader, found)
    assert (told.component, told.step, told.at, told.ms) == (Component.BROKER, "tokens_revoked", NOW, 0)
    assert told.detail == {"tokens": 1}


def test_a_step_is_told_with_the_time_since_the_commit() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    cut(records)
    step = Step(Component.WARDEN, "paused", sandbox="abc", person="analyst")
    reserved = {"generation": 7, "component": "hub", "at": "never", "sha256": "f" * 64}
    with records.write() as writer:
        acknowledge_end(writer, "P1", 2, step, NOW + timedelta(milliseconds=41), reserved)
    with records.read() as reader:
        told = acknowledged(reader, End("P1", 2, "CONTRACT_CUT", "F-13", NOW))[-1]
        record = reader.audit(0, 1000)[-1]
    assert (told.component, told.generation, told.ms) == (Component.WARDEN, 2, 41)
    assert told.detail == {"sha256": "f" * 64, "sandbox": "abc", "person": "analyst"}
    assert (record.event.kind, record.event.actor, record.event.rule) == ("end.acknowledged", "warden", "F-13")


def test_a_contract_as_a_whole_is_told_apart_from_a_person() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    cut(records)
    about_one = Step(Component.GATEWAY, "workers_stopped", person="analyst")
    with records.write() as writer:
        acknowledge_end(writer, "P1", 2, about_one, NOW)
        found = end_of(writer, "P1", NOW)
        assert found is not None
        assert not is_acknowledged(writer, found, Component.GATEWAY)
        acknowledge_end(writer, "P1", 2, GATEWAY, NOW)
        assert is_acknowledged(writer, found, Component.GATEWAY)


def test_an_end_before_counts_for_no_later_one() -> None:
    """Of another generation, or of this one before its term was over."""
    clock = FixedClock(NOW)
    records = make_records(make_contract(state=ContractState.ACTIVE, ends_at=NOW + DAY), clock=clock)
    with records.write() as writer:
        acknowledge_end(writer, "P1", 0, GATEWAY, NOW + 2 * DAY)
        acknowledge_end(writer, "P1", 1, GATEWAY, NOW)
    with records.read() as reader:
        found = end_of(reader, "P1", NOW + DAY)
        assert found is not None
        assert acknowledged(reader, found) == []


def test_an_unknown_contract_has_no_end() -> None:
    with pytest.raises(Refused, match="NOT_FOUND"), make_records().write() as writer:
        acknowledge_end(writer, "P9", 1, GATEWAY, NOW)


B, G, P, W, H = Component.BROKER, Component.GATEWAY, Component.PUBLISHER, Component.WARDEN, Component.HUB


@pytest.mark.parametrize(
    ("state", "told", "has_sandboxes", "expected"),
    [
        (ContractState.CUT, (), False, [B, G, P]),
        (ContractState.ACTIVE, (), False, [B, G, P]),
        (ContractState.SUSPENDED, (), False, [B, G]),
        (ContractState.CUT, (), True, [B, G, P, W, H]),
        (ContractState.CUT, (B, W), False, [B, G, P, W]),
        (ContractState.SUSPENDED, (W, H), False, [B, G, W, H]),
    ],
)
def test_who_is_waited_for(
    state: ContractState, told: tuple[Component, ...], has_sandboxes: bool, expected: list[Component]
) -> None:
    assert expected_components(state, told, has_sandboxes) == expected
