from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Committee, Role, Seat
from access_broker.use_cases.hub_people import GROUPS_OF_COMMITTEES, GROUPS_OF_ROLES, HubPerson, person_at_hub
from access_broker.use_cases.ports import Unavailable
from tests.support.broker import ROOM
from tests.support.factories import ANALYST, CHAIR, DAY, NOW, PROBLEM, make_contract, make_records
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
NAMING = make_contract(state=ContractState.ACTIVE)
OTHERS = make_contract("P2", ContractState.ACTIVE, people=("colleague",))
CUT = make_contract("P3", ContractState.CUT)


def at_hub(records: InMemoryRecords, person: str, policy: ScriptedPolicy | None = None) -> HubPerson:
    with records.read() as reader:
        return person_at_hub(reader, policy or ScriptedPolicy(), ROOM, person, NOW)


def test_every_office_has_a_group_of_its_own() -> None:
    assert set(GROUPS_OF_ROLES) == set(Role)
    assert set(GROUPS_OF_COMMITTEES) == set(Committee)
    assert len({*GROUPS_OF_ROLES.values(), *GROUPS_OF_COMMITTEES.values()}) == len(Role) + len(Committee)


@pytest.mark.parametrize(
    ("person", "groups"),
    [
        ("analyst", ("executors",)),
        ("steward", ("stewards",)),
        ("chair", ("monitoring",)),
        ("herasat", ("qualification",)),
        ("auditor", ("auditors",)),
    ],
)
def test_groups_come_from_roles_and_seats(person: str, groups: tuple[str, ...]) -> None:
    assert at_hub(make_records(), person).groups == groups


def test_a_seat_that_is_not_held_now_is_no_group() -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_seat(Seat(Committee.MONITORING, 1, "chair", None, NOW), EVENT)
        writer.save_seat(Seat(Committee.QUALIFICATION, 1, "chair", NOW + DAY), EVENT)
    assert at_hub(records, "chair").groups == ()


def test_only_contracts_that_name_the_person_each_with_what_is_against_it() -> None:
    refused = [Reason("CONTRACT_CUT", "F-13")]
    policy = ScriptedPolicy(spawn=lambda facts: refused if facts["contract"]["state"] == "cut" else [])
    found = at_hub(make_records(NAMING, OTHERS, CUT), "analyst", policy)
    assert [(c.contract.id, c.reasons) for c in found.contracts] == [("P1", ()), ("P3", tuple(refused))]
    assert found.contracts[0].problem == PROBLEM


def test_a_policy_that_does_not_answer_hides_nobody_and_starts_nothing() -> None:
    policy = ScriptedPolicy(spawn=Unavailable("POLICY_UNAVAILABLE"))
    (contract,) = at_hub(make_records(NAMING), "analyst", policy).contracts
    assert contract.reasons == (Reason("POLICY_UNAVAILABLE"),)


@pytest.mark.parametrize("person", ["nobody", "chair", ""])
def test_strangers_and_disabled_people_are_the_same_to_the_hub(person: str) -> None:
    records = make_records()
    with records.write() as writer:
        writer.save_person(replace(CHAIR, disabled=True), EVENT)
    with pytest.raises(Refused) as refused:
        at_hub(records, person)
    assert refused.value.reason == Reason("PERSON_DISABLED", "S3-P3")


def test_the_person_is_told_as_on_record() -> None:
    assert at_hub(make_records(), "analyst").person == ANALYST
