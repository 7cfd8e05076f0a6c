"""The mechanisms are OpenDP's; here is looked at whether they are asked for the right thing."""

from __future__ import annotations

import statistics

import pytest

from access_broker.adapters.noise import DELTA, OpenDpNoise

NOISE = OpenDpNoise()


@pytest.mark.parametrize(("most", "epsilon"), [(1, 0.5), (1, 0.1), (15, 0.5), (1_000_000, 0.1)])
def test_noise_is_as_large_as_one_person_may_count(most: int, epsilon: float) -> None:
    exact = [1000] * 4000
    off = [abs(noisy - 1000) for noisy in NOISE.values(exact, most, epsilon)]
    assert statistics.mean(off) == pytest.approx(most / epsilon, rel=0.15)


def test_small_groups_do_not_show() -> None:
    counts = {f"small{n}": 1 for n in range(2000)} | {f"large{n}": 500 for n in range(50)}
    shown = NOISE.groups(counts, 1, 1.0, 10)
    assert shown.keys() == {f"large{n}" for n in range(50)}
    assert statistics.mean(abs(count - 500) for count in shown.values()) < 5
    assert len(set(shown.values())) > 1


def test_a_group_is_never_told_below_k() -> None:
    shown = NOISE.groups({f"g{n}": 60 for n in range(300)}, 1, 1.0, 60)
    assert 50 < len(shown) < 250
    assert min(shown.values()) >= 60


def test_the_less_may_be_spent_the_larger_a_group_must_be() -> None:
    counts = {f"g{n}": 100 for n in range(200)}
    assert len(NOISE.groups(counts, 1, 1.0, 1)) == 200
    assert len(NOISE.groups(counts, 1, 0.1, 1)) < 20


def test_nothing_in_nothing_out() -> None:
    assert NOISE.groups({}, 1, 1.0, 10) == {}
    assert NOISE.values([], 1, 1.0) == []


def test_texts_of_groups_come_back_as_they_were() -> None:
    keys = {'["تهران", null]': 900, '["a\\u0000b", "1"]': 900}
    assert NOISE.groups(keys, 1, 1.0, 10).keys() == keys.keys()


def test_delta_stays_small_over_all_statements_a_budget_allows() -> None:
    assert DELTA * 1_000_000 < 1e-2
