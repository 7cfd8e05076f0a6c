"""Empty probes: which statements are some, what they ask, and that nothing can reach their answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Use
from access_broker.sql.names import UnknownNames
from access_broker.sql.verify import Mismatch, verify
from tests.attacks.statements import SAME, WAYS
from tests.support.judge import cases, raw_rows
from tests.support.sample import analysed, narrowed, plan, published, rows, uses

PROBES = [
    "SELECT * FROM citizens WHERE 1=0",
    "SELECT * FROM citizens WHERE 0 = 1",
    "SELECT * FROM citizens WHERE (1 <> 1)",
    "SELECT * FROM citizens WHERE false",
    "SELECT * FROM citizens WHERE 2 < 1 ORDER BY income",
    "SELECT * FROM citizens WHERE income > 5 AND (city = 'Oviedo' AND 1 = 2)",
    "SELECT * FROM citizens WHERE -1 = 1",
    "SELECT * FROM citizens LIMIT 0",
    "(SELECT * FROM citizens WHERE 1=0)",
    "WITH q01 AS (SELECT * FROM citizens) SELECT * FROM q01 LIMIT 0",
    "SELECT q01.* FROM (SELECT * FROM citizens) q01 WHERE (0 = 1)",
    'SELECT "Custom SQL Query"."city" FROM (SELECT * FROM citizens) "Custom SQL Query" WHERE (1=0)',
    "SELECT DISTINCT city FROM citizens WHERE 1=0",
    "SELECT avg(income), count(*) FROM citizens LIMIT 0",
    "SELECT city, income FROM citizens UNION ALL SELECT province, population FROM provinces LIMIT 0",
    "SELECT * FROM (SELECT city, avg(income) AS m FROM citizens GROUP BY city) t WHERE 1=0",
    "SELECT * FROM (SELECT city FROM citizens UNION SELECT clinic FROM visits) t WHERE 1=0",
    "SELECT c.*, v.* FROM citizens c JOIN visits v ON c.national_id = v.national_id WHERE 1=0",
    "SELECT (SELECT max(income) FROM citizens) AS most FROM provinces LIMIT 0",
    "SELECT CAST(city AS INT) + CAST('x' AS INT) FROM citizens LIMIT 0",
    "SELECT city FROM citizens WHERE national_id IN (SELECT national_id FROM visits WHERE clinic = 'Clinic Z') AND 1=0",
    "SELECT city FROM citizens c WHERE EXISTS (SELECT 1 FROM visits v WHERE v.cost > c.income) LIMIT 0",
    "SELECT * FROM provinces USING SAMPLE 3 ROWS LIMIT 0",
    "SELECT 1 AS one WHERE 1=0",
    "SELECT * FROM range(3) g(n) WHERE 1=0",
]
OTHERS = [
    "SELECT * FROM citizens",
    "SELECT * FROM citizens WHERE 1=1",
    "SELECT * FROM citizens WHERE true",
    "SELECT * FROM citizens WHERE 1=0 OR income > 5",
    "SELECT * FROM citizens WHERE NOT (1=0)",
    "SELECT * FROM citizens WHERE NULL",
    "SELECT * FROM citizens WHERE 'a' = 'b'",
    "SELECT * FROM citizens WHERE 1.0 = 0.0",
    "SELECT * FROM citizens WHERE income = income + 1",
    "SELECT * FROM citizens WHERE 1 = (SELECT 0)",
    "SELECT * FROM citizens WHERE CASE WHEN 1=0 THEN TRUE ELSE FALSE END",
    "SELECT * FROM citizens LIMIT 1",
    "SELECT * FROM citizens LIMIT 5 OFFSET 0",
    "SELECT count(*) FROM citizens WHERE 1=0",
    "SELECT 1 FROM citizens WHERE 1=0 ORDER BY count(*)",
    "SELECT 1 FROM citizens WHERE 1=0 HAVING count(*) = 0",
    "SELECT city, count(*) FROM citizens WHERE 1=0 GROUP BY city",
    "SELECT gender, count(*) FROM citizens WHERE 1=0 GROUP BY ROLLUP (gender)",
    "SELECT row_number() OVER () FROM citizens WHERE 1=0",
    "SELECT * FROM citizens UNION ALL SELECT * FROM citizens WHERE 1=0",
    "SELECT * FROM (SELECT * FROM citizens LIMIT 0) UNION ALL SELECT * FROM citizens",
    "SELECT count(*) FROM (SELECT * FROM citizens LIMIT 0)",
    "WITH p AS (SELECT * FROM citizens WHERE 1=0) SELECT c.income FROM citizens c LEFT JOIN p USING (national_id)",
    "SELECT c.income FROM citizens c LEFT JOIN provinces p ON 1=0",
    "SELECT (SELECT count(*) FROM citizens WHERE 1=0)",
]


@pytest.mark.parametrize("sql", PROBES)
def test_a_probe_asks_for_shapes_and_reads_no_row(sql: str) -> None:
    footprint, statement = analysed(sql).footprint, narrowed(sql)
    assert footprint.probe
    assert {touch.use for touch in footprint.touches} <= {Use.SHAPE, Use.JOIN}
    verify(plan(statement.sql), statement)
    assert rows(statement) == []
    assert not raw_rows(sql), "as it was typed it holds none either"
    assert "Scan" not in _physical(statement.sql), "the engine has thrown every table away"
    assert (statement.guarded, statement.held, statement.audits, statement.costly) == (False, False, [], {})


@pytest.mark.parametrize("sql", OTHERS)
def test_whatever_could_hold_a_row_is_no_probe(sql: str) -> None:
    assert not analysed(sql).footprint.probe
    assert not any("shape" in use for use in uses(sql))


def test_parameters_are_read_as_what_they_are() -> None:
    for parameters, is_probe in (((1, 0), True), ((1, 1), False), (("1", "0"), False)):
        assert analysed("SELECT * FROM citizens WHERE ? = ?", parameters).footprint.probe is is_probe
    assert analysed("SELECT * FROM citizens LIMIT ?", (0,)).footprint.probe


def test_every_column_and_table_is_asked_for_once() -> None:
    assert uses("SELECT income, income + 1, count(*) OVER () FROM citizens WHERE income > 3 LIMIT 0") == {
        "s0.* shape",
        "s0.income shape",
    }


def test_which_tables_meet_is_asked_as_ever() -> None:
    joined = "SELECT c.city FROM citizens c JOIN visits v ON c.city = v.clinic LIMIT 0"
    assert analysed(joined).footprint.joins == analysed(joined.removesuffix(" LIMIT 0")).footprint.joins != ()
    assert {"s0.city join", "s1.clinic join"} < uses(joined)
    assert "s0.* cross" in uses("SELECT c.city FROM citizens c, visits v WHERE 1=0")


def test_unknown_names_are_told_as_ever() -> None:
    for plain in ("SELECT full_name FROM citizens", "SELECT income FROM citizen", "SELECT x.income FROM citizens"):
        assert _unknown(f"{plain} WHERE 1=0") == _unknown(f"{plain} LIMIT 0") == _unknown(plain) != ()


HONEST = [
    "SELECT gender, count(*) AS n, avg(income), sum(income * 1.2), sum(cost) FROM citizens JOIN visits"
    " USING (national_id) GROUP BY gender",
    "SELECT gender, min(income), median(income), sum(income) FILTER (WHERE city = 'City1') FROM citizens GROUP BY 1",
    "SELECT city, round(100.0 * count(*) / sum(count(*)) OVER (), 2) AS share FROM citizens GROUP BY city",
    "SELECT province, region, population * 2, CAST(population AS VARCHAR) FROM provinces",
    "SELECT count(*), count(DISTINCT national_id) FROM visits",
    "SELECT date_trunc('month', visit_date) AS m, avg(cost + 1) FROM visits GROUP BY ALL ORDER BY 1",
    "SELECT 'x' AS kind, count(*) FROM citizens UNION ALL SELECT region, sum(population) FROM provinces GROUP BY 1",
]


@pytest.mark.parametrize("mode", ["exact", "rounded"])
@pytest.mark.parametrize("sql", HONEST, ids=range(len(HONEST)))
def test_names_and_types_are_those_of_the_real_answer(sql: str, mode: str) -> None:
    real = narrowed(sql, mode=mode)
    for probe in (f"SELECT * FROM ({sql}) AS t WHERE 1=0", f"SELECT * FROM ({sql}) AS t LIMIT 0"):
        empty = narrowed(probe, mode=mode)
        assert _types(empty.sql, len(real.output_names)) == _types(real.sql, len(real.output_names))


def test_nothing_of_what_attackers_ask_reads_a_row_as_a_probe() -> None:
    """Each is refused for what it is, or runs over nothing; no part of the way is surprised by it. The two forms of a

    probe take turns.
    """
    ways = [sql for family in (WAYS, SAME) for way in family.values() for sql in way]
    told = [case["sql"] for case in cases("attacks")]
    ran = 0
    every = ways + [sql for one in told for sql in ([one] if isinstance(one, str) else one)]
    for place, asked in enumerate(every):
        sql = f"{asked} LIMIT 0" if place % 2 else f"SELECT * FROM ({asked}) AS probed WHERE 1=0"
        try:
            analysis, statement = analysed(sql), narrowed(sql, mode="rounded")
            if not analysis.footprint.probe or analysis.footprint.unknown:
                continue
            verify(plan(statement.sql), statement)
        except (Refused, UnknownNames):
            continue
        assert rows(statement) == [], sql
        assert "Scan" not in _physical(statement.sql), sql
        ran += 1
    assert ran > 150


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT * FROM (SELECT "city" FROM (SELECT "city" FROM main.t1 WHERE FALSE) AS x) AS p',
        'SELECT * FROM (SELECT "city" FROM (SELECT "city" FROM main.t1) AS x) AS p LIMIT 0',
        'SELECT * FROM (SELECT "city" FROM (SELECT "city" FROM main.t1 WHERE FALSE) AS x) AS p LIMIT 1',
        'SELECT * FROM (SELECT "city" FROM (SELECT "city" FROM main.t1 WHERE TRUE) AS x) AS p LIMIT 0',
        'SELECT * FROM (SELECT "city" FROM (SELECT "city" FROM main.t1 WHERE "city" = \'x\') AS x) AS p LIMIT 0',
        'SELECT * FROM (SELECT x."city" FROM (SELECT "city" FROM main.t1 WHERE FALSE) AS x, main.t1 y) AS p LIMIT 0',
        'SELECT * FROM (SELECT x."city" FROM (SELECT "city" FROM main.t1) AS x WHERE FALSE) AS p LIMIT 0',
        'SELECT "city" FROM main.t1 WHERE FALSE ORDER BY 1',
    ],
)
def test_a_plan_that_could_hold_a_row_is_not_verified(sql: str) -> None:
    statement = narrowed("SELECT city FROM citizens WHERE 1=0")
    honest = 'SELECT * FROM (SELECT "city" FROM (SELECT "city" FROM main.t1 WHERE FALSE) AS x) AS p LIMIT 0'
    reads = [("t1", frozenset({"city"}))]
    verify(plan(honest), replace(statement, reads=reads))
    with pytest.raises(Mismatch, match="hold a row"):
        verify(plan(sql), replace(statement, reads=reads))


def _physical(sql: str) -> str:
    return str(published().cursor().execute(f"EXPLAIN {sql}").fetchall()[0][1])


def _types(sql: str, columns: int) -> list[Any]:
    return [row[1] for row in published().cursor().execute(f"DESCRIBE {sql}").fetchall()][:columns]


def _unknown(sql: str) -> object:
    try:
        return analysed(sql).footprint.unknown
    except UnknownNames as names:
        return tuple(names.unknown)
