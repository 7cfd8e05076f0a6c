"""Reckoning with dates: what the engine gives for it, within aggregates too; what is no date is left alone."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.kinds import Kinds
from tests.support.sample import analysed, is_as_ungated, narrowed

_PAIRS = "visits a JOIN visits b ON a.national_id = b.national_id"
LATER = f"{_PAIRS} AND b.visit_date > a.visit_date"
DAY = "DATE '2025-06-01'"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT sum(b.visit_date - a.visit_date), avg(b.visit_date - a.visit_date) FROM {LATER}",
        f"SELECT avg(d) FROM (SELECT b.visit_date - a.visit_date AS d FROM {LATER})",
        f"SELECT sum(CASE WHEN b.visit_date - a.visit_date <= 90 THEN 1 ELSE 0 END) FROM {LATER}",
        f"SELECT sum(abs(b.visit_date - a.visit_date)), sum(a.cost * (b.visit_date - a.visit_date)) FROM {_PAIRS}",
        "SELECT count(b.visit_date - a.visit_date) FROM visits a LEFT JOIN visits b ON a.national_id = b.national_id"
        " AND b.clinic = 'Clinic A'",
        f"SELECT count_if({DAY} - visit_date <= 90), count(*) FILTER (WHERE {DAY} - visit_date > 0) FROM visits",
        f"SELECT count(*) FROM visits WHERE visit_date + 30 > {DAY} AND visit_date - 10 < {DAY}",
        f"SELECT count(*) FROM visits WHERE 30 + visit_date > {DAY}",
        f"SELECT count(*) FROM visits WHERE visit_date + (-30) > {DAY} OR visit_date - -10 < {DAY}",
        f"SELECT sum(CASE WHEN visit_date - 7 >= {DAY} THEN cost END) FROM visits",
        f"SELECT sum(CASE WHEN visit_date + 1 + 1 > {DAY} THEN 1 ELSE 0 END) FROM visits",
        "SELECT max(visit_date) - min(visit_date), max(visit_date) + 1, min(visit_date) - (7) FROM visits",
        f"SELECT ({DAY} - visit_date) // 100 AS d, count(*) FROM visits GROUP BY 1",
        f"SELECT {DAY} - 30, {DAY} + 1 - {DAY}",
        "SELECT avg(mo - DATE '2024-01-01') FROM (SELECT date_trunc('month', visit_date)::DATE AS mo, count(*) AS n"
        " FROM visits GROUP BY 1)",
        "SELECT avg(last_day(visit_date) - visit_date) FROM visits",
        f"SELECT avg(greatest(visit_date, {DAY}) - {DAY}), avg(coalesce(visit_date, NULL) - {DAY}) FROM visits",
        f"SELECT avg(CASE WHEN clinic = 'Clinic A' THEN visit_date ELSE {DAY} END - {DAY}) FROM visits",
        f"SELECT avg(CASE WHEN clinic = 'Clinic A' THEN visit_date END - {DAY}) FROM visits",
        "SELECT avg(v.visit_date - m.f) FROM visits v JOIN (SELECT national_id, min(visit_date) AS f FROM visits"
        " GROUP BY 1) m USING (national_id)",
        "SELECT avg(v.visit_date - m.f) FROM visits v JOIN (SELECT national_id, first_value(visit_date) OVER"
        " (PARTITION BY national_id ORDER BY visit_date) AS f FROM (SELECT national_id, min(visit_date) AS visit_date"
        " FROM visits GROUP BY 1)) m USING (national_id)",
        "SELECT count(*) FROM citizens c WHERE EXISTS (SELECT 1 FROM visits v WHERE v.national_id = c.national_id"
        f" AND v.visit_date - 30 > {DAY})",
        "WITH a AS (SELECT visit_date AS d, clinic FROM visits WHERE clinic <= 'Clinic L') SELECT clinic,"
        f" count(*) FILTER (WHERE {DAY} - d < 100) FROM a GROUP BY 1",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)


@pytest.mark.parametrize(
    "moments",
    [  # of two kinds, the engine takes the wider one: what differs then is an interval and not a number of days
        f"CASE WHEN clinic = 'Clinic A' THEN visit_date ELSE TIMESTAMP '2025-01-01 10:00:00' END - {DAY}",
        "coalesce(visit_date, TIMESTAMP '2025-01-01 10:00:00') - visit_date",
        f"greatest(visit_date, TIMESTAMP '2030-01-01 10:00:00') - {DAY}",
        f"least(visit_date, TIMESTAMP '2010-01-01 10:00:00') - {DAY}",
        "visit_date + INTERVAL 1 DAY - visit_date",
        f"visit_date - TIMESTAMP '2025-01-01 10:00:00' < INTERVAL 5 DAY AND visit_date > {DAY}",
    ],
)
def test_what_may_be_a_moment_is_no_date(moments: str) -> None:
    assert is_as_ungated(f"SELECT {moments} AS x, count(*) AS n FROM visits GROUP BY 1 HAVING count(*) > 100")


@pytest.mark.parametrize(
    "asked",
    [
        "sum(cost + 30)",
        "sum(cost - 30)",
        "count(x.d - x.d) FROM (SELECT visit_date AS d FROM visits UNION ALL SELECT visit_date FROM visits) x",
    ],
)
def test_what_is_not_certainly_a_date_is_left_alone(asked: str) -> None:
    tree = analysed(f"SELECT {asked}{'' if 'FROM' in asked else ' FROM visits'}").tree
    assert tree.find(exp.DateDiff) is None
    assert tree.find(exp.Interval) is None


@pytest.mark.parametrize(
    "asked",
    [
        "avg(visit_date + INTERVAL 1 DAY - visit_date)",
        "sum(visit_date::TIMESTAMP - visit_date::TIMESTAMP)",
        f"avg({DAY} - visit_date::TIMESTAMP)",
        "count(CASE WHEN visit_date::TIMESTAMP - visit_date > INTERVAL 1 DAY THEN 1 END)",
    ],
)
def test_moments_are_not_reckoned_with_in_aggregates(asked: str) -> None:
    """Computed in DOUBLE every value would be NULL, and the answer one of nobody."""
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        narrowed(f"SELECT {asked} FROM visits")


def test_a_column_of_many_subqueries_is_looked_up_once_in_each(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []
    looked_up = Kinds._looked_up
    monkeypatch.setattr(
        Kinds, "_looked_up", lambda self, item, name: looked.append(name) or looked_up(self, item, name)
    )
    sql = "SELECT population AS x FROM provinces"
    for level in range(6):
        sql = f"SELECT CASE WHEN x > 1 THEN x WHEN x > 2 THEN x END + 1 AS x FROM ({sql}) AS q{level}"
    narrowed(sql)
    assert len(looked) <= 3 * 6


@pytest.mark.parametrize(
    "sql", ["SELECT 5 - DATE '2024-01-10'", "SELECT count(*) FROM visits WHERE 5 - visit_date > 3"]
)
def test_a_date_is_not_taken_from_a_number(sql: str) -> None:
    assert "INTERVAL" not in narrowed(sql).sql


def test_a_text_beside_a_date_is_one() -> None:
    assert is_as_ungated("SELECT count_if('2025-12-31' - visit_date <= 90) FROM visits")


@pytest.mark.parametrize("asked", ["count(visit_date + cost)", "avg(visit_date * 2)", "sum(-visit_date)"])
def test_a_date_is_no_number_to_reckon_with(asked: str) -> None:
    """Within an aggregate it would be nothing, and an answer of nothing would look like one."""
    with pytest.raises(Refused):
        analysed(f"SELECT {asked} FROM visits")
