"""`amanat_percentile`: close to the quantile, equal to a naive reading of its definition, never one person's value."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from access_broker.domain.decisions import Refused
from access_broker.sql.parse import parse
from access_broker.sql.verify import verify
from tests.sql.test_guards import UNIQUE, Bench, statement
from tests.support.sample import footprint, is_as_ungated, narrowed, plan, published, rows, uses

SHARES = ["0.05", "0.1", "0.25", "0.5", "0.66", "0.75", "0.9", "0.95"]


def block(n: int, p: Decimal, k: int) -> tuple[int, int]:
    """Where the answer's values begin and end among n sorted ones: naively, from the words of the definition."""
    if p > Decimal("0.5"):
        start, end = block(n, 1 - p, k)
        return n - end, n - start
    half = (k + 1) // 2
    while 40 * half < n:
        half *= 2
    side = n // (2 * half) - 1 if n >= 6 * half else 0
    if p * n >= side * half:
        return side * half, n - side * half
    starts = range(0, (side - 1) * half, half)
    return min(((start, start + 2 * half) for start in starts), key=lambda ends: abs(sum(ends) / 2 - float(p) * n))


def asked(values: list[int | None], p: str, k: int, condition: str = "") -> Any:
    bench = Bench([(i + 1, "F" if i % 3 else "M", "X", "A", value) for i, value in enumerate(values)], [])
    filtered = f" FILTER (WHERE {condition})" if condition else ""
    made = statement(f"SELECT amanat_percentile(income, {p}){filtered} AS q FROM citizens", k, UNIQUE)
    verify(bench.plan(made.sql), made)
    return bench.rows(made)[0]


def told_of(values: list[int], k: int) -> float:
    """The mean of sorted values, or the one that nearly all of them have."""
    for common in (values[0], values[-1]):
        if sum(value != common for value in values) < (k + 1) // 2:
            return common
    return sum(values) / len(values)


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("common", [0, 500])
def test_what_few_have_beside_what_nearly_all_have_is_not_told(share: str, common: int) -> None:
    values: list[int | None] = [*[common] * 35, 333, 777]
    for k in (5, 10):
        shown, held = asked(values, share, k)
        assert (shown, held) == (common, True)


_VALUES = st.one_of(st.none(), st.integers(0, 1000), st.sampled_from([0, 0, 7, 1000]))


@settings(max_examples=80, deadline=None)
@given(st.lists(_VALUES, max_size=120), st.sampled_from(SHARES), st.integers(1, 12))
def test_it_is_what_its_definition_says(values: list[int | None], p: str, k: int) -> None:
    there = sorted(v for i, v in enumerate(values) if v is not None and i % 3)
    shown, held = asked(values, p, k, "gender = 'F'")
    enough = len(there) >= k and len(values) - sum(1 for i in range(len(values)) if i % 3) >= k
    assert held is enough
    if enough:
        start, end = block(len(there), Decimal(p), k)
        assert shown == pytest.approx(told_of(there[start:end], k))
    else:
        assert shown is None


@given(st.integers(1, 5000), st.sampled_from(SHARES), st.integers(1, 60))
@example(91, "0.95", 31)
def test_the_block_has_k_values_and_five_percent_and_holds_p(n: int, share: str, k: int) -> None:
    if n < k:
        return
    p = Decimal(share)
    start, end = block(n, p, k)
    assert 0 <= start < end <= n
    assert end - start >= max(k, math.ceil(n / 20))
    assert start <= p * n <= end


def all_blocks(n: int, k: int) -> list[set[int]]:
    return [set(range(*ends)) for ends in {block(n, Decimal(i) / 200, k) for i in range(10, 191)}]


@pytest.mark.parametrize("k", [1, 3, 10, 15])
def test_turned_round_the_blocks_are_the_same(k: int) -> None:
    """Or the answers for x and -x together would tell what a minus has moved from one to the other."""
    for n in [*range(k, 14 * k), 200 * k + 1, 400 * k + 7]:
        found = {frozenset(one) for one in all_blocks(n, k)}
        assert found == {frozenset(n - 1 - place for place in one) for one in found}
        assert all(block(n, Decimal(i) / 200, k)[0] == n - block(n, 1 - Decimal(i) / 200, k)[1] for i in range(10, 191))


