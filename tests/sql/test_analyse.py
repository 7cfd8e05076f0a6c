"""What a statement touches. Every line is one way a value can reach an answer, decide a row, or be counted."""

from __future__ import annotations

import pytest

from access_broker.domain.catalogue import Catalogue
from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Use
from access_broker.sql.names import UnknownNames
from tests.support.sample import analysed, footprint, table, uses

HAS = [
    ("SELECT income FROM citizens", {"s0.income project", "s0.* rows"}),
    ("SELECT 1 FROM citizens WHERE city = 'Oviedo'", {"s0.city filter", "s0.* rows"}),
    ("SELECT avg(income) FROM citizens", {"s0.income aggregate:avg", "s0.* count_rows"}),
    ("SELECT city, count(*) FROM citizens GROUP BY city", {"s0.city group", "s0.* count_rows"}),
    ("SELECT DISTINCT city FROM citizens", {"s0.city group"}),
    ("SELECT count(DISTINCT national_id) FROM visits", {"s0.national_id count_distinct"}),
    ("SELECT count(*) FROM citizens ORDER BY max(income)", {"s0.income aggregate:max"}),
    ("SELECT city FROM citizens GROUP BY city HAVING max(income) > 5", {"s0.income aggregate:max"}),
    ("SELECT sum(n) FROM (SELECT income AS n FROM citizens)", {"s0.income aggregate:sum"}),
    ("SELECT x FROM (SELECT lower(city) AS x FROM citizens) GROUP BY x", {"s0.city group"}),
    ("WITH t AS (SELECT income AS v FROM citizens) SELECT v FROM t", {"s0.income project", "s0.* rows"}),
    ("SELECT sum(income) OVER (PARTITION BY city) FROM citizens", {"s0.income project", "s0.city project"}),
    ("SELECT sum(income * (city = 'x')::INT) FROM citizens", {"s0.income transform:sum", "s0.city transform:sum"}),
    ("SELECT sum(income ** 2) FROM citizens", {"s0.income transform:sum"}),
    ("SELECT sum(1 / income) FROM citizens", {"s0.income transform:sum"}),
    ("SELECT avg(round(income, -6)) FROM citizens", {"s0.income transform:avg"}),
    ("SELECT sum(greatest(income, 5)) FROM citizens", {"s0.income transform:sum"}),
    ("SELECT avg(CASE WHEN income > 9 THEN 1 ELSE 0 END) FROM citizens", {"s0.income filter"}),
    (
        "SELECT sum(x) FROM (SELECT CASE WHEN city = 'O' THEN income END AS x FROM citizens)",
        {"s0.income aggregate:sum"},
    ),
    ("SELECT sum(x) FROM (SELECT DISTINCT CASE WHEN city = 'O' THEN income END AS x FROM citizens)", {"s0.city group"}),
    (
        "SELECT sum(x) FROM (SELECT CASE WHEN city = 'O' THEN income END AS x FROM citizens LIMIT 9)",
        {"s0.city transform:sum", "s0.* rows"},
    ),
    ("SELECT national_id, count(*) FROM visits GROUP BY national_id", {"s0.national_id entity_group", "s0.* rows"}),
    ("SELECT left(national_id::VARCHAR, 3), count(*) FROM visits GROUP BY 1", {"s0.national_id group"}),
    ("SELECT count(*) FROM citizens WHERE national_id = 7", {"s0.national_id filter"}),
    ("SELECT count(*) FROM citizens a, citizens b", {"s0.* cross", "s1.* cross"}),
    ("SELECT count(*) FROM citizens a JOIN citizens b ON a.city <> b.city", {"s0.* cross"}),
    ("SELECT (SELECT income FROM citizens LIMIT 1)", {"s0.income project", "s0.* rows"}),
    ("SELECT region FROM provinces WHERE EXISTS (SELECT 1 FROM citizens WHERE city = 'O')", {"s1.* rows"}),
    ("SELECT 'x' WHERE 'a' IN (SELECT city FROM citizens)", {"s0.* rows", "s0.city project"}),
    ("SELECT city FROM citizens UNION SELECT 'x'", {"s0.city project", "s0.* rows"}),
    ("SELECT count(*) FROM (SELECT city FROM citizens LIMIT 1)", {"s0.* rows"}),
    ("SELECT avg(income) FROM (SELECT income FROM citizens ORDER BY income LIMIT 1)", {"s0.income project"}),
    ("SELECT city FROM citizens QUALIFY row_number() OVER (ORDER BY income) = 1", {"s0.income project", "s0.* rows"}),
    ("SELECT count(*) FROM citizens USING SAMPLE 3 ROWS", {"s0.* rows"}),
    ("SELECT count(*) FROM citizens WHERE income IS NULL", {"s0.income null_test"}),
    ("SELECT string_agg(city, ',' ORDER BY income) FROM citizens", {"s0.income aggregate:string_agg"}),
    ("SELECT sum(v) FROM (SELECT national_id, max(cost) AS v FROM visits GROUP BY 1)", {"s0.cost aggregate:max"}),
    (
        "SELECT b, count(*) FROM (SELECT national_id, sum(cost) AS b FROM visits GROUP BY 1) GROUP BY b",
        {"s0.cost group", "s0.cost aggregate:sum"},
    ),
    (
        "SELECT count(*) FROM (SELECT national_id FROM visits GROUP BY 1 HAVING sum(cost) > 100)",
        {"s0.cost filter"},
    ),
    (
        "SELECT (SELECT avg(c.income) FROM citizens c WHERE c.city = d.city) FROM citizens d",
        {"s1.city join", "s0.city join", "s0.* rows", "s0.city project", "s1.income aggregate:avg"},
    ),
]
HAS_NOT = [
    ("SELECT avg(income) FROM citizens", {"s0.income project", "s0.income transform:avg", "s0.* rows"}),
    ("SELECT avg(coalesce(income, 0)) * 1.2 FROM citizens", {"s0.income transform:avg"}),
    ("SELECT sum(income / 12 + 5) FROM citizens", {"s0.income transform:sum"}),
    ("SELECT corr(income, year(birth_date)) FROM citizens", {"s0.birth_date transform:corr"}),
    ("SELECT max(n) FROM (SELECT city, count(*) AS n FROM citizens GROUP BY city)", {"s0.* rows", "s0.city project"}),
    ("SELECT sum(count(*)) OVER () FROM citizens GROUP BY city", {"s0.* rows", "s0.city project"}),
    ("SELECT avg(v) FROM (SELECT national_id, count(*) AS v FROM visits GROUP BY 1)", {"s0.* rows"}),
    ("SELECT count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits)", {"s1.* rows"}),
    (
        "SELECT count(*) FROM citizens c WHERE NOT EXISTS (SELECT 1 FROM visits v WHERE v.national_id = c.national_id)",
        {"s1.* rows"},
    ),
    ("SELECT count(*) FROM citizens c, provinces p WHERE c.province = p.province", {"s0.* cross"}),
    ("SELECT city, (SELECT count(*) FROM citizens) FROM citizens GROUP BY city", {"s1.* rows", "s0.* rows"}),
]


