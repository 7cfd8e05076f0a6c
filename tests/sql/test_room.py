"""How much is printed for a rounded statement: bounded, and enough for what people ask."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.verify import verify
from tests.sql.test_rounding import answer
from tests.support.sample import CATALOGUE, narrowed, plan, rows
from tests.support.work import calls_in


@pytest.mark.parametrize(
    "cells",
    [
        "sum(CASE WHEN gender = 'F' THEN " + " + ".join(["income"] * 120) + " ELSE income END)",
        ", ".join(f"sum(CASE WHEN gender = 'F' THEN income ELSE income * 0.{i} END)" for i in range(1, 90)),
    ],
)
def test_what_would_be_printed_too_often_is_refused_in_time(cells: str) -> None:
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        answer(f"SELECT {cells} FROM citizens")


def test_percentiles_are_answered() -> None:
    one_row_each = tuple(replace(t, entity_unique=t.name == "citizens") for t in CATALOGUE.tables)
    shares = ", ".join(f"amanat_percentile(income, {share})" for share in (0.1, 0.25, 0.5, 0.75, 0.9, 0.95))
    for mode in ("exact", "rounded"):
        made = narrowed(
            f"SELECT city, {shares} FROM citizens GROUP BY 1",
            mode=mode,
            catalogue=replace(CATALOGUE, tables=one_row_each),
        )
        told = plan(made.sql)
        verify(told, made)
        assert len(json.dumps(told)) < 8_000_000
        assert len(rows(made)) > 20
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        narrowed(
            f"SELECT {shares}, {shares}, {shares} FROM citizens", catalogue=replace(CATALOGUE, tables=one_row_each)
        )


_DAYS = "date_diff('day', birth_date, DATE '2020-01-{:02}')"
_SHIFTED = " + ".join(_DAYS.format(day) for day in range(1, 25))
_BRANCHES = " ".join(f"WHEN city = 'City{n}' THEN income * {n + 2}" for n in range(22))
_OF_TWO = "SELECT national_id, sum(s + t + 1) AS s, sum(s - t) AS t FROM ({}) AS q GROUP BY 1"


def _nested(times: int) -> str:
    query = "SELECT national_id, cost AS s, cost AS t FROM visits"
    for _ in range(times):
        query = _OF_TWO.format(query)
    return f"SELECT sum(s) FROM ({query})"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT sum({_SHIFTED}) FROM citizens",
        f"SELECT avg({_SHIFTED}) FROM citizens",
        f"SELECT sum(d) FROM (SELECT {_SHIFTED} AS d FROM citizens)",
        f"SELECT sum(CASE {_BRANCHES} END) FROM citizens",
        " UNION ALL ".join(f"SELECT sum({_DAYS.format(n)} + {_DAYS.format(9)}) FROM citizens" for n in range(1, 28)),
        " UNION ALL ".join([f"SELECT sum({_DAYS.format(7)} + income), avg(income * 3 + 1) FROM citizens"] * 40),
        _nested(10),
    ],
)
def test_all_that_is_printed_for_a_statement_is_bounded(sql: str) -> None:
    def asked() -> None:
        with pytest.raises(Refused, match="TOO_COMPLEX"):
            narrowed(sql, mode="rounded")

    assert calls_in(asked) < 3_000_000


def test_a_few_of_each_are_answered() -> None:
    few = " + ".join(_DAYS.format(day) for day in (1, 9, 17, 25))
    branches = " ".join(f"WHEN city = 'City{n}' THEN income * {n + 2}" for n in range(8))
    for sql in (f"SELECT sum({few}) FROM citizens", f"SELECT sum(CASE {branches} END) FROM citizens", _nested(2)):
        made = narrowed(sql, mode="rounded")
        verify(plan(made.sql), made)
        assert rows(made)
