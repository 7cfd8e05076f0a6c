"""Which values overflow is nobody's to choose: what is measured of people is reckoned in DOUBLE wherever it is."""

from __future__ import annotations

import pytest

from tests.support.sample import is_as_ungated, narrowed, published, rows


@pytest.mark.parametrize(
    "of",
    [
        "(SELECT income * {} AS x FROM citizens)",
        "(SELECT y + y AS x FROM (SELECT income * {} AS y FROM citizens))",
        "(SELECT national_id, sum(cost) * {} AS x FROM visits GROUP BY 1)",
    ],
)
def test_no_factor_leaves_out_those_above_a_bound(of: str) -> None:
    counts = {
        rows(narrowed(f"SELECT count(x) FROM {of.format(factor)}"))[0][0] for factor in ("2", "0.0129000000000000")
    }
    assert len(counts) == 1


def test_a_branch_is_in_doubles_and_its_factor_in_no_test_for_a_value() -> None:
    argument = "CASE WHEN gender = 'F' THEN coalesce(income, 0) * 0.0129 ELSE income END + 100000"
    exact, rounded = (narrowed(f"SELECT sum({argument}) FROM citizens", mode=mode).sql for mode in ("exact", "rounded"))
    assert exact.count("0.0129") == exact.count("AS DOUBLE) * 0.0129") == 1
    assert rounded.count("0.0129") == rounded.count("[1]) * 0.0129)") == 1  # after rounding


def test_groups_by_decade_keep_whole_numbers() -> None:
    sql = "SELECT d, sum(income) FROM (SELECT (year(birth_date) // 10) * 10 AS d, income FROM citizens) GROUP BY 1"
    assert all(isinstance(row[0], int) for row in rows(narrowed(sql)))


ONE = "(city = 'Oviedo' AND disease = 'HIV')::INT"


@pytest.mark.parametrize(
    "condition",
    [
        f"({ONE} * 2 + (city = 'City1')::INT * 3) // 2 = 1",
        f"9007199254740992 + ({ONE} * 2 + (city = 'City1')::INT) > 9007199254740992",
        f"(({ONE} * 2 + (city = 'City1')::INT * 3) // 2 = 1) IS TRUE",
        f"NOT (nullif(({ONE} * 2 + (city = 'City1')::INT * 3) // 2, 0)) IS NULL",
    ],
)
@pytest.mark.parametrize("figure", ["count_if({})", "avg(CASE WHEN {} THEN income END)", "count(*) FILTER (WHERE {})"])
def test_a_condition_takes_whom_its_copies_in_the_tests_take(condition: str, figure: str) -> None:
    """Reckoned in doubles 3 // 2 is 1.5: one person would be left of those whom the test counted."""
    assert is_as_ungated(f"SELECT {figure.format(condition)} FROM citizens")


@pytest.mark.parametrize(
    "argument", ["CASE WHEN {} THEN 0 ELSE income END * 1", "-CASE WHEN {} THEN 0 ELSE income END"]
)
def test_a_condition_that_fails_takes_nobody_and_leaves_nobody_out(argument: str) -> None:
    fails = f"10 // ({ONE} + (city = 'City1')::INT * 3) < 5"
    told = rows(narrowed(f"SELECT count({argument.format(fails)}) FROM citizens"))
    assert (
        told[0][0]
        == published()
        .cursor()
        .execute("SELECT count(*) FROM main.t1 WHERE income IS NOT NULL OR city = 'City1'")
        .fetchone()[0]
    )


