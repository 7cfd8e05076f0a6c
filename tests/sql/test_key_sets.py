"""INTERSECT and EXCEPT of people's keys: what the engine gives for them on the raw tables."""

from __future__ import annotations

import pytest

from tests.support.sample import is_as_ungated, uses

A, B = (f"SELECT national_id FROM visits WHERE clinic = 'Clinic {which}'" for which in "AB")
C = "SELECT national_id FROM visits WHERE visit_date < DATE '2025-06-01'"


@pytest.mark.parametrize(
    "keys",
    [
        f"{A} INTERSECT {B}",
        f"{A} EXCEPT ({B})",
        f"{A} INTERSECT {B} INTERSECT {C}",
        f"({C} EXCEPT {A}) EXCEPT {B}",
        "SELECT c.national_id FROM citizens c EXCEPT SELECT national_id FROM visits GROUP BY national_id",
        f"SELECT DISTINCT national_id FROM citizens WHERE gender = 'F' INTERSECT (SELECT * FROM ({A}) q)",
    ],
)
def test_it_is_what_the_engine_gives(keys: str) -> None:
    assert is_as_ungated(f"SELECT count(*) FROM ({keys}) AS people")
    assert is_as_ungated(f"SELECT gender, count(*) FROM citizens WHERE national_id IN ({keys}) GROUP BY 1")


def test_queries_by_their_names_too() -> None:
    assert is_as_ungated(f"WITH a AS ({A}), b AS ({B}) SELECT count(*) FROM (SELECT * FROM a EXCEPT SELECT * FROM b)")


@pytest.mark.parametrize("kind", ["INTERSECT", "EXCEPT"])
def test_a_key_may_be_handed_on_under_another_name(kind: str) -> None:
    persons = f"SELECT id AS person FROM (SELECT national_id AS id FROM visits) v {kind} {B}"
    assert is_as_ungated(f"SELECT count(*), count(person) FROM ({persons}) p")
    assert is_as_ungated(
        f"SELECT c.gender, count(*) FROM citizens c JOIN ({persons}) p ON p.person = c.national_id GROUP BY 1"
    )


@pytest.mark.parametrize(
    "sql",
    [
        f"{A} INTERSECT {B}",
        f"SELECT count(*) FROM ({A} INTERSECT ALL {B})",
        f"SELECT count(*) FROM ({A} LIMIT 5) INTERSECT {B}",
        f"SELECT count(*) FROM ({A} UNION {B})",
        "SELECT count(*) FROM (SELECT province FROM citizens EXCEPT SELECT city FROM citizens)",
        "SELECT count(*) FROM (SELECT national_id, clinic FROM visits EXCEPT SELECT national_id, city FROM citizens)",
    ],
)
def test_of_anything_else_rows_would_show(sql: str) -> None:
    assert "s0.* rows" in uses(sql)
