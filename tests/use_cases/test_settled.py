"""What all figures together settle of single people, and where that ends: the defence against reconstruction."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from access_broker.use_cases import settled
from access_broker.use_cases.figures import SLOTS, Vector, total
from access_broker.use_cases.leaving_out import left_out
from access_broker.use_cases.ledger import Kind
from access_broker.use_cases.rule import Rule
from access_broker.use_cases.settled import Settled
from tests.use_cases.test_ledger import figure

MOST = Rule(10).most_settled
Groups = list[Iterable[int]]


def told(*groups: Iterable[int]) -> Settled:
    memory = Settled()
    memory.add([figure(group) for group in groups])
    return memory


def is_beyond(memory: Settled, group: Iterable[int]) -> bool:
    return memory.beyond([figure(group)], MOST) == [0]


@pytest.mark.parametrize("size", [10, 40, 200])
def test_one_group_settles_the_same_of_each_of_its_people(size: int) -> None:
    found = told(range(1, size + 1))._settled
    there = found[figure_slots(range(1, size + 1))]
    assert np.median(there) == pytest.approx(1 / size, rel=0.1)  # people who share a slot count for more, or nothing
    assert found.sum() == pytest.approx(1, rel=1e-4)


def test_what_follows_from_the_others_settles_nothing() -> None:
    memory = told(range(1, 41), range(41, 81))
    before = memory._settled.copy()
    memory.add([figure(range(1, 81)), figure(range(1, 41))])
    assert np.array_equal(memory._settled, before)
    assert not is_beyond(memory, range(1, 81))


def test_somebody_who_would_follow_exactly_is_beyond() -> None:
    """Of five figures, none of which differs from another by few, and no three of which give anything away."""
    a, b, c, d = range(1, 21), range(21, 41), range(41, 61), range(61, 81)
    memory = told([*a, *b, *c], [*b, *c, *d], [*a, *d, *b], [*a, *c, *d])
    assert is_beyond(memory, [*a, 99])
    assert not is_beyond(memory, a)  # a third of all four less the second
    assert not is_beyond(memory, range(100, 160))


def test_random_figures_end_before_they_settle_anybody() -> None:
    """Sums over random halves of 240 people, which without this settle everybody."""
    generator, memory, answered = np.random.default_rng(1), Settled(), 0
    for _ in range(120):
        half = figure(int(p) for p in generator.choice(240, 120, replace=False) + 1)
        if not memory.beyond([half], MOST):
            memory.add([half])
            answered += 1
    assert 20 <= answered <= 60
    assert memory._settled.max() < 1.1 * MOST


def test_of_several_the_small_ones_are_beyond_first() -> None:
    memory = told(range(1, 11), [*range(1, 9), 21, 22], range(21, 81))
    small, large = figure([*range(1, 7), *range(31, 36)]), figure(range(1, 400))
    assert memory.beyond([small, large], MOST) == [0]


def test_figures_over_many_people_may_go_on_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a few small groups would end every total of everybody."""
    memory = told(range(1, 5))
    everybody = figure(range(1, 2001))
    assert memory.beyond([everybody], 0.249) == []
    monkeypatch.setattr(settled, "_FURTHER", 1.0)
    assert memory.beyond([everybody], 0.249) == [0]


def test_looking_changes_nothing_and_going_back_forgets() -> None:
    memory = told(range(1, 41))
    before, mark = memory._settled.copy(), memory.mark()
    memory.beyond([figure(range(30, 80))], MOST)
    assert np.array_equal(memory._settled, before)
    memory.add([figure(range(30, 80)), *(figure(range(n, n + 60)) for n in range(100, 200))])
    memory.back_to(mark)
    assert np.array_equal(memory._settled, before)
    memory.add([figure(range(30, 80))])
    assert memory._settled.sum() == pytest.approx(2, rel=1e-4)


def test_what_was_looked_at_is_added_as_if_it_had_not_been() -> None:
    groups = [figure(range(n, n + 60)) for n in range(1, 200, 30)]
    looked, plain = told(range(1, 41)), told(range(1, 41))
    assert looked.beyond(groups, MOST) == []
    looked.add(groups)
    plain.add(groups)
    assert np.allclose(looked._settled, plain._settled, atol=1e-6)
    fewer, plain = told(range(1, 41)), told(range(1, 41))
    fewer.beyond(groups, MOST)
    fewer.add(groups[2:])
    plain.add(groups[2:])
    assert np.allclose(fewer._settled, plain._settled, atol=1e-6)


def test_of_very_many_people_the_widest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settled, "_LARGE", 100)
    monkeypatch.setattr(settled, "_MOST_OF_LARGE", 8)
    memory = told(range(1, 21), *(range(1, 40 * n) for n in range(2, 10)))
    assert memory._used == 4
    assert memory._settled[figure_slots(range(1, 21))].min() > 0.7 / 20  # the narrow one is among those kept


