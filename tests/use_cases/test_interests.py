"""The owner's own seat is heard in the committee it sits in; from another one the owner would judge twice (S1-C2)."""

from __future__ import annotations

import pytest

from access_broker.domain.contracts import ContractState
from access_broker.domain.people import Committee, Seat
from access_broker.use_cases.interests import is_interested
from tests.support.factories import MINISTRY, make_contract, make_records, person
from tests.support.leaving import EVENT

M, Q = Committee.MONITORING, Committee.QUALIFICATION
OWN_M, OWN_Q = (Seat(c, 9, "member", organisation="ministry") for c in (M, Q))
COMMON_Q = Seat(Q, 3, "member")


@pytest.mark.parametrize(
    ("seats", "committees", "interested"),
    [
        ((OWN_M,), (M,), False),
        ((OWN_M, COMMON_Q), (M,), False),
        ((OWN_M, COMMON_Q), (Q,), True),
        ((OWN_Q,), (Q,), False),
        ((OWN_Q,), (M, Q), False),
        ((COMMON_Q,), (Q,), True),
        ((), (M, Q), True),
    ],
)
def test_somebody_of_the_owner(seats: tuple[Seat, ...], committees: tuple[Committee, ...], interested: bool) -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    records = make_records(contract)
    with records.write() as writer:
        writer.save_person(person("member", MINISTRY), EVENT)
    with records.read() as reader:
        assert is_interested(reader, contract, "member", seats, committees) is interested


@pytest.mark.parametrize(("who", "interested"), [("analyst", True), ("steward", True), ("chair", False)])
def test_no_seat_makes_up_for_another_interest(who: str, interested: bool) -> None:
    contract = make_contract(state=ContractState.ACTIVE)
    with make_records(contract).read() as reader:
        seats = (Seat(M, 9, who, organisation="ministry"),)
        assert is_interested(reader, contract, who, seats) is interested
