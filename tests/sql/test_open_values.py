"""Open values in aggregates over rows of people: only where a group has one row of them."""

from __future__ import annotations

import pytest
import sqlglot
from sqlglot import exp

from access_broker.domain.catalogue import Catalogue
from access_broker.sql.constants import values_relation
from tests.support.sample import is_as_ungated, narrowed, rows, table, uses

JOINED = "citizens c JOIN provinces p ON c.province = p.province"
TELLING = [
    f"SELECT min(p.population) FROM {JOINED} WHERE c.disease = 'HIV'",  # is one of them from the smallest?
    f"SELECT c.disease, max(p.region) FROM {JOINED} GROUP BY c.disease",
    f"SELECT c.disease, count(DISTINCT p.region) FROM {JOINED} GROUP BY c.disease",
    f"SELECT c.city, sum(p.population) FROM {JOINED} GROUP BY c.city",  # how many of each it is made of
    f"SELECT c.city, avg(p.population) FROM {JOINED} GROUP BY c.city",
    f"SELECT corr(c.income, p.population) FROM {JOINED}",
    f"SELECT c.city, mode(p.region), median(p.population) FROM {JOINED} GROUP BY c.city",
    f"SELECT p.region, max(p.population) FROM {JOINED} GROUP BY p.region",
    f"SELECT c.gender, sum(CASE WHEN c.city = 'City1' THEN p.population END) FROM {JOINED} GROUP BY c.gender",
    f"SELECT d, max(n) FROM (SELECT c.disease AS d, p.population AS n FROM {JOINED}) GROUP BY d",
    "SELECT c.gender, max(g.m) FROM citizens c JOIN (SELECT province, avg(income) AS m FROM citizens GROUP BY 1) g"
    " ON c.province = g.province GROUP BY c.gender",
    f"SELECT p.province::VARCHAR, max(p.population) FROM {JOINED} GROUP BY 1",
    f"SELECT p.province, length(string_agg(p.region, ',')) FROM {JOINED} GROUP BY p.province",  # how many there are
    "SELECT string_agg('a', '') FROM citizens",
    f"SELECT d, sum(x) FROM (SELECT c.disease AS d, p.population + c.income * 0 AS x FROM {JOINED}) GROUP BY d",
    f"SELECT d, sum(m) FROM (SELECT c.national_id, c.disease AS d, avg(p.population) AS m FROM {JOINED}"
    " GROUP BY c.national_id, c.disease) GROUP BY d",
]
FROM_PROVINCES = "provinces p LEFT JOIN citizens c ON c.province = p.province"
NOBODY = [  # is there somebody? If not, the province has a row of nobody
    f"SELECT p.region, count(*), count(c.gender) FROM {FROM_PROVINCES} GROUP BY p.region",
    f"SELECT p.region, sum(1) FROM {FROM_PROVINCES} AND c.disease = 'HIV' GROUP BY p.region",
    f"SELECT p.region, count(p.province) FROM {FROM_PROVINCES} GROUP BY p.region",
    "SELECT p.region, count(*) FROM citizens c RIGHT JOIN provinces p ON c.province = p.province GROUP BY p.region",
    f"SELECT region, count(*) FROM (SELECT p.region, c.gender FROM {FROM_PROVINCES}) GROUP BY region",
    "SELECT p.province, count(*) FROM citizens c FULL JOIN provinces p ON c.province = p.province GROUP BY p.province",
]
OF_PROVINCES = "citizens c LEFT JOIN provinces p ON c.province = p.province"
CHOSEN = [  # those it finds nothing for are as few as one likes
    f"SELECT count(*), count(p.population) FROM {OF_PROVINCES} AND p.province <> 'Pedernales'",
    "SELECT count(p.population) FROM citizens c LEFT JOIN (SELECT * FROM provinces WHERE population > 40000) p"
    " ON c.province = p.province",
    "SELECT count(p.population) FROM (SELECT * FROM provinces WHERE population > 40000) p RIGHT JOIN citizens c"
    " ON c.province = p.province",
    f"SELECT count(q.population) FROM {OF_PROVINCES} AND p.region <> 'South' LEFT JOIN provinces q"
    " ON q.province = p.province",
    "SELECT count(p.population) FROM (SELECT nullif(province, 'Pedernales') AS x FROM citizens) c"
    " LEFT JOIN provinces p ON c.x = p.province",
    f"SELECT count(n) FROM (SELECT p.population AS n FROM {OF_PROVINCES} AND p.region <> 'South')",
    f"SELECT count(q.population) FROM (SELECT p.province AS x FROM {OF_PROVINCES} AND p.region <> 'South') d"
    " LEFT JOIN provinces q ON q.province = d.x",
]
MARKED = [  # a number of its own for whom an outer join found nothing
    "SELECT sum(x) FROM (SELECT coalesce(d.income, 1000000) AS x FROM citizens c LEFT JOIN citizens d"
    " ON c.national_id = d.national_id AND d.city <> 'Oviedo')",
    "SELECT sum(x) FROM (SELECT coalesce(d.income, 0) AS x FROM citizens c LEFT JOIN citizens d"
    " ON c.national_id = d.national_id)",
]
KNOWN = [
    "SELECT sum(one) FROM (SELECT 1 AS one, city FROM citizens) WHERE city <> 'Oviedo'",
    f"SELECT p.province, max(p.population) FROM {JOINED} GROUP BY p.province",
    f"SELECT c.province, min(p.region), count(*) FROM {JOINED} GROUP BY c.province",
    f"SELECT c.province, c.gender, avg(p.population) FROM {JOINED} GROUP BY c.province, c.gender",
    "SELECT p.province, max(p.population) FROM provinces p LEFT JOIN citizens c ON c.province = p.province GROUP BY 1",
    f"SELECT c.gender, count(p.region) FROM {JOINED} GROUP BY c.gender",
    f"SELECT c.gender, count(p.region) FROM {OF_PROVINCES} GROUP BY c.gender",
    f"SELECT p.region, count(c.gender), avg(c.income) FROM {FROM_PROVINCES} GROUP BY p.region",
    f"SELECT p.province, count(*) FROM {FROM_PROVINCES} GROUP BY p.province",
    "SELECT count(*) FROM citizens c FULL JOIN visits v ON c.national_id = v.national_id",
    f"SELECT sum(CASE WHEN p.region = 'South' THEN c.income END) FROM {JOINED}",
    "SELECT c.gender, max(t.n) FROM citizens c CROSS JOIN (SELECT count(*) AS n FROM visits) t GROUP BY c.gender",
]


