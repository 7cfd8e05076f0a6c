"""Figures that are told already, reckoned with as the engine does; and how that ends where single rows come in."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import analysed, is_as_ungated, uses

OF = "WITH t AS (SELECT disease, count(*) AS n FROM citizens GROUP BY 1) SELECT"


@pytest.mark.parametrize(
    "figure",
    [
        "sum(power(n * 1.0 / (SELECT sum(n) FROM t), 2))",
        "sum(abs(n - (SELECT avg(n) FROM t))), max(n) - (SELECT min(n) FROM t)",
        "count(*) FILTER (WHERE n > 700)",
    ],
)
def test_a_query_within_an_aggregate_is_one_value(figure: str) -> None:
    assert is_as_ungated(f"{OF} {figure} FROM t")


def test_beside_single_rows_it_is_not() -> None:
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        analysed("SELECT sum(c.income / (SELECT max(p.population) FROM provinces p)) FROM citizens c")
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        analysed(f"{OF} (SELECT sum(t.n) FROM (SELECT 1 AS o) x) FROM t")
    assert "s0.* transform:sum" in uses("SELECT sum(income / (SELECT count(*) FROM citizens)) FROM citizens")


@pytest.mark.parametrize(
    "figure",
    [
        "sum((n + 1) // 2), max((n - 1) // 10), sum(n // 2), max((n + 1) % 7)",
        "count(DISTINCT (n + 1) // 100)",
        "string_agg(((n + 1) // 100)::VARCHAR, ',' ORDER BY disease)",
    ],
)
def test_whole_numbers_stay_whole(figure: str) -> None:
    assert is_as_ungated(f"{OF} {figure} FROM t")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT gender, max((count(*) + 1) // 100) OVER () FROM citizens GROUP BY gender",
        "SELECT date_trunc('month', visit_date) + INTERVAL 1 MONTH AS m, count(*), sum(count(*)) OVER (ORDER BY"
        " date_trunc('month', visit_date) + INTERVAL 1 MONTH) FROM visits GROUP BY 1",
        "SELECT clinic, max(max_day - min_day) OVER () FROM (SELECT clinic, DATE '2024-05-01' AS max_day,"
        " DATE '2024-01-01' AS min_day, count(*) AS n FROM visits WHERE clinic < 'Clinic M' GROUP BY 1)",
    ],
)
def test_over_a_window_of_groups_too(sql: str) -> None:
    assert is_as_ungated(sql)
