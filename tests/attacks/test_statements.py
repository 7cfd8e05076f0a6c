"""Each statement through the real door, and where it is answered, the answer held against what it must not tell."""

from __future__ import annotations

import pytest

from tests.attacks.statements import SAME, WAYS
from tests.support.system import System


@pytest.mark.parametrize("sql", [pytest.param(sql, id=f"{way}-{i}") for way in WAYS for i, sql in enumerate(WAYS[way])])
def test_it_is_refused(system: System, sql: str) -> None:
    assert system.refusal("P1", sql) not in ("", "INTERNAL", "NOT_VERIFIED")


@pytest.mark.parametrize("family", SAME)
def test_the_family_ends_alike(system: System, family: str) -> None:
    codes = {system.refusal("P1", sql) or str(system.ask("P1", sql)) for sql in SAME[family]}
    assert len(codes) == 1
    assert not codes & {"INTERNAL", "NOT_VERIFIED", "VALUE_ERROR"}


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT string_agg(city, ',') FROM citizens",
        "SELECT list(city) FROM citizens",
        "SELECT string_agg(city, ',') OVER () FROM citizens",
        "SELECT array_agg(city) OVER (ORDER BY city ROWS 9 PRECEDING) FROM citizens",
        "SELECT list(city) FROM (SELECT city FROM citizens GROUP BY city, gender, birth_date)",
        "SELECT (SELECT listagg(city, ',') FROM citizens) FROM provinces",
    ],
)
def test_many_people_do_not_fit_into_one_row(system: System, sql: str) -> None:
    assert system.refusal("P3", sql) == "AGGREGATE_NOT_ALLOWED"


def test_values_are_counted_where_enough_people_have_them(system: System) -> None:
    asked = "SELECT province, count(DISTINCT city) FROM citizens GROUP BY province"
    assert system.refusal("P1", asked) == "VALUES_NOT_COUNTED"
    instead = "SELECT count(*) FROM (SELECT city FROM citizens GROUP BY city)"
    assert system.ask("P1", instead) == [(25,)]  # of 26, one of which two people live in


