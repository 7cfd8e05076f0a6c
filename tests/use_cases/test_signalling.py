"""A person discounts a signal or makes a violation of it; nothing else ever does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Person, Seat
from access_broker.domain.signals import Signal, SignalKind, SignalState
from access_broker.domain.violations import Violation, ViolationSource
from access_broker.use_cases import signalling
from access_broker.use_cases.permissions import Caller
from tests.support.factories import (
    ANALYST,
    AUDITOR,
    CHAIR,
    DAY,
    HERASAT,
    NOW,
    OUTSIDER,
    SEATS,
    STEWARD,
    audit_kinds,
    give_token,
    make_contract,
    make_records,
    position,
)

TODAY = date(2026, 11, 22)
WHY = "همه را یک ابزار خراب فرستاد."


class World:
    def __init__(self, policy: EmbeddedPolicy, kind: SignalKind = SignalKind.REFUSALS) -> None:
        self.policy, self.kind = policy, kind
        self.records = make_records(make_contract("P1", ContractState.ACTIVE))
        signal = Signal("P1", kind, TODAY, "SYNTAX", 30, 30, "S3-P6-R2", NOW)
        with self.records.write() as writer:
            writer.file(signal, AuditEvent("test.arranged", "test", "P1", "F-1"))

    def caller(self, person: Person) -> Caller:
        seats = tuple(seat for seat in SEATS if seat.person == person.id)
        return Caller(person, give_token(self.records, person.id, person.id), seats, person.roles)

    def discount(self, by: Person = CHAIR, reason: str = WHY, kind: SignalKind | None = None) -> Signal:
        caller = self.caller(by)
        with self.records.write() as writer:
            return signalling.discount_signal(writer, caller, "P1", kind or self.kind, TODAY, reason, NOW)

    def pursue(self, by: Person = CHAIR, text: str = WHY) -> Signal:
        caller = self.caller(by)
        with self.records.write() as writer:
            return signalling.pursue_signal(writer, self.policy, caller, "P1", self.kind, TODAY, text, NOW)

    def counting(self) -> list[Signal]:
        with self.records.read() as reader:
            return signalling.counting_signals(reader, "P1")

    def state(self) -> ContractState:
        with self.records.read() as reader:
            contract = reader.contract("P1")
            assert contract is not None
            return contract.state


def refused(act: Any, *arguments: Any, **named: Any) -> str:
    with pytest.raises(Refused) as caught:
        act(*arguments, **named)
    return caught.value.reason.code


def test_a_discounted_signal_counts_no_more(policy: EmbeddedPolicy) -> None:
    world = World(policy)
    assert len(world.counting()) == 1
    start = position(world.records)
    discounted = world.discount()
    assert (discounted.state, discounted.why, discounted.decided_by) == (SignalState.DISCOUNTED, WHY, "chair")
    assert world.discount(reason="another") == discounted
    assert world.counting() == []
    assert refused(world.pursue) == "STATE_FORBIDS"
    kinds = [kind for kind in audit_kinds(world.records, start) if kind != "test.arranged"]
    assert kinds == ["signal.discounted"]


def test_a_violation_of_it_is_a_persons_in_a_persons_words(policy: EmbeddedPolicy) -> None:
    world = World(policy)
    pursued = world.pursue()
    assert (pursued.state, pursued.violation) == (SignalState.PURSUED, "1")
    assert world.pursue(text="another") == pursued
    assert refused(world.discount) == "STATE_FORBIDS"
    with world.records.read() as reader:
        (violation,) = reader.filed(Violation, contract="P1")
    assert (violation.source, violation.recorded_by, violation.text) == (ViolationSource.SIGNAL, "chair", WHY)
    assert violation.evidence == ("signal refusals 2026-11-22", "30 of 30 SYNTAX")
    assert world.counting() == [pursued]
    assert world.state() is ContractState.ACTIVE


@pytest.mark.parametrize("kind", SignalKind)
def test_every_kind_is_one_that_violations_know_and_egress_ends_access(
    policy: EmbeddedPolicy, kind: SignalKind
) -> None:
    world = World(policy, kind)
    world.pursue()
    assert (world.state() is ContractState.SUSPENDED) is (kind is SignalKind.EGRESS)


@pytest.mark.parametrize(
    ("by", "code"),
    [(HERASAT, "NOT_PERMITTED"), (AUDITOR, "NOT_PERMITTED"), (ANALYST, "NOT_PERMITTED"), (OUTSIDER, "NOT_FOUND")],
    ids=lambda value: getattr(value, "id", value),
)
def test_only_the_monitoring_committee_decides(policy: EmbeddedPolicy, by: Person, code: str) -> None:
    world = World(policy)
    assert (refused(world.discount, by), refused(world.pursue, by)) == (code, code)


@pytest.mark.parametrize("words", ["", " \n", "x" * 10_001, "for\u202eward"])
def test_a_reason_is_needed_and_can_be_read(policy: EmbeddedPolicy, words: str) -> None:
    world = World(policy)
    assert (refused(world.discount, reason=words), refused(world.pursue, text=words)) == ("INVALID", "INVALID")


def test_another_organisations_own_seat_makes_nothing_of_it(policy: EmbeddedPolicy, monkeypatch: Any) -> None:
    world = World(policy)
    theirs = (Seat(Committee.MONITORING, 6, "chair", organisation="roads"),)
    monkeypatch.setattr(world, "caller", lambda by: replace(World.caller(world, by), seats=theirs))
    assert refused(world.discount) == refused(world.pursue) == "NOT_PERMITTED"


def test_a_signal_that_is_not_there(policy: EmbeddedPolicy) -> None:
    assert refused(World(policy).discount, kind=SignalKind.EGRESS) == "NOT_FOUND"


@pytest.mark.parametrize(("who", "sees"), [(CHAIR, True), (AUDITOR, True), (STEWARD, True), (ANALYST, False)])
def test_who_sees_them(policy: EmbeddedPolicy, who: Person, sees: bool) -> None:
    world = World(policy)
    caller = world.caller(who)
    with world.records.read() as reader:
        if sees:
            assert len(signalling.signals_of(reader, caller, "P1")) == 1
        else:
            assert refused(signalling.signals_of, reader, caller, "P1") == "NOT_FOUND"


def test_the_newest_day_stands_first(policy: EmbeddedPolicy) -> None:
    world = World(policy)
    later = Signal("P1", SignalKind.BUDGET, TODAY + DAY, "", 1, 1, "S3-P5", NOW)
    with world.records.write() as writer:
        writer.file(later, AuditEvent("test.arranged", "test", "P1", "F-1"))
    with world.records.read() as reader:
        assert signalling.signals_of(reader, world.caller(CHAIR), "P1")[0] == later