def told(sql: str) -> bool:
    return any(use.startswith("s") and ".* transform:" in use for use in uses(sql))


@pytest.mark.parametrize("sql", [*TELLING, *NOBODY, *CHOSEN, *MARKED])
def test_what_tells_who_is_in_a_group_is_told_to_the_policy(sql: str) -> None:
    assert told(sql)


@pytest.mark.parametrize("sql", KNOWN)
def test_what_is_known_of_the_group_is_free(sql: str) -> None:
    assert not told(sql)


PER_PERSON = "(SELECT national_id, count(*) AS n FROM visits GROUP BY national_id)"


_VISITS_OF = "citizens c LEFT JOIN (SELECT national_id, count(*) AS n FROM visits GROUP BY 1) v USING (national_id)"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT n, count(*) FROM (SELECT coalesce(v.n, 0) AS n FROM {_VISITS_OF}) GROUP BY n HAVING n < 3",
        f"WITH t AS (SELECT gender, coalesce(n, 0) AS n FROM {_VISITS_OF}) SELECT gender, n = 0, count(*) FROM t"
        " GROUP BY ALL",
        f"SELECT count(*) FILTER (WHERE v.n IS NULL) FROM {_VISITS_OF}",
        "SELECT n > 0, count(*) FROM (SELECT c.national_id, count(v.clinic) AS n FROM citizens c"
        " LEFT JOIN visits v ON v.national_id = c.national_id GROUP BY 1) GROUP BY 1",
        f"SELECT p.region, count(*) FROM (SELECT c.province, v.n FROM {_VISITS_OF}) t"
        " JOIN provinces p ON p.province = t.province WHERE t.n IS NULL GROUP BY 1",
    ],
)
def test_those_an_outer_join_found_nothing_for_are_there_further_out(sql: str) -> None:
    assert is_as_ungated(sql)


def test_a_second_person_behind_what_is_joined_stays_guarded() -> None:
    """Of a household everybody knows the head's year: who is counted are the members, and the head is one."""
    people = table("people", "t1", "id", "id BIGINT join\nhead BIGINT join\nyear INTEGER dimension")
    catalogue = Catalogue((people,), frozenset({frozenset({"sample.people.id", "sample.people.head"})}))
    heads = "(SELECT p.id, q.year AS born FROM people p JOIN people q ON p.head = q.id)"
    for key in ("s.id, z.born", "s.id"):
        born = "z.born" if "born" in key else "max(z.born) AS born"
        sql = (
            f"SELECT born, count(*) FROM (SELECT s.id, {born} FROM people s LEFT JOIN {heads} z ON z.id = s.id"
            f" GROUP BY {key}) GROUP BY born"
        )
        assert len(narrowed(sql, catalogue=catalogue).audits[-1].guards) == 3


