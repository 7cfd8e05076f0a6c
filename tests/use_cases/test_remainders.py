"""Counts of rows of people who have equally many each: what is no multiple of that is of one, or of few."""

from __future__ import annotations

import numpy as np
import pytest

from access_broker.use_cases.figures import BUCKETS
from access_broker.use_cases.remainders import left_tells_by_remainder, tells_by_remainder
from tests.use_cases.test_ledger import figure

K = 10


def of(rows: dict[int, int]) -> bool:
    return tells_by_remainder(figure(rows, adds=rows.__getitem__), K)


@pytest.mark.parametrize("each", [2, 3, 4, 5, 9, 25])
@pytest.mark.parametrize("few", range(1, K))
def test_who_lacks_a_row_of_them_is_told_by_what_is_left(each: int, few: int) -> None:
    everybody = dict.fromkeys(range(1, 301), each)
    assert not of(everybody)
    assert of(everybody | dict.fromkeys(range(1, few + 1), each - 1))


def test_where_as_many_lack_one_or_have_one_only_nobody_is() -> None:
    assert not of(dict.fromkeys(range(1, 301), 5) | dict.fromkeys(range(1, K + 1), 4))
    assert not of(dict.fromkeys(range(1, 301), 1) | {1: 2, 2: 3})
    assert not of({person: 1 + person % 4 for person in range(1, 301)})


@pytest.mark.parametrize("each", [3, 5, 25])
def test_what_is_left_of_a_figure_is_looked_at_by_buckets(each: int) -> None:
    left = np.zeros(BUCKETS)
    left[:200] = each * np.arange(1, 201)
    assert not left_tells_by_remainder(left, K)
    left[7] += 1
    assert left_tells_by_remainder(left, K)
    left[100:150] += 1
    assert not left_tells_by_remainder(left, K)
