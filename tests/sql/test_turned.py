"""RIGHT JOIN: what the engine gives for it on the raw tables, read as the LEFT JOIN from the other side."""

from __future__ import annotations

import pytest

from access_broker.sql.parse import parse
from tests.support.sample import is_as_ungated


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT gender, count(cost) FROM visits v RIGHT JOIN citizens c ON v.national_id = c.national_id GROUP BY 1",
        "SELECT count(*) FROM visits v RIGHT OUTER JOIN citizens c ON v.national_id = c.national_id"
        " WHERE v.national_id IS NULL",
        "SELECT gender, count(DISTINCT national_id) FROM visits RIGHT JOIN citizens USING (national_id) GROUP BY 1",
        "SELECT region, count(gender) FROM citizens RIGHT JOIN provinces USING (province) GROUP BY region",
        "SELECT n, count(*) FROM (SELECT c.national_id, count(v.clinic) AS n FROM visits v RIGHT JOIN citizens c"
        " ON v.national_id = c.national_id GROUP BY c.national_id) WHERE n < 6 GROUP BY n",
        "SELECT gender, count(*) FROM visits v RIGHT JOIN citizens c ON v.national_id = c.national_id"
        " JOIN provinces p ON p.province = c.province WHERE region = 'Cibao' GROUP BY 1",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM a RIGHT JOIN b ON a.x = b.x",
        "SELECT b.*, a.x FROM a RIGHT JOIN b ON a.x = b.x",
        "SELECT a.x FROM a JOIN b ON a.x = b.x RIGHT JOIN c ON a.x = c.x",
    ],
)
def test_where_the_order_shows_it_is_left_as_it_is(sql: str) -> None:
    assert "RIGHT JOIN" in parse(sql).tree.sql()


def test_what_using_merges_is_the_one_that_is_there() -> None:
    by = "LEFT JOIN visits USING (national_id) GROUP BY 1"
    assert is_as_ungated(f"SELECT gender, count(DISTINCT national_id) FROM citizens {by}")