_IS_ZERO = [
    f"SELECT avg(coalesce(v.n, 0)), sum(coalesce(v.n, 0)), stddev_pop(coalesce(v.n, 0)) FROM {_VISITS_OF}",
    f"SELECT avg(n) FROM (SELECT coalesce(v.n, 0) AS n FROM {_VISITS_OF})",
    f"WITH t AS (SELECT gender, coalesce(n, 0) AS n FROM {_VISITS_OF}) SELECT gender, avg(n) FROM t GROUP BY 1",
    "SELECT gender, avg(n) FROM (SELECT c.national_id, c.gender, count(v.visit_date) AS n FROM citizens c"
    " LEFT JOIN visits v ON v.national_id = c.national_id GROUP BY 1, 2) GROUP BY 1",
]


@pytest.mark.parametrize("sql", _IS_ZERO)
def test_whoever_has_nothing_has_none(sql: str) -> None:
    assert not told(sql)
    assert is_as_ungated(sql)


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT avg(coalesce(v.n, 1)) FROM {_VISITS_OF}",
        f"SELECT avg(coalesce(v.n + 1, 0)) FROM {_VISITS_OF}",
        f"SELECT avg(coalesce(v.n, 0) + 1) FROM {_VISITS_OF}",
        f"SELECT max(coalesce(v.n, 0)) FROM {_VISITS_OF}",
        "SELECT avg(coalesce(v.cost, 0)) FROM citizens c LEFT JOIN visits v USING (national_id)",
        "SELECT avg(coalesce(d.income, 0)) FROM citizens c LEFT JOIN citizens d"
        " ON d.national_id = c.national_id AND d.city <> 'Oviedo'",
    ],
)
def test_but_no_number_stands_for_it_otherwise(sql: str) -> None:
    assert told(sql)


def test_of_a_few_who_have_something_the_mean_of_all_says_nothing() -> None:
    few = _VISITS_OF.replace("FROM visits", "FROM visits WHERE clinic = 'Clinic Z'")
    assert rows(narrowed(f"SELECT avg(coalesce(v.n, 0)) FROM {few}")) == [(None, False)]


def test_what_is_read_of_them_further_out_must_be_there_for_enough() -> None:
    sql = f"SELECT {{}} FROM (SELECT c.disease, v.n, v.n + 1 AS m FROM {_VISITS_OF}) WHERE disease = 'HIV'"
    for figure, of_whom in (("count(*)", 1), ("avg(n)", 2), ("count(n)", 2), ("sum(m)", 2)):
        assert len(narrowed(sql.format(figure)).audits[-1].guards) == of_whom


@pytest.mark.parametrize("picked", ["max(n)", "min(n)", "mode(n)", "median(n)", "string_agg(n, ',')", "max(n + 1)"])
def test_what_was_counted_of_one_person_is_not_picked_out(picked: str) -> None:
    assert told(f"SELECT {picked} FROM {PER_PERSON}")


@pytest.mark.parametrize("asked", ["sum(n)", "avg(n)", "stddev_samp(n)", "n, count(*)"])
def test_what_was_counted_per_person_is_added_up_and_grouped(asked: str) -> None:
    assert not told(f"SELECT {asked} FROM {PER_PERSON}{' GROUP BY n' if asked.startswith('n') else ''}")


def test_of_released_groups_any_may_be_picked_out() -> None:
    assert not told("SELECT max(n), string_agg(n, ',') FROM (SELECT city, count(*) AS n FROM citizens GROUP BY city)")


def test_over_open_tables_alone_everything_is_free() -> None:
    assert not told("SELECT region, max(population), count(DISTINCT province) FROM provinces GROUP BY region")


def test_what_is_known_is_not_rounded_and_small_groups_are_left_out() -> None:
    sql = f"SELECT p.province, max(p.population), max(p.region), count(*) FROM {JOINED} GROUP BY p.province ORDER BY 1"
    exact, rounded = rows(narrowed(sql)), rows(narrowed(sql, mode="rounded"))
    assert [row[:3] for row in rounded] == [row[:3] for row in exact]
    assert [row[3] for row in rounded] != [row[3] for row in exact]
    assert "Pedernales" not in {row[0] for row in exact}


