"""Which sandboxes must end: told with the moment of the act, and read anew only when something was changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from access_broker.domain.acts import Act
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.people import Person
from access_broker.domain.sandboxes import Sandbox
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.sandbox_watch import MustEnd, SandboxWatch
from tests.support.factories import ANALYST, DAY, NOW, make_contract, make_records
from tests.support.fakes import InMemoryReader, InMemoryRecords, ScriptedPolicy

ACTIVE = make_contract(state=ContractState.ACTIVE, people=("analyst", "colleague"))
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
LATER = NOW + timedelta(seconds=7)


def sandbox(person: str = "analyst", slot: int = 1, contract: str = "P1") -> Sandbox:
    return Sandbox(f"s{slot}", person, contract, 1, slot, f"198.18.16.{8 * slot + 2}", f"d{slot}", NOW)


def records_with(*sandboxes: Sandbox) -> InMemoryRecords:
    records = make_records(ACTIVE, make_contract("P2", ContractState.ACTIVE))
    with records.write() as writer:
        for each in sandboxes:
            writer.save_sandbox(each, EVENT)
    return records


def act(records: InMemoryRecords, what: Act, at: datetime, contract: str = "P1") -> None:
    ground = "S3-P6-R2" if what is Act.WARN else "F-13"
    with records.write() as writer:
        commit_act(writer, ScriptedPolicy(), ActRequest(contract, what, ground, "chair"), at)


def look(records: InMemoryRecords, now: datetime = LATER, watch: SandboxWatch | None = None) -> dict[str, Any]:
    with records.read() as reader:
        return {seen.id: must for seen, must in (watch or SandboxWatch()).look(reader, now)}


def test_as_long_as_nothing_happens_nothing_must_end() -> None:
    records = records_with(sandbox())
    act(records, Act.WARN, NOW)
    assert look(records) == {"s1": None}


def test_a_cut_ends_the_sandboxes_of_its_contract_from_its_commit_on() -> None:
    records = records_with(sandbox(), sandbox("colleague", 2), sandbox(slot=3, contract="P2"))
    act(records, Act.CUT, NOW + timedelta(seconds=2))
    ended = MustEnd("CONTRACT_CUT", "F-13", NOW + timedelta(seconds=2), generation=2)
    assert look(records) == {"s1": ended, "s2": ended, "s3": None}


def test_a_lift_brings_none_back() -> None:
    records = records_with(sandbox())
    act(records, Act.SUSPEND, NOW + timedelta(seconds=1))
    act(records, Act.LIFT, NOW + timedelta(seconds=3))
    assert look(records) == {"s1": MustEnd("TOKEN_NOT_VALID", "F-2", NOW + timedelta(seconds=1), generation=3)}


def test_the_end_of_the_term_comes_without_anybody_writing_it() -> None:
    records, watch = records_with(sandbox()), SandboxWatch()
    assert look(records, ACTIVE.ends_at - timedelta(microseconds=1), watch) == {"s1": None}
    expired = MustEnd("CONTRACT_EXPIRED", "S3-P9-R1", ACTIVE.ends_at, generation=1)
    assert look(records, ACTIVE.ends_at + DAY, watch) == {"s1": expired}


@pytest.mark.parametrize(
    ("change", "code"),
    [(replace(ANALYST, disabled=True), "PERSON_DISABLED"), (replace(ACTIVE, people=("colleague",)), "NOT_NAMED")],
)
def test_a_person_who_is_shut_out_takes_only_their_own_along(change: Person | Contract, code: str) -> None:
    records = records_with(sandbox(), sandbox("colleague", 2))
    with records.write() as writer:
        writer.save_person(change, EVENT) if isinstance(change, Person) else writer.save_contract(change, EVENT)
    assert look(records) == {"s1": MustEnd(code, "S3-P3", LATER, generation=1), "s2": None}


def test_the_records_are_read_again_after_every_change_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    records, watch, read = records_with(sandbox()), SandboxWatch(), []
    original = InMemoryReader.sandboxes
    monkeypatch.setattr(InMemoryReader, "sandboxes", lambda self: read.append(1) or original(self))
    for _ in range(3):
        look(records, watch=watch)
    assert len(read) == 1
    act(records, Act.CUT, NOW)
    assert look(records, watch=watch)["s1"].code == "CONTRACT_CUT"
    assert len(read) == 2


def test_records_that_tell_no_stamp_are_always_read(monkeypatch: pytest.MonkeyPatch) -> None:
    records, watch = records_with(sandbox()), SandboxWatch()
    monkeypatch.setattr(InMemoryReader, "stamp", lambda self: "")
    look(records, watch=watch)
    act(records, Act.CUT, NOW)
    assert look(records, watch=watch)["s1"].code == "CONTRACT_CUT"