@pytest.mark.parametrize(("sql", "expected"), HAS, ids=range(len(HAS)))
def test_touches_are_found(sql: str, expected: set[str]) -> None:
    found = uses(sql)
    assert expected <= found, found


@pytest.mark.parametrize(("sql", "absent"), HAS_NOT, ids=range(len(HAS_NOT)))
def test_honest_statements_are_not_blamed(sql: str, absent: set[str]) -> None:
    assert not absent & uses(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM persons",
        "SELECT * FROM main.citizens",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM 'secret.csv'",
        "SELECT x FROM sample.nothing",
    ],
)
def test_unknown_tables_are_unknown(sql: str) -> None:
    with pytest.raises(UnknownNames):
        analysed(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT full_name FROM citizens",
        "SELECT rowid FROM citizens",
        "SELECT avg(salary) FROM citizens",
        "SELECT city, sum(income) FILTER (WHERE age > 5) FROM citizens GROUP BY city",
    ],
)
def test_unknown_columns_are_unknown(sql: str) -> None:
    assert [u.table for u in footprint(sql).unknown] == ["sample.citizens"]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM citizens NATURAL JOIN provinces POSITIONAL JOIN visits", "NOT_SUPPORTED"),
        ("SELECT * FROM provinces SEMI JOIN citizens ON province = city", "NOT_SUPPORTED"),
        ("SELECT * FROM range(5, 10, -1)", "NOT_SUPPORTED"),
        ("SELECT region FROM provinces LIMIT (SELECT 1)", "NOT_SUPPORTED"),
        ("SELECT a2 FROM citizens t(a1, a2)", "NOT_SUPPORTED"),
        ("SELECT citizens FROM citizens", "NOT_SUPPORTED"),
        ("SELECT count(*) FILTER (WHERE city IN (SELECT region FROM provinces)) FROM citizens", "NOT_SUPPORTED"),
        ("SELECT count(*) FROM " + ", ".join(f"provinces p{i}" for i in range(20)), "TOO_COMPLEX"),
        ("SELECT memory.main.citizens.city FROM memory.main.citizens", "NOT_SUPPORTED"),
    ],
)
def test_shapes_that_are_not_understood(sql: str, code: str) -> None:
    with pytest.raises((Refused, UnknownNames)) as caught:
        analysed(sql)
    assert getattr(getattr(caught.value, "reason", None), "code", code) == code


@pytest.mark.parametrize(
    ("argument", "there"),
    [
        ("income + year(birth_date)", ["income", "birth_date"]),
        ("v.cost - c.income", ["cost", "income"]),
        ("v.visit_date - c.birth_date", ["visit_date", "birth_date"]),
    ],
)
def test_a_value_of_two_columns_is_there_where_both_are(argument: str, there: list[str]) -> None:
    sql = f"SELECT sum({argument}) FROM citizens c JOIN visits v ON v.national_id = c.national_id"
    (cell,) = analysed(sql).selects[0].cells
    (region,) = cell.regions
    assert all(name in region.sql() for name in there)


_OWN = table("people", "t9", "id", "id BIGINT join\nflag BOOLEAN dimension\ncode VARCHAR dimension\na DOUBLE aggregate")


@pytest.mark.parametrize(
    "argument", ["sum(flag)", "avg(flag)", "sum(CAST(flag AS DOUBLE))", "count(CAST(code AS DOUBLE))", "corr(a, flag)"]
)
def test_truths_and_texts_are_not_reckoned_with(argument: str) -> None:
    told = analysed(f"SELECT {argument} FROM people", catalogue=Catalogue((_OWN,))).footprint
    assert any(touch.use is Use.TRANSFORM for touch in told.touches)


@pytest.mark.parametrize("argument", ["sum(a)", "count(flag)", "sum(CAST(a AS DOUBLE))", "count(code)"])
def test_numbers_are_and_whatever_is_there_is_counted(argument: str) -> None:
    told = analysed(f"SELECT {argument} FROM people", catalogue=Catalogue((_OWN,))).footprint
    assert not any(touch.use is Use.TRANSFORM for touch in told.touches)
