"""Series of constants: what the engine gives for them, types and names included, and no more rows than are said."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql import allowed
from access_broker.sql.parse import parse
from access_broker.sql.series import Step, series_of, walk
from access_broker.sql.verify import Mismatch, verify
from tests.support.sample import narrowed, plan, published, rows

_MONTHLY = "(SELECT date_trunc('month', visit_date) AS mo, count(*) AS n FROM visits GROUP BY mo)"
_DAYS = "DATE '2024-01-31', DATE '2024-07-31'"


def alike(sql: str) -> None:
    """Values, their types and their names are the same as without the gate."""
    statement = narrowed(sql, max_rows=5000)
    verify(plan(statement.sql), statement)
    cursor = published().cursor()
    cursor.execute("USE raw")
    wanted = cursor.execute(sql)
    described = [(column[0], str(column[1])) for column in wanted.description]
    assert rows(statement) == wanted.fetchall()
    shown = [str(column[1]) for column in published().cursor().execute(statement.sql).description]
    assert list(zip(statement.output_names, shown, strict=False)) == described


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT range FROM range(3) ORDER BY 1",
        "SELECT * FROM range(-2, 3) AS r(i) ORDER BY i",
        "SELECT r FROM range(7) AS r ORDER BY r",
        "SELECT r.range FROM range(1, 7, 2) AS r ORDER BY 1",
        "SELECT generate_series FROM generate_series(1, 10, 3) ORDER BY 1",
        "SELECT * FROM generate_series(0, 3000000000, 1000000000) AS g(n) ORDER BY n",
        "SELECT * FROM range(999999999999999990, 999999999999999999, 5) AS g(n) ORDER BY n",
        f"SELECT d FROM range({_DAYS}, INTERVAL 1 MONTH) AS g(d) ORDER BY d",
        f"SELECT d FROM range({_DAYS}, to_months(2)) AS g(d) ORDER BY d",
        f"SELECT d FROM range({_DAYS}, '10 days'::INTERVAL) AS g(d) ORDER BY d",
        "SELECT d FROM generate_series('2024-01-31'::DATE, DATE '2024-03-31', INTERVAL '1 week') AS g(d) ORDER BY d",
        "SELECT d FROM range(TIMESTAMP '2024-01-01 12:00:00', DATE '2026-01-01', INTERVAL 1 YEAR) AS g(d) ORDER BY d",
        "SELECT d FROM range(TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-02', INTERVAL 90 MINUTE) g(d) ORDER BY d",
        "SELECT d::DATE AS q FROM generate_series(DATE '2024-02-01', DATE '2025-02-01', INTERVAL 1 QUARTER) g(d)"
        " ORDER BY 1",
        "SELECT unnest(range(2, 5)) AS x, 'a' AS b ORDER BY x",
        "SELECT unnest([3, 1, 2]) AS x ORDER BY x",
        f"SELECT unnest(generate_series({_DAYS}, INTERVAL 1 MONTH))::DATE AS d ORDER BY d",
        "SELECT CAST(unnest(range(3)) AS VARCHAR) AS d ORDER BY d",
        "SELECT (unnest([1, NULL, 2]))::INT::VARCHAR AS d ORDER BY d",
        "SELECT m.d, count(*) AS n FROM (SELECT unnest(generate_series(DATE '2024-01-01', DATE '2024-12-01', INTERVAL 1"
        " MONTH))::DATE AS d) m LEFT JOIN visits v ON date_trunc('month', v.visit_date) = m.d GROUP BY m.d ORDER BY 1",
        "SELECT x FROM unnest(['b', 'a']) t(x) ORDER BY x",
        "SELECT t FROM unnest([1.5, NULL, -2]) AS t ORDER BY t",
        "SELECT x FROM unnest([DATE '2024-02-01', DATE '2024-01-01']) t(x) ORDER BY x",
        f"SELECT x FROM unnest(generate_series({_DAYS}, INTERVAL 1 MONTH)) t(x) ORDER BY x",
        "VALUES (1, 'a'), (2, 'b')",
        "SELECT * FROM (VALUES (DATE '2024-01-01', -1), (NULL, 2)) ORDER BY 1",
        "WITH m(x) AS (VALUES (DATE '2024-01-01'), (DATE '2024-02-01')) SELECT x FROM m ORDER BY x",
        f"SELECT d, coalesce(n, 0) AS n FROM range(DATE '2023-01-01', DATE '2026-04-01', INTERVAL 1 MONTH) AS g(d)"
        f" LEFT JOIN {_MONTHLY} v ON v.mo = g.d ORDER BY d",
        "SELECT y.y, m.m FROM range(2024, 2026) y(y), range(1, 13) m(m) ORDER BY ALL",
        "SELECT p.province, g.n FROM provinces p JOIN range(5) g(n) ON p.population > g.n * 100000 ORDER BY ALL",
        "SELECT g.n, count(p.region) AS c, count(*) AS d FROM range(8) g(n) LEFT JOIN provinces p"
        " ON p.population > g.n * 100000 GROUP BY g.n ORDER BY 1",
        "WITH RECURSIVE m(x) AS (SELECT 1 UNION ALL SELECT x + 2 FROM m WHERE x <= 5) SELECT x FROM m ORDER BY x",
        "WITH RECURSIVE m AS (SELECT 10 AS x UNION ALL SELECT m.x + 3 FROM m WHERE x < 20) SELECT x FROM m ORDER BY x",
        "WITH RECURSIVE m(x) AS (SELECT 3000000000 UNION ALL SELECT x + 1 FROM m WHERE x < 3000000003) SELECT x FROM m"
        " ORDER BY x",
        "WITH RECURSIVE m(x) AS (SELECT DATE '2024-01-31' UNION ALL SELECT x + INTERVAL 1 MONTH FROM m"
        " WHERE x < DATE '2024-12-01') SELECT x FROM m ORDER BY x",
        "WITH RECURSIVE m(x) AS (SELECT DATE '2024-01-31' UNION ALL SELECT x + INTERVAL 1 MONTH FROM m"
        " WHERE x + INTERVAL 1 MONTH <= DATE '2024-12-29') SELECT x FROM m ORDER BY x",
        "WITH RECURSIVE m(x) AS (SELECT DATE '2024-01-01' UNION ALL SELECT (x + INTERVAL 1 WEEK)::DATE FROM m"
        " WHERE x < DATE '2024-02-01') SELECT x FROM m ORDER BY x",
        "WITH RECURSIVE m(x) AS (SELECT DATE '2024-01-01' UNION ALL SELECT x + 7 FROM m"
        " WHERE x < DATE '2024-02-01') SELECT x FROM m ORDER BY x",
        "WITH RECURSIVE m(x) AS (SELECT TIMESTAMP '2024-01-31' UNION ALL SELECT x + INTERVAL 1 HOUR FROM m"
        " WHERE x < TIMESTAMP '2024-01-31 07:30:00') SELECT x FROM m ORDER BY x",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    alike(sql)


_MOMENTS = st.datetimes(datetime.datetime(1950, 1, 1), datetime.datetime(2060, 12, 31)).map(
    lambda moment: moment.replace(microsecond=0)
)
_STEPS = st.tuples(st.integers(1, 40), st.sampled_from(["MONTH", "QUARTER", "YEAR", "DAY", "WEEK", "HOUR", "MINUTE"]))


@settings(max_examples=60, deadline=None, derandomize=True, database=None)
@given(start=_MOMENTS, length=st.integers(0, 900), step=_STEPS, word=st.sampled_from(["range", "generate_series"]))
def test_our_calendar_is_the_engines(start: datetime.datetime, length: int, step: tuple[int, str], word: str) -> None:
    """Counted before it runs, and counted by the engine: the same number, the same last row."""
    end = start + datetime.timedelta(days=length if step[1] not in ("HOUR", "MINUTE") else length % 6, seconds=1)
    text = f"{word}(TIMESTAMP '{start}', TIMESTAMP '{end}', INTERVAL {step[0]} {step[1]})"
    call = sqlglot.parse_one(f"SELECT * FROM {text}", dialect="duckdb").find(exp.GenerateSeries)
    counted, last = published().cursor().execute(f"SELECT count(*), max(x) FROM {text} t(x)").fetchone() or (0, None)
    series = series_of(call)
    assert series is not None
    assert (series.rows, series.last) == (counted, last)


@pytest.mark.parametrize(
    ("start", "step", "end", "last"),
    [
        (1, Step(days=1), 9999, 9999),
        (datetime.datetime(2024, 1, 1), Step(seconds=60), datetime.datetime(2024, 1, 7), datetime.datetime(2024, 1, 7)),
        (datetime.datetime(1000, 12, 31), Step(3), datetime.datetime(2900, 1, 1), datetime.datetime(2899, 12, 30)),
        (datetime.datetime(2000, 1, 31), Step(1), datetime.datetime(2800, 1, 30), datetime.datetime(2800, 1, 28)),
        (datetime.datetime(1600, 2, 29), Step(4800), datetime.datetime(2900, 1, 1), datetime.datetime(2800, 2, 29)),
    ],
)
def test_rows_are_reckoned_and_not_gone_through(start: Any, step: Step, end: Any, last: Any) -> None:
    looked_at: list[Any] = []

    def goes_on(row: Any, after: Any) -> bool:
        looked_at.append(row)
        return bool(after <= end)

    assert walk(start, step, goes_on).last == last
    assert len(looked_at) < 20


def _counting(then: str, union: str = "UNION ALL") -> str:
    return f"WITH RECURSIVE m(x) AS (SELECT 1 {union} {then}) SELECT x FROM m"


def test_the_longest_one_is_answered_and_no_longer_one() -> None:
    assert len(rows(narrowed(f"SELECT range FROM range({allowed.MAX_SERIES})", max_rows=20_000))) == allowed.MAX_SERIES
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        parse(f"SELECT range FROM range({allowed.MAX_SERIES + 1})")


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT 1 FROM range(1000000000000)", "TOO_COMPLEX"),
        ("SELECT 1 FROM range(10000) a, range(10000) b", "TOO_COMPLEX"),
        ("SELECT 1 FROM (SELECT 1 FROM range(9000)) a, (SELECT unnest(range(9000)) AS x) b", "TOO_COMPLEX"),
        ("SELECT a.n, b.n, count(*) FROM range(200) a(n), range(200) b(n), citizens c GROUP BY 1, 2", "TOO_COMPLEX"),
        ("SELECT 1 FROM range(1, 5, 0)", "NOT_SUPPORTED"),
        ("SELECT 1 FROM range(5, 1)", "NOT_SUPPORTED"),
        ("SELECT 1 FROM range(5, 1, -1)", "NOT_SUPPORTED"),
        ("SELECT 1 FROM range(99999999999999999999)", "NOT_SUPPORTED"),
        ("SELECT 1 FROM range(1.5)", "NOT_SUPPORTED"),
        ("SELECT 1 FROM range(NULL)", "NOT_SUPPORTED"),
        ("SELECT 1 FROM citizens c, range(c.income)", "NOT_SUPPORTED"),
        ("SELECT 1 FROM citizens c, unnest(range(c.income))", "FUNCTION_NOT_ALLOWED"),
        ("SELECT 1 FROM range((SELECT count(*) FROM citizens))", "NOT_SUPPORTED"),
        ("SELECT 1 FROM range(3) WITH ORDINALITY", "NOT_SUPPORTED"),
        ("SELECT 1 FROM range(30) TABLESAMPLE 50%", "NOT_SUPPORTED"),
        (f"SELECT 1 FROM range({_DAYS}, 1)", "NOT_SUPPORTED"),
        (f"SELECT 1 FROM range({_DAYS}, -INTERVAL 1 DAY)", "NOT_SUPPORTED"),
        (f"SELECT 1 FROM range({_DAYS}, INTERVAL 0 MONTH)", "NOT_SUPPORTED"),
        (f"SELECT 1 FROM range({_DAYS}, INTERVAL '1 month -40 days')", "NOT_SUPPORTED|SYNTAX"),
        (f"SELECT 1 FROM range({_DAYS}, INTERVAL 9999 YEAR)", "TOO_COMPLEX"),
        (f"SELECT 1 FROM range({_DAYS}, INTERVAL 999999 WEEK)", "TOO_COMPLEX"),
        ("SELECT 1 FROM range(DATE '2024-02-30', DATE '2024-03-01', INTERVAL 1 DAY)", "NOT_SUPPORTED"),
        ("SELECT range(3)", "NOT_SUPPORTED"),
        ("SELECT unnest([1]), unnest([2])", "FUNCTION_NOT_ALLOWED"),
        ("SELECT unnest([city]) FROM citizens", "FUNCTION_NOT_ALLOWED"),
        ("SELECT unnest([])", "FUNCTION_NOT_ALLOWED"),
        ("SELECT unnest(range(3))::INT + 1", "FUNCTION_NOT_ALLOWED"),
        ("SELECT try_cast(unnest(range(3)) AS INT)", "FUNCTION_NOT_ALLOWED"),
        ("SELECT unnest([city])::VARCHAR FROM citizens", "FUNCTION_NOT_ALLOWED"),
        (_counting("SELECT x + 1 FROM m"), "NOT_SUPPORTED"),
        (_counting("SELECT x - 1 FROM m WHERE x > 0"), "NOT_SUPPORTED"),
        (_counting("SELECT x + 0 FROM m WHERE x < 2"), "NOT_SUPPORTED"),
        (_counting("SELECT x + 1 FROM m WHERE x < 2", "UNION"), "NOT_SUPPORTED"),
        (_counting("SELECT x + 3000000000 FROM m WHERE x < 2"), "NOT_SUPPORTED"),
        ("WITH RECURSIVE c AS (SELECT gender FROM c) SELECT gender FROM c", "NOT_SUPPORTED"),
    ],
)
def test_what_is_still_refused(sql: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        narrowed(sql)


def _of_series(shown: dict[str, Any]) -> dict[str, Any]:
    """The scan of the series in a plan."""
    pending: list[Any] = [shown]
    while pending:
        node = pending.pop()
        if isinstance(node, dict) and node.get("type") == "LOGICAL_GET":
            return node
        pending += node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    raise AssertionError("no scan")


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_plan_with_another_series_is_not_verified(place: int) -> None:
    statement = narrowed("SELECT n FROM range(2, 9) g(n)")
    shown = plan(statement.sql)
    verify(shown, statement)
    _of_series(shown)["parameters"][place]["value"] += 1
    with pytest.raises(Mismatch, match="a series"):
        verify(shown, statement)


@pytest.mark.parametrize("name", ["read_csv", "range", "duckdb_tables"])
def test_a_plan_with_another_table_function_is_not_verified(name: str) -> None:
    statement = narrowed("SELECT n FROM range(2, 9) g(n)")
    shown = plan(statement.sql)
    _of_series(shown)["qname"]["path"][-1] = name
    with pytest.raises(Mismatch):
        verify(shown, statement)


def test_a_statement_without_a_series_may_not_show_one() -> None:
    with pytest.raises(Mismatch, match="a series"):
        verify(plan("SELECT n FROM generate_series(1, 3, 1) g(n)"), narrowed("SELECT 1 AS n"))
