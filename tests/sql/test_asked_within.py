"""Whether somebody has a row elsewhere, asked in a key, in a FILTER or in a CASE."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import analysed, is_as_ungated, narrowed, rows, uses

CAME = "EXISTS (SELECT 1 FROM visits v WHERE v.national_id = c.national_id{})"
AT_A = " AND v.clinic = 'Clinic A'"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT CASE WHEN {CAME.format('')} THEN 'came' ELSE 'never' END AS k, count(*), avg(income)"
        " FROM citizens c GROUP BY 1",
        f"SELECT {CAME.format(AT_A)} AS came, gender, count(*) FROM citizens c GROUP BY ALL",
        f"SELECT gender, count(*) FILTER (WHERE NOT {CAME.format(AT_A)}) FROM citizens c GROUP BY 1",
        f"SELECT gender, avg(CASE WHEN {CAME.format(AT_A)} THEN 1.0 ELSE 0 END) FROM citizens c GROUP BY 1",
        f"SELECT gender, avg(({CAME.format(AT_A)})::DOUBLE), avg((NOT {CAME.format('')})::INT) * 100,"
        " sum((national_id IN (SELECT national_id FROM visits))::BIGINT) FROM citizens c GROUP BY 1",
        "SELECT gender, count(*) FILTER (WHERE national_id IN (SELECT national_id FROM visits)) FROM citizens"
        " GROUP BY gender",
        "SELECT gender, count(*) FILTER (WHERE c.national_id NOT IN (SELECT DISTINCT national_id FROM visits"
        " WHERE clinic = 'Clinic A')) FROM citizens c GROUP BY 1",
        "SELECT gender, count(*) FILTER (WHERE EXISTS (SELECT DISTINCT 1 FROM visits v WHERE"
        " v.national_id = c.national_id LIMIT 1)) FROM citizens c GROUP BY 1",
        f"SELECT gender, count(*) FROM citizens c WHERE gender = 'F' OR {CAME.format(AT_A)} GROUP BY 1",
    ],
)
def test_it_is_answered_as_it_is_meant(sql: str) -> None:
    assert is_as_ungated(sql)


def test_one_person_is_no_branch() -> None:
    in_oviedo = f"c.city = 'Oviedo' AND {CAME.format('')}"
    told = rows(
        narrowed(f"SELECT CASE WHEN {in_oviedo} THEN 'a' ELSE 'b' END AS k, count(*) FROM citizens c GROUP BY 1")
    )
    assert [row[0] for row in told] == ["b"]
    found = rows(narrowed(f"SELECT gender, count(*) FILTER (WHERE {in_oviedo}) FROM citizens c GROUP BY 1"))
    assert {row[1] for row in found} == {None}
    there = CAME.format(" AND v.clinic = 'Clinic Z'")
    for truth in (there, f"NOT {there}"):
        found = rows(narrowed(f"SELECT gender, avg(({truth})::INT) FROM citizens c GROUP BY 1"))
        assert {row[1] for row in found} == {None}


def test_what_nobody_may_ask_elsewhere_is_not_asked_here() -> None:
    asked = f"SELECT count(*) FILTER (WHERE {CAME.format(' AND v.cost > 100')}) FROM citizens c"
    assert "s1.cost filter" in uses(asked)
    with pytest.raises(Refused):
        analysed(
            "SELECT count(*) FILTER (WHERE EXISTS (SELECT max(v.clinic) FROM visits v WHERE v.national_id ="
            " c.national_id)) FROM citizens c"
        )
    for limit in ("0", "0.4"):
        with pytest.raises(Refused):
            analysed(f"SELECT count(*) FILTER (WHERE {CAME.format(f' LIMIT {limit}')}) FROM citizens c")
    for query in ("SELECT national_id FROM visits LIMIT 5", "SELECT income FROM citizens"):
        with pytest.raises(Refused):
            analysed(f"SELECT count(*) FILTER (WHERE c.national_id IN ({query})) FROM citizens c")
