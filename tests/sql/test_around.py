"""Windows, QUALIFY, DISTINCT and orders around groupings: what the engine gives for them on the raw tables."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.parse import parse
from tests.support.sample import footprint, is_as_ungated, narrowed, rows

OF = "FROM citizens WHERE province <> 'Pedernales' GROUP BY"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT province, gender, count(*) AS n {OF} ROLLUP (province, gender)"
        " ORDER BY grouping(province), province, grouping(gender), gender",
        f"SELECT province, count(*) AS n {OF} ROLLUP (province) ORDER BY coalesce(province, 'Bz')",
        f"SELECT province, count(*) AS n {OF} ROLLUP (province) ORDER BY sum(income) DESC",
        f"SELECT coalesce(province, 'total') AS p, count(*) {OF} ROLLUP (province) ORDER BY province NULLS FIRST",
        f"SELECT province, gender, count(*) {OF} ROLLUP (province, gender)"
        " ORDER BY province IS NULL, province, gender IS NULL, gender",
        f"SELECT province, count(*) AS n {OF} ROLLUP (province) ORDER BY n * -1, 1 LIMIT 3 OFFSET 1",
        f"SELECT province, count(*) AS n, rank() OVER (ORDER BY count(*) DESC) AS r {OF} ROLLUP (province) ORDER BY r",
        f"SELECT province, gender, 100.0 * count(*) / sum(count(*)) OVER (PARTITION BY grouping(province, gender))"
        f" {OF} ROLLUP (province, gender) ORDER BY 1, 2",
        f"SELECT coalesce(province, 'total') AS province, count(*) AS n, n * 2 AS twice, row_number() OVER w AS r"
        f" {OF} ROLLUP (province) WINDOW w AS (ORDER BY count(*) DESC, province) QUALIFY r < 4 ORDER BY n + 1 DESC",
        "SELECT DISTINCT gender, count(*) > 100 AS many FROM citizens GROUP BY ROLLUP (gender) ORDER BY ALL",
        f"SELECT CASE WHEN grouping(province) = 1 THEN 'All' ELSE province END AS p, count(*) {OF} ROLLUP (province)"
        " ORDER BY grouping(province) DESC, 2 DESC",
        "WITH x AS (SELECT gender FROM citizens) SELECT gender, count(*) AS n, CASE WHEN rank() OVER (ORDER BY"
        " count(*)) = 1 THEN 'least' WHEN gender IS NULL THEN 'all' END AS what FROM x GROUP BY ROLLUP (gender)"
        " HAVING n > 5 ORDER BY n",
        "SELECT c.gender, lag(avg(year(c.birth_date))) OVER (ORDER BY c.gender) AS before FROM citizens c"
        " GROUP BY CUBE (c.gender) ORDER BY c.gender NULLS FIRST",
        "SELECT gender, sum(count(*)) FILTER (WHERE gender IS NOT NULL) OVER () FROM citizens GROUP BY ROLLUP (gender)"
        " ORDER BY 1",
        "SELECT * FROM (SELECT gender, disease, rank() OVER (PARTITION BY gender ORDER BY count(*) DESC) AS r FROM"
        " citizens GROUP BY ROLLUP (gender, disease)) WHERE r <= 2 ORDER BY gender NULLS LAST, r, disease",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql, ordered=True)


def test_small_groups_are_nowhere_in_it() -> None:
    found = rows(narrowed("SELECT city, rank() OVER (ORDER BY count(*)) FROM citizens GROUP BY ROLLUP (city)"))
    assert len(found) == 26  # of 26 cities, one of which two people live in, and all
    assert "Oviedo" not in str(found)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT province, count(*) FILTER (WHERE disease = 'flu' OR gender = 'F'), count(*) FILTER (WHERE"
        " disease = 'flu' OR gender = 'f'), rank() OVER (ORDER BY count(*)) FROM citizens WHERE"
        " province <> 'Pedernales' GROUP BY ROLLUP (province)",
        "SELECT coalesce(province, 'ALL') AS a, coalesce(province, 'all') AS b, count(*), rank() OVER (ORDER BY"
        " count(*)) FROM citizens WHERE province <> 'Pedernales' GROUP BY ROLLUP (province)",
        "SELECT province AS gender, lower(gender) AS g, count(*), rank() OVER (ORDER BY count(*)) FROM citizens"
        " WHERE province <> 'Pedernales' GROUP BY ROLLUP (province, lower(gender))",
        "SELECT lower(gender) AS gender, gender || 'x' AS g, count(*), rank() OVER (ORDER BY count(*)) FROM citizens"
        " GROUP BY CUBE (lower(gender), gender || 'x')",
        "SELECT date_trunc('year', visit_date) AS visit_date, month(visit_date) AS m, count(*), rank() OVER (ORDER BY"
        " count(*)) FROM visits GROUP BY ROLLUP (date_trunc('year', visit_date), month(visit_date))",
    ],
)
def test_texts_in_quotes_and_names_of_columns_are_what_they_are(sql: str) -> None:
    assert is_as_ungated(sql)


def test_what_only_orders_is_looked_at_too() -> None:
    touches = footprint("SELECT gender FROM citizens GROUP BY ROLLUP (gender) ORDER BY max(income)").touches
    assert ("income", "max") in {(touch.column, touch.function) for touch in touches}


def test_the_answer_has_the_askers_names() -> None:
    sql = 'SELECT gender AS "Who", disease, count(*), row_number() OVER () AS r FROM citizens GROUP BY ROLLUP (1, 2)'
    assert narrowed(sql).output_names == ["Who", "disease", "count(*)", "r"]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT DISTINCT ON (a) a FROM t GROUP BY ROLLUP (a)", "NOT_SUPPORTED"),
        ("SELECT *, rank() OVER () FROM t GROUP BY ROLLUP (a)", "NOT_SUPPORTED"),
        ("SELECT rank() OVER (ORDER BY read_text('x')) FROM t GROUP BY ROLLUP (a)", "FUNCTION_NOT_ALLOWED"),
        (
            "SELECT a, 1 AS n0, "
            + ", ".join(f"n{i} + n{i} AS n{i + 1}" for i in range(30))
            + ", rank() OVER () FROM t GROUP BY ROLLUP (a)",
            "TOO_COMPLEX",
        ),
    ],
)
def test_what_is_still_refused(sql: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        parse(sql)
