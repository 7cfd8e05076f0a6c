"""`rounded`, where nearly all of a group have one value: digits would count those who have another."""

from __future__ import annotations

import math

import pytest

from tests.support.sample import narrowed, rows

ONE_OTHER = "year(birth_date) = 1980 OR (year(birth_date) = 1981 AND city = 'City1' AND gender = 'F')"
QUARTERS = "date_diff('quarter', DATE '1980-01-01', birth_date)"


def told(sql: str) -> list[float]:
    return [float(cell) for cell in rows(narrowed(sql, mode="rounded"))[0][:-1]]  # the last says that it is held


@pytest.mark.parametrize("city", [f"City{n}" for n in range(1, 9)])
def test_a_spread_goes_in_steps_of_five_who_differ(city: str) -> None:
    where = f"year(birth_date) = 1980 OR (year(birth_date) = 1981 AND city = '{city}')"
    figures = "var_pop(year(birth_date)), stddev_pop(year(birth_date)), var_samp(year(birth_date)), count(*)"
    variance, deviation, of_sample, people = told(f"SELECT {figures} FROM citizens WHERE {where}")
    for one in (variance, deviation**2, of_sample):
        assert one * people == pytest.approx(5 * round(one * people / 5))


def test_a_spread_of_one_value_is_none() -> None:
    asked = "SELECT stddev_pop(year(birth_date)), var_pop(year(birth_date)) FROM citizens WHERE year(birth_date) = 1980"
    assert told(asked) == [0.0, 0.0]


@pytest.mark.parametrize("where", [ONE_OTHER, "year(birth_date) = 1980"])
def test_a_mean_of_what_is_known_as_well(where: str) -> None:
    mean, people = told(f"SELECT avg({QUARTERS}), count(*) FROM citizens WHERE {where}")
    assert mean * people == pytest.approx(20 * round(mean * people / 20))  # four quarters each


def test_a_mean_of_counts_is_a_rounded_sum_by_a_rounded_count() -> None:
    within = "FROM (SELECT national_id, count(*) AS n FROM visits WHERE visit_date < DATE '2024-01-20' GROUP BY 1)"
    mean, total, people = told(f"SELECT avg(n), sum(n), count(*) {within}")
    assert mean == pytest.approx(total / people)
    assert total % 5 == people % 5 == 0


def test_of_many_values_three_digits_are_told() -> None:
    found = told("SELECT stddev_pop(year(birth_date)), avg(year(birth_date)) FROM citizens")
    assert found == [pytest.approx(23.977, abs=0.1), pytest.approx(1974.6, abs=1)]
    assert all(math.isclose(one, round(one, 1)) for one in found)
