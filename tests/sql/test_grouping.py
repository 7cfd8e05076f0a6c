"""ROLLUP, CUBE and GROUPING SETS: what the engine gives for them on the raw tables, and small groups left out."""

from __future__ import annotations

from typing import Any

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.parse import parse
from access_broker.sql.verify import verify
from tests.support.sample import analysed, is_as_ungated, narrowed, plan, published, rows

Row = tuple[Any, ...]


def told(sql: str) -> list[Row]:
    statement = narrowed(sql)
    verify(plan(statement.sql), statement)
    return rows(statement)


def raw(sql: str) -> list[Row]:
    cursor = published().cursor()
    cursor.execute("USE raw")
    return cursor.execute(sql).fetchall()


def alike(found: list[Row]) -> list[str]:
    return sorted(str(tuple(float(v) if isinstance(v, int) else v for v in row)) for row in found)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT disease, gender, count(*) FROM citizens GROUP BY ROLLUP (disease, gender)",
        "SELECT disease, gender, count(*), avg(year(birth_date)) FROM citizens GROUP BY CUBE (disease, gender)",
        "SELECT gender, disease, count(*) FROM citizens GROUP BY GROUPING SETS ((gender), (disease), ())",
        "SELECT gender, disease, count(*) FROM citizens GROUP BY GROUPING SETS (gender, (gender, disease))",
        "SELECT gender, disease, count(*) FROM citizens GROUP BY gender, ROLLUP (disease)",
        "SELECT CASE WHEN disease = 'none' THEN 'well' ELSE 'ill' END AS g, disease, count(*) FROM citizens"
        " GROUP BY ROLLUP (g, disease)",
        "SELECT gender || '-' || disease AS a, gender, count(*) FROM citizens"
        " GROUP BY GROUPING SETS ((gender || '-' || disease), (gender), (gender || '-' || disease, gender))",
        "SELECT gender, disease, count(*) FROM citizens GROUP BY ROLLUP (1, 2)",
        "SELECT coalesce(gender, 'all') AS gender, count(*) AS n FROM citizens GROUP BY ROLLUP (gender)",
        "SELECT year(birth_date) // 10 AS decade, count(*) FROM citizens WHERE year(birth_date) BETWEEN 1950 AND 1989"
        " GROUP BY ROLLUP (decade)",
        "SELECT upper(gender), grouping(gender), grouping(gender, disease), count(*) FROM citizens"
        " GROUP BY ROLLUP (gender, disease)",
        "SELECT gender, sum(year(birth_date)), count(gender) FROM citizens GROUP BY ROLLUP (gender)",
        "SELECT gender FROM citizens GROUP BY ROLLUP (gender)",
        "SELECT coalesce(gender, 'all') AS gender, count(*) FROM citizens WHERE gender <> 'F' GROUP BY ROLLUP (gender)",
        "SELECT c.gender AS gender, count(gender) FROM citizens c WHERE gender <> 'X' GROUP BY ROLLUP (c.gender)",
        "SELECT gender AS g, g || '!' AS h, count(*) AS n, n + 1 AS m FROM citizens GROUP BY ROLLUP (gender)"
        " HAVING g = 'F' OR m > 3000",
        "SELECT g, n FROM (SELECT gender AS g, count(*) AS n FROM citizens GROUP BY ROLLUP (gender)) WHERE g IS NULL",
        "WITH c AS (SELECT gender FROM citizens) SELECT gender, count(*) FROM c GROUP BY ROLLUP (gender)",
        "SELECT disease, gender, count(*) FROM citizens GROUP BY ROLLUP (disease, gender) HAVING count(*) > 600",
        "SELECT region, count(*) FROM provinces GROUP BY ROLLUP (region)",
        "SELECT region, count(*) FROM citizens JOIN provinces USING (province) GROUP BY ROLLUP (region)",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert alike(told(sql)) == alike(raw(sql))


def test_a_cube_of_four_keys() -> None:
    keys = "gender, disease, birth_date < '1970-01-01', income IS NULL"
    sql = f"SELECT {keys}, count(*) FROM citizens GROUP BY CUBE (1, 2, 3, 4)"
    shown, every = alike(told(sql)), alike(raw(sql))
    assert set(shown) <= set(every)
    assert len(every) - len(shown) == sum(1 for row in raw(sql) if row[-1] < 10)


