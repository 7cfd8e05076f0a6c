"""What a refusal names: the first thing in the statement that its reason is about, and nothing from elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from access_broker.domain.decisions import Decision, Reason, UseVerdict
from access_broker.domain.footprint import Footprint
from access_broker.sql.analyse import analyse
from access_broker.sql.names import UnknownNames, resolve
from access_broker.sql.parse import parse
from access_broker.use_cases.refusing import detail_of
from tests.support.factories import make_contract
from tests.support.sample import CATALOGUE


def detail(sql: str, code: str, *denied: tuple[str, str, str]) -> dict[str, Any]:
    """As if the policy had refused `denied` (table, column, use) with `code`."""
    try:
        footprint = analyse(resolve(parse(sql), CATALOGUE)).footprint
    except UnknownNames as names:
        footprint = Footprint((), (), unknown=tuple(names.unknown))
    uses = tuple(UseVerdict(f"sample.{t}", c, u, False, "S3-P5", code) for t, c, u in denied)
    other = UseVerdict("sample.citizens", "gender", "group", True)
    lent = make_contract()
    lent = replace(lent, terms=replace(lent.terms, aggregates=("sum", "count_star", "avg")))
    return detail_of(Decision((Reason(code),), (*uses, other)), footprint, CATALOGUE, lent)


def test_an_aggregate_is_named_with_its_column_and_those_that_are_allowed() -> None:
    told = detail(
        "SELECT gender, median(income) FROM citizens GROUP BY gender",
        "AGGREGATE_NOT_ALLOWED",
        ("citizens", "income", "aggregate:median"),
    )
    assert told == {"name": "median(income)", "allowed": ("avg", "sum")}


@pytest.mark.parametrize(
    ("sql", "denied", "name"),
    [
        ("SELECT avg(ln(income)) FROM citizens", ("citizens", "income", "transform"), "avg(… income …)"),
        ("SELECT sum(ln(income)) FROM citizens", ("citizens", "*", "transform"), "sum(…)"),
    ],
)
def test_an_argument_is_named_by_its_aggregate(sql: str, denied: tuple[str, str, str], name: str) -> None:
    assert detail(sql, "ARGUMENT_NOT_ALLOWED", denied) == {"name": name}


def test_a_column_is_named_rather_than_the_rows() -> None:
    sql = "SELECT count(*) FROM (SELECT income FROM citizens ORDER BY income LIMIT 3)"
    rows, column = ("citizens", "*", "rows"), ("citizens", "income", "project")
    assert detail(sql, "AGGREGATE_ONLY", rows, column) == {"name": "income"}
    assert detail(sql, "AGGREGATE_ONLY", rows) == {"name": "citizens.*"}


def test_a_test_for_null_is_named_as_one() -> None:
    sql, denied = "SELECT avg(income) FROM citizens WHERE income IS NOT NULL", ("citizens", "income", "null_test")
    assert detail(sql, "AGGREGATE_ONLY", denied) == {"name": "income IS NULL"}


def test_a_reason_that_is_about_no_use_names_nothing() -> None:
    assert detail("SELECT count(*) FROM citizens", "CONTRACT_SUSPENDED") == {"name": ""}


@pytest.mark.parametrize("name", ["main.citizens", "sample.nothing", "pg_catalog.citizens", "main.nothing"])
def test_whoever_qualifies_a_name_that_is_not_granted_is_told_the_datasets(name: str) -> None:
    assert detail(f"SELECT count(*) FROM {name}", "NOT_GRANTED") == {"name": name, "datasets": ("sample",)}


def test_a_bare_name_is_repeated_alone() -> None:
    assert detail("SELECT count(*) FROM nothing", "NOT_GRANTED") == {"name": "nothing", "datasets": ()}