def test_when_no_more_can_be_looked_at_nothing_new_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settled, "_MOST", 2)
    memory = told(range(1, 101), range(101, 201))
    assert is_beyond(memory, range(201, 301))
    assert not is_beyond(memory, range(1, 201))
    memory.add([figure(range(201, 301))])  # of a memory from before
    assert memory._used == 2


def figure_slots(people: Iterable[int]) -> np.ndarray:
    there = np.unpackbits(figure(people).there.view(np.uint8)).astype(bool)
    assert len(there) == SLOTS
    return np.flatnonzero(there)


def test_a_smaller_k_leaves_room_for_its_own_groups() -> None:
    groups: dict[int, Vector] = {n: figure(range(1 + 3 * n, 4 + 3 * n)) for n in range(20)}
    assert left_out(Kind(), groups, Rule(3)) == []
    assert Rule(10).most_settled < Rule(3).most_settled


def test_a_group_that_would_settle_too_much_is_left_out() -> None:
    kind, generator = Kind(), np.random.default_rng(2)
    rule, refused = Rule(10), 0
    for _ in range(80):
        half = generator.choice(120, 60, replace=False) + 1
        out = left_out(kind, {0: figure(int(p) for p in half)}, rule)
        refused += len(out)
        if not out:
            kind.add([figure(int(p) for p in half)])
    assert refused > 40
    assert kind.settled._settled.max() < 1.1 * rule.most_settled


def visits(person: int) -> float:
    return 1.0 + person % 5


def test_one_row_of_somebody_who_is_in_many_figures_is_beyond() -> None:
    """Whole answers over the same people, and no choice of them gives anything away but with that row."""
    kind = Kind()
    parts = [range(start, start + 40) for start in range(1, 321, 40)]
    everybody = {person: visits(person) for part in parts for person in part}
    for gone in parts:
        kind.add([figure(everybody.keys() - set(gone), visits)])
    one_more = figure(everybody, lambda person: visits(person) + (person == 17))
    assert kind.settled.beyond([one_more], MOST) == []  # nobody is added
    assert kind.beyond([one_more], Rule(10), settled.for_ever) == [0]
    assert kind.beyond([figure(everybody, visits)], Rule(10), settled.for_ever) == []


def test_what_people_add_is_looked_at_from_the_first_that_is_unlike() -> None:
    kind = Kind()
    kind.add([figure(range(1, 41))])
    assert kind.weighed is None
    before = kind.mark()
    kind.add([figure(range(1, 41), visits)])
    assert kind.weighed is not None
    assert kind.weighed._used == 2  # those before it as well
    kind.back_to(before)
    assert kind.weighed is None


def test_a_total_is_what_its_parts_add() -> None:
    one, other = figure(range(1, 41), visits), figure(range(20, 61))
    both = total([one, other])
    assert both.adds is not None
    adds = dict(zip(both.people, both.adds.tolist(), strict=True))
    assert (adds[1], adds[23], adds[60]) == (visits(1), visits(23) + 1, 1)


@pytest.mark.parametrize("before", [0, 40_000], ids=["few people", "very many"])
def test_groups_of_one_answer_that_share_people_are_added_up(before: int) -> None:
    """Random halves of a town, more of them than would make very many people if they were different ones."""
    memory = told(range(10_000, 10_000 + before)) if before else Settled()
    generator = np.random.default_rng(2)
    halves = [figure(1 + np.flatnonzero(generator.random(224) < 0.5)) for _ in range(300)]
    gone = memory.beyond(halves, MOST)
    assert len(gone) > 200
    memory.add([half for place, half in enumerate(halves) if place not in gone])
    assert memory._settled[figure_slots(range(1, 225))].max() < MOST * 1.6


@pytest.mark.parametrize("before", [0, 40_000], ids=["few people", "very many"])
def test_what_is_kept_stands_at_right_angles(before: int) -> None:
    memory = told(range(10_000, 10_000 + before)) if before else Settled()
    memory.add([figure(range(300 * step, 5_000)) for step in range(8)])
    table = memory._table[: memory._used].astype(np.float64)
    assert np.abs(table @ table.T - np.eye(memory._used)).max() < 1e-3
    assert is_beyond(memory, range(4_999))


def test_nor_is_more_settled_on_average_by_weighing_the_same_people_otherwise() -> None:
    """As people, as their rows and as pairs of those, n figures of them are three times n equations."""
    generator, kind, rule, told = np.random.default_rng(2), Kind(), Rule(10), 0
    rows = {person: 1 + person % 6 for person in range(1, 41)}
    for _ in range(20):
        some = sorted(int(p) for p in generator.choice(40, 24, replace=False) + 1)
        for power in range(3):
            one = figure(some, adds=lambda person, power=power: 60.0 * person * rows[person] ** power)
            if not left_out(kind, {0: one}, rule):
                kind.add([one])
                told += 1
    assert 4 <= told <= 12
