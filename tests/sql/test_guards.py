"""The cheap tests for k people give the answers of the exact ones, always; and rows are counted only where that is
counting people."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from access_broker.domain.catalogue import Catalogue, Publication
from access_broker.domain.decisions import Obligations, Refused
from access_broker.sql.analyse import analyse
from access_broker.sql.guards import cheaper
from access_broker.sql.names import resolve
from access_broker.sql.parse import parse
from access_broker.sql.rewrite import rewrite
from access_broker.sql.statement import Statement
from access_broker.use_cases.settling import Settling
from tests.support.sample import CATALOGUE

UNIQUE = Catalogue(
    tuple(replace(t, entity_unique=True) if t.name == "citizens" else t for t in CATALOGUE.tables), CATALOGUE.joins
)
EXAMPLES = int(os.environ.get("AMANAT_EXAMPLES", "80"))
ASKED = [
    "SELECT city, count(*), avg(income) FROM citizens GROUP BY city ORDER BY city",
    "SELECT city, count(*) FROM citizens GROUP BY city HAVING count(income) > 3 ORDER BY 2 DESC, 1 LIMIT 2",
    "SELECT count(*), sum(income) FILTER (WHERE gender = 'F') FROM citizens",
    "SELECT count(*) FROM citizens WHERE gender = 'F' HAVING count(*) > 12",
    "SELECT city, count(CASE WHEN gender = 'F' THEN 1 END) FROM citizens GROUP BY city ORDER BY 1",
    "SELECT city, rank() OVER (ORDER BY count(*) DESC, city) FROM citizens GROUP BY city ORDER BY 1",
    "SELECT city, count(*) FROM citizens GROUP BY city QUALIFY row_number() OVER (ORDER BY city) <= 2 ORDER BY 1",
    "SELECT DISTINCT city FROM citizens ORDER BY 1",
    "SELECT gender, count(*) * 1.0 / (SELECT count(*) FROM citizens) FROM citizens GROUP BY gender ORDER BY 1",
    "SELECT max(n), count(n) FROM (SELECT city, count(*) AS n FROM citizens GROUP BY city)",
    "SELECT count(*) FROM citizens UNION ALL SELECT count(*) FROM visits ORDER BY 1",
    "SELECT clinic, count(*), sum(cost) FROM visits GROUP BY clinic ORDER BY 1",
    "SELECT c.city, count(*), sum(v.cost) FROM citizens c JOIN visits v ON c.national_id = v.national_id "
    "GROUP BY c.city ORDER BY 1",
    "SELECT c.city, count(*), count(v.cost) FROM citizens c LEFT JOIN visits v ON c.national_id = v.national_id "
    "GROUP BY c.city ORDER BY 1",
    "SELECT v.clinic, count(*), avg(c.income) FROM visits v LEFT JOIN citizens c ON c.national_id = v.national_id "
    "GROUP BY 1 ORDER BY 1",
    "SELECT p.region, count(*), avg(c.income) FROM provinces p LEFT JOIN citizens c ON c.province = p.province "
    "GROUP BY 1 ORDER BY 1",
    "SELECT p.region, count(c.income) FROM citizens c FULL JOIN provinces p ON c.province = p.province "
    "GROUP BY 1 ORDER BY 1",
    "SELECT n, count(*) FROM (SELECT national_id AS p, count(*) AS n FROM visits GROUP BY p) GROUP BY n ORDER BY 1",
    "SELECT c.city, avg(x.n) FROM citizens c JOIN (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) x "
    "ON x.national_id = c.national_id GROUP BY 1 ORDER BY 1",
    "SELECT city, count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits WHERE clinic = 'A') "
    "GROUP BY city ORDER BY 1",
    "WITH f AS (SELECT city, income FROM citizens WHERE gender = 'F') SELECT city, sum(income) FROM f GROUP BY 1 "
    "ORDER BY 1",
]

PUBLICATION = Publication("C", 1, "", "", CATALOGUE)

people = st.one_of(st.none(), st.integers(1, 14), st.integers(0, 3).map(lambda n: 5 + 64 * n))
citizens = st.lists(
    st.tuples(
        people, st.sampled_from("FM"), st.sampled_from("XY"), st.sampled_from("AB"), st.one_of(st.none(), st.just(7))
    ),
    max_size=60,
)
visits = st.lists(st.tuples(people, st.sampled_from("AB"), st.one_of(st.none(), st.just(3))), max_size=60)


class Bench:
    """A worker on tables of a test's own; answers are batches of Arrow."""

    def __init__(self, citizens: list[Any], visits: list[Any]) -> None:
        self.con = duckdb.connect()
        self.con.execute(
            "CREATE TABLE t1 (national_id BIGINT, birth_date DATE, gender VARCHAR, province VARCHAR, city VARCHAR, "
            "income DECIMAL(12,2), disease VARCHAR, __ek BIGINT);"
            "CREATE TABLE t2 (national_id BIGINT, visit_date DATE, clinic VARCHAR, cost DECIMAL(10,2), __ek BIGINT);"
            "CREATE TABLE t3 (province VARCHAR, region VARCHAR, population BIGINT);"
            "INSERT INTO t3 VALUES ('X', 'r', 1), ('Y', 's', 2), ('Z', 's', 3)"
        )
        for ek, gender, province, city, income in citizens:
            self.con.execute(
                "INSERT INTO t1 VALUES (?, NULL, ?, ?, ?, ?, NULL, ?)", [ek, gender, province, city, income, ek]
            )
        for ek, clinic, cost in visits:
            self.con.execute("INSERT INTO t2 VALUES (?, NULL, ?, ?, ?)", [ek, clinic, cost, ek])
        self.ran: list[str] = []
        self.settling = Settling()

    def plan(self, sql: str, should_stop: Any = None) -> dict[str, Any]:
        (row,) = self.con.execute("SELECT json_serialize_plan(?, optimize := false)", [sql]).fetchall()
        return dict(json.loads(row[0]))

    def run(self, sql: str, should_stop: Any = None) -> _Answer:
        self.ran.append(sql)
        return _Answer(self.con.sql(sql).to_arrow_table())

    def seconds_left(self) -> float:
        return 60.0

    def kill(self) -> None:
        raise AssertionError("nobody kills here")

    def rows(self, statement: Statement) -> list[Any]:
        answer = self.settling.run(self, PUBLICATION, statement)
        shown = range(len(statement.output_names))
        return [
            tuple(batch.column(i)[row].as_py() for i in [*shown, *([batch.num_columns - 1] if statement.held else [])])
            for batch in answer.batches()
            for row in range(batch.num_rows)
        ]


