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