LISTED = "(VALUES ('flu', 'J'), ('asthma', 'J'), ('diabetes', 'E')) k(disease, chapter)"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT k.chapter, count(*), avg(c.income) FROM citizens c JOIN {LISTED} ON k.disease = c.disease GROUP BY 1",
        f"SELECT k.chapter, count(*) FROM citizens c LEFT JOIN {LISTED} ON k.disease = c.disease GROUP BY 1",
        "SELECT count(*) FROM citizens JOIN (VALUES ('Azua'), ('Duarte')) s(province) USING (province)",
        "WITH k(d, w) AS (VALUES ('flu', 'J'), ('asthma', 'J')) SELECT w, count(*) FROM citizens JOIN k"
        " ON k.d = disease GROUP BY 1",
    ],
)
def test_a_list_of_texts_is_a_lookup(sql: str) -> None:
    """Its texts differ, so that nobody is counted twice; it tells no more than a condition would."""
    assert not told(sql)
    assert is_as_ungated(sql)


def _keys(rows_: str) -> list[frozenset[str]]:
    tree = sqlglot.parse_one(f"SELECT * FROM (VALUES {rows_}) k(a, b)", dialect="duckdb")
    values = tree.find(exp.Values)
    assert values is not None
    return list(values_relation(values).keys)


@pytest.mark.parametrize(
    ("listed", "columns"),
    [
        ("('a', 'x'), ('b', 'x')", ["a"]),
        ("('a', 'x'), ('b', 'y')", ["a", "b"]),
        ("('a', 'x'), ('a', 'y')", ["b"]),
        ("('1', 1), ('01', 2)", ["a", "b"]),
        ("('a', 1), ('b', NULL)", ["a"]),
        ("('a', 'x'), (NULL, 'y')", ["b"]),
        ("('a', 'x'), (1, 'x')", []),
        ("(DATE '2024-01-01', 'x'), ('2024-01-01', 'x')", []),
        ("('2024-01-01'::DATE, 1.5), ('2024-1-1'::DATE, 2.5)", []),
    ],
)
def test_only_texts_that_certainly_differ_are_a_key(listed: str, columns: list[str]) -> None:
    assert sorted(name for key in _keys(listed) for name in key) == columns


PER = "(SELECT national_id, count(*) AS n FROM visits GROUP BY 1) v"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT coalesce(v.n, 0) AS k, count(*), avg(c.income) FROM citizens c LEFT JOIN {PER} USING (national_id)"
        " WHERE coalesce(v.n, 0) < 4 GROUP BY 1",
        f"SELECT CASE WHEN v.n IS NULL THEN 'none' WHEN v.n < 3 THEN 'few' ELSE 'many' END AS band, count(*)"
        f" FROM citizens c LEFT JOIN {PER} ON v.national_id = c.national_id GROUP BY 1",
        f"SELECT c.gender, v.n IS NULL AS never, count(*) FROM citizens c LEFT JOIN {PER} USING (national_id)"
        " GROUP BY 1, 2",
    ],
)
def test_those_who_have_nothing_are_a_group_like_others(sql: str) -> None:
    """A distribution with its zeros: the number only says to which group a person belongs."""
    assert is_as_ungated(sql)


@pytest.mark.parametrize(
    "figure", ["count(v.n)", "sum(v.n)", "max(v.n)", "count(*) FILTER (WHERE v.n IS NULL)", "count(*), sum(v.n)"]
)
def test_what_a_figure_reads_must_be_there_for_enough_people(figure: str) -> None:
    """One person went to Clinic Z: of a group of those without, nothing is read of her."""
    one = PER.replace(" GROUP", " WHERE clinic = 'Clinic Z' GROUP")
    found = rows(narrowed(f"SELECT v.n, {figure} FROM citizens c LEFT JOIN {one} USING (national_id) GROUP BY 1"))
    assert all(cell is None for row in found for cell in row[1:])


@pytest.mark.parametrize(
    "rest",
    [
        "citizens c LEFT JOIN {one} ON v.national_id = c.national_id AND c.gender = 'F'",
        "citizens c LEFT JOIN {one} ON v.national_id <= c.national_id",
    ],
)
def test_a_group_of_one_is_left_out_all_the_same(rest: str) -> None:
    one = PER.replace(" GROUP", " WHERE clinic = 'Clinic Z' GROUP")
    found = rows(narrowed(f"SELECT v.n, count(*) FROM {rest.format(one=one)} GROUP BY 1"))
    assert 1 not in {row[0] for row in found if row[1] == 1}
