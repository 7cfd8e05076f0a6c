"""What the audit query of a statement asks: the kinds of figures, whom they are of, and that its plan is in order."""

from __future__ import annotations

from typing import Any

import pytest

from access_broker.sql.audit import audit_queries
from access_broker.sql.figures import PEOPLE, ROWS, AuditQuery, Figure
from access_broker.sql.statement import Withheld
from access_broker.sql.verify import check
from tests.support.sample import CATALOGUE, K, narrowed, plan, published, rows

INCOME, COST, BIRTH = "sample.citizens.income", "sample.visits.cost", "sample.citizens.birth_date"
JOINED = "FROM visits JOIN citizens USING (national_id)"


def queries(sql: str) -> list[AuditQuery]:
    return audit_queries(narrowed(sql), CATALOGUE, 1_000_000)


def query(sql: str) -> AuditQuery:
    return queries(sql)[0]


def figures(sql: str) -> list[Figure]:
    return [figure for cell in query(sql).cells for figure in cell.figures]


def kinds(sql: str) -> list[str]:
    return sorted({figure.kind for figure in figures(sql)})


def found(asked: AuditQuery) -> list[tuple[Any, ...]]:
    return published().cursor().execute(asked.statement.sql).fetchall()


def adding_up(sql: str, figure: int = -1) -> float:
    """What all people together add to a figure, over all groups."""
    asked = query(sql)
    one = asked.cells[-1].figures[figure]
    place = asked.keys + 1 + (one.count if one.weight is None else one.sizes[0])
    return sum(float(row[place] or 0) for row in found(asked))


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        ("count(*) FROM citizens", [ROWS, PEOPLE]),
        ("sum(1) FROM citizens", [ROWS, PEOPLE]),
        ("count_if(gender = 'F') FROM citizens", [ROWS, PEOPLE]),
        ("count(DISTINCT national_id) FROM citizens", [ROWS, PEOPLE]),
        ("count(DISTINCT city) FROM citizens", ["distinct sample.citizens.city"]),
        ("avg(income) FROM citizens", [ROWS, PEOPLE, INCOME]),
        ("sum(income) FROM citizens", [ROWS, PEOPLE, INCOME]),
        ("var_samp(income) FROM citizens", [ROWS, PEOPLE, INCOME]),
        ("var_pop(income) FROM citizens", [ROWS, PEOPLE, INCOME]),
        ("stddev_pop(income) FROM citizens", [ROWS, PEOPLE, INCOME]),
        (f"covar_pop(income, cost) {JOINED}", [ROWS, PEOPLE, INCOME, COST, f"{INCOME}+{COST}"]),
        ("sum(income + 1) FROM citizens", [ROWS, PEOPLE, INCOME]),
        ("count(income) FROM citizens", [ROWS, PEOPLE, INCOME]),
        ("count(gender) FROM citizens", [ROWS, PEOPLE, "sample.citizens.gender"]),
        ("sum(CASE WHEN gender = 'F' THEN income END) FROM citizens", [ROWS, PEOPLE, INCOME]),
        ("avg(CASE WHEN gender = 'F' THEN income END) FROM citizens", [ROWS, PEOPLE, INCOME]),
        ("avg(CASE WHEN gender = 'F' THEN year(birth_date) END) FROM citizens", [ROWS, PEOPLE, BIRTH]),
        ("avg(CASE WHEN gender = 'F' THEN t.x ELSE 0 END) FROM citizens, (SELECT 1 AS x) t", [ROWS, PEOPLE, "derived"]),
        ("sum(CASE WHEN gender = 'F' THEN 1 ELSE 0 END) FROM citizens", [ROWS, PEOPLE]),
        (f"corr(income, cost) {JOINED}", [ROWS, PEOPLE, INCOME, COST, f"{INCOME}+{COST}"]),
        (f"sum(income + cost) {JOINED}", [ROWS, PEOPLE, INCOME, COST, f"{INCOME}+{COST}"]),
        ("avg(s) FROM (SELECT national_id, sum(cost) AS s FROM visits GROUP BY national_id)", [ROWS, PEOPLE, COST]),
        ("avg(n) FROM (SELECT national_id, count(*) AS n FROM visits GROUP BY national_id)", [ROWS, PEOPLE]),
        (
            "avg(x) FROM (SELECT income + 0 * year(birth_date) AS x FROM citizens)",
            [ROWS, PEOPLE, INCOME, BIRTH, f"{BIRTH}+{INCOME}"],
        ),
        (
            "stddev(s + n) FROM (SELECT national_id, sum(cost) AS s, count(*) AS n FROM visits GROUP BY national_id)",
            [ROWS, PEOPLE, COST, f"{ROWS}+{COST}"],
        ),
        ("avg(m) FROM (SELECT national_id, avg(cost) AS m FROM visits GROUP BY national_id)", [ROWS, PEOPLE, COST]),
    ],
)
def test_figures_of_one_kind_can_be_subtracted(projection: str, expected: list[str]) -> None:
    assert kinds(f"SELECT {projection}") == sorted(expected)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT province, avg(income), count(*) FILTER (WHERE gender = 'F') FROM citizens GROUP BY province",
        "SELECT count(DISTINCT city), count(birth_date), count(gender) FROM citizens",
        f"SELECT clinic, corr(income, cost), sum(cost * 2) {JOINED} GROUP BY clinic",
        "SELECT sum(CASE WHEN gender = 'F' THEN income ELSE 0 END), avg(nullif(income, 0)) FROM citizens",
        "SELECT year(birth_date) + 1, count(*) FROM citizens WHERE income > 10 GROUP BY 1 HAVING count(*) > 50",
        "SELECT avg(n), sum(s) FROM (SELECT national_id, count(*) AS n, sum(cost) AS s FROM visits GROUP BY 1)",
        "SELECT count(*) FROM citizens WHERE income > (SELECT avg(income) FROM citizens)",
        "SELECT count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits)",
        "WITH a AS (SELECT province, count(*) AS n FROM citizens GROUP BY province) SELECT max(n) FROM a",
        "SELECT c.province, count(v.national_id) FROM citizens c LEFT JOIN visits v ON v.national_id = c.national_id "
        "GROUP BY c.province",
    ],
)
def test_the_engines_plan_of_it_is_in_order(sql: str) -> None:
    asked = queries(sql)
    assert asked
    for one in asked:
        check(plan(one.statement.sql), one.statement)
        assert found(one)


