"""Rounded answers: the same cell rounds the same in whatever words, up as often as down, and no wording is exact."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import duckdb
import pytest

from access_broker.domain.catalogue import Catalogue
from access_broker.domain.decisions import Refused
from access_broker.sql.verify import verify
from tests.support.sample import CATALOGUE, narrowed, plan, rows, table


def answer(sql: str, mode: str = "rounded") -> Any:
    statement = narrowed(sql, mode=mode)
    verify(plan(statement.sql), statement)
    return rows(statement)


@pytest.mark.parametrize(
    "words",
    [
        (
            "SELECT count(*) FROM citizens WHERE disease = 'HIV'",
            "SELECT count(*) FROM citizens WHERE NOT disease <> 'HIV'",
            "SELECT count(gender) FROM (SELECT gender FROM citizens WHERE disease LIKE 'HIV') x",
            "SELECT count_if(disease = 'HIV') FROM citizens",
            "SELECT count(*) FILTER (WHERE disease = 'HIV') FROM citizens",
            "SELECT count(CASE WHEN disease = 'HIV' THEN 'x' END) FROM citizens",
            "SELECT count(DISTINCT national_id) FROM citizens WHERE disease = 'HIV'",
            "SELECT sum(1) FROM citizens WHERE disease = 'HIV'",
            "SELECT sum(CASE WHEN disease = 'HIV' THEN 1 ELSE 0 END) FROM citizens",
            "SELECT sum(CASE WHEN disease = 'HIV' THEN 3 ELSE 0 END) / 3 FROM citizens",
            "SELECT sum(if(disease = 'HIV', 1, 0)) FROM citizens",
            "SELECT count(*) FROM provinces p JOIN citizens c ON c.province = p.province WHERE c.disease = 'HIV'",
            "SELECT sum(100 * 100) / 10000 FROM citizens WHERE disease = 'HIV'",
            "SELECT sum(one) FROM (SELECT 1 AS one, disease FROM citizens) WHERE disease = 'HIV'",
            "SELECT sum(t.w) / 10000 FROM citizens, (SELECT 10000 AS w) t WHERE disease = 'HIV'",
            "SELECT sum(pow(10, 4)) / 10000 FROM citizens WHERE disease = 'HIV'",
            "SELECT sum(CASE WHEN disease = 'HIV' THEN 100 * 50 ELSE 0 END) / 5000 FROM citizens",
        ),
        (
            "SELECT count(income) FROM citizens WHERE city = 'City1'",
            "SELECT sum(income * 0 + 1) FROM citizens WHERE city = 'City1'",
            "SELECT sum(income - income + 1) FROM citizens WHERE city = 'City1'",
            "SELECT sum(income + 1) - sum(income) FROM citizens WHERE city = 'City1'",
        ),
        (
            "SELECT count(DISTINCT national_id) FROM visits",
            "SELECT count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits)",
            "SELECT count(DISTINCT c.national_id) FROM citizens c JOIN visits v ON c.national_id = v.national_id",
            "SELECT count(DISTINCT v.national_id) FROM visits v JOIN citizens c ON c.national_id = v.national_id",
            "SELECT count(*) FROM (SELECT national_id AS p, count(*) AS n FROM visits GROUP BY p)",
        ),
        (
            "SELECT count(*) FROM visits",
            "SELECT sum(n) FROM (SELECT national_id AS p, count(*) AS n FROM visits GROUP BY p)",
            "SELECT sum(n) / 7 FROM (SELECT national_id AS p, sum(7) AS n FROM visits GROUP BY p)",
        ),
        (
            "SELECT avg(v.cost) FROM citizens c JOIN visits v ON c.national_id = v.national_id",
            "SELECT avg(v.cost) FROM visits v JOIN citizens c ON c.national_id = v.national_id",
            "SELECT avg(cost) FROM visits WHERE national_id IN (SELECT national_id FROM citizens)",
        ),
        (
            "SELECT count(*) FROM visits WHERE clinic = 'Clinic A' GROUP BY clinic",
            "SELECT sum(n) FROM (SELECT clinic, count(*) AS n FROM visits GROUP BY 1) WHERE clinic = 'Clinic A'",
        ),
    ],
)
def test_words_make_no_difference(words: tuple[str, ...]) -> None:
    assert len({float(answer(w)[0][0]) for w in words}) == 1


def test_a_measure_has_three_digits_and_goes_up_and_down() -> None:
    sql = "SELECT city, avg(income), sum(income) FROM citizens GROUP BY ALL ORDER BY ALL"
    for shown, true in zip(answer(sql), answer(sql, "exact"), strict=True):
        for place in (1, 2):
            assert shown[place] == float(f"{shown[place]:.3g}")
            assert shown[place] == pytest.approx(float(true[place]), rel=0.01)
    up = {shown[1] > true[1] for shown, true in zip(answer(sql), answer(sql, "exact"), strict=True)}
    assert up == {True, False}


FACTORS = {
    "SELECT sum(income) {}": (
        "SELECT sum(income * 7) / 7 {}",
        "SELECT -sum(-income) {}",
        "SELECT sum(income / 3) * 3 {}",
        "SELECT sum(x) / 7 FROM (SELECT income * 7 AS x, city FROM citizens) WHERE city = 'City1'",
        "SELECT sum(2 * income - income) {}",
    ),
    "SELECT avg(income) {}": (
        "SELECT avg(income * 7) / 7 {}",
        "SELECT avg(income + 1.5) - 1.5 {}",
        "SELECT (avg(3 - income * 2) - 3) / -2 {}",
    ),
    "SELECT stddev(income) {}": ("SELECT stddev(income * -7 + 3) / 7 {}", "SELECT sqrt(var_samp(income)) {}"),
    "SELECT sum(income) FILTER (WHERE gender = 'F') {}": (
        "SELECT sum(CASE WHEN gender = 'F' THEN income END) {}",
        "SELECT sum(CASE WHEN gender = 'F' THEN 7 * income ELSE 0 END) / 7 {}",
        "SELECT sum(7 * CASE WHEN gender = 'F' THEN income / 2 END) / 3.5 {}",
    ),
}


@pytest.mark.parametrize("plain", FACTORS)
def test_arithmetic_is_no_other_view_of_a_measure(plain: str) -> None:
    """One rounding for all, so that nobody gets at the digits between by choosing a factor."""
    of = "FROM citizens WHERE city = 'City1'"
    shown = answer(plain.format(of))[0][0]
    for sql in FACTORS[plain]:
        digits = 1e-2 if "sqrt" in sql else 1e-9
        assert float(answer(sql.format(of))[0][0]) == pytest.approx(float(shown), rel=digits)


_OF_VISITS = "FROM visits v JOIN citizens c ON c.national_id = v.national_id WHERE c.city = 'City1'"


@pytest.mark.parametrize(
    ("plain", "other"),
    [
        ("covar_pop(income, cost)", "covar_pop(7 * income + 2, -3 * cost) / -21"),
        ("regr_slope(income, cost)", "regr_slope(1.1 * income, 3 * cost) * 3 / 1.1"),
        ("corr(income, cost)", "corr(7 * income, cost + 5)"),
        ("stddev(income + cost)", "stddev(1.3 * income + 1.3 * cost + 9) / 1.3"),
        ("avg(visit_date - DATE '2000-01-01')", "avg(visit_date - DATE '2024-06-15') + 8932"),
        ("avg(visit_date - DATE '2000-01-01')", "8932 - avg(date_diff('day', visit_date, DATE '2024-06-15'))"),
        ("avg(2 * (visit_date - DATE '2000-01-01'))", "2 * avg(visit_date - DATE '2024-06-15') + 17864"),
        ("stddev(visit_date - DATE '2000-01-01')", "stddev(visit_date - DATE '2024-06-15')"),
    ],
)
def test_neither_units_nor_a_named_day_are_another_view(plain: str, other: str) -> None:
    one, two = (float(answer(f"SELECT {figure} {_OF_VISITS}")[0][0]) for figure in (plain, other))
    assert one == pytest.approx(two, rel=1e-6)


def test_a_percentile_of_two_columns_is_not_seen_closer_by_a_shift() -> None:
    one_row_each = tuple(replace(t, entity_unique=t.name == "citizens") for t in CATALOGUE.tables)
    catalogue = replace(CATALOGUE, tables=one_row_each)
    shown = []
    for shift in (0, 43000, 43344.5):
        sql = f"SELECT amanat_percentile(income + income * 0.5 - {shift}, 0.5) FROM citizens"
        shown.append(rows(narrowed(sql, mode="rounded", catalogue=catalogue))[0][0] + shift)
    assert shown == pytest.approx([shown[0]] * 3)


def test_of_a_day_nobody_can_read_nothing_is_told() -> None:
    with pytest.raises(Refused):
        answer(f"SELECT avg(date_diff('day', make_date(2024, 1, 1), visit_date)) {_OF_VISITS}")


def test_a_day_in_a_list_is_no_way_round() -> None:
    with pytest.raises(Refused):
        answer(
            "SELECT avg(date_diff('day', k.d, visit_date)) FROM visits v"
            " JOIN citizens c ON c.national_id = v.national_id CROSS JOIN (VALUES (DATE '2024-06-15')) k(d)"
        )


@pytest.mark.parametrize("shift", ["- 25000.7", "+ 25000.7", "- 1000000"])
def test_a_negative_constant_of_a_branch_does_not_tear_sum_and_count_apart(shift: str) -> None:
    sql = f"SELECT avg(CASE WHEN gender = 'F' THEN income {shift} END) FROM citizens WHERE city = 'City1'"
    shown, true = (float(answer(sql, mode)[0][0]) for mode in ("rounded", "exact"))
    assert abs(shown - true) < 500


def test_what_all_of_them_have_is_not_told_to_the_last_digit() -> None:
    catalogue = Catalogue((table("people", "p", "id", "id BIGINT join\nincome DOUBLE aggregate"),))
    with duckdb.connect() as engine:
        engine.execute("CREATE TABLE p AS SELECT i AS id, i AS __ek, 1234.5678 AS income FROM range(1, 101) r(i)")
        statement = narrowed("SELECT sum(income), avg(income) FROM people", mode="rounded", catalogue=catalogue)
        total, mean = engine.execute(statement.sql).fetchall()[0][:2]
    assert total % (5 * 1230) == 0
    assert round(mean, 3) != 1234.568


@pytest.mark.parametrize(
    "argument",
    ["income + {}", "{} - income", "coalesce(income, 0) + {}", "CASE WHEN gender = 'F' THEN income + {} END"],
)
def test_shifting_a_sum_by_known_amounts_does_not_average_the_rounding_away(argument: str) -> None:
    """What is left after the shift is the same each time: a rounded measure and a rounded count."""
    of = "FROM citizens WHERE city = 'City1'"
    count = answer(f"SELECT count({argument.format(0)}) {of}")[0][0]
    left = {
        round(float(answer(f"SELECT sum({argument.format(i)}) {of}")[0][0]) - count * i, 3) for i in range(1, 400, 40)
    }
    assert len(left) == 1


def test_no_dust_of_floating_point_says_how_many_there_are() -> None:
    """0.1 added up is not a tenth of the count in the last digits."""
    day, of = "DATE '1990-01-01'", "FROM citizens WHERE year(birth_date) = 1990"
    sql = f"SELECT count(*), sum(date_diff('day', {day}, birth_date) + 0.1) {of}"
    exactly, shown = answer(sql, "exact")[0], answer(sql)[0]
    assert exactly[1] != exactly[0] * 0.1
    assert shown[1] == shown[0] * 0.1


def test_a_group_without_values_stays_null_and_open_figures_stay_exact() -> None:
    assert answer("SELECT count(*) FROM citizens WHERE city = 'Oviedo'")[0] == (None, False)
    assert answer("SELECT sum(population) FROM provinces")[0][0] == 3146738


@pytest.mark.parametrize("day", ["2024-04-21", "2024-09-01", "2024-10-09", "2024-12-12", "2024-12-27"])
def test_however_the_rows_of_a_person_are_grouped_the_total_is_rounded_alike(day: str) -> None:
    of = "FROM visits WHERE clinic = 'Clinic A'"
    grouped = f"(SELECT national_id, visit_date < DATE '{day}' AS x, count(*) AS n, sum(cost) AS s {of} GROUP BY 1, 2)"
    plain, told = answer(f"SELECT count(*), sum(cost) {of}"), answer(f"SELECT sum(n), sum(s) FROM {grouped}")
    assert told == plain


@pytest.mark.parametrize("factor", ["0.000001", "0.1", "0.9999", "1000"])
@pytest.mark.parametrize(
    ("one", "other", "of"),
    [
        ("1", "{}", "citizens"),
        ("income", "CAST(income AS DOUBLE) * {}", "citizens"),
        ("income", "CAST(income * {} AS FLOAT)", "citizens"),
        ("t.x", "t.x * {}", "citizens, (VALUES (1)) t(x)"),
    ],
)
def test_branches_of_other_weight_are_no_other_view(factor: str, one: str, other: str, of: str) -> None:
    """Each is what a FILTER would have told, however small the other is."""
    other = other.format(factor)
    whole = f"sum(CASE WHEN gender = 'F' THEN {one} ELSE {other} END)"
    by_filter = [f"sum({one}) FILTER (WHERE gender = 'F')", f"sum({other}) FILTER (WHERE gender <> 'F')"]
    shown, first, second = (float(told) for told in answer(f"SELECT {whole}, {', '.join(by_filter)} FROM {of}")[0][:3])
    assert shown == pytest.approx(first + second, rel=1e-12)


@pytest.mark.parametrize("factor", [0.37, 0.371])
def test_what_a_subquery_adds_up_is_rounded_one_by_one(factor: float) -> None:
    both = "citizens a JOIN citizens b USING (national_id)"
    rows_of = f"(SELECT a.income - {factor} * b.income AS x, a.income AS one, b.income AS other FROM {both})"
    shown, one, other, _ = answer(f"SELECT sum(x), sum(one), sum(other) FROM {rows_of}")[0]
    assert shown == pytest.approx(one - factor * other, rel=1e-12)
    parts = "sum(CASE WHEN clinic = 'Clinic A' THEN cost ELSE 2 * cost END + 5) AS x, count(*) AS n"
    halves = ", ".join(
        f"sum(cost) FILTER (WHERE clinic {sign} 'Clinic A') AS {name}" for sign, name in (("=", "a"), ("<>", "b"))
    )
    of = f"(SELECT national_id, {parts}, {halves} FROM visits GROUP BY 1)"
    shown, wanted, _ = answer(f"SELECT sum(x), sum(a) + 2 * sum(b) + 5 * sum(n) FROM {of}")[0]
    assert shown == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    "figure",
    [
        "stddev(income - 0.3 * cost)",
        "stddev(CASE WHEN clinic = 'Clinic A' THEN income ELSE 0.3 * income END)",
        "stddev(CASE WHEN clinic = 'Clinic A' THEN 1 ELSE 0.3 END)",
    ],
)
def test_what_cannot_be_taken_apart_is_refused(figure: str) -> None:
    with pytest.raises(Refused, match="NOT_SUPPORTED"):
        answer(f"SELECT {figure} {_OF_VISITS}")


@pytest.mark.parametrize(
    ("age", "of"),
    [
        ("2025 - avg(year(birth_date))", ""),
        ("avg(2025 - year(birth_date))", "WHERE gender = 'F'"),
        ("avg(date_diff('year', birth_date, DATE '2025-06-30'))", "WHERE gender = 'M'"),
        ("avg(extract(year FROM birth_date) * -2) / 2 + 2025", "WHERE city = 'City1'"),
        ("2025 - avg(b) FILTER (WHERE g = 'F')", "AS c(n, b, g)"),
        ("2025 - amanat_percentile(year(birth_date), 0.5)", ""),
    ],
)
def test_a_mean_of_years_is_a_whole_year(age: str, of: str) -> None:
    """In three digits of 1975 everybody would be fifty years old, or forty."""
    table = "(SELECT national_id, year(birth_date), gender FROM citizens)" if "AS c" in of else "citizens"
    one_row_each = tuple(replace(t, entity_unique=t.name == "citizens") for t in CATALOGUE.tables)
    catalogue = replace(CATALOGUE, tables=one_row_each)
    told, true = (
        float(rows(narrowed(f"SELECT {age} FROM {table} {of}", mode=mode, catalogue=catalogue))[0][0])
        for mode in ("rounded", "exact")
    )
    assert told == round(told)
    assert abs(told - true) < 1


def test_words_for_a_mean_of_years_make_no_difference() -> None:
    of = "FROM citizens WHERE city = 'City1'"
    said = ["avg(year(birth_date))", "avg(year(birth_date) * 7 + 3.5) / 7 - 0.5", "2050 - avg(2050 - year(birth_date))"]
    said += ["avg(extract(year FROM birth_date))", "avg(CAST(year(birth_date) AS DOUBLE) / 10) * 10"]
    assert len({round(float(answer(f"SELECT {one} {of}")[0][0]), 6) for one in said}) == 1


@pytest.mark.parametrize("of", ["birth_date FROM citizens", "visit_date FROM visits"])
def test_a_mean_of_years_does_not_count_those_of_one_of_two(of: str) -> None:
    column, _, table = of.partition(" FROM ")
    years = f"year({column}) IN (1990, 1991, 2024, 2025)"
    told = float(answer(f"SELECT avg(year({column})) FROM {table} WHERE {years}")[0][0])
    assert told == round(told)


def test_nor_is_the_largest_year_told_closer() -> None:
    assert float(answer("SELECT max(year(birth_date)) FROM citizens WHERE city = 'City1'")[0][0]) % 10 == 0
    assert answer("SELECT sum(year(birth_date)) FROM citizens WHERE city = 'City1'")[0][0] % 1000 == 0
