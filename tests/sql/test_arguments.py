"""What a row weighs by its value, an argument in doubles, and where there is one."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import sqlglot
from sqlglot import exp

from access_broker.sql.arguments import DIVISIBLE, in_doubles, presence, weight_of
from access_broker.sql.harden import harden

ONE = "SELECT {} FROM (SELECT {}::{} AS x, 1.5::DECIMAL(12,2) AS y, NULL::DOUBLE AS z) t"


def computed(expression: exp.Expr, x: str = "2.5", type_: str = "DOUBLE") -> Any:
    own = harden(exp.select(expression.copy())).sql(dialect="duckdb").removeprefix("SELECT ")
    return duckdb.connect().execute(ONE.format(own, x, type_)).fetchone()[0]  # type: ignore[index]


def weight(value: str, type_: str = "DOUBLE") -> int:
    return int(computed(weight_of(exp.column("x")), value, type_))


@pytest.mark.parametrize(
    ("value", "other"),
    [
        ("1e-5", "1.1e-5"),
        ("1e-300", "2e-300"),
        ("5e-324", "1e-323"),
        ("1e30", "1.0001e30"),
        ("1e300", "1e308"),
        ("20000.01", "20000.02"),
        ("99999999.98", "99999999.99"),
        ("2", "-2"),
        ("0", "1e-9"),
    ],
)
def test_other_values_weigh_otherwise_however_large_or_small(value: str, other: str) -> None:
    assert weight(value) != weight(other)


def test_the_same_value_weighs_the_same() -> None:
    assert weight("20000.01", "DECIMAL(12,2)") == weight("20000.01")
    assert weight("8") == weight("7.999999999999999")  # what floating point leaves of it
    assert weight("0.30000000000000004") == weight("0.3")
    assert weight("NULL") == weight("'inf'") == weight("'nan'") == weight("0") == DIVISIBLE


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("x / 2", 1.25),
        ("x::DOUBLE", 2.5),
        ("TRY_CAST(y AS FLOAT) * 2", 3.0),
        ("coalesce(z, y) + 1", 2.5),
        ("CASE WHEN x > 2 THEN y ELSE x END", 1.5),
        ("IF(x > 3, y, x / 1)", 2.5),
        ("IF(x > 3, y)", None),
        ("nullif(x, 2.5)", None),
        ("nullif(y, 2.5) * '2'", 3.0),
        ("CASE x WHEN 2.5 THEN y * y END", 2.25),
        ("y * 100000000000000000000.0 * 100000000000000000000.0", 1.5e40),
        ("-(x - 1)", -1.5),
        ("year(DATE '2001-01-01')", 2001.0),
    ],
)
def test_an_argument_in_doubles(argument: str, expected: float | None) -> None:
    found = in_doubles(sqlglot.parse_one(argument, dialect="duckdb"))
    assert found is not None
    assert computed(found) == (expected if expected is None else pytest.approx(expected))


@pytest.mark.parametrize("argument", ["abs(x)", "x::VARCHAR", "x ** 2", "CASE WHEN x > 2 THEN ln(y) END", "x > 2"])
def test_what_nobody_has_thought_of_has_no_size(argument: str) -> None:
    assert in_doubles(sqlglot.parse_one(argument, dialect="duckdb")) is None


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("x", True),
        ("z * 2", False),
        ("coalesce(z, 0) * 0.0129", True),
        ("coalesce(z, x)", True),
        ("coalesce(z, NULL)", False),
        ("CASE WHEN x > 2 THEN y ELSE z END", True),
        ("CASE WHEN x > 3 THEN y ELSE z END", False),
        ("CASE WHEN x > 3 THEN 1 END", False),
        ("IF(x > 2, 1, NULL)", True),
        ("nullif(x, 2.5)", False),
        ("nullif(x, 3)", True),
        ("y * 10000000000000000000000000000000000000.0", True),
        ("7", True),
    ],
)
def test_where_there_is_one(argument: str, expected: bool) -> None:
    found = presence(sqlglot.parse_one(argument, dialect="duckdb"))
    assert (found is None or computed(found)) is expected


def test_arithmetic_decides_nobody() -> None:
    found = presence(sqlglot.parse_one("CASE WHEN x > 2 THEN y * 3 ELSE coalesce(z * 2, y) END", dialect="duckdb"))
    assert found is not None
    assert found.find(exp.Mul) is None