class _Answer:
    def __init__(self, table: Any) -> None:
        self.table, self.schema = table, table.schema

    def batches(self) -> Iterator[Any]:
        yield from self.table.to_batches()

    def close(self) -> None:
        pass


def statement(sql: str, k: int, catalogue: Catalogue = CATALOGUE) -> Statement:
    analysis = analyse(resolve(parse(sql), catalogue))
    guarded = tuple((s.id, k) for s in analysis.footprint.sources if s.table != "sample.provinces")
    return rewrite(analysis, Obligations(guarded, 1000, "exact", 1))


def cheap(sql: str, k: int, catalogue: Catalogue = CATALOGUE) -> Statement:
    """As if its tables were large."""
    made = statement(sql, k, catalogue)
    read = {name for name, _ in made.reads}
    people = [t for t in catalogue.tables if t.entity and not t.entity_unique]
    made.costly = {t.physical: "__ek" for t in people if t.physical in read}
    return made


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from(ASKED), citizens, visits, st.integers(1, 12))
def test_no_cheap_test_changes_an_answer(sql: str, citizens: list[Any], visits: list[Any], k: int) -> None:
    bench = Bench(citizens, visits)
    expected = bench.rows(statement(sql, k))
    made = cheap(sql, k)
    assert bench.rows(made) == expected
    made.cheaper = cheaper(made, {})  # by bits alone
    assert bench.rows(made) == expected


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.sampled_from(ASKED), citizens, visits, st.integers(1, 12))
def test_counting_rows_of_single_people_changes_no_answer(
    sql: str, citizens: list[Any], visits: list[Any], k: int
) -> None:
    once = list({person: row for row in citizens if (person := row[0]) is not None}.values())
    bench = Bench([*once, *(row for row in citizens if row[0] is None)], visits)
    assert bench.rows(cheap(sql, k, UNIQUE)) == bench.rows(statement(sql, k))


@pytest.mark.parametrize(
    ("sql", "distinct"),
    [
        ("SELECT city, avg(income) FROM citizens GROUP BY city", False),
        ("SELECT city, avg(income) FROM (SELECT * FROM citizens WHERE gender = 'F') f GROUP BY city", False),
        ("SELECT c.city, p.region FROM citizens c JOIN provinces p ON c.province = p.province GROUP BY 1, 2", False),
        ("SELECT n, count(*) FROM (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) GROUP BY n", False),
        (
            "SELECT n, count(*) FROM (SELECT national_id, clinic, count(*) AS n FROM visits GROUP BY 1, 2) GROUP BY n",
            True,
        ),
        ("SELECT clinic, count(*) FROM visits GROUP BY clinic", True),
        ("SELECT c.city FROM citizens c JOIN visits v ON c.national_id = v.national_id GROUP BY 1", True),
        ("SELECT c.city FROM citizens c JOIN provinces p ON c.province = p.region GROUP BY 1", True),
        ("SELECT c.city FROM citizens c CROSS JOIN (VALUES (1), (2)) x(i) GROUP BY 1", True),
    ],
)
def test_where_people_are_counted_by_rows(sql: str, distinct: bool) -> None:
    assert ("DISTINCT" in statement(sql, 10, UNIQUE).sql) is distinct


