"""A key that stands in every row is counted as the rows are; one that may be missing is not."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.domain.catalogue import Catalogue, GrantedColumn, GrantedTable
from access_broker.domain.datasets import Mode
from tests.support.sample import analysed, is_as_ungated, narrowed, rows, uses

_VISITS_OF = "citizens c LEFT JOIN visits v ON v.national_id = c.national_id"


def shown(sql: str) -> str:
    return analysed(f"SELECT {sql}").tree.sql(dialect="duckdb").split(" FROM ")[0].removeprefix("SELECT ")


@pytest.mark.parametrize(
    "rest",
    [
        "count(national_id) AS n FROM visits",
        "count(c.national_id) AS n FROM citizens c JOIN visits v USING (national_id)",
        f"count(c.national_id) AS n FROM {_VISITS_OF}",
    ],
)
def test_it_is_in_every_row(rest: str) -> None:
    assert shown(rest).startswith("COUNT(*)")


@pytest.mark.parametrize(
    "rest",
    [
        f"count(v.national_id) AS n FROM {_VISITS_OF}",
        "count(v.national_id) AS n FROM visits v RIGHT JOIN citizens c ON v.national_id = c.national_id",
        "count(c.national_id) AS n FROM citizens c FULL JOIN visits v ON v.national_id = c.national_id",
        "count(DISTINCT national_id) AS n FROM visits",
        "count(clinic) AS n FROM visits",
        "count(province) AS n FROM provinces",
        "count(s.national_id) AS n FROM (SELECT nullif(national_id, 7) AS national_id FROM visits) s",
    ],
)
def test_what_may_be_missing_is_counted_where_it_is_there(rest: str) -> None:
    assert "*" not in shown(rest)


def test_a_key_is_known_by_its_id_not_by_what_another_column_is_called() -> None:
    """`people` has the key `id`, which people type as `number`, and figures `paid`, which they type as `id`."""
    columns = (
        GrantedColumn("id", "number", "BIGINT", Mode.JOIN),
        GrantedColumn("paid", "id", "DOUBLE", Mode.AGGREGATE),
    )
    named = Catalogue((GrantedTable("d", "people", "people", "t9", columns, "id", "__ek"),))
    for asked, expected in (("count(id)", False), ("count(number)", True)):
        tree = analysed(f"SELECT {asked} AS n FROM people", catalogue=named).tree
        assert (tree.find(exp.Star) is not None) is expected


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT n, count(*) FROM (SELECT national_id, count(national_id) AS n FROM visits GROUP BY 1) WHERE n < 6"
        " GROUP BY n",
        "SELECT avg(n) FROM (SELECT national_id, count(national_id) AS n FROM visits GROUP BY 1)",
        f"SELECT c.gender, count(c.national_id), count(v.national_id) FROM {_VISITS_OF} GROUP BY 1",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)


@pytest.mark.parametrize(("outer", "key"), [("GROUP BY n", "group"), ("WHERE n > 1", "filter")])
@pytest.mark.parametrize("counted", ["v.national_id", "DISTINCT v.national_id"])
def test_how_many_rows_a_person_has_is_no_use_of_the_key(outer: str, key: str, counted: str) -> None:
    inner = f"SELECT c.national_id, count({counted}) AS n FROM {_VISITS_OF} GROUP BY 1"
    used = f"s1.national_id {key}" in uses(f"SELECT count(*) FROM ({inner}) {outer}")
    assert used is (counted != "v.national_id")  # another count tells of whom it is


def test_it_is_told_of_as_many_as_any_other_count() -> None:
    asked = [
        f"SELECT n, count(*) FROM (SELECT c.national_id, count(v.{counted}) AS n FROM {_VISITS_OF}"
        " AND v.clinic <= 'Clinic C' GROUP BY 1) GROUP BY n ORDER BY n"
        for counted in ("national_id", "clinic")
    ]
    by_key, by_clinic = (rows(narrowed(sql)) for sql in asked)
    assert by_key == by_clinic != []