def test_a_row_for_each_group_and_person() -> None:
    asked = query("SELECT province, gender, count(*) FROM citizens GROUP BY province, gender")
    pairs = found(asked)
    assert (asked.keys, asked.k, asked.domain) == (2, K, "sample.citizens.national_id")
    assert len(pairs) == 5032
    assert all(row[3] == 1 for row in pairs)


def test_what_people_add_is_the_figure() -> None:
    assert adding_up("SELECT sum(income) FROM citizens") == pytest.approx(232310465.10)
    assert adding_up("SELECT sum(income) FILTER (WHERE city <> 'Oviedo') FROM citizens") == pytest.approx(231307810.78)
    assert adding_up("SELECT count(*) FROM visits WHERE clinic = 'Clinic Y'") == 200


def test_the_same_domain_by_whatever_table() -> None:
    assert query("SELECT count(*) FROM visits").domain == query("SELECT count(*) FROM citizens").domain


def test_one_query_for_each_guarded_source() -> None:
    assert len(queries(f"SELECT count(*) {JOINED}")) == 2
    assert queries("SELECT count(*) FROM provinces") == []
    assert kinds("SELECT DISTINCT gender FROM citizens") == sorted([ROWS, PEOPLE])  # that a group is there is told


def test_a_cell_with_a_filter_can_be_withheld_alone() -> None:
    cells = query("SELECT count(*), count(*) FILTER (WHERE gender = 'F'), count_if(income > 5) FROM citizens").cells
    assert [cell.partial for cell in cells] == [False, True, True]
    assert [len(cell.regions) for cell in cells] == [0, 2, 2]


def test_it_stops_one_row_beyond_what_is_bearable() -> None:
    asked = audit_queries(narrowed("SELECT count(*) FROM citizens"), CATALOGUE, 100)[0]
    assert len(found(asked)) == 101


CITY14 = "city = 'City14'"


