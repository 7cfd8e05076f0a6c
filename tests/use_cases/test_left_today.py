from __future__ import annotations

from datetime import timedelta

import pytest

from access_broker.domain.contracts import Contract, ContractState
from access_broker.use_cases.left_today import day_of, left_today
from tests.support.factories import DAY, NOW, make_contract, make_records

ACTIVE = make_contract(state=ContractState.ACTIVE)
BUDGET = ACTIVE.terms.daily_queries


def left(contract: Contract, counted: int | None) -> int | None:
    def spent(asked: str, day: str) -> int | None:
        assert (asked, day) == ("P1", "2026-11-22")
        return counted

    with make_records(contract).read() as reader:
        return left_today(reader, spent, contract, NOW)


@pytest.mark.parametrize(
    ("counted", "expected"), [(0, BUDGET), (1, BUDGET - 1), (BUDGET, 0), (BUDGET + 7, 0), (None, None)]
)
def test_what_is_left_is_the_budget_without_what_was_counted(counted: int | None, expected: int | None) -> None:
    assert left(ACTIVE, counted) == expected


@pytest.mark.parametrize(
    "contract",
    [
        *(make_contract(state=state) for state in ContractState if state is not ContractState.ACTIVE),
        make_contract(state=ContractState.ACTIVE, ends_at=NOW),
        make_contract(state=ContractState.ACTIVE, starts_at=NOW + DAY),
    ],
)
def test_where_nothing_is_answered_nothing_is_left_to_tell(contract: Contract) -> None:
    assert left(contract, 0) is None


def test_a_day_ends_at_midnight_utc() -> None:
    midnight = NOW.replace(hour=0, minute=0) + DAY
    assert [day_of(midnight - timedelta(microseconds=1)), day_of(midnight)] == ["2026-11-22", "2026-11-23"]
