"""One figure of each person, looked up beside them: what the engine gives for it on the raw tables."""

from __future__ import annotations

import pytest

from access_broker.sql.names import resolve
from access_broker.sql.parse import parse
from tests.support.sample import CATALOGUE, is_as_ungated

VISITS = "(SELECT count(*) FROM visits v WHERE v.national_id = c.national_id)"
COST = "(SELECT sum(cost) FROM visits v WHERE c.national_id = v.national_id AND v.visit_date > DATE '2024-02-01')"
AT_A = "(SELECT count(*) FROM visits v WHERE v.national_id = c.national_id AND v.clinic = 'Clinic A')"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT count(*) FROM citizens c WHERE {VISITS} >= 3",
        f"SELECT gender, count(*) FROM citizens c WHERE {AT_A} = 0 GROUP BY 1",
        f"SELECT n, count(*) FROM (SELECT c.national_id, {VISITS} AS n FROM citizens c) WHERE n < 6 GROUP BY n",
        f"SELECT {VISITS} AS n, count(*) FROM citizens c WHERE {VISITS} < 6 GROUP BY n",
        f"SELECT avg({VISITS}) FROM citizens c",
        f"SELECT gender, avg(n) FROM (SELECT gender, {VISITS} AS n FROM citizens c) GROUP BY 1",
        f"SELECT gender, avg(t) FROM (SELECT gender, {COST} AS t FROM citizens c) GROUP BY 1",
        f"SELECT CASE WHEN {VISITS} >= 3 THEN 'many' ELSE 'few' END AS k, count(*) FROM citizens c GROUP BY 1",
        "SELECT region, count(*) FROM citizens c JOIN provinces p USING (province) WHERE (SELECT count(*) FROM visits v"
        " JOIN citizens d ON d.national_id = v.national_id WHERE v.national_id = c.national_id) > 1 GROUP BY 1",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)


@pytest.mark.parametrize(
    "asked",
    [
        "(SELECT count(*) FROM visits v WHERE v.visit_date = c.birth_date)",
        "(SELECT count(*) FROM visits v WHERE v.national_id = c.national_id AND v.visit_date > c.birth_date)",
        "(SELECT count(*) FROM visits v WHERE v.national_id = c.national_id GROUP BY v.clinic)",
        "(SELECT cost FROM visits v WHERE v.national_id = c.national_id)",
        "(SELECT count(*) + 1 FROM visits v WHERE v.national_id = c.national_id)",
        "(SELECT count(*) FROM visits v WHERE v.national_id = c.national_id OR v.clinic = 'Clinic Z')",
        "(SELECT count(*) FROM citizens d WHERE d.province = c.province)",
    ],
)
def test_more_than_that_is_left_as_it_is(asked: str) -> None:
    tree = resolve(parse(f"SELECT count(*) FROM citizens c WHERE {asked} = 1"), CATALOGUE).tree
    assert "__looked" not in tree.sql()
