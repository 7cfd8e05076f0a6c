"""A figure that is made of many others, but for few people, wherever those were told."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from access_broker.use_cases.directions import for_ever
from access_broker.use_cases.leaving_out import left_out
from access_broker.use_cases.ledger import Kind
from tests.use_cases.test_ledger import RULE, figure, memory


def places(told: Kind, *new: Iterable[int]) -> list[int]:
    return told.made_of_alike([figure(people) for people in new], RULE, for_ever)


def groups(first: int, last: int, size: int) -> list[range]:
    return [range(start, start + size) for start in range(first, last, size)]


def test_a_total_beside_three_parts_in_answers_of_many_groups() -> None:
    cities = [*groups(1, 2001, 100)]
    told = memory(*([range(c.start + 30 * part, c.start + 30 * part + 30) for c in cities] for part in range(3)))
    new = range(cities[7].start, cities[7].start + 98)  # eight people beyond the ninety
    assert places(told, new) == [0]
    assert places(told, range(cities[7].start, cities[7].start + 100)) == []


def test_the_last_part_beside_a_total_and_the_other_parts() -> None:
    told = memory([range(1, 101)], [range(1, 31)], [range(31, 61)])
    assert places(told, range(61, 98)) == [0]
    assert places(told, range(61, 91)) == []


def test_months_out_of_what_adds_up_month_by_month() -> None:
    told = memory([range(1, 50 * month) for month in range(1, 12)])
    assert places(told, [*range(100, 150), *range(300, 350), 9_001]) == [0]


def test_the_smallest_of_groups_that_lie_in_each_other() -> None:
    parts = [range(1, 61), range(61, 101), range(1, 105)]
    assert places(memory([range(500, 600)]), *parts) == [1]
    assert left_out(memory([range(500, 600)]), {n: figure(part) for n, part in enumerate(parts)}, RULE) == [1]


@pytest.mark.parametrize("times", [2, 4])
def test_whoever_counts_more_than_once_is_found_as_well(times: int) -> None:
    told = Kind()
    for part in ([*range(1, 41)], [*range(41, 81)], [*range(81, 121)]):
        told.add([figure(part, lambda person: 1.0 + person % times)])
    new = figure([*range(1, 121), 200], lambda person: 1.0 + person % times)
    assert told.made_of_alike([new], RULE, for_ever) == [0]


def test_figures_of_other_people_are_no_part() -> None:
    told = memory(*([part] for part in groups(1, 4001, 40)))
    assert places(told, *groups(4001, 5001, 50)) == []


def test_it_can_be_too_late_for_it() -> None:
    def late() -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        memory([range(1, 100)]).made_of_alike([figure(range(1, 90))], RULE, late)
