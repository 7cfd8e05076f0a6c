"""What is reckoned with figures where single people are still there: in numbers that cannot fail, or refused."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import is_as_ungated, narrowed

COULD_FAIL = {
    "a query among rows": "SELECT count(*) FROM citizens WHERE CASE WHEN city = 'Oviedo' THEN (SELECT 8) // 0 > 1"
    " ELSE true END",
    "a query as a month": "SELECT count(*) FROM citizens WHERE make_date(2000, (SELECT 13), 1) IS NULL",
    "a query in a join": "SELECT count(*) FROM citizens c JOIN provinces p ON p.province = c.province"
    " AND c.gender = left('F', (SELECT max(population) FROM provinces) * -1)",
    "a query in a key": "SELECT 1 % (SELECT 0), count(*) FROM citizens GROUP BY 1 % (SELECT 0)",
    "a person's rows": "SELECT count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits GROUP BY 1"
    " HAVING 1 // (count(*) - 200) IS NULL OR count(*) > 0)",
    "a person's figure": "SELECT count(d) FROM (SELECT national_id, make_date(2000, count(*) FILTER (WHERE"
    " clinic = 'Clinic Z') + 12, 1) AS d FROM visits GROUP BY 1) q",
    "a group of few": "SELECT city, disease, count(*) FROM citizens GROUP BY 1, 2 HAVING city = 'City1' OR"
    " make_date(2000, 13, coalesce(count(*), 1)) IS NULL",
}


@pytest.mark.parametrize("sql", COULD_FAIL.values(), ids=COULD_FAIL)
def test_what_could_fail_is_refused_before_a_row_is_read(sql: str) -> None:
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        narrowed(sql)


def test_a_product_cannot_overflow() -> None:
    having = "HAVING count(*) * 900000000000000000 > 5"
    told = narrowed(f"SELECT gender, count(*) FROM citizens GROUP BY 1 {having}").sql
    assert "AS DOUBLE) * 900000000000000000" in told


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT b, count(*) FROM (SELECT national_id, (count(*) + 1) // 2 AS b FROM visits GROUP BY 1"
        " HAVING count(*) < 150) q GROUP BY b",
        "SELECT province, avg(income) FROM citizens WHERE province <> 'Pedernales' GROUP BY 1 HAVING avg(income) * 1.1"
        " > 50000 AND count(*) * 2 > 100",
        "SELECT province, round(100.0 * count(*) FILTER (WHERE gender = 'F') / count(*), 1) AS share FROM citizens"
        " WHERE province <> 'Pedernales' GROUP BY 1 HAVING round(100.0 * count(*) FILTER (WHERE"
        " gender = 'F') / count(*), 1) > 50",
        "SELECT count(*) FROM citizens c JOIN provinces p ON p.province = c.province WHERE p.population > 0.5 * (SELECT"
        " max(population) FROM provinces)",
        "SELECT count(*) FROM (SELECT national_id, count(*) FILTER (WHERE clinic = 'Clinic A') * 1.0 / count(*) AS s"
        " FROM visits GROUP BY 1) q WHERE s > 0.5",
    ],
)
def test_what_cannot_fail_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)
