"""Factors of people's figures: moved out of the sum or mean around, where they reckon with what is told."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import is_as_ungated, narrowed, rows, uses

TOTALS = "(SELECT national_id, sum(cost) AS total, count(*) AS n FROM visits GROUP BY national_id)"


def totals(shown: str) -> str:
    return f"(SELECT national_id, {shown} AS total FROM visits GROUP BY national_id)"


BARE = {
    f"SELECT avg(total / 10) FROM {TOTALS} t": f"SELECT avg(total) FROM {TOTALS} t",
    f"SELECT sum(0.1 * total::DOUBLE) AS x, avg(n * 1.0) FROM {TOTALS} t": f"SELECT sum(total), avg(n) FROM {TOTALS} t",
    f"SELECT avg(total / 10) FILTER (WHERE n > 3) FROM {TOTALS} t": f"SELECT avg(total) FILTER (WHERE n > 3) FROM"
    f" {TOTALS} t",
    f"SELECT avg(total) FROM {totals('sum(cost) * 12 / 10')} t": f"SELECT avg(total) FROM {TOTALS} t",
    f"SELECT avg(total / 2) FROM {totals('(sum(cost) / 5)::DOUBLE')} t": f"SELECT avg(total) FROM {TOTALS} t",
    f"SELECT gender, avg(t.total / 10) AS x FROM citizens c LEFT JOIN {TOTALS} t ON t.national_id = c.national_id"
    " GROUP BY 1 HAVING avg(t.total / 10) > 10 ORDER BY avg(t.total / 10)": "SELECT gender, avg(t.total) FROM citizens"
    f" c LEFT JOIN {TOTALS} t ON t.national_id = c.national_id GROUP BY 1",
    f"WITH t AS {totals('sum(cost) / 10')}, b AS (SELECT c.gender, t.total * 2 AS two FROM citizens c JOIN t"
    " ON t.national_id = c.national_id) SELECT gender, avg(two) FROM b GROUP BY gender": "SELECT gender, avg(t.total)"
    f" FROM citizens c JOIN {TOTALS} t ON t.national_id = c.national_id GROUP BY 1",
}


@pytest.mark.parametrize("sql", BARE)
def test_what_is_asked_of_the_column_is_its_sum_or_mean_alone(sql: str) -> None:
    assert uses(sql) == uses(BARE[sql])
    assert is_as_ungated(sql)


COMPUTED = {
    "a constant added": f"SELECT sum(total + 1e21 - 1e21) FROM {TOTALS} t",
    "two figures": f"SELECT sum(total * n) FROM {TOTALS} t",
    "divided by it": f"SELECT sum(1 / total) FROM {TOTALS} t",
    "by nothing": f"SELECT sum(total / 0) FROM {TOTALS} t",
    "whole numbers": f"SELECT sum(total // 1000) FROM {TOTALS} t",
    "rounded": f"SELECT sum((total / 1000)::INTEGER) FROM {TOTALS} t",
    "of different ones": f"SELECT sum(DISTINCT total / 10) FROM {TOTALS} t",
    "a text": f"SELECT sum(total * '1e3') FROM {TOTALS} t",
    "the greatest": f"SELECT max(total / 10) FROM {TOTALS} t",
    "shown as well": f"SELECT avg(total), min(total) FROM {totals('sum(cost) / 10')} t",
    "of a few rows": f"SELECT avg(total) FROM (SELECT * FROM {totals('sum(cost) / 10')} s ORDER BY total LIMIT 20) t",
}


@pytest.mark.parametrize("sql", COMPUTED.values(), ids=COMPUTED)
def test_what_is_more_than_a_factor_stays_what_it_is(sql: str) -> None:
    alone = uses(f"SELECT sum(total), avg(total) FROM {TOTALS} t")
    try:
        asked = uses(sql)
    except Refused:
        return
    assert not asked <= alone


def test_the_factor_reckons_with_what_is_told() -> None:
    told = narrowed(f"SELECT avg(total / 10) AS x FROM {TOTALS} t", mode="rounded")
    bare = narrowed(f"SELECT avg(total) AS x FROM {TOTALS} t", mode="rounded")
    assert rows(told)[0][0] == rows(bare)[0][0] / 10
