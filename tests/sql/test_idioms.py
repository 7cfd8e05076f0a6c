"""What is read as something else means the same, and nothing else is read so."""

from __future__ import annotations

from datetime import UTC, datetime

import duckdb
import pytest
from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.parse import parse
from access_broker.sql.truths import is_truth_as_number
from tests.support.sample import is_as_ungated, narrowed, rows, uses

TODAY = datetime.now(UTC).date()
SAME = [
    ("count(DISTINCT CASE WHEN g = 'F' THEN n END)", "COUNT(DISTINCT n) FILTER(WHERE g = 'F')"),
    ("count(DISTINCT (CASE WHEN g = 'F' THEN n END))", "COUNT(DISTINCT n) FILTER(WHERE g = 'F')"),
    ("sum((g = 'F')::INT)", "SUM(CASE WHEN g = 'F' THEN 1 WHEN NOT (g = 'F') THEN 0 END)"),
    ("avg((g IN ('F', 'X'))::BIGINT)", "AVG(CASE WHEN g IN ('F', 'X') THEN 1 WHEN NOT (g IN ('F', 'X')) THEN 0 END)"),
    ("sum((g LIKE 'F%')::DOUBLE)", "SUM(CAST((g LIKE 'F%') AS DOUBLE))"),
    ("avg((g = 'F')::DOUBLE)", "AVG(CASE WHEN g = 'F' THEN 1 WHEN NOT (g = 'F') THEN 0 END)"),
    ("count(nullif(g, 'F'))", "COUNT(CASE WHEN g <> 'F' THEN 1 END)"),
    ("count(nullif(n, 7)) FILTER (g = 'F')", "COUNT(CASE WHEN n <> 7 THEN 1 END) FILTER(WHERE g = 'F')"),
    ("sum(CASE WHEN g = 'F' THEN n ELSE NULL END)", "SUM(CASE WHEN g = 'F' THEN n END)"),
    ("count(DISTINCT CASE WHEN g = 'F' THEN n ELSE NULL END)", "COUNT(DISTINCT n) FILTER(WHERE g = 'F')"),
    ("count_if(g LIKE 'F' || '%')", "COUNT_IF(g LIKE 'F%')"),
    ("count_if(g NOT ILIKE lower('F' || upper('%')))", "COUNT_IF(g NOT ILIKE 'f%')"),
    ("max(epoch(DATE '2024-01-02' + n))", "MAX(EXTRACT(EPOCH FROM CAST('2024-01-02' AS DATE) + n))"),
    ("mean(n) FILTER (g = 'F')", "AVG(n) FILTER(WHERE g = 'F')"),
    ("mean(DISTINCT n)", "AVG(DISTINCT n)"),
    ("sum(date_part('Year', DATE '2024-01-02' + n))", "SUM(EXTRACT(YEAR FROM CAST('2024-01-02' AS DATE) + n))"),
    (
        "sum(date_diff('year', DATE '2023-11-02' + n * 99, DATE '2025-01-01') * 2)",
        "SUM((2025 - YEAR(CAST('2023-11-02' AS DATE) + n * 99)) * 2)",
    ),
    (
        "sum(10 - datediff('year', '2020-12-31', DATE '2023-11-02' + n * 99))",
        "SUM(10 - (YEAR(CAST('2023-11-02' AS DATE) + n * 99) - 2020))",
    ),
    ("max(year(DATE '2025-06-30') - n)", "MAX(2025 - n)"),
    ("max(n - date_part('year', DATE '2025-06-30'))", "MAX(n - 2025)"),
    ("max(n - extract(year FROM current_date))", f"MAX(n - {TODAY.year})"),
    (
        "sum(date_diff('year', DATE '2023-11-02' + n, today()))",
        f"SUM(({TODAY.year} - YEAR(CAST('2023-11-02' AS DATE) + n)))",
    ),
    ("max(strftime('%Y/%m', DATE '2024-01-02' + n))", "MAX(STRFTIME(CAST('2024-01-02' AS DATE) + n, '%Y/%m'))"),
    ("count(DISTINCT CASE g WHEN 'F' THEN n END)", "COUNT(DISTINCT n) FILTER(WHERE g = 'F')"),
    ("sum(CASE g WHEN 'F' THEN n WHEN NULL THEN 9 END)", "SUM(CASE WHEN g = 'F' THEN n WHEN g = NULL THEN 9 END)"),
    ("max(CASE g = 'F' WHEN n > 7 THEN n END)", "MAX(CASE WHEN (g = 'F') = (n > 7) THEN n END)"),
    ("max(CASE g = 'F' WHEN n > 7 OR n < 2 THEN n END)", "MAX(CASE WHEN (g = 'F') = (n > 7 OR n < 2) THEN n END)"),
    ("max(CASE n + 1 WHEN 8 THEN 'x' ELSE g END)", "MAX(CASE WHEN n + 1 = 8 THEN 'x' ELSE g END)"),
    ("sum(g = 'F')", "SUM(CASE WHEN g = 'F' THEN 1 WHEN NOT (g = 'F') THEN 0 END)"),
    ("avg(((g IS NULL)::INT))", "AVG((CASE WHEN g IS NULL THEN 1 ELSE 0 END))"),
    ("avg(100 * (n > 7)::INT)", "AVG(100 * CASE WHEN n > 7 THEN 1 WHEN NOT (n > 7) THEN 0 END)"),
    ("sum((g IS NULL OR NOT n IS NULL)::INT)", "SUM(CASE WHEN g IS NULL OR NOT n IS NULL THEN 1 ELSE 0 END)"),
    ("avg((n > -3)::INT)", "AVG(CASE WHEN n > -3 THEN 1 WHEN NOT (n > -3) THEN 0 END)"),
    ("any_value(n)", "MAX(n)"),
]
NOT_READ_SO = [
    "count(DISTINCT CASE WHEN g = 'F' THEN n ELSE 1 END)",
    "count(DISTINCT CASE WHEN g = 'F' THEN n WHEN g = 'M' THEN 2 END)",
    "sum((nullif(g, 'F') = 'M')::INT)",
    "sum((g = 'F' OR n = 1)::INT)",
    "sum((g = g)::INT)",
    "sum((g > DATE '2025-13-01')::INT)",
    "sum((g > DATE 'x')::INT)",
    "sum((g > -n)::INT)",
    "sum((g > CAST('1' AS INT))::INT)",
    "sum((g = 'F')::DECIMAL(9, 2))",
    "sum(n::INT)",
    "count(nullif(g, h))",
    "count(nullif('F', g))",
    "sum(CASE WHEN g = 'F' THEN n ELSE 0 END)",
    "avg((g = 'F' AND n = 1)::INT)",
    "avg((g IS NULL AND n = 1)::INT)",
    "sum(DISTINCT (g = 'F')::INT)",
    "max((g = 'F')::INT)",
    "sum(n * (g = 'F')::INT)",
    "avg((g = 'F')::INT + (n = 1)::INT)",
]
NOT_SEARCHED = [
    "CASE (SELECT 1) WHEN 1 THEN 2 END",
    "CASE count(*) WHEN 1 THEN 2 END",
    "CASE CASE WHEN n = 1 THEN 2 END WHEN 1 THEN 2 END",
    f"CASE n{' + n' * 40} {' '.join(f'WHEN {i} THEN 1' for i in range(9))} END",
]
"""What is compared with each label would be copied too often, or is no part of a row."""
NOT_OF_YEARS = [
    "date_diff('month', n, CAST('2025-01-01' AS DATE))",
    "date_diff('year', n, CAST('2025-13-01' AS DATE))",
    "date_diff('year', n, m)",
    "date_diff('year', CAST('2024-01-01' AS DATE), CAST('2025-01-01' AS DATE))",
    "date_part('month', n)",
    "month(CAST('2025-01-01' AS DATE)) - n",
    "year(CAST('2025-13-01' AS DATE)) - n",
    "year(CAST('2025-01-01' AS DATE))",
]


