"""Arguments of which the asker knows a part: nobody may be singled out by them, and no value hides behind another."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_broker.domain.catalogue import Catalogue
from access_broker.domain.contracts import Differencing
from access_broker.domain.decisions import Obligations, Refused
from access_broker.domain.footprint import Use
from access_broker.sql.rewrite import Statement, rewrite
from tests.support.sample import analysed, narrowed, table

K = 4
_COLUMNS = """id BIGINT join
              born DATE dimension
              children INTEGER dimension
              baptised DATE dimension
              siblings INTEGER dimension
              income DOUBLE aggregate
              bonus DOUBLE aggregate
              seen DATE aggregate"""


def catalogue(unique: bool = True) -> Catalogue:
    people = table("people", "p", "id", _COLUMNS)
    object.__setattr__(people, "entity_unique", unique)
    return Catalogue(
        (people, table("visits", "v", "id", "id BIGINT join\nkind VARCHAR dimension\ncost DOUBLE aggregate"))
    )


def asked(sql: str, differencing: Differencing = Differencing.OFF, unique: bool = True) -> Statement:
    found = analysed(sql, catalogue=catalogue(unique))
    guarded = tuple((source.id, K) for source in found.footprint.sources)
    return rewrite(found, Obligations(guarded, 1000, "exact", 1, differencing))


def answer(
    sql: str, children: list[int], bonus: list[float | None] | None = None, born: list[int] | None = None
) -> list[tuple[Any, ...]]:
    """Of people who have so many children, the nth of whom earns n times 100."""
    many = len(children)
    rows = zip(range(1, many + 1), children, bonus or [None] * many, born or [1980] * many, strict=True)
    values = ", ".join(
        f"({i}, {i}, DATE '{y}-01-01', {c}, {i * 100}.0, {'NULL' if b is None else b}, DATE '2020-02-02')"
        for i, c, b, y in rows
    )
    with duckdb.connect() as engine:
        engine.execute(
            f"CREATE TABLE p AS SELECT * FROM (VALUES {values}) t(__ek, id, born, children, income, bonus, seen)"
        )
        return engine.execute(asked(sql).sql).fetchall()


COVARIANCE = "SELECT covar_pop(income, children) FROM people"


def test_the_income_of_the_only_one_with_children_is_not_told() -> None:
    assert answer(COVARIANCE, [0] * 30 + [1]) == [(None, False)]


@pytest.mark.parametrize("others", [K, K + 1, 15])
def test_as_many_as_there_must_be_are_enough_on_either_side(others: int) -> None:
    children = [0] * 15 + [3] * others
    ((told, held),) = answer(COVARIANCE, children)
    income = 100 * np.arange(1, len(children) + 1)
    assert held
    assert told == pytest.approx(np.cov(income, children, bias=True)[0, 1])


@pytest.mark.parametrize("few", range(1, K))
@pytest.mark.parametrize("known", ["children", "2 * children + 7", "-children", "children::DOUBLE"])
def test_fewer_are_not_whatever_the_units(few: int, known: str) -> None:
    for pair in (f"income, {known}", f"{known}, income"):
        for call in ("covar_pop", "regr_slope", "corr"):
            assert answer(f"SELECT {call}({pair}) FROM people", [0] * 200 + [1] * few) == [(None, False)]


@pytest.mark.parametrize("few", range(3))
def test_nobody_is_told_from_one_of_few_who_is_not_as_the_others(few: int) -> None:
    assert answer(COVARIANCE, [5] * 30 + [4] * few) == [(None, False)]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-5, 5), min_size=K, max_size=40))
def test_nobody_lies_further_out_than_one_of_k_could(children: list[int]) -> None:
    far = np.square(np.array(children) - np.mean(children))
    ((_, held),) = answer(COVARIANCE, children)
    if held:
        assert far.max() * K <= far.sum() * (1 + 1e-9)
    elif far.sum():
        assert far.max() * K >= far.sum() * (1 - 1e-9)


def test_only_those_who_have_both_count() -> None:
    children = [0] * 20 + [1] * 20
    bonus: list[float | None] = [5.0] * 21 + [None] * 19  # of those with a bonus, one has children
    assert answer("SELECT covar_pop(bonus, children) FROM people", children, bonus) == [(None, False)]
    assert answer(COVARIANCE, children)[0][1]


def test_whoever_has_counted_nothing_is_tested_as_well() -> None:
    """They are in the figure, with a 0 that everybody else's count stands apart from."""
    people = "SELECT i AS __ek, i AS id, i * 100.0 AS income FROM range(1, 41) r(i)"
    visits = "SELECT i AS __ek, i AS id, CASE WHEN i > 1 THEN 'k' END AS kind FROM range(1, 41) r(i), range(2)"
    counted = "(SELECT id, count(kind) AS n FROM visits GROUP BY id) q ON q.id = people.id"
    joins = frozenset({frozenset({"sample.people.id", "sample.visits.id"})})
    both = Catalogue(catalogue().tables, joins)
    found = analysed(f"SELECT regr_slope(people.income, q.n) FROM people JOIN {counted}", catalogue=both)
    guarded = tuple((source.id, K) for source in found.footprint.sources)
    with duckdb.connect() as engine:
        engine.execute(f"CREATE TABLE p AS {people}; CREATE TABLE v AS {visits}")
        told = engine.execute(rewrite(found, Obligations(guarded, 1000, "exact", 1)).sql).fetchall()
    assert told == [(None, False)]


