"""Constants joined with people: each row of theirs shows, and behind each figure stand k people or nobody can tell."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.domain.decisions import Obligations
from access_broker.sql.rewrite import rewrite
from access_broker.sql.statement import Withheld
from access_broker.sql.verify import verify
from tests.support.sample import analysed, narrowed, plan, rows, uses

_MONTHS = "generate_series(DATE '2023-12-01', DATE '2026-02-01', INTERVAL 1 MONTH) g(d)"
_IN_MONTH = "v.visit_date >= g.d AND v.visit_date < g.d + INTERVAL 1 MONTH"


def told(sql: str, mode: str = "exact") -> list[tuple[object, ...]]:
    statement = narrowed(sql, mode=mode)
    verify(plan(statement.sql), statement)
    return rows(statement)


@pytest.mark.parametrize(
    ("asked", "apart"),
    [
        (
            f"SELECT g.d, count(*) AS n, sum(v.cost) AS s FROM {_MONTHS} LEFT JOIN visits v ON {_IN_MONTH}"
            " GROUP BY g.d",
            f"SELECT g.d, q.n, q.s FROM {_MONTHS} LEFT JOIN (SELECT date_trunc('month', visit_date) AS m,"
            " count(*) AS n, sum(cost) AS s FROM visits GROUP BY 1) q ON q.m = g.d",
        ),
        (
            f"SELECT g.d::DATE AS d, count(v.cost) AS n FROM {_MONTHS} LEFT JOIN visits v ON {_IN_MONTH}"
            " AND v.clinic = 'Clinic Z' GROUP BY 1",
            f"SELECT g.d::DATE AS d, NULL AS n FROM {_MONTHS}",
        ),
        (
            "SELECT t.x, count(*) AS n, avg(c.income) AS m FROM (VALUES ('F'), ('M'), ('X')) t(x)"
            " LEFT JOIN citizens c ON c.gender = t.x GROUP BY t.x",
            "SELECT t.x, q.n, q.m FROM (VALUES ('F'), ('M'), ('X')) t(x) LEFT JOIN (SELECT gender, count(*) AS n,"
            " avg(income) AS m FROM citizens GROUP BY 1) q ON q.gender = t.x",
        ),
        (
            "SELECT y.y, q.q, coalesce(count(v.cost), 0) AS n FROM range(2023, 2026) y(y) CROSS JOIN range(1, 5) q(q)"
            " LEFT JOIN visits v ON year(v.visit_date) = y.y AND quarter(v.visit_date) = q.q WHERE q.q > 1"
            " GROUP BY y.y, q.q",
            "SELECT y.y, q.q, coalesce(g.n, 0) AS n FROM range(2023, 2026) y(y) CROSS JOIN range(2, 5) q(q) LEFT JOIN"
            " (SELECT year(visit_date) AS y, quarter(visit_date) AS q, count(cost) AS n FROM visits GROUP BY 1, 2) g"
            " ON g.y = y.y AND g.q = q.q",
        ),
        (
            f"WITH cal AS (SELECT d::DATE AS day FROM {_MONTHS}) SELECT day, count(*) AS n FROM cal LEFT JOIN visits v"
            " ON date_trunc('month', v.visit_date) = cal.day GROUP BY day HAVING count(*) > 500",
            "SELECT day::DATE AS day, n FROM (SELECT date_trunc('month', visit_date) AS day, count(*) AS n"
            " FROM visits GROUP BY 1) q"
            " WHERE n > 500",
        ),
        (
            f"SELECT g.d, sum(count(*)) OVER (ORDER BY g.d) AS n FROM {_MONTHS} LEFT JOIN visits v ON {_IN_MONTH}"
            " GROUP BY g.d",
            f"SELECT g.d, sum(q.n) OVER (ORDER BY g.d) AS n FROM {_MONTHS} LEFT JOIN (SELECT"
            " date_trunc('month', visit_date) AS m, count(*) AS n FROM visits GROUP BY 1) q ON q.m = g.d",
        ),
        (
            "SELECT g.y, count(DISTINCT c.national_id) AS n, sum(v.cost) AS s FROM range(1938, 2008, 10) g(y) LEFT JOIN"
            " citizens c ON year(c.birth_date) BETWEEN g.y AND g.y + 9 LEFT JOIN visits v"
            " ON v.national_id = c.national_id GROUP BY g.y",
            "SELECT g.y, q.n, q.s FROM range(1938, 2008, 10) g(y) LEFT JOIN (SELECT (year(c.birth_date) - 8) // 10 * 10"
            " + 8 AS y, count(DISTINCT c.national_id) AS n, sum(v.cost) AS s FROM citizens c LEFT JOIN visits v"
            " ON v.national_id = c.national_id GROUP BY 1) q ON q.y = g.y",
        ),
    ],
)
@pytest.mark.parametrize("mode", ["exact", "rounded"])
def test_joined_at_once_is_joined_with_the_groups(asked: str, apart: str, mode: str) -> None:
    assert sorted(told(f"{asked} ORDER BY 1", mode), key=str) == sorted(told(f"{apart} ORDER BY 1", mode), key=str)


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT g.d, count(*) FROM {_MONTHS} JOIN visits v ON {_IN_MONTH} GROUP BY g.d",
        f"SELECT g.d, count(*) FROM {_MONTHS} LEFT JOIN visits v ON {_IN_MONTH} WHERE v.clinic <> 'Clinic Z'"
        " GROUP BY g.d",
        f"SELECT g.d, v.clinic, count(*) FROM {_MONTHS} LEFT JOIN visits v ON {_IN_MONTH} GROUP BY g.d, v.clinic",
    ],
)
def test_where_people_decide_which_rows_there_are_small_groups_are_gone(sql: str) -> None:
    found = told(sql)
    assert found
    assert all(figure is not None and figure >= 10 for *_, figure in found)  # type: ignore[operator]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM range(3) g(n) LEFT JOIN citizens c ON c.city = 'Oviedo' AND g.n < 2",
        "SELECT c.gender, count(*) FROM range(3) g(n) LEFT JOIN citizens c ON c.city = 'x' OR g.n = 2 GROUP BY 1",
        "SELECT g.n, count(*) FROM citizens c LEFT JOIN range(3) g(n) ON c.city = 'x' AND g.n > 0 GROUP BY g.n",
        "SELECT t.x, count(*) FROM (VALUES (1, 'F'), (2, 'F')) t(x, s) JOIN citizens c ON gender = s GROUP BY city",
        "SELECT g.n, national_id, count(*) FROM range(3) g(n) JOIN citizens c ON c.city = 'x' OR g.n = 1 GROUP BY 1, 2",
        "SELECT g.n // 2, count(*) FROM range(3) g(n) JOIN citizens c ON c.city = 'x' OR g.n = 1 GROUP BY 1",
        "SELECT count(*) FROM citizens c, range(3) g(n) GROUP BY c.gender",
        "SELECT g.n, count(*) FROM range(2) g(n), range(3) h(n), citizens c WHERE c.city = 'x' OR h.n = 1 GROUP BY g.n",
        "SELECT g.n, count(*) FROM range(2) g(n), citizens c, visits v WHERE c.city = 'x' OR v.cost = 1 GROUP BY 1",
    ],
)
def test_people_are_not_multiplied_within_a_group(sql: str) -> None:
    assert any(" cross" in use for use in uses(sql))


def test_a_row_of_constants_is_no_argument() -> None:
    found = uses("SELECT g.n, sum(c.income * g.n) FROM range(3) g(n) JOIN citizens c ON c.gender = 'F' GROUP BY g.n")
    assert "s0.income transform:sum" in found


def test_a_group_that_is_withheld_looks_like_an_empty_one() -> None:
    sql = "SELECT t.x, count(*) AS n FROM (VALUES ('F'), ('M'), ('X')) t(x) LEFT JOIN citizens c ON c.gender = t.x"
    statement = narrowed(f"{sql} GROUP BY t.x ORDER BY t.x")
    select = statement.audits[0]
    assert [(select.grouped, select.top, len(select.cells))] == [(True, False, 1)]
    narrower = statement.withholding([Withheld(select.number, ("M",))])
    verify(plan(narrower.sql), narrower)
    assert rows(narrower) == [("F", 2524), ("M", None), ("X", None)]
    narrower = statement.withholding([Withheld(select.number, ("F",), 0)])
    assert rows(narrower) == [("F", None), ("M", 2508), ("X", None)]


def test_every_figure_stands_behind_its_test() -> None:
    """An aggregate of the asker's outside its CASE would be told of one person."""
    sql = (
        f"SELECT g.d, count(*), sum(v.cost), avg(v.cost) FROM {_MONTHS} LEFT JOIN visits v ON {_IN_MONTH} GROUP BY g.d"
    )
    statement = narrowed(f"{sql} HAVING sum(v.cost) > 0 ORDER BY max(v.cost), sum(v.cost)")
    assert statement.tree is not None
    calls = list(statement.tree.find_all(exp.Sum, exp.Avg, exp.Max))
    assert len(calls) == 4
    assert all(call.find_ancestor(exp.Case) is not None for call in calls)


def test_without_people_it_is_the_engines_own_answer() -> None:
    sql = "SELECT g.n, count(*), count(p.region) FROM range(9) g(n) LEFT JOIN provinces p ON p.population > g.n * 1e6"
    analysis = analysed(f"{sql} GROUP BY g.n ORDER BY 1")
    found = rows(rewrite(analysis, Obligations((), 1000, "exact", 1)))
    assert found[0] == (0, 8, 8)
    assert found[-1] == (8, 1, 0)