@pytest.mark.parametrize("k", [3, 4, 10])
def test_no_sums_of_blocks_are_a_few_people(k: int) -> None:
    """Nor with the sum of all: in what they span, nothing rests on fewer than k of the people."""
    for n in range(k, 12 * k, max(1, k // 3)):
        rows = [[int(place in one) for place in range(n)] for one in all_blocks(n, k)] + [[1] * n]
        cuts = sorted({place for row in rows for place in range(1, n) if row[place] != row[place - 1]} | {0, n})
        sizes = [after - before for before, after in pairwise(cuts)]
        cells = np.array([[row[cut] for cut in cuts[:-1]] for row in rows], dtype=float)
        rank = np.linalg.matrix_rank(cells)
        for few in range(1, len(sizes) + 1):
            for chosen in combinations(range(len(sizes)), few):
                if sum(sizes[place] for place in chosen) < k:
                    others = [place for place in range(len(sizes)) if place not in chosen]
                    assert rank == np.linalg.matrix_rank(cells[:, others])


def test_a_minus_tells_nobodys_value() -> None:
    values: list[int | None] = [100 + 7 * i * i for i in range(21)]
    low, high = (asked(values, p, 10)[0] for p in ("0.3", "0.7"))
    bench = Bench([(i + 1, "F", "X", "A", value) for i, value in enumerate(values)], [])
    made = statement(
        "SELECT amanat_percentile(-income, 0.3), amanat_percentile(-income, 0.7) FROM citizens", 10, UNIQUE
    )
    turned = bench.rows(made)[0]
    assert (-turned[0], -turned[1]) == (pytest.approx(high), pytest.approx(low))


@pytest.mark.parametrize("k", [1, 3, 10, 15])
def test_no_answers_over_the_same_people_leave_few_of_them_over(k: int) -> None:
    """Differences of two, and the sum of all without any of them that do not overlap."""
    for n in [*range(k, 12 * k), 200 * k + 1, 400 * k, 400 * k + 7]:
        found = all_blocks(n, k)
        for place, one in enumerate(found):
            assert n - len(one) not in range(1, k)
            assert all(len(one ^ other) >= k for other in found[:place])
        ends = sorted({c for one in found for c in (min(one), max(one) + 1)} | {0, n})
        assert all(after - before >= (k + 1) // 2 for before, after in pairwise(ends))


@pytest.mark.parametrize("k", [3, 10])
def test_more_people_above_or_below_do_not_move_a_block_by_few(k: int) -> None:
    """Their number follows from nothing one can choose in steps of single people."""
    for n in range(2 * k, 30 * k):
        for more in (k + k % 2, 2 * (k + k % 2)):
            for share in SHARES:
                low, high = set(range(*block(n, Decimal(share), k))), set(range(*block(n + more, Decimal(share), k)))
                assert len(low ^ high) == 0 or len(low ^ high) >= k // 2


def test_one_person_moves_it_by_no_more_than_a_share_of_k() -> None:
    values: list[int | None] = list(range(100, 140))
    outlier = [*values[:-1], 1_000_000]
    assert asked(outlier, "0.5", 10)[0] == asked(values, "0.5", 10)[0]
    assert asked(outlier, "0.95", 10)[0] == pytest.approx((sum(range(130, 139)) + 1_000_000) / 10)


def test_it_is_close_to_the_true_quantile() -> None:
    sql = "SELECT gender, amanat_percentile(income, 0.5) FROM citizens GROUP BY gender ORDER BY 1"
    made = statement(sql, 10, UNIQUE)
    verify(plan(made.sql), made)
    raw = published().cursor().execute("SELECT gender, median(income) FROM raw.citizens GROUP BY gender ORDER BY 1")
    for (_, shown), (_, median) in zip(rows(made), raw.fetchall(), strict=True):
        assert shown == pytest.approx(float(median), rel=0.02)


def test_rounded_it_has_three_digits() -> None:
    sql = "SELECT amanat_percentile(x, 0.5) FROM (SELECT national_id AS p, avg(cost) AS x FROM visits GROUP BY p)"
    exact, coarse = (rows(narrowed(sql, mode=mode))[0][0] for mode in ("exact", "rounded"))
    assert coarse == float(f"{coarse:.3g}")
    assert abs(coarse - exact) < 1


def test_several_rows_of_a_person_are_refused_and_their_mean_is_not() -> None:
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        narrowed("SELECT amanat_percentile(cost, 0.5) FROM visits")
    assert rows(
        narrowed(
            "SELECT amanat_percentile(x, 0.5) FROM (SELECT national_id AS p, avg(cost) AS x FROM visits GROUP BY p)"
        )
    )[0][1]


def test_open_data_and_released_figures_need_no_people() -> None:
    assert rows(narrowed("SELECT amanat_percentile(population, 0.5) FROM provinces"))[0][0] > 0
    assert rows(narrowed("SELECT amanat_percentile(n, 0.9) FROM (SELECT city, count(*) AS n FROM citizens GROUP BY 1)"))


def test_the_policy_is_asked_by_its_name() -> None:
    sql = "SELECT amanat_percentile(income, 0.5) FROM citizens"
    assert "s0.income aggregate:amanat_percentile" in uses(sql)
    assert footprint(sql).functions == ("amanat_percentile",)
    assert narrowed("SELECT amanat_percentile(population, 0.5) FROM provinces").output_names == [
        "amanat_percentile(population, 0.5)"
    ]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("amanat_percentile(income, 0.04)", "NOT_SUPPORTED"),
        ("amanat_percentile(income, 0.96)", "NOT_SUPPORTED"),
        ("amanat_percentile(income, 1 - 0.5)", "NOT_SUPPORTED"),
        ("amanat_percentile(income, '0.5')", "NOT_SUPPORTED"),
        ("amanat_percentile(income, gender)", "NOT_SUPPORTED"),
        ("amanat_percentile(income)", "NOT_SUPPORTED"),
        ("amanat_percentile(DISTINCT income, 0.5)", "NOT_SUPPORTED"),
        ("amanat_percentile(CASE WHEN gender = 'F' THEN income END, 0.5)", "NOT_SUPPORTED"),
        ("amanat_percentile(income, 0.5) OVER ()", "NOT_SUPPORTED"),
        ("quantile(income, 0.5)", "AGGREGATE_NOT_ALLOWED"),
        ("approx_quantile(income, 0.5)", "AGGREGATE_NOT_ALLOWED"),
        ("percentile_cont(0.5) WITHIN GROUP (ORDER BY income DESC)", "AGGREGATE_NOT_ALLOWED"),
    ],
)
def test_what_is_no_percentile_of_ours(call: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        narrowed(f"SELECT {call} FROM citizens")


def test_a_quantile_by_another_name_is_told_by_its_name() -> None:
    with pytest.raises(Refused) as caught:
        parse("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY income DESC) FROM citizens")
    assert caught.value.detail == {"name": "percentile_cont"}


def test_an_order_within_the_group_is_one_in_the_call() -> None:
    """A policy sees the same aggregate: of people it is one person's value, of what is told anybody may ask it."""
    sql = "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY income) FILTER (WHERE gender = 'F') FROM citizens"
    assert "s0.income aggregate:quantile_cont" in uses(sql)
    told = "(SELECT city, count(*) AS n FROM citizens GROUP BY city HAVING count(*) > 20)"
    assert is_as_ungated(
        "SELECT percentile_disc(0.25) WITHIN GROUP (ORDER BY n), percentile_cont(0.9) WITHIN GROUP (ORDER BY n)"
        f" FILTER (WHERE n > 30) FROM {told}"
    )
    assert is_as_ungated(
        "SELECT region, percentile_cont(1) WITHIN GROUP (ORDER BY population) FROM provinces GROUP BY 1"
    )
