"""What one person may change is what the noise is drawn for, whoever it is and whatever is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

import duckdb
import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.noised import NoisedSelect, noised_select
from access_broker.sql.quantities import Share
from tests.support.sample import CATALOGUE, narrowed, published

CLIP = {"sample.citizens.income": (0.0, 100_000.0), "sample.visits.cost": (0.0, 5000.0)}
SHARE = Share(rows=4, groups=2)
UNIQUE = replace(
    CATALOGUE, tables=tuple(replace(t, entity_unique=t.key == "sample.citizens") for t in CATALOGUE.tables)
)
"""As published: nobody stands in citizens twice."""

QUESTIONS = [
    "SELECT count(*), sum(income), avg(income), count(income) FROM citizens",
    "SELECT gender, count(*), sum(income) FROM citizens GROUP BY gender",
    "SELECT clinic, count(*), count(DISTINCT national_id), sum(cost), avg(cost) FROM visits GROUP BY clinic",
    "SELECT year(visit_date), month(visit_date), count(*), sum(cost) FROM visits GROUP BY 1, 2",
    "SELECT count(*), sum(cost), count_if(clinic = 'Clinic A') FROM visits",
    "SELECT c.gender, v.clinic, sum(v.cost), sum(c.income) FROM citizens c "
    "JOIN visits v ON c.national_id = v.national_id GROUP BY 1, 2",
    "SELECT c.province, count(*), count(v.cost) FROM citizens c "
    "LEFT JOIN visits v ON c.national_id = v.national_id GROUP BY 1",
    "WITH p AS (SELECT c.national_id, c.gender, count(*) AS n, sum(v.cost) AS t FROM citizens c "
    "JOIN visits v ON c.national_id = v.national_id GROUP BY 1, 2) SELECT gender, avg(n), sum(t) FROM p GROUP BY 1",
    "SELECT sum(CASE WHEN disease = 'HIV' THEN income ELSE 0 END), sum(income * 2 - 1) FROM citizens",
    "SELECT r.region, count(*), sum(v.cost) FROM citizens c JOIN provinces r ON c.province = r.province "
    "JOIN visits v ON v.national_id = c.national_id GROUP BY 1",
]


def written(sql: str, share: Share = SHARE) -> NoisedSelect:
    statement = narrowed(sql, mode="dp", catalogue=UNIQUE)
    return noised_select(statement, statement.audits[0], UNIQUE, CLIP, share)


@cache
def without_one_of(count: int) -> list[tuple[int, duckdb.DuckDBPyConnection]]:
    """Neighbours of the sample: each lacks one person. The busiest, the richest, and some others."""
    chosen = [
        row[0]
        for row in published()
        .cursor()
        .execute(
            "(SELECT __ek FROM main.t2 GROUP BY 1 ORDER BY count(*) DESC, sum(cost) DESC, 1 LIMIT 4) UNION "
            "(SELECT __ek FROM main.t2 ORDER BY cost DESC LIMIT 2) UNION "
            "(SELECT __ek FROM main.t1 ORDER BY income DESC NULLS LAST LIMIT 2) UNION "
            "(SELECT __ek FROM main.t1 ORDER BY hash(__ek) LIMIT 4)"
        )
        .fetchall()
    ]
    neighbours = []
    for person in sorted(chosen)[:count]:
        connection = duckdb.connect()
        for table in ("t1", "t2", "t3"):
            frame = published().cursor().sql(f"SELECT * FROM main.{table}").to_arrow_table()
            connection.register("source", frame)
            kept = "" if table == "t3" else f"WHERE __ek <> {person}"
            connection.execute(f"CREATE TABLE main.{table} AS SELECT * FROM source {kept}")
        neighbours.append((person, connection))
    return neighbours


def totals(part: NoisedSelect, connection: duckdb.DuckDBPyConnection) -> dict[str, list[int]]:
    rows = connection.cursor().execute(part.totals.sql).fetchall()
    return {json.dumps(row[: part.keys]): list(row[part.keys :]) for row in rows}


@pytest.mark.parametrize("sql", QUESTIONS)
def test_one_person_changes_no_more_than_the_noise_is_drawn_for(sql: str) -> None:
    part = written(sql)
    whole = totals(part, published())
    changed = False
    for _, connection in without_one_of(12):
        rest = totals(part, connection)
        groups = whole.keys() | rest.keys()
        nothing = [0] * len(part.quantities)
        for place, quantity in enumerate(part.quantities):
            moved = [abs(whole.get(g, nothing)[place] - rest.get(g, nothing)[place]) for g in groups]
            assert sum(moved) <= quantity.most * part.groups
            assert max(moved) <= quantity.most
            changed |= sum(moved) > 0
    assert changed


def test_without_bounds_on_rows_and_groups_one_person_would_change_more() -> None:
    """The bounds do something: what is asked above is more than they allow."""
    unbounded = written(QUESTIONS[3], Share(rows=10_000, groups=10_000))
    whole = totals(unbounded, published())
    most = 0
    for _, connection in without_one_of(12):
        rest = totals(unbounded, connection)
        most = max(most, sum(abs(whole[g][1] - rest.get(g, [0, 0, 0])[1]) for g in whole))
    assert most > SHARE.rows * SHARE.groups


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        (
            "SELECT max(n) FROM (SELECT gender, stddev_pop(income) AS n FROM citizens GROUP BY 1)",
            "AGGREGATE_NOT_ALLOWED",
        ),
        ("SELECT corr(income, income) FROM citizens", "AGGREGATE_NOT_ALLOWED"),
        ("SELECT amanat_percentile(income, 0.5) FROM citizens", "AGGREGATE_NOT_ALLOWED"),
        ("SELECT sum(year(birth_date)) FROM citizens", "NO_BOUNDS"),
        ("SELECT avg(income * income) FROM citizens", ""),
        ("SELECT sum(1 / income) FROM citizens", "NO_BOUNDS"),
    ],
)
def test_what_cannot_be_bounded_is_refused(sql: str, code: str) -> None:
    if not code:
        assert written(sql).quantities
        return
    with pytest.raises(Refused) as caught:
        written(sql)
    assert caught.value.reason.code == code


@pytest.mark.parametrize(
    "words",
    [
        "SELECT count(*) FROM citizens WHERE disease = 'HIV' AND city = 'City1'",
        "SELECT sum(1) FROM citizens WHERE disease = 'HIV' AND city IN ('City1')",
        "SELECT count(1) FROM citizens WHERE NOT (city <> 'City1' OR disease <> 'HIV')",
        "SELECT count(national_id) FROM citizens WHERE city LIKE 'City1' AND disease = 'HIV'",
        "SELECT count(DISTINCT c.national_id) FROM citizens AS c WHERE c.city = 'City1' AND c.disease = 'HIV'",
        "SELECT count(*) FILTER (WHERE disease = 'HIV') FROM citizens WHERE city = 'City1'",
        "SELECT count_if(disease = 'HIV' AND city = 'City1') FROM citizens",
        "SELECT sum(CASE WHEN disease = 'HIV' THEN 1 ELSE 0 END) FROM citizens WHERE city = 'City1'",
    ],
)
def test_one_count_in_other_words_is_one_question(words: str) -> None:
    asked = written("SELECT count(*) FROM citizens WHERE city = 'City1' AND disease = 'HIV'")
    assert [q.digest for q in written(words).quantities] == [q.digest for q in asked.quantities]


def test_a_cell_is_the_same_beside_others_and_another_in_other_groups() -> None:
    def digests(sql: str) -> set[str]:
        return {q.digest for q in written(sql).quantities}

    alone = digests("SELECT gender, sum(income) FROM citizens GROUP BY gender")
    beside = digests("SELECT avg(income), gender AS g, count(*) FROM citizens GROUP BY g")
    assert alone < beside
    assert not alone & digests("SELECT province, sum(income) FROM citizens GROUP BY province")
    assert not alone & digests("SELECT gender, sum(income) FROM citizens WHERE city = 'City1' GROUP BY gender")
    assert not digests("SELECT sum(income) FROM citizens") & digests("SELECT sum(income + 1) FROM citizens")


def kinds(part: NoisedSelect) -> list[Any]:
    return [(q.is_count, q.low, q.high) for q in part.quantities]


def test_bounds_follow_the_terms() -> None:
    assert kinds(written("SELECT sum(income) FROM citizens")) == [(False, 0.0, 100_000.0)]
    assert kinds(written("SELECT sum(-income) FROM citizens")) == [(False, -100_000.0, 0.0)]
    assert kinds(written("SELECT sum(cost) FROM visits")) == [(False, 0.0, 4 * 5000.0)]
    assert kinds(written("SELECT count(*) FROM visits")) == [(True, 0, 4)]


def test_what_is_ordered_by_outputs_is_paid_for_once() -> None:
    plain = "SELECT gender, count(*) AS n, avg(income) AS m FROM citizens GROUP BY gender"
    ordered = written(f"{plain} ORDER BY round(m / n, 2) DESC, -n")
    assert ordered.quantities == written(plain).quantities


def test_many_figures_of_many_conditions_are_refused_in_time() -> None:
    few = " AND ".join(f"NOT (disease = 'x{n}' OR NOT (gender <> 'y{n}'))" for n in range(8))
    many = " AND ".join(f"NOT (disease = 'x{n}' OR NOT (gender <> 'y{n}'))" for n in range(100))
    figures = ", ".join(f"count(*) FILTER (WHERE disease = 'd{n}')" for n in range(10))
    assert len(written(f"SELECT {figures} FROM citizens WHERE {few}").quantities) == 10
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        written(f"SELECT {figures} FROM citizens WHERE {many}")


def test_all_selects_of_a_statement_have_the_work_of_one() -> None:
    condition = " OR ".join(f"(city = 'City{n}' AND gender = 'F' AND year(birth_date) > {n})" for n in range(70))
    one = f"SELECT sum(income) FROM citizens WHERE {condition}"
    assert written(one).quantities
    with pytest.raises(Refused, match="TOO_COMPLEX"):
        written(" UNION ALL ".join([one] * 4))
