"""A yes or no added up is told as the CASE of 1 and 0 would be, and no closer."""

from __future__ import annotations

import pytest

from tests.support.sample import is_as_ungated, narrowed, rows, uses

ILL = "WITH c AS (SELECT gender, disease <> 'none' AS ill FROM citizens) SELECT {} FROM c GROUP BY gender"
BOTH = "gender = 'F' AND disease = 'flu'"


@pytest.mark.parametrize(
    "sql",
    [
        ILL.format("gender, avg(ill::INT)"),
        ILL.format("gender, sum(ill::INT), sum(ill), 100 * avg(ill::INT), avg(100.0 * ill::INT)"),
        "SELECT sum((year(birth_date) < 1960)::INT) FROM citizens",
        "SELECT avg((year(birth_date) < 1960)::INT), avg((extract(year FROM birth_date) < 1960)::INT) FROM citizens",
        f"SELECT sum(({BOTH})::INT) FROM citizens",
        f"SELECT sum({BOTH}) FROM citizens",
        "SELECT city, sum(disease = 'flu' OR disease = 'none') FROM citizens GROUP BY city HAVING count(*) > 100",
        "SELECT sum((c.disease = 'flu' AND v.clinic = 'Clinic A')::INT) FROM citizens c JOIN visits v"
        " ON c.national_id = v.national_id",
        "WITH c AS (SELECT CASE disease WHEN 'none' THEN 0 ELSE 1 END AS ill FROM citizens) SELECT avg(ill) FROM c",
        "SELECT avg(CASE clinic WHEN 'Clinic A' THEN cost END) FROM visits",
        "SELECT sum(CASE gender WHEN 'F' THEN 1 ELSE 0 END) FROM citizens",
    ],
)
def test_of_people_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)
    assert not any("transform" in use for use in uses(sql))


@pytest.mark.parametrize(
    "yes",
    [
        "city = 'Oviedo' AND disease = 'HIV'",
        "NOT (city = 'Oviedo' AND disease = 'HIV')",
        "city <> 'Oviedo' OR disease IS DISTINCT FROM 'HIV'",
        "(city = 'Oviedo') AND (disease = 'HIV') IS TRUE",
    ],
)
def test_few_are_told_neither_as_yes_nor_as_no(yes: str) -> None:
    sql = "SELECT gender, sum(({0})::INT), sum({0}) FROM citizens GROUP BY gender"
    assert {row[1:] for row in rows(narrowed(sql.format(yes)))} == {(None, None)}


@pytest.mark.parametrize("mean", ["avg((disease = 'flu' AND city <> 'x')::INT)", "avg((nullif(city, 'x') = 'y')::INT)"])
def test_a_mean_of_what_may_be_nothing_for_chosen_people_is_refused(mean: str) -> None:
    """Beside the sum it would count them: no branch is theirs."""
    assert any("transform" in use for use in uses(f"SELECT {mean} FROM citizens"))


def test_a_chosen_absence_computed_further_in_is_one_too() -> None:
    inner = "(SELECT gender, nullif(city, 'Oviedo') = 'City1' AS x FROM citizens)"
    sql = "SELECT gender, avg(x::INT) FROM {} GROUP BY gender"
    assert any("transform" in use for use in uses(sql.format(inner)))


def test_over_open_rows_none_is_still_not_zero() -> None:
    of_none = "SELECT sum((region = NULL AND population > 0)::INT) FROM provinces"
    assert rows(narrowed(of_none)) == [(None,)]
    assert is_as_ungated("SELECT region, sum((population > 5 AND region <> 'x')::INT) FROM provinces GROUP BY region")


def test_a_person_without_a_yes_or_no_is_none_as_well() -> None:
    """Not yet a figure of k people: nobody would say that the 0 of a person stands for nothing."""
    per_person = "SELECT national_id, sum((clinic = NULL AND cost > 0)::INT) AS n FROM visits GROUP BY 1"
    assert "ELSE 0" not in narrowed(f"SELECT count(*) FROM ({per_person}) WHERE n > 0").sql
