"""A promised dataset that is taken back is an incident that the committees see (S1-P2-R1)."""

from __future__ import annotations

import pytest

from access_broker.domain.contracts import ContractState
from access_broker.domain.dataset_records import TakenBack
from access_broker.domain.decisions import Reason, Refused
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.register import register_problem
from access_broker.use_cases.taking_back import incidents, take_back
from tests.support.factories import (
    ANALYST,
    AUDITOR,
    CHAIR,
    NOW,
    PROBLEM,
    SEATS,
    STEWARD,
    audit_kinds,
    give_token,
    make_contract,
    make_records,
    position,
)
from tests.support.fakes import InMemoryRecords


def caller(records: InMemoryRecords, who: str = "steward") -> Caller:
    person = {"steward": STEWARD, "chair": CHAIR, "auditor": AUDITOR, "analyst": ANALYST}[who]
    seats = tuple(seat for seat in SEATS if seat.person == who)
    return Caller(person, give_token(records, f"token of {who}", who), seats, person.roles)


def take(records: InMemoryRecords, who: str = "steward", why: str = "The source is closed.") -> TakenBack:
    taking = caller(records, who)
    with records.write() as writer:
        return take_back(writer, taking, "clinics", "health", why, NOW)


def test_it_is_an_incident_and_off_the_list() -> None:
    running, over = make_contract("P1", ContractState.ACTIVE), make_contract("P2", ContractState.CUT)
    records = make_records(running, over)
    start = position(records)
    incident = take(records)
    assert incident == TakenBack("clinics", "health", "steward", NOW, "The source is closed.", ("P1",))
    assert [kind for kind in audit_kinds(records, start) if kind != "test.arranged"] == [
        "resource.taken_back",
        "incident.filed",
    ]
    with records.read() as reader:
        assert reader.problem("clinics").resources == ()


def test_once_is_enough() -> None:
    records = make_records()
    first = take(records)
    assert take(records, why="Again.") == first


@pytest.mark.parametrize("who", ["chair", "auditor"])
def test_committees_and_auditors_see_it(who: str) -> None:
    records = make_records()
    incident = take(records)
    with records.read() as reader:
        assert incidents(reader, caller(records, who)) == [incident]
        with pytest.raises(Refused) as refusal:
            incidents(reader, caller(records, "analyst"))
    assert refusal.value.reason == Reason("NOT_PERMITTED", "F-2")


def test_a_file_read_again_promises_nothing_anew() -> None:
    records = make_records()
    take(records)
    with records.write() as writer:
        assert not register_problem(writer, PROBLEM, "operator")
        assert writer.problem("clinics").resources == ()


@pytest.mark.parametrize("who", ["chair", "analyst"])
def test_only_its_steward_takes_it_back(who: str) -> None:
    with pytest.raises(Refused) as refusal:
        take(make_records(), who)
    assert refusal.value.reason == Reason("NOT_PERMITTED", "F-2")


@pytest.mark.parametrize("why", ["", "   ", "turned \u202e round", "nul \x00", "x" * 10_001])
def test_a_reason_is_a_readable_text(why: str) -> None:
    with pytest.raises(Refused) as refusal:
        take(make_records(), why=why)
    assert refusal.value.reason == Reason("INVALID", "S1-P2-R1")


@pytest.mark.parametrize(("problem", "dataset"), [("nothing", "health"), ("clinics", "nothing")])
def test_what_is_not_there(problem: str, dataset: str) -> None:
    records = make_records()
    taking = caller(records)
    with records.write() as writer, pytest.raises(Refused) as refusal:
        take_back(writer, taking, problem, dataset, "Why.", NOW)
    assert refusal.value.reason.code == "NOT_FOUND"
