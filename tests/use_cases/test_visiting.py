"""A visit of ITO to a workspace is on record, with its reason, and the executor sees it (C-3)."""

from __future__ import annotations

import pytest

from access_broker.domain.contracts import ContractState
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Committee, Seat
from access_broker.domain.visits import WorkspaceVisit
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.visiting import visit_workspace, visits
from tests.support.factories import (
    ANALYST,
    AUDITOR,
    CHAIR,
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
from tests.support.fakes import InMemoryRecords


def caller(records: InMemoryRecords, who: str, *seats: Seat) -> Caller:
    people = {p.id: p for p in (ANALYST, AUDITOR, CHAIR, OUTSIDER, STEWARD)}
    held = seats or tuple(seat for seat in SEATS if seat.person == who)
    return Caller(people[who], give_token(records, f"token of {who}", who), held, people[who].roles)


def visit(
    records: InMemoryRecords, visiting: Caller, person: str = "analyst", why: str = "Nothing personal is kept?"
) -> WorkspaceVisit:
    with records.write() as writer:
        return visit_workspace(writer, visiting, "P1", person, why, NOW)


@pytest.mark.parametrize("who", ["auditor", "chair"])
def test_somebody_of_ito_visits_and_that_is_on_record(who: str) -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    start = position(records)
    first = visit(records, caller(records, who))
    second = visit(records, caller(records, who))
    assert (first.number, first.by, first.person, first.at) == (1, who, "analyst", NOW)
    assert second.number == 2
    assert audit_kinds(records, start).count("workspace.visited") == 2
    with records.read() as reader:
        assert visits(reader, "P1") == [first, second]


def test_a_seat_of_the_state_that_is_not_of_ito_does_not_visit() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    with pytest.raises(Refused) as refusal:
        visit(records, caller(records, "steward", Seat(Committee.MONITORING, 6, "steward")))
    assert refusal.value.reason == Reason("NOT_PERMITTED", "C-3")


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        ("analyst", Reason("NOT_PERMITTED", "C-3")),
        ("outsider", Reason("NOT_FOUND")),
        ("steward", Reason("NOT_PERMITTED", "C-3")),
    ],
)
def test_nobody_else_does(who: str, reason: Reason) -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    with pytest.raises(Refused) as refusal:
        visit(records, caller(records, who))
    assert refusal.value.reason.code == reason.code


def test_only_people_of_the_contract_have_a_workspace_there() -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    with pytest.raises(Refused) as refusal:
        visit(records, caller(records, "auditor"), "colleague")
    assert refusal.value.reason == Reason("NOT_NAMED", "S3-P3")


def test_a_draft_has_no_workspace() -> None:
    records = make_records(make_contract())
    with pytest.raises(Refused) as refusal:
        visit(records, caller(records, "auditor"))
    assert refusal.value.reason == Reason("STATE_FORBIDS", "C-3")


@pytest.mark.parametrize("why", ["", " ", "turned \u202e round"])
def test_it_says_why(why: str) -> None:
    records = make_records(make_contract(state=ContractState.ACTIVE))
    with pytest.raises(Refused) as refusal:
        visit(records, caller(records, "auditor"), why=why)
    assert refusal.value.reason == Reason("INVALID", "C-3")
