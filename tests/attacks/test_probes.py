"""Empty probes through the real door: the columns and types of the answer, no row, and nothing else of anybody."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest

from tests.support.system import System

CITIZENS = {
    "national_id": pa.int64(),
    "birth_date": pa.date32(),
    "gender": pa.string(),
    "province": pa.string(),
    "city": pa.string(),
    "income": pa.decimal128(12, 2),
    "disease": pa.string(),
}
FIGURES = "SELECT gender, count(*) AS n, avg(income) AS m, sum(income) AS s, sum(cost) AS c FROM citizens"
FIGURES += " JOIN visits USING (national_id) GROUP BY gender"


def table(system: System, contract: str, sql: str, parameters: tuple[int, ...] | None = None) -> pa.Table:
    with system.connect(system.token("analyst", contract)) as connection, connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetch_arrow_table()


@pytest.mark.parametrize("contract", ["P1", "P1s", "P1r", "P1n"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM citizens WHERE 1=0",
        'SELECT "q01".* FROM (SELECT * FROM citizens) "q01" WHERE (0 = 1)',
        "SELECT * FROM citizens LIMIT 0",
    ],
)
def test_the_columns_of_people_are_told_and_nobody_is(system: System, contract: str, sql: str) -> None:
    found = table(system, contract, sql)
    assert found.num_rows == 0
    assert dict(zip(found.schema.names, found.schema.types, strict=True)) == CITIZENS


@pytest.mark.parametrize("contract", ["P1", "P1s", "P1r", "P1n"])
def test_figures_have_the_types_that_they_have_in_earnest(system: System, contract: str) -> None:
    real = table(system, contract, FIGURES)
    assert real.num_rows or contract == "P1n", "by chance noise shows no group"
    for probe in (f"{FIGURES} LIMIT 0", f"SELECT * FROM ({FIGURES}) AS t WHERE 1=0"):
        found = table(system, contract, probe)
        assert (found.num_rows, found.schema) == (0, real.schema)


def test_a_prepared_statement_is_a_probe_by_what_is_bound_to_it(system: System) -> None:
    asked = "SELECT city, income FROM citizens WHERE ? = ?"
    assert table(system, "P1", asked, (1, 0)).schema.names == ["city", "income"]
    with pytest.raises(Exception, match="AGGREGATE_ONLY"):
        table(system, "P1", asked, (1, 1))
    with system.connect(system.token("analyst", "P1")) as connection, connection.cursor() as cursor:
        told = cursor.adbc_execute_schema("SELECT city, income FROM citizens LIMIT 0")
        assert told.names == ["city", "income"]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT full_name FROM citizens WHERE 1=0", "NOT_GRANTED"),
        ("SELECT no_such_column FROM citizens WHERE 1=0", "NOT_GRANTED"),
        ("SELECT * FROM no_such_table WHERE 1=0", "NOT_GRANTED"),
        ("SELECT c.city FROM citizens c JOIN visits v ON c.city = v.clinic LIMIT 0", "JOIN_NOT_DECLARED"),
        ("SELECT c.city FROM citizens c, visits v WHERE 1=0", "JOIN_NOT_DECLARED"),
        ("SELECT * FROM citizens WHERE 1=1", "AGGREGATE_ONLY"),
    ],
)
def test_what_was_not_granted_is_refused_as_ever(system: System, sql: str, code: str) -> None:
    assert system.refusal("P1", sql) == code
    assert system.refusal("P2", "SELECT * FROM citizens WHERE 1=0") == "NOT_GRANTED", "denied as a whole"


def test_it_is_explained_as_what_it_is_and_costs_no_epsilon(system: System) -> None:
    def told(sql: str) -> dict[str, object]:
        asked = ("--as", "analyst", "--contract", "P1n", "--json")
        found: dict[str, object] = json.loads(system.amanat("explain", sql, *asked).stdout)
        return found

    def left() -> list[object]:
        found = told("SELECT count(*) FROM citizens")["obligations"]
        assert isinstance(found, list)
        return [one["left"] for one in found if one["kind"] == "epsilon"]

    before = left()
    assert len(before) == 1
    assert table(system, "P1n", "SELECT avg(income) AS m FROM citizens WHERE city = 'City3' LIMIT 0").num_rows == 0
    assert left() == before
    found = told("SELECT income FROM citizens LIMIT 0")
    assert found["verdict"] == "allow"
    kinds = {one["kind"] for one in found["obligations"]}  # type: ignore[attr-defined]
    assert kinds == {"max_rows", "answer_mode", "daily_queries"}
    assert {"table": "sample.citizens", "column": "income", "use": "shape", "verdict": "allow", "rule": None} in found[
        "uses"
    ]  # type: ignore[operator]
