"""Reading, replacing, rolling back; and what the records refuse whoever asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.domain.acts import Act, CommitteeAct
from access_broker.domain.audit import GENESIS, AuditEvent
from access_broker.domain.contracts import ContractState, Standing
from access_broker.domain.datasets import Column, DataClass, Table
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Role, Seat
from tests.adapters.records.world import (
    EVENT,
    furnish,
    make_contract,
    make_publication,
    make_token,
    record,
    save,
)
from tests.support.factories import ANALYST, CHAIR, DATASET, NOW, PROVINCES


@pytest.fixture(autouse=True)
def world(records: SqlRecords) -> None:
    furnish(records, make_contract("P1", ContractState.ACTIVE))


def count(records: SqlRecords) -> int:
    with records.read() as reader:
        return reader.audit_head()[0]


def test_nothing_is_there_that_was_not_saved(records: SqlRecords) -> None:
    with records.read() as reader:
        assert reader.organisation("nobody") is None
        assert reader.person("nobody") is None
        assert reader.password_hash("analyst") is None
        assert reader.seats_of("analyst") == []
        assert reader.dataset("nothing") is None
        assert reader.problem("nothing") is None
        assert reader.contract("P9") is None
        assert reader.standing("P9") is None
        assert reader.warnings("P1") == []
        assert reader.acts("P1") == []
        assert reader.publication("P1") is None
        assert reader.publications() == []
        assert reader.publication_failure("P1") is None
        assert reader.token("d1") is None


def test_a_new_version_replaces_all_parts_of_the_old(records: SqlRecords) -> None:
    dataset = replace(DATASET, tables=(Table("t", "t", (Column("c", "c", DataClass.PUBLIC),)),), joins=(), sources=())
    contract = make_contract("P1", ContractState.ACTIVE, scope=(PROVINCES,), people=("colleague", "analyst"))
    person = replace(ANALYST, roles=frozenset({Role.STEWARD}), disabled=True)
    with records.write() as writer:
        writer.save_dataset(dataset, EVENT)
        writer.save_contract(contract, EVENT)
        writer.save_person(person, EVENT)
        writer.save_password("analyst", "old", EVENT)
        writer.save_password("analyst", "new", EVENT)
    with records.read() as reader:
        assert reader.dataset("health") == dataset
        assert reader.contract("P1") == contract
        assert reader.person("analyst") == person
        assert reader.password_hash("analyst") == "new"


def test_every_contract_comes_with_its_own_parts(records: SqlRecords) -> None:
    other = make_contract("P0", people=("colleague",), scope=(PROVINCES,), approvals=())
    save(records, other)
    with records.read() as reader:
        assert reader.contracts() == [other, make_contract("P1", ContractState.ACTIVE)]
        assert reader.standing("P0") == Standing(other.state, 0, other.starts_at, other.ends_at)


def test_a_delegate_sits_beside_the_holder_of_a_seat(records: SqlRecords) -> None:
    delegated = Seat(Committee.MONITORING, 1, "herasat", NOW, NOW + timedelta(days=5))
    with records.write() as writer:
        writer.save_seat(delegated, EVENT)
    with records.read() as reader:
        assert reader.seats() == [Seat(Committee.MONITORING, 1, "chair"), delegated, reader.seats()[2]]
        assert reader.seats_of("herasat") == [delegated, Seat(Committee.QUALIFICATION, 2, "herasat")]


def test_each_change_is_one_audit_record_at_the_time_of_the_clock(place: Any) -> None:
    records = place.records(clock=lambda: NOW)
    before = count(records)
    with records.write() as writer:
        writer.save_person(CHAIR, AuditEvent("person.saved", "operator", "chair", "F-2", {"نام": "رئیس"}))
        assert writer.record(AuditEvent("query.decided", "analyst", "P1", "F-1")) == before + 2
    with records.read() as reader:
        first, second = reader.audit(after=before)
        assert reader.audit(after=before, limit=1) == [first]
    assert (first.position, second.position) == (before + 1, before + 2)
    assert first.event == AuditEvent("person.saved", "operator", "chair", "F-2", {"نام": "رئیس"})
    assert first.at == NOW
    assert second.previous == first.hash != GENESIS


def test_a_write_that_fails_leaves_no_trace(records: SqlRecords) -> None:
    before = count(records)
    with pytest.raises(ZeroDivisionError), records.write() as writer:  # noqa: PT012
        writer.save_person(replace(CHAIR, disabled=True), EVENT)
        raise ZeroDivisionError
    assert count(records) == before
    with records.read() as reader:
        assert reader.person("chair") == CHAIR


def test_a_caller_that_swallows_a_refusal_of_the_database_commits_nothing(records: SqlRecords) -> None:
    before = count(records)
    with pytest.raises(Refused, match="INVALID"), records.write() as writer:  # noqa: PT012
        writer.save_person(replace(CHAIR, disabled=True), EVENT)
        with pytest.raises(Refused):
            writer.save_person(replace(CHAIR, id="ghost", organisation="nowhere"), EVENT)
    assert count(records) == before


def test_a_reader_sees_one_moment(records: SqlRecords) -> None:
    with records.read() as reader:
        before = reader.audit_head()
        record(records, "person.saved")
        assert reader.audit_head() == before
    assert count(records) == before[0] + 1


def test_a_value_nobody_can_read_in_an_event_is_recorded_in_escapes(records: SqlRecords) -> None:
    with records.write() as writer:
        writer.record(AuditEvent("token.refused", "a\0b", "\ud800", "", {"typed": "\0\ud800"}))
    with records.read() as reader:
        found = reader.audit()[-1].event
    assert (found.actor, found.subject) == ("a\\x00b", "\\ud800")
    assert found.body == {"typed": "\0\ud800"}


UNSTORABLE: dict[str, dict[str, Any]] = {
    "unknown owner": {"owner": "nowhere"},
    "unknown person": {"people": ("nobody",)},
    "no time zone": {"starts_at": datetime(2026, 1, 1)},
    "table twice": {"scope": (PROVINCES, PROVINCES)},
    "half a character": {"purpose": "\ud800"},
}


@pytest.mark.parametrize("why", UNSTORABLE)
def test_a_value_the_tables_cannot_hold_is_refused(records: SqlRecords, why: str) -> None:
    with pytest.raises(Refused) as refused:
        save(records, make_contract("P2", **UNSTORABLE[why]))
    assert refused.value.reason.code == ("CONFLICT" if why == "table twice" else "INVALID")
    with records.read() as reader:
        assert reader.contract("P2") is None


class TestNoWayBack:
    """A restart, a restored copy or a replayed request must not resurrect a grant."""

    def test_a_lower_generation(self, records: SqlRecords) -> None:
        save(records, make_contract("P1", ContractState.ACTIVE, generation=5))
        with pytest.raises(Refused) as refused:
            save(records, make_contract("P1", ContractState.ACTIVE, generation=4))
        assert refused.value.reason.code == "CONFLICT"
        with records.read() as reader:
            assert reader.standing("P1").generation == 5  # type: ignore[union-attr]

    @pytest.mark.parametrize(("final", "rule"), [(ContractState.CUT, "F-13"), (ContractState.ENDED, "D-2")])
    def test_a_final_state(self, records: SqlRecords, final: ContractState, rule: str) -> None:
        save(records, make_contract("P1", final, generation=5))
        for after in set(ContractState) - {final}:
            with pytest.raises(Refused) as refused:
                save(records, make_contract("P1", after, generation=6))
            assert (refused.value.reason.code, refused.value.reason.rule) == ("STATE_FORBIDS", rule)
        save(records, make_contract("P1", final, generation=6))

    def test_a_revoked_token(self, records: SqlRecords) -> None:
        with records.write() as writer:
            writer.save_token(make_token("d1"), EVENT)
            writer.save_token(make_token("d2"), EVENT)
            writer.save_token(make_token("d3", contract=None), EVENT)
            writer.save_token(make_token("d4", revoked=True), EVENT)
            assert writer.revoke_tokens("P1", EVENT) == 2
            assert writer.revoke_tokens("P1", EVENT) == 0
        with records.read() as reader:
            assert reader.token("d1") == make_token("d1", revoked=True)
            assert reader.token("d3") == make_token("d3", contract=None)
        with pytest.raises(Refused, match="CONFLICT"), records.write() as writer:
            writer.save_token(make_token("d1"), EVENT)

    @pytest.mark.parametrize("final", [ContractState.CUT, ContractState.ENDED])
    def test_a_publication_that_comes_after_the_end(self, records: SqlRecords, final: ContractState) -> None:
        save(records, make_contract("P1", final))
        with pytest.raises(Refused, match="STATE_FORBIDS"), records.write() as writer:
            writer.save_publication(make_publication(), EVENT)

    def test_an_older_publication(self, records: SqlRecords) -> None:
        with records.write() as writer:
            writer.save_publication(make_publication(version=3), EVENT)
        with pytest.raises(Refused, match="CONFLICT"), records.write() as writer:
            writer.save_publication(make_publication(version=2), EVENT)


def test_publications_come_fail_and_go(records: SqlRecords) -> None:
    with records.write() as writer:
        writer.fail_publication("P1", "SOURCE_CHANGED", EVENT)
        writer.fail_publication("P1", "INTERNAL", EVENT)
        assert writer.publication_failure("P1") == "INTERNAL"
        writer.save_publication(make_publication(), EVENT)
        assert writer.publication_failure("P1") is None
        writer.fail_publication("P1", "INTERNAL", EVENT)
        assert writer.publication("P1") == make_publication()
        writer.drop_publication("P1", EVENT)
        assert (writer.publication("P1"), writer.publication_failure("P1")) == (None, None)


def test_acts_come_in_the_order_of_their_commits(records: SqlRecords) -> None:
    acts = [CommitteeAct("P1", act, "F-13", "chair", None, NOW, n) for n, act in enumerate((Act.SUSPEND, Act.CUT))]
    for act in acts:
        with records.write() as writer:
            writer.save_act(act, EVENT)
    with records.read() as reader:
        assert reader.acts("P1") == acts
