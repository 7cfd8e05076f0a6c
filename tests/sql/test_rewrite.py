"""The narrowed statement on real data: small groups gone, small cells NULL, honest answers untouched."""

from __future__ import annotations

import pytest

from access_broker.sql.verify import Mismatch, verify
from tests.support.sample import analysed, narrowed, plan, published, rows

SMALL = [
    "SELECT province, count(*) FROM citizens GROUP BY province",
    "SELECT city, avg(income) FROM citizens GROUP BY city",
    "SELECT DISTINCT city FROM citizens",
    "SELECT clinic, count(*), sum(cost) FROM visits GROUP BY clinic",
    "SELECT province, count(*) FROM citizens CROSS JOIN (VALUES (1), (2), (3), (4), (5)) x(i) GROUP BY province",
    "SELECT * FROM (SELECT city, count(*) AS n FROM citizens GROUP BY city) ORDER BY n LIMIT 5",
    "SELECT city, rank() OVER (ORDER BY count(*)) FROM citizens GROUP BY city",
    "SELECT city FROM citizens GROUP BY city HAVING count(*) < 10",
    "SELECT c.city, count(*) FROM citizens c JOIN visits v ON c.national_id = v.national_id GROUP BY c.city",
]


@pytest.mark.parametrize("sql", SMALL, ids=range(len(SMALL)))
def test_small_groups_never_appear(sql: str) -> None:
    shown = str(rows(narrowed(sql)))
    assert not any(label in shown for label in ("Pedernales", "Oviedo", "Clinic Y", "Clinic Z"))


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM citizens WHERE city = 'Oviedo'",
        "SELECT count(*) FROM citizens WHERE city = 'Nowhere'",
        "SELECT count(*) FILTER (WHERE city = 'Oviedo') FROM citizens",
        "SELECT count(*) FILTER (WHERE city <> 'Oviedo') FROM citizens",
        "SELECT sum(CASE WHEN city = 'Oviedo' THEN income END) FROM citizens",
        "SELECT sum(CASE city WHEN 'City1' THEN 0 WHEN 'Oviedo' THEN income ELSE 1 END) FROM citizens",
        "SELECT count(CASE WHEN city = 'Oviedo' AND disease = 'HIV' THEN 1 END) FROM citizens",
        "SELECT count_if(city = 'Oviedo') FROM citizens",
        "SELECT count(nullif(city, 'Oviedo')) FROM citizens",
        "SELECT sum(if(city = 'Oviedo', income, 0)) FROM citizens",
        "SELECT avg(c.income) FROM provinces p LEFT JOIN citizens c ON c.province = p.province AND c.city = 'Oviedo'",
    ],
)
def test_an_ungrouped_answer_with_a_small_cell_is_not_held(sql: str) -> None:
    statement = narrowed(sql)
    assert statement.held
    assert [row[-1] for row in rows(statement)] == [False]


def test_zero_and_few_look_alike() -> None:
    few, none = (rows(narrowed(f"SELECT count(*) FROM citizens WHERE city = '{c}'")) for c in ("Oviedo", "Nowhere"))
    assert few[0][-1] is none[0][-1] is False


def test_small_cells_in_groups_are_null() -> None:
    statement = narrowed(
        "SELECT gender, count(*) FILTER (WHERE city = 'Oviedo'), count(*) FROM citizens GROUP BY gender"
    )
    assert sorted(rows(statement)) == [("F", None, 2524), ("M", None, 2508)]


def test_a_per_entity_subquery_is_checked_outside() -> None:
    statement = narrowed(
        "WITH n AS (SELECT national_id, count(*) AS v FROM visits GROUP BY national_id) "
        "SELECT v, count(*) AS patients FROM n GROUP BY v ORDER BY v"
    )
    found = rows(statement)
    raw = (
        published()
        .execute("SELECT v, count(*) FROM (SELECT count(*) v FROM raw.visits GROUP BY national_id) GROUP BY v")
        .fetchall()
    )
    assert found == sorted((v, n) for v, n in raw if n >= 10)


def test_a_set_asked_by_key_is_checked_outside() -> None:
    some = narrowed(
        "SELECT count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits WHERE clinic = 'Clinic A')"
    )
    one = narrowed(
        "SELECT count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits WHERE clinic = 'Clinic Z')"
    )
    assert rows(some)[0][-1] is True
    assert rows(one)[0][-1] is False


def test_rows_are_capped() -> None:
    assert narrowed("SELECT * FROM provinces", max_rows=3).sql.endswith("LIMIT 3")
    assert narrowed("SELECT * FROM provinces LIMIT 2", max_rows=3).sql.endswith("LIMIT 2")
    assert len(rows(narrowed("SELECT province FROM provinces UNION ALL SELECT region FROM provinces", max_rows=4))) == 4


def test_output_names_are_the_askers() -> None:
    statement = narrowed('SELECT count(*) AS "N People", avg(income) FROM citizens')
    assert statement.output_names == ["N People", "avg(income)"]


def test_the_users_text_never_runs() -> None:
    secret = "/* mark */ SELECT count(*) AS n -- mark\n FROM citizens"
    assert "mark" not in narrowed(secret).sql


def test_open_tables_stay_open() -> None:
    assert len(rows(narrowed("SELECT province, population FROM provinces ORDER BY 2 DESC"))) == 8
    assert not narrowed("SELECT count(*) FROM provinces WHERE province = 'Azua'").held


def test_arithmetic_within_arithmetic_is_done_in_double_and_nowhere_twice() -> None:
    sql = narrowed("SELECT sum(income * 1.2 + 5), avg(income * 1.2) FROM citizens", mode="rounded").sql
    assert '"income" * 1.2' not in sql


VERIFIED = [*SMALL, "SELECT 1", "SELECT * FROM provinces USING SAMPLE 3 ROWS", "SELECT * FROM (VALUES (1)) x(v)"]


@pytest.mark.parametrize("sql", VERIFIED, ids=range(len(VERIFIED)))
def test_the_bound_plan_agrees(sql: str) -> None:
    statement = narrowed(sql)
    verify(plan(statement.sql), statement)


@pytest.mark.parametrize(
    "other",
    [
        "SELECT city, income FROM main.t1",
        "SELECT city FROM main.t2, main.t1",
        "SELECT max(city) FROM main.t1",
        "SELECT md5(city) FROM main.t1",
        "SELECT city, (SELECT max(full_name) FROM raw.citizens) FROM main.t1",
        "SELECT city FROM main.t1, range(3)",
        "SELECT unnest([city]) FROM main.t1",
        "SELECT rowid, city FROM main.t1",
        "SELECT list_transform([city], lambda x: x) FROM main.t1",
        "SELECT t1 FROM main.t1",
        "DELETE FROM main.t1",
        "SELECT 1; SELECT 2",
    ],
)
def test_any_difference_in_the_plan_is_a_mismatch(other: str) -> None:
    statement = narrowed("SELECT city, count(*) AS n FROM citizens GROUP BY city")
    statement.reads = [("t1", frozenset({"city"}))]
    with pytest.raises(Mismatch):
        verify(plan(other), statement)


def test_what_the_gate_prints_is_what_the_engine_reads_back() -> None:
    analysis = analysed("SELECT gender, count(*) AS n FROM citizens GROUP BY gender")
    assert [s.table for s in analysis.footprint.sources] == ["sample.citizens"]