HONEST = {
    "a condition tied by key": "SELECT count(*) FROM citizens c WHERE EXISTS (SELECT 1 FROM visits v"
    " WHERE v.national_id = c.national_id AND v.clinic = 'Clinic A')",
    "those without": "SELECT count(*) FROM citizens c WHERE NOT EXISTS (SELECT 1 FROM visits v"
    " WHERE v.national_id = c.national_id)",
    "distinct people of a USING join": "SELECT c.gender, count(DISTINCT national_id) FROM citizens c"
    " JOIN visits v USING (national_id) GROUP BY c.gender",
    "people by number of visits, those without too": "SELECT n, count(*) FROM (SELECT c.national_id,"
    " count(v.clinic) AS n FROM citizens c LEFT JOIN visits v ON v.national_id = c.national_id"
    " GROUP BY c.national_id) GROUP BY n",
    "mean age": "SELECT avg(date_diff('day', birth_date, DATE '2026-01-01')) FROM citizens",
    "two that are known": "SELECT corr(year(birth_date), q.n), regr_slope(q.n, year(birth_date)) FROM citizens c"
    " JOIN (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) q USING (national_id) WHERE q.n < 6",
    "mean age at a visit": "SELECT avg(date_diff('day', birth_date, visit_date)) FROM citizens"
    " JOIN visits USING (national_id)",
    "who was at three": "SELECT count(DISTINCT a.national_id) FROM visits a JOIN visits b USING (national_id)"
    " JOIN visits c USING (national_id) WHERE a.clinic = 'Clinic A' AND b.clinic = 'Clinic B'",
    "pairs of visits": "SELECT gender, count(*), avg(b.visit_date - a.visit_date) FROM citizens c JOIN visits a"
    " ON c.national_id = a.national_id JOIN visits b ON a.national_id = b.national_id AND b.visit_date > a.visit_date"
    " GROUP BY 1",
    "pairs beside a figure of each": "SELECT count(*), avg(a.cost) FROM visits a JOIN visits b USING (national_id)"
    " JOIN (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) q USING (national_id)",
    "pairs of some": "SELECT count(*) FROM (SELECT DISTINCT a.national_id FROM visits a JOIN visits b"
    " USING (national_id) JOIN visits c USING (national_id)) p JOIN visits v USING (national_id)"
    " JOIN visits w USING (national_id)",
    "share of a branch": "SELECT avg(CASE WHEN gender = 'F' THEN 1.0 ELSE 0 END) FROM citizens",
    "a truth as a number": "SELECT sum((gender = 'F')::INT), avg((disease LIKE 'h%')::INT) FROM citizens",
    "people of one branch": "SELECT count(DISTINCT CASE WHEN clinic = 'Clinic A' THEN national_id END) FROM visits",
    "some value of an open column": "SELECT any_value(region), count(*) FROM citizens JOIN provinces USING (province)"
    " GROUP BY province FETCH FIRST 3 ROWS ONLY",
    "people per thousand": "SELECT p.province, count(*) * 1000.0 / max(p.population) FROM citizens c JOIN provinces p"
    " USING (province) GROUP BY p.province",
    "ranks of groups": "SELECT gender, dense_rank() OVER (ORDER BY n), trunc(n / 7) FROM"
    " (SELECT gender, count(*) AS n FROM citizens GROUP BY gender)",
    "parts of a time": "SELECT extract(hour FROM visit_date), yearweek(visit_date), count(*) FROM visits GROUP BY ALL",
    "a ratio with arithmetic": "SELECT province, 100.0 * sum(income * 1.2 + 5) / count(*) FROM citizens GROUP BY 1",
    "months without a visit": "SELECT g.d, coalesce(count(v.cost), 0) FROM generate_series(DATE '2023-12-01',"
    " DATE '2024-02-01', INTERVAL 1 MONTH) g(d) LEFT JOIN visits v ON date_trunc('month', v.visit_date) = g.d"
    " GROUP BY g.d",
    "against the whole": "SELECT gender, count(*) * 100.0 / (SELECT count(*) FROM citizens) FROM citizens GROUP BY 1",
    "a CTE read twice": "WITH g AS (SELECT province, count(*) AS n FROM citizens GROUP BY province)"
    " SELECT a.province, a.n FROM g a WHERE a.n > (SELECT avg(n) FROM g)",
    "in the order of what is reckoned with outputs": "SELECT disease, count(*) AS n, count(*) FILTER (WHERE"
    " gender = 'F') AS f FROM citizens GROUP BY 1 ORDER BY f * 1.0 / n DESC, CASE disease WHEN 'none' THEN 1 END, -n",
    "people by number of visits, counted by their key": "SELECT n, count(*) FROM (SELECT national_id,"
    " count(national_id) AS n FROM visits GROUP BY 1) WHERE n < 6 GROUP BY n",
    "the same, those without too": "SELECT n, count(*) FROM (SELECT c.national_id, count(v.national_id) AS n FROM"
    " citizens c LEFT JOIN visits v ON v.national_id = c.national_id GROUP BY 1) WHERE n < 6 GROUP BY n",
    "mean of a count by the key": "SELECT avg(n) FROM (SELECT national_id, count(national_id) AS n FROM visits"
    " GROUP BY 1)",
    "years as parts and differences": "(SELECT disease, mean(income), avg(date_part('year', birth_date)),"
    " avg(date_diff('year', birth_date, DATE '2025-06-30')) FROM citizens GROUP BY 1) ORDER BY 1 LIMIT 3",
    "months written the other way round": "SELECT strftime('%Y/%m', visit_date), count(*) FROM visits GROUP BY 1",
    "a grouped CTE joined back": "WITH g AS (SELECT province, avg(income) AS m FROM citizens GROUP BY province)"
    " SELECT c.gender, count(*) FROM citizens c JOIN g ON c.province = g.province WHERE g.m > 40000 GROUP BY c.gender",
}


@pytest.mark.parametrize("what", HONEST)
def test_honest_questions_of_the_same_forms_are_answered(system: System, what: str) -> None:
    assert system.ask("P1", HONEST[what])
