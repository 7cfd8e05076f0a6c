"""When what is left tells of too few people, and the cheap look that must not miss any of it."""

from __future__ import annotations

import numpy as np
import pytest

from access_broker.domain.contracts import Dominance
from access_broker.use_cases.figures import BUCKETS, Floats
from access_broker.use_cases.rule import Rule, folded, without_noise


def rows_with(few: int, generator: np.random.Generator, number: int = 200) -> Floats:
    """Differences in up to `few` buckets."""
    rows = np.zeros((number, BUCKETS))
    for row in rows:
        at = generator.choice(BUCKETS, generator.integers(0, few + 1), replace=False)
        row[at] = generator.integers(-5, 6, len(at))
    return rows


@pytest.mark.parametrize("k", [2, 10, 40, 300])
def test_the_cheap_look_misses_nothing_that_rests_on_few(k: int) -> None:
    rule, generator = Rule(k), np.random.default_rng(k)
    left = rows_with(min(2 * k, BUCKETS - 1), generator)
    tells = rule.tells(left, None)
    assert tells.any()
    assert not tells.all()
    assert rule.may_tell(folded(left, rule.width), None)[tells].all()


@pytest.mark.parametrize(("n", "share"), [(1, 0.8), (1, 0.5), (2, 0.9), (3, 0.6)])
def test_the_cheap_look_misses_nobody_who_holds_most(n: int, share: float) -> None:
    rule, generator = Rule(10, Dominance(n, share)), np.random.default_rng(n)
    held = np.abs(rows_with(300, generator))
    for row in held[::2]:
        row[generator.choice(BUCKETS, n, replace=False)] += generator.integers(0, 5_000, n)
    left = np.ones_like(held)
    tells = rule.tells(left, held)
    assert tells.any()
    assert not tells.all()
    assert rule.may_tell(folded(left, rule.width), folded(held, rule.width))[tells].all()


@pytest.mark.parametrize("p", [0.05, 0.1, 0.4])
def test_the_cheap_look_misses_nobody_whose_part_can_be_estimated(p: float) -> None:
    rule, generator = Rule(10, Dominance(1, 1.0, p)), np.random.default_rng(int(100 * p))
    held = np.abs(rows_with(300, generator))
    for row in held[::2]:
        row[generator.choice(BUCKETS, 2, replace=False)] += generator.integers(0, 40_000, 2)
    left = np.ones_like(held)
    tells = rule.tells(left, held)
    assert tells.any()
    assert not tells.all()
    assert rule.may_tell(folded(left, rule.width), folded(held, rule.width))[tells].all()


def test_most_is_passed_over_cheaply() -> None:
    rule, generator = Rule(10, Dominance(1, 0.8, 0.1)), np.random.default_rng(1)
    left = generator.integers(-5, 6, (500, BUCKETS)).astype(np.float64)
    assert not rule.may_tell(folded(left, rule.width), folded(np.abs(left), rule.width)).any()


def test_what_floating_point_leaves_is_nothing() -> None:
    of = np.full((1, BUCKETS), 1e6)
    left = np.zeros((1, BUCKETS))
    left[0, :2] = 1e-4, 5.0
    assert without_noise(left, of)[0, :3].tolist() == [0.0, 5.0, 0.0]


def test_a_contract_may_ask_for_a_few_people_only() -> None:
    assert [Rule(k).most_settled for k in (3, 5, 8, 10, 50)] == pytest.approx([2 / 3, 0.4, 0.25, 0.25, 0.25])