def written(expression: str) -> str:
    return parse(f"SELECT {expression} FROM t", today=TODAY).tree.selects[0].sql(dialect="duckdb")


@pytest.mark.parametrize(("idiom", "meaning"), SAME)
def test_it_is_read_as_what_it_means(idiom: str, meaning: str) -> None:
    assert written(idiom) == meaning


@pytest.mark.parametrize(("idiom", "meaning"), SAME[:-1])
def test_to_the_engine_both_mean_the_same(idiom: str, meaning: str) -> None:
    """In groups with NULLs and in groups of nothing else."""
    engine = duckdb.connect()
    engine.execute(
        "CREATE TABLE t AS SELECT * FROM (VALUES (1, 'F', 7), (1, NULL, 8), (1, 'M', 7), (1, 'F', 7), (2, NULL, 1),"
        "(3, 'X', NULL), (3, 'F', NULL), (4, 'M', 5)) AS v(part, g, n)"
    )
    asked = [f"SELECT part, {one} FROM t GROUP BY part ORDER BY part" for one in (idiom, meaning)]
    assert engine.execute(asked[0]).fetchall() == engine.execute(asked[1]).fetchall()


@pytest.mark.parametrize("expression", NOT_READ_SO)
def test_what_means_something_else_is_left_alone(expression: str) -> None:
    tree = parse(f"SELECT {expression} FROM t").tree
    assert not any(is_truth_as_number(case) for case in tree.find_all(exp.Case))
    assert tree.find(exp.Filter) is None


