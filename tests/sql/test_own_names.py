"""A name of an item of FROM is that of no item around it, so that gate and engine can mean one thing only."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.names import resolve
from access_broker.sql.parse import parse
from access_broker.sql.scopes import items_of
from tests.support.sample import CATALOGUE, analysed, is_as_ungated

SAME = [
    "SELECT c.gender, count(*) FROM citizens c WHERE c.national_id IN (SELECT c.national_id FROM visits c"
    " WHERE c.clinic = 'Clinic A') GROUP BY 1",
    "SELECT c.gender, avg(v.t) FROM citizens c JOIN (SELECT c.national_id, sum(c.cost) AS t FROM visits c GROUP BY 1) v"
    " ON c.national_id = v.national_id GROUP BY 1",
    "SELECT t.gender, sum(t.n) FROM (SELECT t.gender, t.n FROM (SELECT t.gender, count(*) AS n FROM citizens t"
    " GROUP BY 1) t) t GROUP BY 1",
    'SELECT count(*) FROM citizens "v~2" WHERE EXISTS (SELECT 1 FROM visits v WHERE v.national_id = "v~2".national_id'
    " AND EXISTS (SELECT 1 FROM visits v WHERE v.national_id = \"v~2\".national_id AND v.clinic = 'Clinic A'))",
    "SELECT (SELECT count(*) FROM visits v WHERE v.national_id = c.national_id) AS n, count(*) FROM citizens c GROUP BY"
    " n HAVING count(*) > 30",
    "WITH v AS (SELECT national_id, count(*) AS n FROM visits v GROUP BY 1) SELECT c.gender, avg(v.n) FROM citizens c"
    " JOIN v ON v.national_id = c.national_id WHERE EXISTS (SELECT 1 FROM visits v WHERE v.national_id = c.national_id"
    " AND v.clinic = 'Clinic B') GROUP BY 1",
    "SELECT count(*) FROM visits d WHERE d.national_id IN (SELECT d.national_id FROM visits d WHERE d.clinic ="
    " 'Clinic A' INTERSECT SELECT d.national_id FROM visits d WHERE d.clinic = 'Clinic B')",
]


@pytest.mark.parametrize("sql", SAME)
def test_what_has_one_name_twice_means_what_it_meant(sql: str) -> None:
    assert is_as_ungated(sql)


@pytest.mark.parametrize("sql", SAME)
def test_no_item_has_the_name_of_one_around_it(sql: str) -> None:
    for select in analysed(sql).tree.find_all(exp.Select):
        around = select.parent_select
        while around is not None:
            assert not set(items_of(select)) & set(items_of(around))
            around = around.parent_select


LATER = {
    "beside another one": "SELECT v.gender, count(*) FROM citizens v, (SELECT c.national_id, w.income FROM citizens c"
    " JOIN citizens w ON c.national_id = v.national_id JOIN citizens v ON v.national_id = w.national_id) q"
    " WHERE q.national_id = v.national_id GROUP BY 1",
    "of a query around": "SELECT count(*) FROM citizens v WHERE EXISTS (SELECT 1 FROM citizens c JOIN visits d"
    " ON c.national_id = v.national_id JOIN citizens v ON v.national_id = d.national_id)",
    "in a query within": "SELECT count(*) FROM citizens c JOIN visits d ON c.national_id = d.national_id AND EXISTS"
    " (SELECT 1 FROM visits e WHERE e.national_id = v.national_id) JOIN visits v ON v.national_id = d.national_id",
    "of nobody": "SELECT p.region, count(*) FROM citizens c LEFT JOIN provinces p ON p.province = q.province"
    " JOIN provinces q ON q.province = c.province GROUP BY 1",
}


@pytest.mark.parametrize("sql", LATER.values(), ids=LATER)
def test_an_on_names_what_stands_before_it(sql: str) -> None:
    with pytest.raises(Refused, match="AMBIGUOUS_NAME"):
        resolve(parse(sql), CATALOGUE)


def test_names_are_told_as_they_were_typed() -> None:
    with pytest.raises(Refused) as caught:
        resolve(parse(LATER["of a query around"]), CATALOGUE)
    assert caught.value.detail == {"name": "v"}