def test_rows_come_in_the_order_asked_for() -> None:
    sql = "SELECT gender AS g, count(*) AS n FROM citizens GROUP BY ROLLUP (gender) ORDER BY {} LIMIT 2"
    for order in ("n DESC", "2 DESC", "count(*) DESC", "g NULLS FIRST"):
        assert [row[1] for row in told(sql.format(order))] == [5032, 2524]


@pytest.mark.parametrize("order", ["ALL", "ALL DESC", "ALL DESC NULLS LAST", "ALL NULLS FIRST LIMIT 4"])
def test_by_all_columns_too(order: str) -> None:
    sql = f"SELECT gender AS g, disease, count(*) FROM citizens GROUP BY ROLLUP (1, 2) ORDER BY {order}"
    assert told(sql) == raw(sql)


def test_small_groups_are_left_out_at_every_level() -> None:
    found = told("SELECT province, city, count(*) FROM citizens GROUP BY ROLLUP (province, city)")
    assert (None, None, 5032) in found
    assert all(row[2] >= 10 for row in found)
    assert "Oviedo" not in str(found)
    assert "Pedernales" not in str(found)


def test_the_answer_has_the_askers_names() -> None:
    sql = 'SELECT region AS "Where", population, count(*) FROM provinces GROUP BY ROLLUP (region, population)'
    assert narrowed(sql).output_names == ["Where", "population", "count(*)"]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT a FROM t USING SAMPLE 3 GROUP BY ROLLUP (a)", "NOT_SUPPORTED"),
        ("SELECT 1 FROM t GROUP BY CUBE (a, b, c, d, e)", "TOO_COMPLEX"),
        ("SELECT 1 FROM t GROUP BY " + ", ".join(["ROLLUP (a, b)"] * 3), "TOO_COMPLEX"),
        ("SELECT a AS g, count(*) FROM t WHERE coalesce(g, '?') <> 'F' GROUP BY ROLLUP (a)", "AMBIGUOUS_NAME"),
        ("SELECT a AS g, count(*) FROM t WHERE g <> 'F' GROUP BY CUBE (g)", "AMBIGUOUS_NAME"),
        ("SELECT a AS g, g || '!' AS h, count(*) FROM t WHERE h <> 'F!' GROUP BY ROLLUP (a)", "AMBIGUOUS_NAME"),
        ("SELECT a AS g, count(*) FILTER (WHERE g = 'F') FROM t GROUP BY ROLLUP (a)", "AMBIGUOUS_NAME"),
        ("SELECT a AS g, sum(CASE WHEN \"G\" = 'F' THEN 1 END) FROM t GROUP BY ROLLUP (a)", "AMBIGUOUS_NAME"),
        ("SELECT a AS g, count(*) FROM t GROUP BY ROLLUP (a) HAVING max(g) > 'A'", "AMBIGUOUS_NAME"),
        ("SELECT upper(a) AS b, count(*) FROM t WHERE b = 'F' GROUP BY ROLLUP (a)", "AMBIGUOUS_NAME"),
        ("SELECT t.a AS a, count(*) FROM t JOIN u ON t.b = u.b WHERE a = 'F' GROUP BY ROLLUP (t.a)", "AMBIGUOUS_NAME"),
        (
            "SELECT a AS g, rank() OVER (ORDER BY count(*) FILTER (WHERE g = 'F')) FROM t GROUP BY ROLLUP (a)",
            "AMBIGUOUS_NAME",
        ),
        ("SELECT grouping(a) FROM t GROUP BY a", "FUNCTION_NOT_ALLOWED"),
        ("SELECT 1 FROM t GROUP BY ROLLUP (read_text('x'))", "FUNCTION_NOT_ALLOWED"),
    ],
)
def test_what_is_still_refused(sql: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        parse(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT gender AS city, count(*) FROM citizens GROUP BY ROLLUP (gender, city)",
        "SELECT upper(province) AS city, count(*) FROM citizens GROUP BY CUBE (city)",
        "SELECT upper(p) AS n, count(*) FROM (SELECT province AS p, city AS n FROM citizens) c GROUP BY ROLLUP (n)",
    ],
)
def test_a_key_that_is_an_output_and_a_column_is_refused(sql: str) -> None:
    with pytest.raises(Refused, match="AMBIGUOUS_NAME"):
        analysed(sql)


def test_a_key_may_be_an_output() -> None:
    assert is_as_ungated("SELECT upper(gender) AS who, count(*) FROM citizens GROUP BY ROLLUP (who)")