@pytest.mark.parametrize("expression", NOT_SEARCHED)
def test_what_would_be_copied_too_often_is_left_alone(expression: str) -> None:
    found = parse(f"SELECT {expression} FROM t").tree.find(exp.Case)
    assert found is not None
    assert found.args["this"] is not None


@pytest.mark.parametrize("expression", NOT_OF_YEARS)
def test_what_is_no_difference_from_a_year_is_left_alone(expression: str) -> None:
    assert written(expression).lower() == expression.lower()


@pytest.mark.parametrize(
    ("outside", "within"),
    [
        ("(SELECT n FROM t) ORDER BY -n LIMIT 2 OFFSET 1", "(SELECT n FROM t ORDER BY -n LIMIT 2 OFFSET 1)"),
        ("((SELECT n FROM t ORDER BY n)) LIMIT 1", "((SELECT n FROM t ORDER BY n LIMIT 1))"),
        ("(SELECT 1 UNION SELECT 2) ORDER BY 1", "(SELECT 1 UNION SELECT 2 ORDER BY 1)"),
        (
            "SELECT * FROM ((SELECT n FROM t) ORDER BY 1 DESC LIMIT 1) AS x",
            "SELECT * FROM ((SELECT n FROM t ORDER BY 1 DESC LIMIT 1)) AS x",
        ),
    ],
)
def test_what_stands_behind_parentheses_belongs_within(outside: str, within: str) -> None:
    assert parse(outside).tree.sql(dialect="duckdb") == within
    engine = duckdb.connect()
    engine.execute("CREATE TABLE t AS SELECT * FROM (VALUES (4), (1), (3), (2)) AS v(n)")
    assert engine.execute(outside).fetchall() == engine.execute(within).fetchall()


@pytest.mark.parametrize("sql", ["(SELECT n FROM t LIMIT 3) ORDER BY n", "(SELECT n FROM t OFFSET 3) LIMIT 1"])
def test_what_is_cut_off_already_is_not_ordered_anew(sql: str) -> None:
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        parse(sql)


def test_fetch_first_is_a_limit() -> None:
    assert parse("SELECT n FROM t FETCH FIRST 3 ROWS ONLY").tree.args["limit"].sql() == "LIMIT 3"
    assert parse("SELECT n FROM t FETCH FIRST ROW ONLY").tree.args["limit"].sql() == "LIMIT 1"


@pytest.mark.parametrize(
    ("case", "is_one"),
    [
        ("CASE WHEN g = 'F' THEN 1 WHEN NOT (g = 'F') THEN 0 END", True),
        ("CASE WHEN g = 'F' THEN n WHEN NOT (g = 'F') THEN n END", False),  # their sum tells of those without g
        ("CASE WHEN g = 'F' THEN 1 WHEN NOT (g = 'M') THEN 0 END", False),
        ("CASE WHEN g = 'F' THEN 1 WHEN NOT (g = 'F') THEN 0 ELSE 2 END", False),
        ("CASE WHEN nullif(g, 'F') = 'M' THEN 1 WHEN NOT (nullif(g, 'F') = 'M') THEN 0 END", False),
        ("CASE WHEN g = 'F' THEN 1 ELSE 0 END", False),
        ("CASE WHEN g = 'F' THEN 2.5 WHEN g <> 'F' THEN 7 END", True),
        ("CASE WHEN NOT g = 'F' THEN 0 WHEN g = 'F' THEN 1 END", True),
        ("CASE WHEN n > 3 THEN 1 WHEN n <= 3 THEN 0 END", True),
        ("CASE WHEN n < 3 THEN 1 WHEN n > 3 THEN 0 END", False),
        ("CASE WHEN n > 3 THEN 1 WHEN n <= 4 THEN 0 END", False),
        ("CASE WHEN g IN ('F', 'X') THEN 1 WHEN g NOT IN ('F', 'X') THEN 0 END", True),
        ("CASE WHEN g IN ('F', 'X') THEN 1 WHEN g NOT IN ('F') THEN 0 END", False),
        ("CASE WHEN g = 'F' THEN '1' WHEN g <> 'F' THEN '0' END", False),
        ("CASE WHEN g = n THEN 1 WHEN g <> n THEN 0 END", False),
    ],
)
def test_nobody_but_those_without_a_value_is_left_over(case: str, is_one: bool) -> None:
    found = parse(f"SELECT sum({case}) FROM t").tree.find(exp.Case)
    assert found is not None
    assert is_truth_as_number(found) is is_one


