"""Rows of values compared: column by column it is what the engine says of the whole rows, NULL in them included."""

from __future__ import annotations

import duckdb
import pytest
from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.parse import parse
from access_broker.sql.tuples import spell_out_tuples
from tests.support.sample import is_as_ungated, narrowed, table

COMPARED = [
    "(a, b) = (2, 'm')",
    "(a, b) <> (2, 'm')",
    "NOT (a, b) = (2, 'm')",
    "(a, b) > (2, 'm')",
    "(a, b) >= (2, 'm')",
    "(a, b) < (2, 'm')",
    "(a, b) <= (2, 'm')",
    "((a), b) = ((2), ('m'))",
    "(a, b) IN ((2, 'm'), (3, 'a'))",
    "(a, b) IN ((2, 'm'))",
    "(a, b) NOT IN ((2, 'm'), (3, 'a'))",
    "(a, b, a) >= (2, 'm', 2)",
    "(a, b, a) < (2, 'm', 2)",
    "(b, a) > ('f', 2)",
    "(a, CAST(b AS VARCHAR)) <= (2, CAST('m' AS VARCHAR))",
    "(a, b) = (2, 'm') OR a = 1",
]


@pytest.mark.parametrize("condition", COMPARED)
def test_each_comparison_is_the_engines_own(condition: str) -> None:
    """For every pair of five numbers and four texts, NULL among both."""
    engine = duckdb.connect()
    engine.execute(
        "CREATE TABLE t AS SELECT a, b FROM (VALUES (1), (2), (3), (NULL)) AS x(a), (VALUES ('a'), ('m'), ('z'),"
        " (NULL)) AS y(b)"
    )
    asked = f"SELECT a, b, ({condition}) AS said FROM t ORDER BY ALL"
    told = parse(asked).tree
    for column in told.find_all(exp.Column):
        column.set("table", exp.to_identifier("t"))
    spell_out_tuples(told, {("", "t"): table("t", "t1", None, "a INTEGER raw\nb VARCHAR raw")})
    assert not list(told.find_all(exp.Tuple))
    assert engine.execute(told.sql(dialect="duckdb")).fetchall() == engine.execute(asked).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM visits WHERE (year(visit_date), month(visit_date)) >= (2024, 7)",
        "SELECT count(*) FROM visits WHERE (visit_date, clinic) < (DATE '2025-06-01', 'Clinic C')",
        "SELECT count(*) FROM citizens WHERE (gender, disease) NOT IN (('F', 'flu'), ('M', 'none'))",
        "SELECT count(*) FROM visits WHERE (nullif(clinic, 'Clinic A'), year(visit_date)) > ('Clinic B', 2024)",
        "SELECT count(*) FILTER (WHERE (gender, disease) = ('F', 'flu')), count(*) FROM citizens",
        "SELECT gender, sum(CASE WHEN (disease, gender) IN (('flu', 'F'), ('flu', 'M')) THEN 1 ELSE 0 END) FROM"
        " citizens GROUP BY gender",
    ],
)
def test_of_people_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)


@pytest.mark.parametrize(
    "condition",
    [
        "(gender, disease) = (NULL, 'flu')",
        "(gender, disease) IN (('F', 'flu'), ('M', NULL))",
        "(gender, disease) = ('F', 'flu', 'x')",
        "(gender, disease) IN (('F', 'flu'), ('M', 'none', 'x'))",
        "(gender, disease) IN (SELECT gender, disease FROM citizens)",
        "(gender, disease) = (disease, gender)",
        "(gender, disease) = ('F', upper('flu'))",
        "('F', 'flu') = (gender, disease)",
        "(gender, disease) BETWEEN ('F', 'a') AND ('F', 'g')",
        "(gender, disease) IS NOT DISTINCT FROM ('F', 'flu')",
        "(gender, disease) LIKE ('F', 'flu')",
        "(birth_date, gender) = ('1990-01-01', 'F')",
        "(year(birth_date), gender) = ('1990', 'F')",
        "(birth_date, gender) IN ((CAST('1990' AS VARCHAR), 'F'))",
    ],
)
def test_other_rows_of_values_stay_as_they_are_and_are_refused(condition: str) -> None:
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        narrowed(f"SELECT count(*) FROM citizens WHERE {condition}")


def test_one_column_in_parentheses_is_no_row() -> None:
    assert is_as_ungated("SELECT count(*) FROM citizens WHERE (gender) = ('F')")


def test_long_lists_of_long_comparisons_are_refused_before_they_are_written() -> None:
    asked, row = "+".join(["population"] * 300), "(1, 2)"
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        narrowed(f"SELECT count(*) FROM provinces WHERE ({asked}, 3) IN ({', '.join([row] * 300)})")


def test_long_rows_are_no_comparison() -> None:
    row, given = ", ".join(["gender"] * 40), ", ".join(["'F'"] * 40)
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        narrowed(f"SELECT count(*) FROM citizens WHERE ({row}) > ({given})")
