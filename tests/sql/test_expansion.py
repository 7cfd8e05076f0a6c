"""Names that stand for expressions may be used again and again, until they would be copied beyond reason."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import is_as_ungated, narrowed

_DOUBLED = ", ".join(f"a{n} + a{n} AS a{n + 1}" for n in range(40))
_LONG = "greatest(" + ", ".join(["population"] * 90) + ")"
_JOINED = " ".join(f"JOIN provinces p{n} USING (province)" for n in range(60))
_GROUPED = "provinces"
for _n in range(5):
    _GROUPED = f"(SELECT region, province, population, 1 AS x FROM {_GROUPED} t GROUP BY CUBE (region, province, 3, x))"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT 1 AS a0, {_DOUBLED}",
        f"SELECT 1 AS x WHERE 1 = (SELECT 1 AS a0, {_DOUBLED})",
        f"SELECT count(*) FROM (SELECT population AS a0, {_DOUBLED} FROM provinces) t",
        f"WITH t AS (SELECT population AS a0, {_DOUBLED} FROM provinces) SELECT count(*) FROM t",
        f"SELECT 1 AS a0, {_DOUBLED} UNION ALL SELECT 1 AS b0",
        "SELECT 1 AS a0, " + ", ".join(f'"A{n}" * "a{n}" AS a{n + 1}' for n in range(40)),
        "SELECT 1 AS a, " + ", ".join(["a + a AS a"] * 40),
        "SELECT 1 AS a0, " + ", ".join(f"a{n} + a{n} + a{n} + a{n} AS a{n + 1}" for n in range(6)),
        f"SELECT {_LONG} AS x, count(*) FROM provinces WHERE " + " AND ".join(["x > 1"] * 50) + " GROUP BY 1",
        f"SELECT {_LONG} AS x, count(*) FROM provinces GROUP BY " + ", ".join(["1"] * 100),
        f"SELECT {_LONG} AS x, count(*) FROM provinces GROUP BY " + ", ".join(["x"] * 100),
        f"SELECT {_LONG} AS x FROM provinces QUALIFY greatest(" + ", ".join(["x"] * 100) + ") > 1",
        f"SELECT 1 FROM provinces p {_JOINED}",
        f"SELECT count(*) FROM {_GROUPED} z",
        "SELECT count(*) FROM provinces GROUP BY " + ", ".join(["ROLLUP (region, province)"] * 20),
        "WITH a0 AS (SELECT 1 AS x), "
        + ", ".join(f"a{n + 1} AS (SELECT 1 AS x FROM a{n} JOIN a{n} b ON true)" for n in range(40))
        + " SELECT * FROM a40",
        f"WITH a AS (SELECT {_LONG} AS x FROM provinces) SELECT " + ", ".join(["(SELECT max(x) FROM a)"] * 190),
    ],
)
def test_what_grows_with_every_copy_is_refused_before_it_is_made(sql: str) -> None:
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        narrowed(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT province AS p, population AS n, n * 2 AS n2, n2 + n AS n3, n3 - n2 AS d,"
        " n + n2 + n3 + d AS s, s / 4 AS m,"
        " CASE WHEN m > 100 THEN 'a' WHEN m > 50 THEN 'b' ELSE p END AS c FROM provinces"
        " WHERE n2 > 10 AND s > 4 ORDER BY p",
        "SELECT region AS r, count(*) AS n, sum(population) AS s, s / n AS m, m * 2 AS m2 FROM provinces"
        " GROUP BY r HAVING n > 0 AND m2 > 0 ORDER BY r",
        "SELECT 1 AS a0, " + ", ".join(f"a{n} + 1 AS a{n + 1}" for n in range(30)),
        "SELECT upper(region) AS region, region || '!' AS loud FROM provinces ORDER BY ALL",
    ],
)
def test_names_used_again_as_people_do(sql: str) -> None:
    assert is_as_ungated(sql, ordered="ORDER" in sql)


def _nested(deep: int, computed: str) -> str:
    found = "SELECT population AS x, region FROM provinces"
    for _ in range(deep):
        found = f"SELECT {computed} AS x, region FROM ({found}) t"
    return found


@pytest.mark.parametrize("computed", ["x + x", "greatest(x, x)", "CASE WHEN x > 1 THEN x ELSE 0 END"])
def test_queries_that_double_a_column_each_time(computed: str) -> None:
    assert is_as_ungated(f"SELECT region, count(x) FROM ({_nested(5, computed)}) t GROUP BY region")
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        narrowed(f"SELECT region, count(x) FROM ({_nested(25, computed)}) t GROUP BY region")


def test_queries_that_hand_a_column_on() -> None:
    assert is_as_ungated(f"SELECT region, max(x) FROM ({_nested(14, 'x + 1')}) t GROUP BY region")