@pytest.mark.parametrize(
    "key",
    [
        f"CASE WHEN {CITY14} THEN INTERVAL 30 DAY ELSE INTERVAL 1 MONTH END",
        f"CASE WHEN {CITY14} THEN INTERVAL 24 HOUR ELSE INTERVAL 1 DAY END",
        f"CASE WHEN {CITY14} THEN 'inf'::DOUBLE ELSE 'NaN'::DOUBLE END - 'inf'::DOUBLE",
        f"CASE WHEN {CITY14} THEN '-0.0'::DOUBLE ELSE '0.0'::DOUBLE END",
        f"CASE WHEN {CITY14} THEN '-0.0'::FLOAT ELSE '0.0'::FLOAT END",
    ],
)
def test_keys_that_are_one_to_the_engine_have_one_name(key: str) -> None:
    asked = query(f"SELECT {key} AS k, count(*) FROM citizens GROUP BY k")
    check(plan(asked.statement.sql), asked.statement)
    assert len({row[0] for row in found(asked)}) == 1


@pytest.mark.parametrize(
    ("key", "groups"),
    [
        (f"CASE WHEN {CITY14} THEN INTERVAL 30 DAY ELSE INTERVAL 1 MONTH END", 1),
        (f"CASE WHEN {CITY14} THEN 'inf'::DOUBLE ELSE 'NaN'::DOUBLE END - 'inf'::DOUBLE", 1),
        (f"CASE WHEN {CITY14} THEN '-0.0'::DOUBLE ELSE '0.0'::DOUBLE END", 1),
        (f"CASE WHEN {CITY14} THEN TIME '24:00:00' ELSE TIME '00:00:00' END", 2),
        (f"CASE WHEN {CITY14} THEN 1.50 END", 2),
        (f"CASE WHEN {CITY14} THEN 'it''s' ELSE '' END", 2),
        (f"CASE WHEN {CITY14} THEN 0.1::FLOAT ELSE 1 END", 2),
        ("gender", 2),
        ("gender = 'F'", 2),
        ("year(birth_date) / 10", 82),
        ("birth_date", 82),
        ("birth_date + INTERVAL 3 HOUR", 82),
        ("birth_date::TIMESTAMP - TIMESTAMP '2000-01-01 00:00:01'", 82),
    ],
)
def test_a_group_is_withheld_by_its_name(key: str, groups: int) -> None:
    sql = f"SELECT {key} AS k, count(*) FROM citizens GROUP BY k"
    statement, names = narrowed(sql), {row[0] for row in found(query(sql))}
    shown = [name for name in names if len([row for row in found(query(sql)) if row[0] == name]) >= K]
    assert len(shown) == groups == len(rows(statement))
    without = statement.withholding([Withheld(0, (shown[0],))])
    check(plan(without.sql), without)
    assert len(rows(without)) == groups - 1


def test_what_is_added_up_per_person_weighs_what_its_rows_weigh() -> None:
    per_person = "FROM (SELECT national_id, clinic, count(*) AS n, sum(cost) AS s FROM visits GROUP BY 1, 2)"
    for inside, plain in (
        (f"SELECT sum(n) {per_person}", "SELECT count(*) FROM visits"),
        (f"SELECT avg(s) {per_person}", "SELECT avg(cost) FROM visits"),
    ):
        assert added(inside) == added(plain)


def test_the_mean_of_a_persons_rows_weighs_what_they_weigh_on_the_average() -> None:
    rows = {row[0]: row[1] for row in published().cursor().execute(
        "SELECT national_id, count(cost) FROM main.t2 GROUP BY national_id").fetchall()}  # fmt: skip
    means = added("SELECT avg(m) FROM (SELECT national_id, avg(cost) AS m FROM visits GROUP BY national_id)")
    sums = added("SELECT sum(cost) FROM visits")
    whole = [person for person, number in rows.items() if 60 % number == 0]
    assert {rows[person] for person in whole} > {1, 2, 3}
    assert all(means[person] * rows[person] == sums[person] for person in whole)


def added(sql: str) -> dict[int, float]:
    """What each person adds to the first figure that is no count of the rows around."""
    asked = query(sql)
    figure = next((f for f in asked.cells[-1].figures if f.weight is not None), asked.cells[-1].figures[0])
    place = asked.keys + 1 + (figure.count if figure.weight is None else figure.weight)
    return {row[asked.keys]: float(row[place] or 0) for row in found(asked)}
