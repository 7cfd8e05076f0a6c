"""DISTINCT beside windows and QUALIFY, which see the rows before it."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import analysed, footprint, is_as_ungated, narrowed

_GROUPS = "(SELECT disease, gender, count(*) AS n FROM citizens GROUP BY ALL) t"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DISTINCT region FROM provinces QUALIFY count(*) OVER (PARTITION BY region) > 1 ORDER BY region",
        "SELECT DISTINCT region AS r, sum(population) OVER (PARTITION BY region) AS s FROM provinces"
        " QUALIFY s > 500000 ORDER BY s DESC LIMIT 1",
        f"SELECT DISTINCT disease, max(n) OVER (PARTITION BY disease) AS m FROM {_GROUPS} ORDER BY disease",
        f"SELECT DISTINCT disease FROM {_GROUPS} QUALIFY n = max(n) OVER () UNION ALL SELECT 'x' ORDER BY 1",
        f"SELECT count(*) FROM (SELECT DISTINCT disease, n > avg(n) OVER () AS r FROM {_GROUPS}) z ORDER BY 1",
        f"WITH z AS (SELECT DISTINCT n // 100, count(*) OVER (PARTITION BY n // 100) AS c FROM {_GROUPS})"
        " SELECT c, count(*) FROM z GROUP BY c ORDER BY ALL",
        "SELECT DISTINCT upper(region), row_number() OVER (ORDER BY province) % 2 FROM provinces ORDER BY 1, 2",
        "SELECT DISTINCT gender, count(*) AS n, sum(count(*)) OVER () FROM citizens GROUP BY gender QUALIFY n > 1"
        " ORDER BY ALL",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql, ordered=True)


def test_names_are_kept() -> None:
    sql = 'SELECT DISTINCT region AS "Where", count(*) OVER () FROM provinces'
    assert narrowed(sql).output_names == ["Where", "count(*) OVER ()"]


def test_of_people_it_reads_what_the_query_around_the_rows_reads() -> None:
    short = footprint("SELECT DISTINCT gender FROM citizens QUALIFY count(*) OVER (PARTITION BY gender) > 100")
    sql = (
        "SELECT DISTINCT gender FROM (SELECT gender FROM citizens QUALIFY count(*) OVER (PARTITION BY gender) > 100) t"
    )
    assert short.touches == footprint(sql).touches


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT DISTINCT * FROM provinces QUALIFY row_number() OVER (ORDER BY province) < 4",
        "SELECT DISTINCT region FROM provinces QUALIFY row_number() OVER (ORDER BY province) < 9 ORDER BY population",
        "SELECT DISTINCT region, province AS region FROM provinces QUALIFY row_number() OVER (ORDER BY province) < 9",
    ],
)
def test_what_is_still_refused(sql: str) -> None:
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        analysed(sql)
