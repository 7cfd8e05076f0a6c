"""The gateway's count of statements, and how the broker sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from access_broker.adapters.budget import SqliteBudget, spent_in
from access_broker.domain.decisions import Refused
from access_broker.use_cases.ports import Unavailable

TODAY, TOMORROW = "2026-11-22", "2026-11-23"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gate way?" / "budget.sqlite"


@pytest.fixture
def budget(path: Path) -> Iterator[SqliteBudget]:
    made = SqliteBudget(path)
    yield made
    made.close()


def test_statements_are_counted_by_contract_and_day_until_none_is_left(budget: SqliteBudget) -> None:
    for _ in range(2):
        budget.spend("P1", TODAY, 2)
    with pytest.raises(Refused) as refused:
        budget.spend("P1", TODAY, 2)
    assert (refused.value.reason.code, refused.value.detail) == ("BUDGET_SPENT", {"limit": 2})
    assert [budget.spent("P1", TODAY), budget.spent("P1", TOMORROW), budget.spent("P2", TODAY)] == [2, 0, 0]
    with pytest.raises(Refused):
        budget.spend("P1", TOMORROW, 0)


def test_a_fine_is_counted_up_to_the_limit_and_refuses_nothing(budget: SqliteBudget) -> None:
    counts = []
    for queries in (3, 4, 5):
        budget.fine("P1", TODAY, queries, 10)
        counts.append(budget.spent("P1", TODAY))
    assert counts == [3, 7, 10]
    budget.fine("P1", TODAY, 1, 2)  # terms that have become narrower take nothing back
    assert [budget.spent("P1", TODAY), budget.spent("P1", TOMORROW), budget.spent("P2", TODAY)] == [10, 0, 0]


def test_rows_are_counted_all_or_none(budget: SqliteBudget) -> None:
    budget.spend_rows("P1", TODAY, 0, 5)
    budget.spend_rows("P1", TODAY, 4, 5)
    with pytest.raises(Refused) as refused:
        budget.spend_rows("P1", TODAY, 2, 5)
    assert (refused.value.reason.code, refused.value.detail) == ("ROWS_SPENT", {"limit": 5})
    budget.spend_rows("P1", TODAY, 1, 5)
    for day, contract in ((TOMORROW, "P1"), (TODAY, "P2")):
        budget.spend_rows(contract, day, 5, 5)
        with pytest.raises(Refused):
            budget.spend_rows(contract, day, 1, 5)
    with pytest.raises(Refused):
        budget.spend_rows("P3", TODAY, 6, 5)


def test_a_count_survives_its_process(path: Path, budget: SqliteBudget) -> None:
    budget.spend("P1", TODAY, 5)
    budget.close()
    again = SqliteBudget(path)
    assert again.spent("P1", TODAY) == 1
    again.close()


def test_an_uncounted_answer_is_refused(budget: SqliteBudget) -> None:
    budget.close()
    asks = (
        lambda: budget.spend("P1", TODAY, 5),
        lambda: budget.fine("P1", TODAY, 1, 5),
        lambda: budget.spend_rows("P1", TODAY, 1, 5),
        lambda: budget.spent("P1", TODAY),
    )
    for ask in asks:
        with pytest.raises(Unavailable):
            ask()


def test_another_process_sees_the_same_count_and_counts_nothing(path: Path, budget: SqliteBudget) -> None:
    for counted in range(3):
        assert spent_in(path, "P1", TODAY) == budget.spent("P1", TODAY) == counted
        budget.spend("P1", TODAY, 5)
    assert spent_in(path, "P1", TOMORROW) == 0
    budget.close()
    assert spent_in(path, "P1", TODAY) == 3


def test_a_count_that_is_not_there_is_not_none_spent(path: Path) -> None:
    assert spent_in(path, "P1", TODAY) is None
    path.parent.mkdir()
    for content in (b"", b"no database" * 100):
        path.write_bytes(content)
        assert spent_in(path, "P1", TODAY) is None
