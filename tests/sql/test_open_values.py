"""Open values in aggregates over rows of people: only where a group has one row of them."""

from __future__ import annotations

import pytest

from tests.support.sample import narrowed, rows, uses

JOINED = "citizens c JOIN provinces p ON c.province = p.province"
TELLING = [
    f"SELECT min(p.population) FROM {JOINED} WHERE c.disease = 'HIV'",  # is one of them from the smallest?
    f"SELECT c.disease, max(p.region) FROM {JOINED} GROUP BY c.disease",
    f"SELECT c.disease, count(DISTINCT p.region) FROM {JOINED} GROUP BY c.disease",
    f"SELECT c.city, sum(p.population) FROM {JOINED} GROUP BY c.city",  # how many of each it is made of
    f"SELECT c.city, avg(p.population) FROM {JOINED} GROUP BY c.city",
    f"SELECT corr(c.income, p.population) FROM {JOINED}",
    f"SELECT c.city, mode(p.region), median(p.population) FROM {JOINED} GROUP BY c.city",
    f"SELECT p.region, max(p.population) FROM {JOINED} GROUP BY p.region",
    f"SELECT c.gender, sum(CASE WHEN c.city = 'City1' THEN p.population END) FROM {JOINED} GROUP BY c.gender",
    f"SELECT d, max(n) FROM (SELECT c.disease AS d, p.population AS n FROM {JOINED}) GROUP BY d",
    "SELECT c.gender, max(g.m) FROM citizens c JOIN (SELECT province, avg(income) AS m FROM citizens GROUP BY 1) g"
    " ON c.province = g.province GROUP BY c.gender",
    f"SELECT p.province::VARCHAR, max(p.population) FROM {JOINED} GROUP BY 1",
]
KNOWN = [
    f"SELECT p.province, max(p.population) FROM {JOINED} GROUP BY p.province",
    f"SELECT c.province, min(p.region), count(*) FROM {JOINED} GROUP BY c.province",
    f"SELECT c.province, c.gender, avg(p.population) FROM {JOINED} GROUP BY c.province, c.gender",
    "SELECT p.province, max(p.population) FROM provinces p LEFT JOIN citizens c ON c.province = p.province GROUP BY 1",
    f"SELECT c.gender, count(p.region) FROM {JOINED} GROUP BY c.gender",
    f"SELECT sum(CASE WHEN p.region = 'South' THEN c.income END) FROM {JOINED}",
    "SELECT c.gender, max(t.n) FROM citizens c CROSS JOIN (SELECT count(*) AS n FROM visits) t GROUP BY c.gender",
]


def told(sql: str) -> bool:
    return any(use.startswith("s") and ".* transform:" in use for use in uses(sql))


@pytest.mark.parametrize("sql", TELLING)
def test_what_tells_who_is_in_a_group_is_told_to_the_policy(sql: str) -> None:
    assert told(sql)


@pytest.mark.parametrize("sql", KNOWN)
def test_what_is_known_of_the_group_is_free(sql: str) -> None:
    assert not told(sql)


def test_over_open_tables_alone_everything_is_free() -> None:
    assert not told("SELECT region, max(population), count(DISTINCT province) FROM provinces GROUP BY region")


def test_what_is_known_is_not_rounded_and_small_groups_are_left_out() -> None:
    sql = f"SELECT p.province, max(p.population), max(p.region), count(*) FROM {JOINED} GROUP BY p.province ORDER BY 1"
    exact, rounded = rows(narrowed(sql)), rows(narrowed(sql, mode="rounded"))
    assert [row[:3] for row in rounded] == [row[:3] for row in exact]
    assert [row[3] for row in rounded] != [row[3] for row in exact]
    assert "Pedernales" not in {row[0] for row in exact}