@pytest.mark.parametrize(
    "figure",
    [
        "count(CASE WHEN (2025 - year(birth_date)) // 10 = 3 THEN 1 END)",
        "sum(CASE WHEN (2025 - year(birth_date)) // 10 = 3 THEN income END)",
        "count_if((2025 - year(birth_date)) // 10 = 3)",
        "count(*) FILTER (WHERE ((2025 - year(birth_date)) // 10 = 3) IS TRUE)",
        "avg(CASE WHEN (year(birth_date) + 0.5)::INT = 1980 THEN income END)",
        "sum(CASE (year(birth_date) + 1) // 10 WHEN 198 THEN income ELSE 0 END)",
        "sum(CASE WHEN concat('D', (year(birth_date) + 2) // 10) = 'D198' THEN income ELSE 0 END)",
        "sum(CASE WHEN (year(birth_date) * 100 + 1)::VARCHAR = '198001' THEN income ELSE 0 END)",
        "sum(CASE WHEN right(city, length(city) - 4) = '1' THEN income ELSE 0 END)",
    ],
)
def test_conditions_are_reckoned_as_they_are_typed(figure: str) -> None:
    assert is_as_ungated(f"SELECT gender, {figure} FROM citizens GROUP BY 1")


MONTH = "date_trunc('month', visit_date)"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT strftime({MONTH}, '%Y-%m') AS m, count(*) FROM visits GROUP BY {MONTH}",
        f"SELECT {MONTH} + INTERVAL 1 MONTH AS next, count(*) FROM visits GROUP BY {MONTH}",
        f"SELECT {MONTH} AS m, count(*) * 1.0 / day(last_day(m)) FROM visits GROUP BY m",
        "SELECT (year(birth_date) // 10) * 10 AS d, count(*) FROM citizens GROUP BY year(birth_date) // 10"
        " HAVING (year(birth_date) // 10) * 10 > 1950",
        "SELECT floor(year(birth_date) / 10) * 10 AS lo, floor(year(birth_date) / 10) * 10 + 9 AS hi, avg(income)"
        " FROM citizens GROUP BY 1",
        "SELECT strftime(visit_date, '%Y-%m') AS m, left(m, 4), sum(count(*)) OVER (PARTITION BY left(m, 4))"
        " FROM visits GROUP BY m",
        "SELECT left(coalesce(strftime(visit_date, '%Y-%m'), '?'), 4), count(*) FROM visits"
        " GROUP BY coalesce(strftime(visit_date, '%Y-%m'), '?')",
        "SELECT CASE WHEN 9999 // year(birth_date) > 4 THEN strftime(birth_date, '%Y') END AS k, left(k, 3),"
        " count(*) FROM citizens GROUP BY 1",
        f"SELECT {MONTH} AS m, max(strftime(m, '%m')) OVER () FROM visits GROUP BY m"
        " QUALIFY max(strftime(m, '%m')) OVER () > '0'",
    ],
)
def test_a_key_is_found_again_within_what_is_made_of_it(sql: str) -> None:
    assert is_as_ungated(sql)


def test_groups_are_ordered_by_what_is_made_of_their_keys() -> None:
    sql = f"SELECT count(*) AS n FROM visits GROUP BY {MONTH} ORDER BY strftime({MONTH}, '%Y-%m')"
    assert is_as_ungated(sql, ordered=True)


def test_what_is_made_of_a_key_fails_for_nobody() -> None:
    """Of the one city it is none, be the key itself something or nothing there."""
    fails = "10 // (CASE WHEN city = 'City1' THEN 0 ELSE 5 END)"
    sql = f"SELECT 1 // ({fails} - 2) AS x, ({fails}) * 9223372036854775807 AS y FROM citizens GROUP BY {fails}"
    assert set(rows(narrowed(sql))) == {(None, None)}


def test_neither_an_aggregate_nor_a_query_within_takes_a_key_of_the_query_around() -> None:
    sql = "SELECT year(birth_date) // 10 AS d, avg((year(birth_date) // 10) * 2) FROM citizens GROUP BY 1"
    with_key, without = (narrowed(text).sql for text in (sql, sql.replace("AS d", "+ 0 AS d")))
    assert with_key.count("AVG(TRY") == without.count("AVG(TRY")