def test_nothing_cheap_where_it_gains_nothing() -> None:
    assert cheaper(statement("SELECT city, avg(income) FROM citizens GROUP BY city", 10, UNIQUE), {}) == []
    assert cheaper(statement("SELECT city, avg(income) FROM citizens GROUP BY city", 30), {}) == []
    assert cheaper(statement("SELECT region FROM provinces", 10), {}) == []


def test_a_large_table_gets_cheap_forms_and_a_small_one_does_not() -> None:
    large = Catalogue(tuple(replace(t, rows=200_000) for t in CATALOGUE.tables), CATALOGUE.joins)
    sql = "SELECT v.clinic FROM visits v JOIN citizens c ON c.national_id = v.national_id GROUP BY 1"
    assert statement(sql, 10, large).costly == {"t1": "__ek", "t2": "__ek"}
    assert statement(sql, 10).costly == {}


@pytest.mark.parametrize(
    ("sql", "least"),
    [
        ("SELECT clinic FROM visits GROUP BY clinic", 1 + 7 + 5),
        ("SELECT v.clinic FROM visits v JOIN citizens c ON c.national_id = v.national_id GROUP BY 1", 1 + (3 + 2) * 7),
        ("SELECT x.clinic FROM (SELECT clinic FROM visits) x GROUP BY 1", 1 + 7 + 5),
        ("SELECT v.clinic FROM visits v CROSS JOIN (VALUES (1), (2)) x(i) GROUP BY 1", None),
        ("SELECT v.clinic FROM visits v JOIN citizens c ON c.income = v.cost GROUP BY 1", None),
    ],
)
def test_so_many_rows_cannot_be_those_of_two_people(sql: str, least: int | None) -> None:
    forms = cheaper(statement(sql, 3), {"t1": (3, 2, 2), "t2": (7, 5, 1)})
    by_rows = forms[0].statement.sql
    assert (f">= {least}" in by_rows) if least else ("BIT_OR" in by_rows)
    assert len(forms) == (2 if least else 1)


GROUPS = "SELECT clinic, count(*) FROM visits GROUP BY clinic"


def forms_run(bench: Bench) -> list[str]:
    return ["bits" if "BIT_OR" in sql else "exact" if "DISTINCT" in sql else "rows" for sql in bench.ran]


def test_a_form_in_doubt_is_not_tried_again() -> None:
    alike = [(5 + 64 * n, "A", 1) for n in range(12)]
    bench = Bench([], [*alike, *([(5, "B", 1)] * 40)])
    made = cheap(GROUPS, 12)
    assert [bench.rows(made), bench.rows(made)] == [[("A", 12)]] * 2
    assert forms_run(bench) == ["rows", "rows", "bits", "exact", "exact"]  # the first asks for the rows of people


def test_certain_by_rows_runs_once_and_asks_for_its_tables_once() -> None:
    bench = Bench([], [(n, "A", 1) for n in range(12)])
    assert bench.rows(cheap(GROUPS, 10)) == [("A", 12)]
    assert bench.rows(cheap(GROUPS, 9)) == [("A", 12)]
    assert len(bench.ran) == 3
    assert set(forms_run(bench)) == {"rows"}


def test_a_text_that_is_not_what_was_decided_never_runs() -> None:
    bench = Bench([], [(n, "A", 1) for n in range(12)])
    made = cheap(GROUPS, 10)
    made.reads = [("t2", frozenset({"clinic", "cost", "__ek"}))]
    with pytest.raises(Refused, match="NOT_VERIFIED"):
        bench.rows(made)


class _Failing(Bench):
    """Every form but the exact one fails, as a group that the exact one drops first might make it."""

    def __init__(self, code: str, exact: str) -> None:
        super().__init__([(n, "F", "X", "A", 7) for n in range(20)], [])
        self.code, self.exact = code, exact

    def run(self, sql: str, should_stop: Any = None) -> _Answer:
        if sql != self.exact and self.ran:  # the first asks how many rows people have
            self.ran.append(sql)
            raise Refused(self.code)
        return super().run(sql, should_stop)


@pytest.mark.parametrize("sql", [ASKED[0], ASKED[2], ASKED[8]])
def test_what_fails_in_a_cheap_form_runs_in_the_exact_one(sql: str) -> None:
    made = cheap(sql, 3)
    bench = _Failing("VALUE_ERROR", made.sql)
    assert bench.rows(made) == Bench([(n, "F", "X", "A", 7) for n in range(20)], []).rows(statement(sql, 3))
    assert made.cheaper
    assert len(bench.ran) > 2


def test_what_takes_too_long_does_not_run_again() -> None:
    made = cheap(ASKED[0], 3)
    with pytest.raises(Refused) as refused:
        _Failing("TOO_SLOW", made.sql).rows(made)
    assert refused.value.reason.code == "TOO_SLOW"
