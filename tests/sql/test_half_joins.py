"""SEMI JOIN, ANTI JOIN and LEFT JOIN … IS NULL: what the engine gives for them, each person counted once."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.parse import parse
from tests.support.sample import analysed, is_as_ungated, narrowed, rows, uses

_OF_A = "(SELECT DISTINCT national_id FROM visits WHERE clinic = 'Clinic A') v"
_PER_PERSON = "(SELECT national_id, count(*) AS k FROM visits GROUP BY 1) v"
ON = "v.national_id = c.national_id"


@pytest.mark.parametrize(
    "rest",
    [
        f"citizens c SEMI JOIN visits v ON {ON}",
        f"citizens c ANTI JOIN visits v ON {ON}",
        "citizens c SEMI JOIN visits USING (national_id)",
        "citizens c ANTI JOIN visits v USING (national_id)",
        f"citizens c SEMI JOIN {_OF_A} ON {ON}",
        f"citizens c ANTI JOIN {_OF_A} ON {ON} WHERE c.province <> 'Pedernales'",
        f"citizens c SEMI JOIN visits v ON {ON} AND v.clinic = 'Clinic A'",
        f"citizens c SEMI JOIN visits v ON {ON} SEMI JOIN visits w ON w.national_id = c.national_id"
        " AND w.clinic = 'Clinic B'",
        f"citizens c LEFT JOIN provinces p ON p.province = c.province ANTI JOIN visits v ON {ON}",
        f"citizens c SEMI JOIN visits v ON {ON} JOIN provinces p ON p.province = c.province WHERE p.region = 'South'",
        f"citizens c LEFT JOIN visits v ON {ON} WHERE v.national_id IS NULL",
        "citizens c LEFT JOIN visits v USING (national_id) WHERE v.national_id IS NULL AND c.province <> 'Azua'",
        f"citizens c LEFT JOIN {_OF_A} ON {ON} WHERE v.national_id IS NULL",
        f"citizens c LEFT JOIN visits v ON {ON} AND v.clinic = 'Clinic A' WHERE v.national_id IS NULL",
        f"citizens c LEFT JOIN {_PER_PERSON} ON {ON} WHERE v.k IS NULL AND v.national_id IS NULL",
        f"citizens c LEFT JOIN visits v ON {ON} LEFT JOIN provinces p ON p.province = c.province"
        " WHERE v.national_id IS NULL",
    ],
)
def test_it_is_what_the_engine_gives(rest: str) -> None:
    assert is_as_ungated(f"SELECT c.gender, count(*), avg(c.income) FROM {rest} GROUP BY c.gender")


@pytest.mark.parametrize("kind", ["SEMI", "ANTI"])
def test_a_query_without_a_name(kind: str) -> None:
    few = "(SELECT province FROM citizens WHERE province IN ('Azua', 'Duarte') GROUP BY province)"
    assert is_as_ungated(f"SELECT region, count(*) FROM provinces {kind} JOIN {few} USING (province) GROUP BY region")


def test_of_open_tables_too() -> None:
    assert is_as_ungated(
        "SELECT p.region, count(*) FROM provinces p SEMI JOIN (SELECT DISTINCT province FROM provinces WHERE population"
        " > 300000) q ON q.province = p.province GROUP BY 1"
    )


@pytest.mark.parametrize(
    "asked",
    [
        "SELECT x.a FROM x SEMI JOIN y ON y.a = x.a",
        "SELECT x.a FROM x ANTI JOIN y ON y.a = x.a",
        "SELECT x.a FROM x SEMI JOIN y USING (a)",
        "SELECT x.a FROM x ANTI JOIN y USING (a, b)",
        "SELECT x.a FROM x ANTI JOIN y ON y.a = x.a AND y.b > x.b",
        "SELECT x.a FROM x ANTI JOIN y ON y.a > x.a JOIN y AS z ON z.a = x.a",
    ],
)
def test_no_value_finds_no_match_and_is_no_match(asked: str) -> None:
    """Both sides hold NULL, and values more than once."""
    engine = duckdb.connect()
    engine.execute("CREATE TABLE x AS SELECT * FROM (VALUES (1, 1), (1, 2), (2, NULL), (NULL, 1), (3, 3)) AS v(a, b)")
    engine.execute("CREATE TABLE y AS SELECT * FROM (VALUES (1, 1), (1, 1), (NULL, 1), (2, NULL)) AS v(a, b)")
    told = parse(asked).tree.sql(dialect="duckdb")
    assert " EXISTS" in told
    assert sorted(map(str, engine.execute(told).fetchall())) == sorted(map(str, engine.execute(asked).fetchall()))


LEFT_ALONE = [
    "citizens c SEMI JOIN visits v ON national_id = c.national_id",  # within EXISTS another's column would be meant
    f"citizens c SEMI JOIN visits v ON {ON} AND clinic = 'Clinic A'",
    f"citizens c SEMI JOIN visits v ON {ON} RIGHT JOIN provinces p ON p.province = c.province",
    f"citizens c ANTI JOIN visits v ON {ON} FULL JOIN provinces p ON p.province = c.province",
    "citizens c JOIN provinces p USING (province) SEMI JOIN visits v USING (national_id)",
    "citizens c NATURAL SEMI JOIN visits v",
    "citizens c SEMI JOIN visits v",
    f"citizens c LEFT SEMI JOIN visits v ON {ON}",
]


@pytest.mark.parametrize("rest", LEFT_ALONE)
def test_what_exists_cannot_say_is_refused(rest: str) -> None:
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        narrowed(f"SELECT count(*) FROM {rest}")


@pytest.mark.parametrize(
    "asked",
    [
        f"count(*) FROM citizens c LEFT JOIN visits v ON {ON} WHERE v.clinic IS NULL",  # may be NULL in a match
        f"count(v.national_id) FROM citizens c LEFT JOIN visits v ON {ON} WHERE v.national_id IS NULL",
        f"count(*) FROM citizens c LEFT JOIN visits v ON {ON} WHERE v.national_id IS NULL OR v.clinic = 'Clinic A'",
        f"count(*) FROM citizens c LEFT JOIN visits v ON {ON} WHERE v.national_id IS NULL AND v.cost > 1",
        f"count(*) FROM citizens c LEFT JOIN visits v ON {ON} RIGHT JOIN provinces p ON p.province = c.province"
        " WHERE v.national_id IS NULL",
        "count(*) FROM citizens c LEFT JOIN visits v ON v.national_id >= c.national_id WHERE v.national_id IS NULL",
        f"count(*) FROM citizens c LEFT JOIN visits v ON {ON} WHERE v.national_id IS NOT NULL",
        f"count(*) FROM citizens c JOIN visits v ON {ON} WHERE v.national_id IS NULL",
    ],
)
def test_a_left_join_that_asks_for_more_stays_one(asked: str) -> None:
    tree = analysed(f"SELECT {asked}").tree
    assert tree.find(exp.Exists) is None
    assert tree.find(exp.Join) is not None


def test_of_too_few_matches_nothing_is_told() -> None:
    """Clinic Z had one visitor."""
    sql = f"SELECT count(*), avg(c.income) FROM citizens c SEMI JOIN visits v ON {ON} AND v.clinic = 'Clinic Z'"
    assert rows(narrowed(sql)) == [(None, None, False)]


@pytest.mark.parametrize(
    ("sql", "is_read"),
    [
        ("SELECT count(*) FROM provinces a, provinces b JOIN provinces c USING (province)", False),
        ("SELECT count(*) FROM provinces a CROSS JOIN provinces b JOIN provinces c ON c.province = b.province", True),
        ("SELECT count(*) FROM provinces b JOIN provinces c USING (province), provinces a", True),
    ],
)
def test_using_after_a_comma_is_not_guessed(sql: str, is_read: bool) -> None:
    if is_read:
        assert is_as_ungated(sql)
    else:
        with pytest.raises(Refused, match="NOT_SUPPORTED"):
            narrowed(sql)


OPEN_FIRST = "FROM provinces p LEFT JOIN citizens c ON c.province = p.province"


@pytest.mark.parametrize(
    "where",
    [
        "c.gender = 'F'",
        "c.gender IN ('F', 'M') AND p.population > 5",
        "c.gender IS NOT NULL",
        "(c.city LIKE 'City1%') AND year(c.birth_date) > 1950",
        "c.city BETWEEN 'City0' AND 'City3'",
    ],
)
def test_where_that_asks_for_people_leaves_nobodys_rows_out(where: str) -> None:
    sql = f"SELECT p.region, count(*), avg(c.income) {OPEN_FIRST} WHERE {where} GROUP BY p.region"
    assert is_as_ungated(sql)
    assert not any("transform" in use for use in uses(sql))


def test_left_outer_is_left() -> None:
    assert is_as_ungated(
        "SELECT p.region, count(*) FROM provinces p LEFT OUTER JOIN citizens c ON c.province = p.province"
        " WHERE c.gender = 'F' GROUP BY p.region"
    )


@pytest.mark.parametrize(
    "rest",
    [
        "WHERE c.gender = 'F' OR p.population > 1",
        "WHERE coalesce(c.gender, 'F') = 'F'",
        "WHERE NOT (c.gender IN ('F')) IS TRUE",
        "WHERE p.population > 1",
        "AND c.gender = 'F'",
        "LEFT JOIN visits v ON v.national_id = c.national_id WHERE p.region = 'South'",
    ],
)
def test_nobody_is_still_not_counted_beside_people(rest: str) -> None:
    assert any("transform" in use for use in uses(f"SELECT p.region, count(*) {OPEN_FIRST} {rest} GROUP BY p.region"))
