"""Flags of a subquery added up around it: read as the argument of the aggregate where that means the same."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.sql import allowed
from access_broker.sql.names import resolve
from access_broker.sql.parse import parse
from tests.support.sample import CATALOGUE, analysed, is_as_ungated, narrowed, rows, uses

ILL = "CASE WHEN disease = 'none' THEN 0 ELSE 1 END AS ill"
OF = f"(SELECT gender, province, income, {ILL} FROM citizens)"


MERGED = [
    f"SELECT sum(t.ill) FROM (SELECT c.national_id, {ILL} FROM citizens c) t JOIN citizens c"
    " ON c.national_id = t.national_id",  # each `c` is its own
    f"SELECT gender, sum(ill), avg(ill) FROM {OF} t GROUP BY gender",
    f"SELECT t.gender AS ill, sum(t.ill) AS gender FROM {OF} t GROUP BY t.gender ORDER BY gender",
    f"SELECT gender, sum(ill) FROM {OF} t WHERE income > 50000 GROUP BY gender HAVING sum(ill) > 10",
    f"SELECT gender, sum(ill) * 100.0 / count(*) FROM {OF} t GROUP BY gender",
    f"SELECT gender, sum(ill) FROM (SELECT gender, {ILL} FROM citizens WHERE province <> 'Azua' ORDER BY income) t"
    " GROUP BY gender",
    "SELECT gender, count(f) FROM (SELECT gender, CASE WHEN disease = 'flu' THEN 1 END AS f FROM citizens) t"
    " GROUP BY gender",
    "SELECT gender, avg(f) FROM (SELECT gender, CASE WHEN disease = 'flu' THEN income END AS f FROM citizens) t"
    " GROUP BY gender",
    "SELECT gender, count(f) FROM (SELECT gender, nullif(disease, 'none') AS f FROM citizens) t GROUP BY gender",
    "SELECT gender, count_if(f) FROM (SELECT gender, disease = 'flu' AS f FROM citizens) t GROUP BY gender",
    "SELECT gender, sum(CASE WHEN f = 1 THEN income ELSE 0 END) FROM (SELECT gender, income, CASE WHEN disease = 'flu'"
    " THEN 1 ELSE 0 END AS f FROM citizens) t GROUP BY gender",
    f"SELECT p.region, sum(t.ill) FROM {OF} t JOIN provinces p ON p.province = t.province GROUP BY 1",
    f"SELECT p.region, sum(t.ill) FROM {OF} t LEFT JOIN provinces p ON p.province = t.province GROUP BY 1",
    f"WITH b AS (SELECT *, {ILL} FROM citizens) SELECT gender, sum(ill) FROM b WHERE province <> 'Azua'"
    " GROUP BY gender",
    "SELECT sum(x) FROM (SELECT CASE WHEN c.gender = 'F' THEN v.cost END AS x FROM citizens c JOIN visits v"
    " ON v.national_id = c.national_id) t",
    "SELECT sum(x) FROM (SELECT CASE WHEN c.gender = 'F' THEN v.cost END AS x FROM citizens c LEFT JOIN visits v"
    " ON v.national_id = c.national_id) t",
    f"SELECT gender, sum(ill), (SELECT count(*) FROM provinces WHERE region = 'South') FROM {OF} t GROUP BY gender",
]
LEFT_ALONE = [
    f"SELECT avg(ill) FROM (SELECT DISTINCT national_id, {ILL} FROM citizens) t",
    f"SELECT sum(ill) FROM (SELECT {ILL}, gender FROM citizens LIMIT 6000) t",
    f"SELECT sum(ill) FROM (SELECT {ILL}, gender FROM citizens OFFSET 0) t",
    f"SELECT string_agg(DISTINCT g, '' ORDER BY g) FROM (SELECT gender AS g, {ILL} FROM citizens ORDER BY income) t",
    f"SELECT sum(t.ill) FROM (SELECT {ILL}, c.province FROM citizens c) t FULL JOIN provinces p"
    " ON p.province = t.province",
    f"SELECT sum(t.ill) FROM (SELECT {ILL}, 1 AS one FROM citizens) t",
    "SELECT n, count(*) FROM (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) t WHERE n < 5 GROUP BY n",
    f"SELECT gender, max(n) FROM (SELECT gender, {ILL}, count(*) OVER (PARTITION BY gender) AS n FROM (SELECT gender,"
    " disease, count(*) FROM citizens GROUP BY 1, 2)) t GROUP BY gender",
    "SELECT gender, avg(income) FROM (SELECT gender, income FROM citizens) t GROUP BY gender",
]


@pytest.mark.parametrize("sql", MERGED)
def test_it_is_one_query_and_what_the_engine_gives(sql: str) -> None:
    inner = [s for s in analysed(sql).tree.find_all(exp.Subquery) if isinstance(s.parent, exp.From | exp.Join)]
    assert not inner
    assert is_as_ungated(sql)


@pytest.mark.parametrize("sql", LEFT_ALONE)
def test_what_would_mean_something_else_is_left_where_it_is(sql: str) -> None:
    assert any(isinstance(s.parent, exp.From) for s in analysed(sql).tree.find_all(exp.Subquery))


@pytest.mark.parametrize("sql", [*LEFT_ALONE[:3], *LEFT_ALONE[4:]])
def test_left_alone_it_is_still_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)


@pytest.mark.parametrize(
    "flag",
    ["CASE WHEN city = 'Oviedo' THEN 1 ELSE 0 END", "nullif(city, 'Oviedo')", "CASE WHEN city <> 'Oviedo' THEN 1 END"],
)
def test_each_branch_of_a_flag_is_for_enough_people(flag: str) -> None:
    """Two people live in Oviedo. How many they are is told to nobody."""
    inner = f"SELECT gender, {flag} AS f FROM citizens"
    assert rows(narrowed(f"SELECT count(f) FROM ({inner}) t")) in ([(None, False)], [(5032, True)])
    assert rows(narrowed(f"SELECT gender, count(*) FILTER (WHERE f IS NULL) FROM ({inner}) t GROUP BY 1"))[0][1] is None


def test_a_flag_further_in_is_told_to_the_policy() -> None:
    """There the branches are not seen any more; it is the policy that lets nobody add it up."""
    inner = f"SELECT gender, f FROM (SELECT gender, {ILL.replace('ill', 'f')} FROM citizens) x"
    assert "sample.citizens.disease aggregate:sum" not in uses(f"SELECT sum(f) FROM ({inner}) t")


def test_what_would_grow_with_every_query_around_it_is_left_where_it_is() -> None:
    sql = "SELECT gender, CASE WHEN disease = 'flu' THEN 1 ELSE 0 END AS x FROM citizens"
    for level in range(5):
        sql = f"SELECT gender, CASE WHEN x > 1 THEN x WHEN x > 2 THEN x + x END AS x FROM ({sql}) AS q{level}"
    tree = resolve(parse(f"SELECT gender, sum(x) FROM ({sql}) AS top GROUP BY gender"), CATALOGUE).tree
    assert sum(1 for _ in tree.walk()) < 3 * allowed.MAX_NODES
