"""The memory of a contract over people made up here: what a new figure would tell beside the old ones."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest

from access_broker.domain.contracts import Dominance
from access_broker.use_cases import ledger
from access_broker.use_cases.figures import Rows, Vector, total
from access_broker.use_cases.leaving_out import left_out
from access_broker.use_cases.ledger import Kind, MemoryFull
from access_broker.use_cases.rule import Rule
from access_broker.use_cases.settled import Settled
from tests.use_cases.plain_ledger import Plain

K = 10
RULE = Rule(K)
EVERYONE = range(1, 401)


def figure(people: Iterable[int], adds: Callable[[int], float] = lambda _: 1.0, sized: bool = False) -> Vector:
    numbers = np.array(sorted(people), dtype=np.int64)
    values = np.array([adds(int(p)) for p in numbers])
    rows = Rows(np.zeros(len(numbers), dtype=np.int64), numbers, 1)
    found = rows.vectors(rows.sorted(values), rows.sorted(np.abs(values)) if sized else None)[0]
    assert found is not None
    return found


def memory(*answers: Iterable[Iterable[int]]) -> Kind:
    kind = Kind()
    for groups in answers:
        kind.add([figure(group) for group in groups])
    return kind


def without(*gone: int) -> set[int]:
    return set(EVERYONE) - set(gone)


A, B, C, D = range(1, 101), range(101, 201), range(201, 301), range(301, 401)
FEW = range(1, 4)


@pytest.mark.parametrize(
    ("told", "new"),
    [
        ([[EVERYONE]], without(*FEW)),
        ([[without(*FEW)]], EVERYONE),
        ([[EVERYONE]], without(*range(1, K))),
        ([[[*A, *B]], [B]], [*A, 401, 402]),  # a difference of two
        ([[A], [B]], [*A, *B, 401, 402]),  # a sum of two
        ([[A, B, C]], [*A, *C, 401]),  # some groups of one answer
        ([[A, B, C, D]], [*EVERYONE, 401]),  # a total against its groups
        ([[EVERYONE], [A, B]], [*C, *D, 401]),  # a total, groups, and what both leave
        ([[[*EVERYONE, 401]], [A], [B], [C]], D),  # four answers, each of one group
        ([[[*FEW, *B]], [without(*B)]], EVERYONE),  # a tracker: (few or B) + (few or not B) - all
    ],
)
def test_what_leaves_too_few_people_over_is_not_told(told: list[list[Iterable[int]]], new: Iterable[int]) -> None:
    assert memory(*told).tells_too_much(figure(new), RULE)


@pytest.mark.parametrize(
    ("told", "new"),
    [
        ([], A),
        ([[EVERYONE]], EVERYONE),
        ([[EVERYONE]], without(*range(1, K + 6))),
        ([[A, B]], C),
        ([[A, B, C]], [*A, *C]),
        ([[EVERYONE], [A, B, C]], D),  # follows from what was told
        ([[range(1, 201)], [range(101, 301)]], range(51, 251)),
    ],
)
def test_what_differs_by_enough_people_or_by_none_is_told(told: list[list[Iterable[int]]], new: Iterable[int]) -> None:
    assert not memory(*told).tells_too_much(figure(new), RULE)


def test_the_same_people_with_another_row_are_another_figure() -> None:
    kind = Kind()
    kind.add([figure(A, lambda p: 2.0)])
    assert kind.tells_too_much(figure(A, lambda p: 3.0 if p == 7 else 2.0), RULE)
    assert not kind.tells_too_much(figure(A, lambda p: 2.0), RULE)


@pytest.mark.parametrize("times", [2, 3, 6])
@pytest.mark.parametrize("groups", [[A], [A, B], [A, B, C, D, range(500, 520)]])
def test_a_figure_over_rows_and_one_over_people_of_as_many_rows_each(groups: list[range], times: int) -> None:
    """Of one of them a row is missing; 20 people more or less are another matter."""
    rows = [figure(group, lambda _: float(times)) for group in groups]
    one_less = [figure(group, lambda p: times - (p == 7.0)) for group in groups]
    people = figure(A)
    for told, new in ((one_less, [people]), ([people], one_less)):
        kind = Kind()
        kind.add(told)
        assert kind.tells_too_much(new[0], RULE)
    kind = Kind()
    kind.add(rows)
    assert not kind.tells_too_much(people, RULE)
    assert not kind.tells_too_much(figure(range(21, 101)), RULE)


def test_rows_of_some_and_people_of_all_are_put_together_in_any_order() -> None:
    """Twice everybody but one, less who has one row, less the rows: that one, twice."""
    figures = [figure(range(1, 201), lambda p: 1.0 + (p > 100)), figure(range(1, 200)), figure(range(1, 101))]
    for last in range(3):
        kind = Kind()
        for place in range(3):
            if place != last:
                assert not kind.tells_too_much(figures[place], RULE)
                kind.add([figures[place]])
        assert kind.tells_too_much(figures[last], RULE)


def test_what_two_figures_leave_of_a_third_may_be_one_persons() -> None:
    rich = Rule(K, Dominance(1, 0.8))
    figures = [
        figure(people, lambda p: 1_000_000.0 if p == 1 else 10.0 + p, sized=True)
        for people in ([*range(1, 21)], [*range(21, 101)], [*range(101, 201)], [*range(1, 201)])
    ]
    kind = Kind()
    kind.add([figures[1]])
    kind.add([figures[2]])
    assert not kind.tells_too_much(figures[3], RULE)
    assert kind.tells_too_much(figures[3], rich)


def test_rows_are_subtracted_where_people_overlap() -> None:
    """Everyone has rows in both groups: sets of people alone would see no difference at all."""
    first, second = figure(A, lambda p: float(p % 3 + 1)), figure(A, lambda p: float(p % 5 + 1))
    kind = Kind()
    kind.add([first, second])
    both = figure(A, lambda p: p % 3 + p % 5 + 2.0)
    one_more = figure(A, lambda p: p % 3 + p % 5 + 2.0 + (p == 40))
    assert not kind.tells_too_much(both, RULE)
    assert kind.tells_too_much(one_more, RULE)


def test_a_difference_that_one_person_holds_is_not_told() -> None:
    rich = Rule(K, Dominance(1, 0.8))
    wealth = lambda p: 1_000_000.0 if p == 1 else 10.0  # noqa: E731
    kind = Kind()
    kind.add([figure(EVERYONE, lambda p: wealth(p) if p < 21 else 100_000.0, sized=True)])
    rest = figure(range(21, 401), lambda _: 100_000.0, sized=True)
    assert not kind.tells_too_much(rest, RULE)
    assert kind.tells_too_much(rest, rich)


def test_of_an_answer_the_smallest_new_group_isleft_out() -> None:
    kind = memory([[*EVERYONE, 401, 402]])
    groups = {0: figure(A), 1: figure(range(101, 181)), 2: figure(range(181, 401))}
    assert left_out(kind, groups, RULE) == [1]
    assert left_out(memory([EVERYONE]), groups, RULE) == []


def test_groups_of_one_answer_are_compared_with_each_other() -> None:
    alike = {0: figure(A), 1: figure([*A, 401])}
    assert left_out(Kind(), alike, RULE) == [1]


class TooLate(Exception):  # noqa: N818 - what happens, not an error
    pass


@pytest.mark.parametrize("steps", [0, 10, 20])
def test_looking_at_many_groups_ends_when_it_is_too_late_and_leaves_no_trace(steps: int) -> None:
    left = iter(range(steps))

    def in_time() -> None:
        if next(left, None) is None:
            raise TooLate

    kind = memory([EVERYONE])
    groups = {place: figure(range(place, place + 60)) for place in range(1, 301, 20)}
    before = kind.settled.mark()
    with pytest.raises(TooLate):
        left_out(kind, groups, RULE, in_time)
    after = kind.settled.mark()
    assert (after.used, after.people) == (before.used, before.people)
    assert np.array_equal(after.settled, before.settled)


def test_what_was_told_before_is_free_and_adds_nothing() -> None:
    kind = memory([A, B])
    assert kind.add([figure(A), figure(B)]) is None
    assert kind.add([figure(B)]) is None
    assert left_out(kind, {0: figure(A), 1: figure(B)}, RULE) == []


def test_going_back_forgets_and_restoring_remembers() -> None:
    kind = memory([A, B])
    mark = kind.mark()
    told = kind.add([figure(C), figure(D)])
    assert told
    assert kind.tells_too_much(figure([*C, 401]), RULE)
    kind.back_to(mark)
    assert not kind.knows(figure(C))
    assert not kind.tells_too_much(figure([*C, 401]), RULE)
    kind.restore(told)
    assert kind.tells_too_much(figure([*C, 401]), RULE)
    assert kind.tells_too_much(figure([*C, *D, 401]), RULE)


def test_a_full_memory_takes_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_VECTORS", 2)
    kind = memory([A], [B])
    with pytest.raises(MemoryFull):
        kind.add([figure(C)])


def test_figures_add_up() -> None:
    assert total([figure(A), figure(B)]).key == figure([*A, *B]).key


def test_unequal_buckets_never_count_more_than_the_people_who_differ() -> None:
    """Else what rests on too few people would pass for enough."""
    generator = np.random.default_rng(1)
    for differing in range(1, 30):
        some = [int(p) for p in generator.choice(100_000, differing, replace=False) + 1000]
        left = figure([*A, *some]).sums - figure(A).sums
        assert 0 < np.count_nonzero(left) <= differing


def random_answer(generator: np.random.Generator, people: int, sized: bool, rows: bool, k: int) -> list[Vector]:
    """The groups of a made-up statement: some people, by one or two of what is known of them, of at least k."""
    numbers = np.arange(1, people + 1)
    known = [(numbers * 7 // 3) % 2, (numbers * 5 + numbers // 12) % 8, (numbers * 11 + numbers // 8) % 12]
    taken = np.ones(people, dtype=bool)
    for column in generator.choice(3, generator.integers(0, 3), replace=False):
        taken &= np.isin(known[column], generator.choice(12, generator.integers(3, 12), replace=False))
    if generator.random() < 0.3:
        taken[generator.choice(people, generator.integers(1, 4), replace=False)] ^= True
    groups = np.zeros(people, dtype=np.int64)
    for column in generator.choice(3, generator.integers(0, 3), replace=False):
        groups = groups * 12 + known[column]
    names, inside = np.unique(groups[taken], return_inverse=True)
    table = Rows(inside.astype(np.int64), numbers[taken], len(names))
    adds = table.sorted((numbers[taken] % 4 if rows else np.ones(taken.sum())).astype(np.float64))
    return [v for v in table.vectors(adds, np.abs(adds) if sized else None) if v is not None and len(v.people) >= k]


@pytest.mark.parametrize("seed", range(6))
def test_many_at_once_are_decided_as_each_by_itself(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Settled, "beyond", lambda *_, **__: []
    )  # looked at by its own tests, as is what is made of many
    monkeypatch.setattr(Kind, "made_of_alike", lambda *_: [])
    generator = np.random.default_rng(seed)
    rule = Rule((10, 5, 20)[seed % 3], Dominance(1 + seed % 3, 0.7) if seed % 2 else None)
    kind, plain, withheld, told = Kind(), Plain(), 0, 0
    while told < 50:
        answer = random_answer(generator, 300, bool(seed % 2), seed > 2, rule.k)
        if not answer:
            continue
        groups = dict(enumerate(answer))
        out = left_out(kind, groups, rule)
        assert sorted(out) == sorted(plain.left_out(groups, rule))
        rest = [vector for group, vector in groups.items() if group not in out]
        if rest:
            kind.add(rest)
            plain.add(rest)
        withheld, told = withheld + len(out), told + len(rest)
    assert withheld


def test_a_figure_of_huge_numbers_blinds_for_no_others() -> None:
    """Somebody joins visits with themselves, again and again: those who have five count thousands of times."""
    kind = Kind()
    kind.add([figure(EVERYONE, lambda person: float(1 + person % 5) ** 6)])
    for part in (A, B, C):
        kind.add([figure(part)])
    assert kind.tells_too_much(figure([*A, *B, *C, 401]), RULE)
