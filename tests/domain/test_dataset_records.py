"""How large a table of people is said to be."""

from __future__ import annotations

import pytest

from access_broker.domain.dataset_records import told_rows


@pytest.mark.parametrize(
    ("rows", "told"),
    [(0, 100), (1, 100), (99, 100), (100, 100), (101, 110), (999, 1000), (1001, 1100), (85_204_917, 86_000_000)],
)
def test_two_digits_rounded_up(rows: int, told: int) -> None:
    assert told_rows(rows) == told


@pytest.mark.parametrize("rows", [3, 117, 4_242, 1_000_000])
def test_one_more_or_less_is_mostly_not_seen(rows: int) -> None:
    assert told_rows(rows) >= rows
    assert told_rows(rows) - rows <= max(rows // 10, 100)