def test_a_filter_takes_the_rows_of_the_test_as_well() -> None:
    sql = "SELECT covar_pop(income, children) FILTER (WHERE children < 2) FROM people"
    assert answer(sql, [0] * 30 + [1] + [2] * 30) == [(None, False)]
    assert answer(sql, [0] * 30 + [1] * 30 + [2] * 30)[0][1]


def test_what_one_had_in_several_rows_could_cancel_for_all_but_one() -> None:
    with pytest.raises(Refused) as refused:
        asked(COVARIANCE, unique=False)
    assert refused.value.detail["name"] == "two arguments, several rows per person"
    asked("SELECT corr(income, bonus) FROM people", unique=False)  # of which nobody knows either
    with pytest.raises(Refused):
        asked("SELECT corr(children, year(born)) FROM people", unique=False)


def test_sums_of_the_same_people_weighed_in_several_ways_could_be_solved() -> None:
    with pytest.raises(Refused) as refused:
        asked(COVARIANCE, Differencing.REFUSE)
    assert refused.value.detail["name"] == "two arguments, differencing refused"
    asked("SELECT corr(income, bonus) FROM people", Differencing.REFUSE)
    with pytest.raises(Refused):
        asked("SELECT corr(children, year(born)) FROM people", Differencing.REFUSE)


