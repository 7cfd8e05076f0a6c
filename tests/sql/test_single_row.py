"""A subquery for one value that has two is an error, and errors of single groups must not show."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import narrowed

GROUPS = "SELECT visit_date, clinic, count(*){more} FROM visits c GROUP BY 1, 2"
ALONE = "(SELECT 1 FROM provinces p WHERE c.clinic = 'Clinic Z' AND c.visit_date = DATE '2025-03-14')"


@pytest.mark.parametrize(
    "sql",
    [
        GROUPS.format(more="") + f" HAVING {ALONE} IS NULL",
        GROUPS.format(more=f", {ALONE}"),
        GROUPS.format(more="") + f" ORDER BY {ALONE}",
        f"SELECT n, {ALONE} FROM (SELECT visit_date, clinic, count(*) AS n FROM visits GROUP BY 1, 2) c",
        GROUPS.format(more=", (SELECT (SELECT p.population FROM provinces p WHERE p.region = c.clinic))"),
        "SELECT gender, count(*) FROM citizens GROUP BY 1 HAVING (SELECT 1 FROM provinces) IS NULL",
        "SELECT gender, count(*), (SELECT 1 UNION ALL SELECT 2) FROM citizens GROUP BY 1",
        "SELECT gender, (SELECT x FROM (VALUES (1), (2)) t(x) WHERE citizens.gender = 'F') FROM citizens GROUP BY 1",
        "SELECT province, (SELECT population FROM provinces p WHERE p.region = c.province) FROM citizens c GROUP BY 1",
        "SELECT province, (SELECT population FROM provinces p WHERE p.province = c.province OR c.province = 'Azua')"
        " FROM citizens c GROUP BY 1",
        "SELECT city, (SELECT p.population FROM provinces p, provinces q WHERE p.province = c.city) FROM citizens c"
        " GROUP BY 1",
        "SELECT year(birth_date), (SELECT p.population FROM provinces p WHERE p.province = year(birth_date))"
        " FROM citizens GROUP BY 1",
        "SELECT clinic, ntile(CASE WHEN clinic = 'Clinic Y' THEN 0 ELSE 1 END) OVER (ORDER BY clinic) FROM visits"
        " GROUP BY 1",
        "SELECT clinic, ntile(0) OVER (ORDER BY clinic) FROM visits GROUP BY 1",
        "SELECT clinic, ntile(count(*)) OVER (ORDER BY clinic) FROM visits GROUP BY 1",
        "SELECT clinic, lag(clinic, count(*)) OVER (ORDER BY clinic) FROM visits GROUP BY 1",
        "SELECT clinic, lead(clinic, CASE WHEN clinic = 'Clinic Y' THEN 1 END) OVER (ORDER BY clinic) FROM visits"
        " GROUP BY 1",
    ],
)
def test_what_may_fail_for_one_group_is_refused(sql: str) -> None:
    with pytest.raises(Refused) as refused:
        narrowed(sql)
    assert refused.value.reason.code == "NOT_SUPPORTED"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT province, count(*) * 1.0 / (SELECT population FROM provinces p WHERE p.province = c.province)"
        " FROM citizens c GROUP BY 1",
        "SELECT gender, count(*) FROM citizens GROUP BY 1 HAVING count(*) > (SELECT population FROM provinces"
        " WHERE 'Azua' = province)",
        "SELECT gender, count(*) * 1.0 / (SELECT count(*) FROM citizens) FROM citizens GROUP BY 1",
        "SELECT gender, (SELECT population FROM provinces ORDER BY population DESC LIMIT 1) FROM citizens GROUP BY 1",
        "SELECT gender, (SELECT max(population) FROM provinces p WHERE p.region <> c.gender) FROM citizens c"
        " GROUP BY 1",
        "SELECT clinic, ntile(4) OVER (ORDER BY count(*)), lag(clinic, 2) OVER (ORDER BY clinic), lead(clinic) OVER"
        " (ORDER BY clinic) FROM visits GROUP BY 1",
        "SELECT province, (SELECT region FROM provinces) FROM provinces",  # of nobody
    ],
)
def test_what_has_one_row_at_most_is_not(sql: str) -> None:
    assert narrowed(sql).sql
