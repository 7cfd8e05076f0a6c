"""The steps in which counts are told, in whatever words something is counted."""

from __future__ import annotations

import pytest

from tests.sql.test_rounding import answer
from tests.support.sample import published


def test_a_count_is_a_multiple_of_five_and_less_than_five_away() -> None:
    sql = "SELECT city, gender, count(*) FROM citizens GROUP BY ALL ORDER BY ALL"
    shown = {row[:2]: row[2] for row in answer(sql)}
    true = {row[:2]: row[2] for row in answer(sql, "exact")}
    assert shown.keys() == true.keys()
    away = [shown[group] - true[group] for group in true]
    assert all(n % 5 == 0 for n in shown.values())
    assert all(-5 < a < 5 for a in away)
    assert {a > 0 for a in away if a} == {True, False}
    assert abs(sum(away) / len(away)) < 1


OF_THREE = (
    "JOIN (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) q ON q.national_id = v.national_id AND q.n = 3"
)


@pytest.mark.parametrize(
    ("counted", "rows_each"),
    [
        (f"SELECT c.disease, count(*) FROM citizens c JOIN visits v USING (national_id) {OF_THREE} GROUP BY 1", 3),
        (
            f"SELECT c.disease, count(*) FROM citizens c JOIN visits v USING (national_id) JOIN visits w ON"
            f" w.national_id = v.national_id {OF_THREE} GROUP BY 1",
            9,
        ),
        (f"SELECT v.disease, sum(q.n) FROM citizens v {OF_THREE} GROUP BY 1", 3),
        (f"SELECT 1, sum(CASE WHEN v.gender = 'F' THEN q.n ELSE 0 END) FROM citizens v {OF_THREE}", 3),
        (f"SELECT v.disease, avg(q.n) * count(*) FROM citizens v {OF_THREE} GROUP BY 1", 3),
    ],
)
def test_rows_are_counted_in_steps_of_five_people_s(counted: str, rows_each: int) -> None:
    """In steps of five rows, three or nine of which are of one person, the people would be counted exactly."""
    for _, shown, *_ in answer(counted):
        assert round(float(shown), 6) % (5 * rows_each) == 0


def test_of_people_with_unlike_many_rows_a_step_is_what_five_have_on_average() -> None:
    ((total, people, _),) = answer("SELECT count(*), count(DISTINCT national_id) FROM visits")
    ((exact, _, _),) = answer("SELECT count(*), count(DISTINCT national_id) FROM visits", "exact")
    assert round(exact / people) == 3
    assert total % 15 == 0
    assert abs(total - exact) < 15


def test_a_share_is_one_rounded_count_by_another() -> None:
    sql = "SELECT avg(CASE WHEN disease = 'HIV' THEN 1 ELSE 0 END), count_if(disease = 'HIV'), count(*) FROM citizens"
    share, some, everybody, _ = answer(sql)[0]
    assert share == pytest.approx(some / everybody)


def test_what_is_made_of_zeros_and_ones_is_never_exact() -> None:
    sql = "SELECT {}(CASE WHEN disease = 'HIV' THEN 1 ELSE 0 END) FROM citizens"
    for function in ("stddev_pop", "var_samp"):
        shown = answer(sql.format(function))[0][0]
        assert shown == float(f"{shown:.1g}")


@pytest.mark.parametrize(
    ("value", "of"),
    [
        ("year(birth_date)", "citizens WHERE year(birth_date) = 1990"),
        ("t.w", "citizens, (VALUES (10000)) t(w) WHERE city = 'City1'"),
        ("p.population", "citizens c JOIN provinces p ON c.province = p.province WHERE p.province = 'Azua'"),
        ("4 * p.population - 7", "citizens c JOIN provinces p ON c.province = p.province WHERE p.province = 'Azua'"),
    ],
)
def test_a_sum_of_what_is_the_same_for_everyone_is_a_count(value: str, of: str) -> None:
    total, count = answer(f"SELECT sum({value}), count(*) FROM {of}")[0][:2]
    raw = published().cursor()
    raw.execute("USE raw")
    (each,) = raw.execute(f"SELECT max({value}) FROM {of}").fetchone() or (None,)
    assert count % 5 == 0
    assert total == each * count
    assert answer(f"SELECT avg({value}) FROM {of}")[0][0] == each


def test_a_sum_of_what_is_nearly_the_same_for_everyone_is_no_closer_than_five_of_them() -> None:
    sql = "SELECT sum(year(birth_date)) FROM citizens WHERE year(birth_date) IN (1990, 1991)"
    shown, true = (float(answer(sql, mode)[0][0]) for mode in ("rounded", "exact"))
    assert shown % 10_000 == 0
    assert abs(shown - true) < 10_000


def test_values_that_differ_are_no_closer_than_five_of_the_largest() -> None:
    sql = "SELECT sum(t.x) FROM citizens c JOIN (VALUES (1, 'City1'), (0.00001, 'City2')) t(x, city) ON c.city = t.city"
    assert answer(sql)[0][0] % 5 == 0