@pytest.mark.parametrize("pair", ["children, year(born)", "year(born), children"])
def test_of_two_that_are_known_each_weighs_the_other(pair: str) -> None:
    """The days of the only one with children would be told, where nobody may know them of fewer than k."""
    sql = f"SELECT covar_pop({pair}) FROM people"
    assert answer(sql, [0] * 30 + [1]) == [(None, False)]
    assert answer(sql, [0] * 15 + [1] * 15, born=[1980] * 29 + [1981]) == [(None, False)]
    assert answer(sql, [0] * 15 + [1] * 15, born=[1980, 1981] * 15)[0][1]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(income * children) FROM people",  # 0 for everybody but one
        "SELECT avg(children * income * 2) FROM people",
        "SELECT sum(x) FROM (SELECT income * children AS x FROM people)",
        "SELECT covar_pop(income + children, bonus) FROM people",  # without covar_pop(income, bonus) it is known
        "SELECT covar_pop(children + year(born), bonus) FROM people",
        "SELECT covar_pop(coalesce(bonus, 0), income) FROM people",
        "SELECT covar_pop(CASE WHEN children > 0 THEN income ELSE 0 END, bonus) FROM people",
        "SELECT corr(income, nullif(bonus, 0)) FROM people",
        "SELECT corr(income, x) FROM (SELECT income, coalesce(bonus, 0) AS x FROM people LIMIT 99)",
        "SELECT count(seen + INTERVAL '106744500' DAY) FROM people",  # NULL beyond the last day there is
        "SELECT avg(seen - INTERVAL '106744500' DAY) FROM people",
        "SELECT count(s) FROM (SELECT seen + INTERVAL '106744500' DAY AS s FROM people)",
        "SELECT sum(s) FROM (SELECT id, sum(coalesce(bonus, 0)) AS s FROM people GROUP BY id)",
        "SELECT sum(s) FROM (SELECT id, coalesce(sum(bonus), 0) AS s FROM people GROUP BY id)",
        "SELECT sum(s) FROM (SELECT coalesce(bonus, 0) AS s FROM people ORDER BY income LIMIT 99)",
        "SELECT sum(n) FROM (SELECT id, count(bonus) + 1 AS n FROM people GROUP BY id)",
        "SELECT sum(n) FROM (SELECT n + 2 AS n FROM (SELECT id, count(bonus) AS n FROM people GROUP BY id))",
        "SELECT var_pop(income * 0.001 + 1000000 * children) FROM people",  # twice their covariance is in it
        "SELECT stddev_samp(x) FROM (SELECT id, avg(income) + 1000 * avg(children) AS x FROM people GROUP BY id)",
        "SELECT amanat_percentile(income + 1000000 * children, 0.5) FROM people",
        "SELECT avg(s + n) FROM (SELECT id, sum(income) AS s, count(*) AS n FROM people GROUP BY id)",
        "SELECT var_pop(1000 * year(born) + children) FROM people",  # what is known weighs what is known as well
        "SELECT stddev_pop(year(born) - children) FROM people",
        "SELECT var_samp(x) FROM (SELECT year(born) + children AS x FROM people)",
        "SELECT var_pop(1000 * year(born) + date_diff('day', DATE '2024-01-01', born)) FROM people",
        "SELECT var_pop(date_diff('day', born, baptised)) FROM people",
        "SELECT var_pop(d) FROM (SELECT date_diff('day', born, baptised) AS d FROM people)",
        "SELECT var_pop(n + m) FROM (SELECT id, count(*) AS n, count(cost) AS m FROM visits GROUP BY id)",
        "SELECT amanat_percentile(1000 * year(born) + children, 0.5) FROM people",
        "SELECT sum(children * siblings) FROM people",
        "SELECT avg(x) FROM (SELECT children * siblings AS x FROM people)",
    ],
)
def test_it_is_told_to_the_policy(sql: str) -> None:
    told = analysed(sql, catalogue=catalogue()).footprint
    assert any(touch.use is Use.TRANSFORM for touch in told.touches)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(income * bonus), sum(children * children), var_pop(income + bonus) FROM people",
        "SELECT corr(children, year(born)) FROM people",
        "SELECT sum(income * 2), sum(2 * children) FROM people",
        "SELECT sum(coalesce(bonus, 0)) FROM people",
        "SELECT avg(n) FROM (SELECT id, count(bonus) AS n FROM people GROUP BY id)",
        "SELECT avg(n) FROM (SELECT id, count(kind) AS n FROM visits GROUP BY id)",
        "SELECT regr_slope(s, n) FROM (SELECT id, avg(cost) AS s, count(*) AS n FROM visits GROUP BY id)",
        "SELECT var_pop(children), var_pop(2 * year(born) + 1), var_pop(children + children) FROM people",
        "SELECT avg(date_diff('day', born, baptised)), avg(year(born) + children) FROM people",
        "SELECT amanat_percentile(date_diff('day', born, baptised), 0.5) FROM people",
        "SELECT corr(income, year(born)), regr_slope(date_diff('day', born, DATE '2026-01-01'), income) FROM people",
    ],
)
def test_these_are_not(sql: str) -> None:
    told = analysed(sql, catalogue=catalogue()).footprint
    assert not any(touch.use is Use.TRANSFORM for touch in told.touches)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT sum(s) FROM (SELECT coalesce(bonus, 0) AS s FROM people) q",
        "SELECT sum(n) FROM (SELECT id, count(bonus) AS n FROM people GROUP BY id) q",
        "SELECT sum(n) FROM (SELECT id, sum(n) AS n FROM (SELECT id, children, count(bonus) AS n FROM people"
        " GROUP BY id, children) GROUP BY id) q",
        "SELECT sum(coalesce(bonus, 0)) FROM people",
    ],
)
def test_a_zero_for_whoever_has_nothing_counts_nobody(sql: str) -> None:
    few: list[float | None] = [None] * 20 + [7.0] * (K - 1)
    assert answer(sql, [0] * len(few), few) == [(None, False)]
    enough = [*few, 7.0]
    assert answer(sql, [0] * len(enough), enough)[0][1]


def test_the_sample_contract_has_its_correlations() -> None:
    with pytest.raises(Refused):  # there, nobody has said that a citizen stands in one row
        narrowed("SELECT corr(income, year(birth_date)) FROM citizens")


CUBED = "(SELECT id, sum(cost * cost) AS s FROM visits GROUP BY id)"


@pytest.mark.parametrize(
    "figure",
    [
        "covar_pop(income, income * income) FROM people",
        "var_pop(income * bonus) FROM people",
        "corr(income * income, bonus) FILTER (WHERE children > 1) FROM people",
        "stddev_samp(x) FROM (SELECT income * 2 * income AS x FROM people)",
        f"var_pop(s) FROM {CUBED}",
        "covar_pop(s, t) FROM (SELECT id, sum(cost * cost) AS s, sum(cost) AS t FROM visits GROUP BY id)",
    ],
)
def test_sums_of_ever_higher_powers_could_be_solved(figure: str) -> None:
    asked(f"SELECT {figure}")
    with pytest.raises(Refused) as refused:
        asked(f"SELECT {figure}", Differencing.REFUSE)
    assert refused.value.detail["name"] == "higher powers, differencing refused"


@pytest.mark.parametrize(
    "figure",
    [
        "sum(income * income), var_pop(income), covar_pop(income, bonus), avg(income * 2 + bonus) FROM people",
        f"avg(s), sum(s) FROM {CUBED}",
        "var_pop(s) FROM (SELECT id, sum(cost) AS s FROM visits GROUP BY id)",
    ],
)
def test_squares_are_no_higher_powers(figure: str) -> None:
    asked(f"SELECT {figure}", Differencing.REFUSE)
