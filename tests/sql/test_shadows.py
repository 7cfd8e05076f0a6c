"""CTEs that take the name of a table: within them the table is meant, after them the CTE."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import footprint, is_as_ungated, narrowed, rows

WOMEN = "citizens AS (SELECT * FROM citizens WHERE gender = 'F')"


@pytest.mark.parametrize(
    "sql",
    [
        f"WITH {WOMEN} SELECT count(*) FROM citizens",
        f"WITH {WOMEN} SELECT c.gender, count(*) FROM citizens c GROUP BY 1",
        f"WITH {WOMEN} SELECT citizens.gender, count(*) FROM citizens GROUP BY 1",
        f"WITH {WOMEN} SELECT count(*) FROM CITIZENS AS a JOIN Citizens AS b USING (national_id)",
        f"WITH {WOMEN}, b AS (SELECT disease FROM citizens) SELECT disease, count(*) FROM b GROUP BY 1",
        f"WITH a AS (SELECT gender FROM citizens), {WOMEN} SELECT gender, count(*) FROM a GROUP BY 1",
        f"WITH {WOMEN} SELECT gender, count(*) FROM citizens GROUP BY 1 UNION ALL SELECT 'x', count(*) FROM citizens",
        f"SELECT x.n, y.c FROM (WITH {WOMEN} SELECT count(*) AS n FROM citizens) x, (SELECT count(*) AS c"
        " FROM citizens) y",
        "WITH visits AS (SELECT v.* FROM visits v WHERE v.clinic = 'Clinic A') SELECT count(*) FROM visits",
        "WITH visits AS (SELECT clinic, count(*) AS n FROM visits GROUP BY 1) SELECT visits.clinic, visits.n FROM"
        " visits WHERE n > 500",
        f"WITH {WOMEN}, visits AS (SELECT visits.* FROM visits JOIN citizens USING (national_id)) SELECT count(*),"
        " sum(cost) FROM visits",
        "WITH citizens AS (SELECT region AS r FROM provinces) SELECT r, count(*) FROM citizens GROUP BY 1",
        "WITH provinces AS (SELECT 1 AS province) SELECT * FROM provinces",
        f"WITH citizens AS (WITH {WOMEN} SELECT * FROM citizens WHERE province = 'Azua') SELECT count(*) FROM citizens",
        f"WITH {WOMEN} SELECT count(*) FROM (WITH citizens AS (SELECT * FROM citizens WHERE province = 'Azua')"
        " SELECT * FROM citizens) q",
        "SELECT citizens.g, citizens.n FROM (SELECT gender AS g, count(*) AS n FROM citizens GROUP BY 1) AS citizens",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)


def test_with_the_datasets_name_the_table_is_meant() -> None:
    sql = f"WITH {WOMEN} SELECT count(*) FROM sample.citizens"
    assert rows(narrowed(sql)) == rows(narrowed("SELECT count(*) FROM citizens")) == [(5032, True)]


@pytest.mark.parametrize(
    "sql",
    [
        "WITH provinces AS (SELECT income AS population, city AS province FROM citizens) SELECT max(population)"
        " FROM provinces",
        "WITH citizens AS (SELECT gender, city AS province FROM citizens) SELECT count(*) FROM citizens",
    ],
)
def test_its_rows_are_still_of_the_table_behind_it(sql: str) -> None:
    """The name of an open table makes nobody's values open."""
    assert {s.table for s in footprint(sql).sources} == {"sample.citizens"}


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT * FROM "~citizens"',
        'WITH "~citizens" AS (SELECT 1 AS x) SELECT x FROM "~citizens"',
        f'WITH {WOMEN} SELECT count(*) FROM "~citizens"',
        "WITH RECURSIVE citizens AS (SELECT gender FROM citizens) SELECT count(*) FROM citizens",
        "SELECT count(*) FROM (SELECT gender FROM citizens) AS citizens, citizens",
    ],
)
def test_nobody_can_type_the_name_apart_nor_use_one_twice(sql: str) -> None:
    with pytest.raises(Refused, match=r"NOT_SUPPORTED|AMBIGUOUS_NAME"):
        narrowed(sql)
