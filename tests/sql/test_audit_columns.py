"""How long an audit query may be, and that what is repeated in it is hardened and printed but once."""

from __future__ import annotations

from typing import Any

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql import audit_columns, parts
from access_broker.sql.audit import audit_queries
from access_broker.sql.figures import AuditQuery
from access_broker.sql.verify import check
from tests.support.sample import CATALOGUE, narrowed, plan, published

BY_CLINIC = "FROM visits v JOIN citizens c ON c.national_id = v.national_id GROUP BY c.province"
FIGURES = ("sum(v.cost)", "count(*)", "avg(c.income)", "count(DISTINCT c.national_id)", "avg(v.cost)")


def asked(sql: str) -> list[AuditQuery]:
    return audit_queries(narrowed(sql), CATALOGUE, 1000)


def cases(number: int) -> str:
    shown = (f"sum(CASE WHEN city = 'City{i}' THEN income END)" for i in range(number))
    return f"SELECT gender, {', '.join(shown)} FROM citizens GROUP BY gender"


def dashboard(number: int) -> str:
    taken = (f"FILTER (WHERE v.clinic = 'Clinic {i % 7}' AND year(v.visit_date) = {2000 + i})" for i in range(number))
    shown = (f"{FIGURES[i % len(FIGURES)]} {one}" for i, one in enumerate(taken))
    return f"SELECT c.province, {', '.join(shown)} {BY_CLINIC}"


@pytest.mark.parametrize("sql", [dashboard(50), cases(50)])
def test_fifty_figures_are_looked_at(sql: str) -> None:
    for one in asked(sql):
        check(plan(one.statement.sql), one.statement)


@pytest.mark.parametrize("sql", [cases(171), cases(130)])
def test_more_columns_than_can_be_looked_at_are_refused(sql: str) -> None:
    statement = narrowed(sql)
    with pytest.raises(Refused) as refused:
        audit_queries(statement, CATALOGUE, 1000)
    assert refused.value.reason.code == "TOO_COMPLEX"


@pytest.mark.parametrize(("bound", "most"), [("MOST_COLUMNS", 100), ("MOST_TEXT", 10_000)])
def test_columns_and_their_text_are_counted_for_all_sources_together(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    statement = narrowed(dashboard(10))
    assert len(audit_queries(statement, CATALOGUE, 1000)) == 2
    monkeypatch.setattr(audit_columns, bound, most // 2)
    with pytest.raises(Refused) as refused:
        audit_queries(statement, CATALOGUE, 1000)
    assert refused.value.detail == {"limit": most // 2}


def test_a_repeated_condition_is_printed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def printed(tree: Any) -> str:
        seen.append(real(tree))
        return seen[-1]

    real = parts.printed
    monkeypatch.setattr(parts, "printed", printed)
    (one,) = asked("SELECT sum(income) FILTER (WHERE year(birth_date) IN (1950, 1951)) FROM citizens")
    assert one.statement.sql == seen[-1]
    assert len(seen) == len(set(seen))


@pytest.mark.parametrize("key", ["date_trunc('month', visit_date)", "year(visit_date) + 1", "clinic"])
def test_what_is_put_in_as_text_is_what_it_would_be_alone(key: str) -> None:
    taken = "FILTER (WHERE date_trunc('month', visit_date) > DATE '2020-01-01' AND cost / 3 > 5)"
    together = f"SELECT {key} AS k, sum(cost) {taken}, var_pop(cost) {taken}, count(*) {taken} FROM visits GROUP BY k"
    (one,) = asked(together)
    check(plan(one.statement.sql), one.statement)
    (alone,) = asked(f"SELECT {key} AS k, count(*) {taken} FROM visits GROUP BY k")
    number = alone.cells[0].figures[0].count + alone.keys + 1
    column = alone.statement.sql.split(f' AS "c{number}"')[0].rsplit("COUNT(*) FILTER", 1)[1]
    assert column in one.statement.sql
    published().cursor().execute(one.statement.sql).fetchall()