@pytest.mark.parametrize(
    "rest",
    [
        "FROM (citizens)",
        "FROM (citizens) c",
        "FROM citizens c JOIN (visits) ON visits.national_id = c.national_id",
        "FROM (citizens c JOIN provinces p ON c.province = p.province) WHERE p.region = 'South'",
        "FROM (citizens c JOIN provinces p USING (province)) JOIN visits v ON v.national_id = c.national_id",
        "FROM (citizens c LEFT JOIN visits v ON v.national_id = c.national_id) JOIN provinces p"
        " ON p.province = c.province",
        "FROM citizens WHERE province LIKE 'S' || '%' AND lower(city) LIKE lower('%IT%')",
        "FROM visits WHERE epoch(visit_date) > 1735689600",
        "FROM visits HAVING avg((visit_date > DATE '2025-06-30')::INT) > 0",
        "FROM visits HAVING avg((visit_date BETWEEN DATE '2025-06-30' AND TIMESTAMP '2025-09-01')::DOUBLE) > 0.01",
        "FROM visits WHERE CASE WHEN clinic = 'Clinic A' THEN 1 ELSE NULL END = 1",
        "FROM visits WHERE date_diff('year', visit_date, DATE '2027-01-01') * 2 = 4",
    ],
)
def test_of_people_it_is_what_the_engine_gives(rest: str) -> None:
    assert is_as_ungated(f"SELECT count(*) AS n {rest}")


@pytest.mark.parametrize(
    "rest",
    [
        "FROM (provinces) TABLESAMPLE 1 ROWS",
        "FROM (citizens) TABLESAMPLE 10%",
        "FROM ((citizens))",
        "FROM (citizens LIMIT 3)",
        "FROM provinces p, (citizens c JOIN visits v ON v.national_id = c.national_id) WHERE p.province = c.province",
        "FROM (citizens c JOIN visits v ON v.national_id = c.national_id) x",
        "FROM citizens WHERE province LIKE 'S' || NULL",
        "FROM citizens WHERE province LIKE gender || '%'",
        "FROM citizens WHERE province LIKE lower('\u00c9%')",
        "FROM citizens HAVING count(nullif('a', city)) > 0",
        "FROM citizens HAVING count(nullif(city, gender)) > 0",
    ],
)
def test_what_stands_beside_them_is_not_dropped_but_refused(rest: str) -> None:
    with pytest.raises(Refused, match=r"NOT_SUPPORTED|AMBIGUOUS_NAME"):
        narrowed(f"SELECT count(*) AS n {rest}")


@pytest.mark.parametrize(("column", "told"), [("city", True), ("nullif(city, 'Oviedo')", False)])
def test_who_has_no_value_must_be_enough_where_that_was_chosen(column: str, told: bool) -> None:
    sql = f"SELECT gender, sum((x = 'City1')::INT) FROM (SELECT gender, {column} AS x FROM citizens) GROUP BY gender"
    found = rows(narrowed(sql))
    assert len(found) == 2
    assert all((row[1] is not None) is told for row in found)


def test_nor_is_it_a_missing_value_where_an_outer_join_found_nothing() -> None:
    joined = "citizens c LEFT JOIN citizens d ON c.national_id = d.national_id AND d.city <> 'Oviedo'"
    found = rows(narrowed(f"SELECT c.gender, sum((d.city = 'City1')::INT) FROM {joined} GROUP BY c.gender"))
    assert [row[1] for row in found] == [None, None]


@pytest.mark.parametrize("keys", ["(gender)", "(gender, disease)", "(1), (((2)))", "((gender), disease)"])
def test_keys_in_parentheses_are_keys(keys: str) -> None:
    assert is_as_ungated(f"SELECT gender, disease, count(*) FROM citizens GROUP BY {keys}, disease")


def test_no_keys_at_all_are_one_row() -> None:
    assert is_as_ungated("SELECT count(*) FROM citizens GROUP BY ()")
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        parse("SELECT 1 FROM citizens GROUP BY ()")


@pytest.mark.parametrize(
    "age",
    [
        "year(current_date) - year(birth_date)",
        "date_diff('year', birth_date, current_date)",
        "extract(year FROM DATE '2025-06-30') - date_part('year', birth_date)",
    ],
)
def test_a_mean_age_is_a_mean_in_whatever_words(age: str) -> None:
    sql = (
        f"WITH a AS (SELECT gender, {age} AS age FROM citizens) SELECT gender, avg(age), stddev(age) FROM a GROUP BY 1"
    )
    assert is_as_ungated(sql)
    assert not any("transform" in use for use in uses(sql))


@pytest.mark.parametrize(
    "argument",
    [
        "year(birth_date)" + " - year(current_date)" * 7,
        "(year(current_date) - income) * 1000000",
        "income * year(current_date)",
        "income / (1 - year(current_date))",
        "income - month(current_date)",
        "income - year(current_date + 1)",
        "income - year(birth_date) * year(current_date)",
    ],
)
def test_this_year_is_a_constant_like_others(argument: str) -> None:
    """Of ordinary size, one of few, and nothing to multiply with."""
    assert any("transform" in use for use in uses(f"SELECT avg({argument}) FROM citizens"))
