"""Attacks of several statements, each harmless: stopped under `differencing: refuse`, and shown to succeed without.

What an attacker would compute is written beside each, with the value it gives: that of one person, or two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Differencing
from tests.attacks.overlapping import OVERLAPPING
from tests.attacks.sequence import Sequence, every, of, one
from tests.attacks.small_parts import SMALL_PARTS
from tests.attacks.whose_rows import WHOSE_ROWS
from tests.support.inside import Given, Inside
from tests.support.judge import CORPUS

PROVINCES = "SELECT province, count(*) FROM citizens GROUP BY province"
CLINICS = "SELECT clinic, sum(cost) FROM visits GROUP BY clinic"
BIG_CLINICS = tuple(f"Clinic {letter}" for letter in "ABCDEFGHIJKL")
ALONE = "city = 'City14' AND disease = 'HIV' AND gender = 'F' AND year(birth_date) < 1950"
ONE_MORE = "(clinic = 'Clinic C' OR (clinic = 'Clinic F' AND visit_date = DATE '2025-01-02'))"
TWO_VISITS = (
    "FROM visits v JOIN citizens c ON c.national_id = v.national_id WHERE v.national_id IN"
    " (SELECT national_id FROM visits GROUP BY national_id HAVING count(*) = 2) AND c.city = 'City1'"
)
WITHOUT_HER = f"{TWO_VISITS} AND NOT (c.disease = 'flu' AND c.gender = 'F' AND v.clinic = 'Clinic G')"
IN_OVIEDO, HER_INCOME, HER_VISIT = 2, 987_654.32, 4_999.99

SEQUENCES = [
    Sequence(
        "a total and all but two",
        ("SELECT sum(income) FROM citizens", "SELECT sum(income) FROM citizens WHERE city <> 'Oviedo'"),
        lambda a: one(a[0]) - one(a[1]),
        HER_INCOME + 15_000,
    ),
    Sequence(
        "an average and its count, twice",
        (
            "SELECT avg(income), count(income) FROM citizens",
            "SELECT avg(income), count(income) FROM citizens WHERE NOT (city = 'Oviedo' AND gender = 'F')",
        ),
        lambda a: one(a[0]) * one(a[0], 1) - one(a[1]) * one(a[1], 1),
        HER_INCOME,
    ),
    Sequence(
        "the small one with a large one, less the large one",
        (
            "SELECT count(*) FROM citizens WHERE province IN ('Azua', 'Pedernales')",
            "SELECT count(DISTINCT national_id) FROM citizens WHERE province = 'Azua'",
        ),
        lambda a: one(a[0]) - one(a[1]),
        IN_OVIEDO,
    ),
    Sequence(
        "groups, then their total", (PROVINCES, "SELECT count(*) FROM citizens"), lambda a: one(a[1]) - every(a[0]), 2
    ),
    Sequence(
        "a total, then its groups",
        ("SELECT count(*) FROM citizens", PROVINCES),
        lambda a: one(a[0]) - of(a[1], "Azua", "Barahona", "Distrito", "Duarte", "La Vega", "Samana", "Santiago"),
        IN_OVIEDO,
    ),
    Sequence(
        "a hierarchy",
        ("SELECT region, count(*) FROM citizens JOIN provinces USING (province) GROUP BY region", PROVINCES),
        lambda a: of(a[0], "South") - of(a[1], "Azua", "Barahona"),
        IN_OVIEDO,
    ),
    Sequence(
        "a general tracker",
        (
            "SELECT count(*) FROM citizens WHERE province = 'Pedernales' OR gender = 'F'",
            "SELECT count(*) FROM citizens WHERE province = 'Pedernales' OR NOT gender = 'F'",
            "SELECT count(*) FROM citizens",
        ),
        lambda a: one(a[0]) + one(a[1]) - one(a[2]),
        IN_OVIEDO,
    ),
    Sequence(
        "a sum taken apart over four statements",
        (
            "SELECT count(*) FROM citizens WHERE province IN ('Azua', 'Barahona', 'Duarte', 'Pedernales')",
            "SELECT count(*) FROM citizens WHERE province = 'Azua'",
            "SELECT count(*) FROM citizens WHERE province = 'Barahona'",
            "SELECT count(*) FROM citizens WHERE province = 'Duarte'",
        ),
        lambda a: one(a[0]) - one(a[1]) - one(a[2]) - one(a[3]),
        IN_OVIEDO,
    ),
    Sequence(
        "one statement alone",
        (
            "SELECT count(*) FILTER (WHERE province IN ('Azua', 'Pedernales')), "
            "count(*) FILTER (WHERE province = 'Azua') FROM citizens",
        ),
        lambda a: one(a[0]) - one(a[0], 1),
        IN_OVIEDO,
    ),
    Sequence(
        "who came first on a day",
        (
            "SELECT count(DISTINCT national_id) FROM visits WHERE visit_date <= DATE '2025-03-13'",
            "SELECT count(DISTINCT national_id) FROM visits WHERE visit_date <= DATE '2025-03-14'",
        ),
        lambda a: one(a[1]) - one(a[0]),
        2,
    ),
    Sequence(
        "who came first on a day, as a staircase",
        (
            "SELECT g.d, count(DISTINCT v.national_id) FROM generate_series(DATE '2025-03-13', DATE '2025-03-14',"
            " INTERVAL 1 DAY) g(d) JOIN visits v ON v.visit_date <= g.d GROUP BY g.d ORDER BY g.d",
        ),
        lambda a: one(a[0][1:], 1) - one(a[0], 1),
        2,
    ),
    Sequence(
        "a general tracker in the rows of a series",
        (
            "SELECT g.n, count(*) FROM range(3) g(n) LEFT JOIN citizens c ON g.n = 0 OR c.province = 'Pedernales'"
            " OR (g.n = 1 AND c.gender = 'F') OR (g.n = 2 AND NOT c.gender = 'F') GROUP BY g.n ORDER BY g.n",
        ),
        lambda a: of(a[0], 1, 2) - of(a[0], 0),
        IN_OVIEDO,
    ),
    Sequence(
        "a series, then its rows asked for one by one",
        (
            "SELECT g.n, count(*) FROM range(1, 3) g(n) LEFT JOIN citizens c ON c.city <> 'Oviedo' OR g.n = 2"
            " GROUP BY g.n ORDER BY g.n LIMIT 1",
            "SELECT count(*) FROM citizens",
        ),
        lambda a: one(a[1]) - of(a[0], 1),
        IN_OVIEDO,
    ),
    Sequence(
        "the visits of a clinic that is not shown",  # everyone in it is in the others too, or nearly
        (CLINICS, "SELECT sum(cost) FROM visits WHERE clinic <> 'Clinic Y'"),
        lambda a: one(a[1]) - of(a[0], *BIG_CLINICS),
        HER_VISIT,
    ),
    Sequence(
        "some clinics with the hidden one",
        (CLINICS, "SELECT sum(cost) FROM visits WHERE clinic IN ('Clinic A', 'Clinic B', 'Clinic Z')"),
        lambda a: one(a[1]) - of(a[0], "Clinic A", "Clinic B"),
        HER_VISIT,
    ),
    Sequence(
        "rows padded with NULL for all but one",
        (
            "SELECT sum(v.cost) FROM citizens c LEFT JOIN visits v ON v.national_id = c.national_id",
            "SELECT sum(v.cost) FROM citizens c LEFT JOIN visits v ON v.national_id = c.national_id "
            "AND v.clinic <> 'Clinic Z'",
        ),
        lambda a: one(a[0]) - one(a[1]),
        HER_VISIT,
    ),
    Sequence(
        "a figure per person, counted",
        (
            "SELECT count(*) FROM (SELECT national_id, sum(cost) AS s FROM visits GROUP BY national_id)",
            "SELECT count(*) FROM (SELECT national_id, sum(cost) AS s FROM visits WHERE clinic <> 'Clinic Z' "
            "GROUP BY national_id)",
        ),
        lambda a: one(a[0]) - one(a[1]),
        1,
    ),
    Sequence(
        "the richest of fifteen",
        (
            "SELECT sum(income) FROM citizens WHERE province = 'Azua'",
            "SELECT sum(income) FROM citizens WHERE province = 'Azua' AND city <> 'Jimani'",
        ),
        lambda a: one(a[0]) - one(a[1]) - 14 * 20_000,
        9_500_000,
    ),
    Sequence(
        "sums of sums",
        (
            "SELECT sum(income + 1) FROM citizens",
            "SELECT sum(income), count(income) FROM citizens WHERE NOT (city = 'Oviedo' AND gender = 'F')",
        ),
        lambda a: one(a[0]) - one(a[1]) - one(a[1], 1) - 1,
        HER_INCOME,
    ),
    Sequence(
        "two keys that are one group to the engine",
        (
            "SELECT sum(income) FROM citizens WHERE city <> 'Oviedo'",
            "SELECT sum(income) FROM citizens GROUP BY CASE WHEN city = 'Oviedo' THEN CAST('-0.0' AS DOUBLE)"
            " ELSE CAST('0.0' AS DOUBLE) END",
        ),
        lambda a: one(a[1]) - one(a[0]),
        HER_INCOME + 15_000,
    ),
    Sequence(
        "a count that is a sum of ones",
        (
            "SELECT count(*) FROM citizens",
            "SELECT sum(one) FROM (SELECT 1 AS one, city FROM citizens) WHERE city <> 'Oviedo'",
        ),
        lambda a: one(a[0]) - one(a[1]),
        IN_OVIEDO,
    ),
    Sequence(
        "a count that is a sum through its mean",
        (
            "SELECT count(*) FROM citizens",
            "SELECT sum(y), avg(y) FROM (SELECT 2 AS y, city FROM citizens) WHERE city <> 'Oviedo'",
        ),
        lambda a: one(a[0]) - one(a[1]) / one(a[1], 1),
        IN_OVIEDO,
    ),
    Sequence(
        "two keys of different texts that are one group to the engine",
        (
            f"SELECT CASE WHEN {ALONE} THEN INTERVAL 30 DAY ELSE INTERVAL 1 MONTH END AS k, sum(income) FROM citizens"
            " WHERE gender = 'F' AND city IN ('City14', 'City2') GROUP BY k",
            f"SELECT sum(income) FROM citizens WHERE gender = 'F' AND city IN ('City14', 'City2') AND NOT ({ALONE})",
        ),
        lambda a: one(a[0], 1) - one(a[1]),
        37_108.51,
    ),
    Sequence(
        "two keys that are no number, one group to the engine",
        (
            f"SELECT CASE WHEN {ALONE} THEN 'inf'::DOUBLE ELSE 'NaN'::DOUBLE END - 'inf'::DOUBLE AS k, sum(income)"
            " FROM citizens WHERE gender = 'F' AND city IN ('City14', 'City2') GROUP BY k",
            f"SELECT sum(income) FROM citizens WHERE gender = 'F' AND city IN ('City14', 'City2') AND NOT ({ALONE})",
        ),
        lambda a: one(a[0], 1) - one(a[1]),
        37_108.51,
    ),
    Sequence(
        "rows, and rows counted per person and added up",
        (
            "SELECT count(*) FROM visits WHERE clinic = 'Clinic C'",
            f"SELECT sum(n) FROM (SELECT national_id, count(*) AS n FROM visits WHERE {ONE_MORE} GROUP BY 1)",
        ),
        lambda a: one(a[1]) - one(a[0]),
        1,
    ),
    Sequence(
        "a sum over two rows of everybody, and over everybody",
        (
            f"SELECT sum(c.income) {WITHOUT_HER}",
            "SELECT sum(c.income) FROM citizens c WHERE c.national_id IN"
            " (SELECT national_id FROM visits GROUP BY national_id HAVING count(*) = 2) AND c.city = 'City1'",
        ),
        lambda a: 2 * one(a[1]) - one(a[0]),
        58_415.06,
    ),
    Sequence(
        "two rows of everybody counted, and everybody",
        (
            f"SELECT count(*) {TWO_VISITS}",
            f"SELECT count(DISTINCT v.national_id) {TWO_VISITS}"
            " AND NOT (c.disease = 'flu' AND c.gender = 'F' AND year(c.birth_date) < 1970)",
        ),
        lambda a: one(a[0]) / 2 - one(a[1]),
        1,
    ),
    Sequence(
        "a mean over two rows of everybody, and the mean of everybody's means",
        (
            f"SELECT avg(v.cost), count(*) {TWO_VISITS}",
            f"SELECT avg(m) FROM (SELECT v.national_id, avg(v.cost) AS m {WITHOUT_HER} GROUP BY v.national_id)",
        ),
        lambda a: one(a[0], 1) / 2 * (one(a[0]) - one(a[1])),
        (469.43 - 64.38) / 2,
    ),
    Sequence(
        "a variance and that of a sample, which is a count",
        (
            "SELECT var_samp(year(birth_date)) / var_pop(year(birth_date)) FROM citizens WHERE city = 'City1'",
            "SELECT count(*) FROM citizens WHERE city = 'City1' OR (city = 'Oviedo' AND disease = 'HIV')",
        ),
        lambda a: one(a[1]) - one(a[0]) / (one(a[0]) - 1),
        1,
    ),
    Sequence(
        "a deviation and that of a sample, which is a count",
        (
            "SELECT stddev_samp(year(birth_date)) / stddev_pop(year(birth_date)) FROM citizens WHERE city = 'City1'",
            "SELECT count(*) FROM citizens WHERE city = 'City1' OR (city = 'Oviedo' AND disease = 'HIV')",
        ),
        lambda a: one(a[1]) - one(a[0]) ** 2 / (one(a[0]) ** 2 - 1),
        1,
    ),
    Sequence(
        "the richest of fifteen, in three statements",
        (
            "SELECT sum(income) FROM citizens WHERE province = 'Azua' AND city <> 'Jimani' AND gender = 'F'",
            "SELECT sum(income) FROM citizens WHERE province = 'Azua' AND city <> 'Jimani' AND gender = 'M'",
            "SELECT sum(income) FROM citizens WHERE province = 'Azua'",
        ),
        lambda a: one(a[2]) - one(a[0]) - one(a[1]) - 14 * 20_000,
        9_500_000,
    ),
    Sequence(
        "a sum, and sums per person added up",
        (
            "SELECT sum(cost) FROM visits WHERE clinic = 'Clinic C'",
            f"SELECT sum(s) FROM (SELECT national_id, sum(cost) AS s FROM visits WHERE {ONE_MORE} GROUP BY 1)",
        ),
        lambda a: one(a[1]) - one(a[0]),
        327.58,
    ),
    Sequence(
        "a sum, and means of one row each added up",
        (
            "SELECT sum(cost) FROM visits WHERE clinic = 'Clinic C'",
            "SELECT sum(m) FROM (SELECT national_id, visit_date, avg(cost) AS m FROM visits"
            f" WHERE {ONE_MORE} GROUP BY 1, 2)",
        ),
        lambda a: one(a[1]) - one(a[0]),
        327.58,
    ),
    Sequence(
        "rows counted per person, in groups of equal counts",
        (
            "SELECT count(*) FROM visits WHERE clinic = 'Clinic C'",
            "SELECT sum(n) FROM (SELECT DISTINCT national_id, n FROM (SELECT national_id, count(*) AS n FROM visits"
            f" WHERE {ONE_MORE} GROUP BY 1))",
        ),
        lambda a: one(a[1]) - one(a[0]),
        1,
    ),
    Sequence(
        "a mean, and one of a column that a second one was added to",
        (
            "SELECT avg(income) FROM citizens WHERE city = 'City1'",
            "SELECT avg(x) FROM (SELECT income + 0 * year(birth_date) AS x FROM citizens WHERE city = 'City1'"
            " OR (city = 'Oviedo' AND disease = 'HIV'))",
        ),
        lambda a: 221 * one(a[1]) - 220 * one(a[0]),
        HER_INCOME,
    ),
    Sequence(
        "a count, and a sum of ones that a subquery knows",
        (
            "SELECT count(*) FROM citizens WHERE city = 'City1' OR (city = 'Oviedo' AND disease = 'HIV')",
            "SELECT sum(CASE WHEN c.city = 'City1' THEN t.x ELSE 0 END) FROM citizens c, (SELECT 1 AS x) t",
        ),
        lambda a: one(a[0]) - one(a[1]),
        1,
    ),
    *SMALL_PARTS,
    *WHOSE_ROWS,
    *OVERLAPPING,
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    inside = Inside(CORPUS / "scenario.yaml", tmp_path_factory.mktemp("sequences"), only=["P1", "P1s"])
    yield inside
    inside.close()


def computed(sequence: Sequence, answers: list[Given]) -> float | None:
    """What the attacker gets, None when a statement or a row it takes is missing."""
    rows = [answer.rows for answer in answers]
    if any(found is None for found in rows):
        return None
    try:
        return sequence.reveals([found for found in rows if found is not None])
    except (KeyError, IndexError, TypeError):
        return None


def is_secret(value: float | None, sequence: Sequence) -> bool:
    return value is not None and math.isclose(value, sequence.secret, rel_tol=1e-6, abs_tol=0.05)


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda s: s.name)
def test_a_sequence_succeeds_without_memory_and_fails_with_it(house: Inside, sequence: Sequence) -> None:
    contract = f"with-{SEQUENCES.index(sequence)}"
    house.also(contract, "P1s")
    assert is_secret(computed(sequence, [house.ask("P1", sql) for sql in sequence.statements]), sequence)
    kept = [house.ask(contract, sql) for sql in sequence.statements]
    assert not is_secret(computed(sequence, kept), sequence)
    assert {answer.code for answer in kept} <= {"", "BELOW_K", "NOT_SUPPORTED"}
    # something was told, or the contract would be safe for being of no use; one statement alone is refused whole
    assert len(kept) == 1 or kept[0].rows


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda s: s.name)
def test_the_order_of_asking_does_not_matter(house: Inside, sequence: Sequence) -> None:
    contract = f"backwards-{SEQUENCES.index(sequence)}"
    house.also(contract, "P1s")
    kept = [house.ask(contract, sql) for sql in reversed(sequence.statements)]
    assert not is_secret(computed(sequence, kept[::-1]), sequence)


def test_two_people_of_one_contract_share_one_memory(house: Inside) -> None:
    with house.records.write() as writer:
        analyst = writer.person("analyst")
        assert analyst
        writer.save_person(replace(analyst, id="colleague"), AuditEvent("test.arranged", "test", "test", "F-1"))
    model = house.contract("P1s")
    both = ("analyst", "colleague")
    house.lend(replace(model, id="shared", people=both, acknowledged=both))
    house.lend(
        replace(
            model, id="careless", people=both, acknowledged=both,
            terms=replace(model.terms, differencing=Differencing.OFF, dominance=None),
        )
    )  # fmt: skip
    first, second = SEQUENCES[0].statements
    assert house.ask("careless", first).rows
    assert house.ask("careless", second, person="colleague").rows
    assert house.ask("shared", first).rows
    assert house.ask("shared", second, person="colleague").code == "BELOW_K"


def test_a_percentile_of_nearly_the_same_people(house: Inside) -> None:
    """The memory looks at whose values are in the block: fifteen more people are enough, one of twenty is not."""
    two_values = 76_263.34 - 68_467.53
    asked = [
        f"SELECT amanat_percentile(income, 0.9) FROM citizens WHERE city IN ('City1'{more})"
        for more in ("", ", 'Jimani'")
    ]
    for model, told in (("P1", 2), ("P1s", 1)):
        contract, id = house.contract(model), f"percentile-{model}"
        aggregates = (*contract.terms.aggregates, "amanat_percentile")
        house.lend(replace(contract, id=id, terms=replace(contract.terms, aggregates=aggregates, dominance=None)))
        values = [one(rows) for sql in asked if (rows := house.ask(id, sql).rows)]
        assert len(values) == told
        if told == 2:
            assert 20 * (values[1] - values[0]) == pytest.approx(two_values, abs=0.01)


def test_contracts_do_not_remember_for_each_other(house: Inside) -> None:
    house.also("one", "P1s")
    house.also("other", "P1s")
    first, second = SEQUENCES[0].statements
    assert house.ask("one", first).rows
    assert house.ask("other", second).rows


def test_honest_questions_are_answered_side_by_side(house: Inside) -> None:
    house.also("honest", "P1s")
    for sql in (
        "SELECT gender, count(*), count(income), avg(income) FROM citizens GROUP BY gender",
        "SELECT count(*), avg(income) FROM citizens",
        "SELECT year(birth_date) // 10 * 10 AS decade, count(*) FROM citizens GROUP BY decade",
        "SELECT disease, gender, count(*) FROM citizens GROUP BY disease, gender",
        "SELECT disease, count(*) FROM citizens GROUP BY disease",
        "SELECT year(visit_date) AS y, month(visit_date) AS m, sum(cost) FROM visits GROUP BY y, m",
        "SELECT gender, avg(n) FROM (SELECT v.national_id, c.gender, count(*) AS n FROM visits v "
        "JOIN citizens c ON c.national_id = v.national_id GROUP BY v.national_id, c.gender) GROUP BY gender",
    ):
        kept, free = house.ask("honest", sql), house.ask("P1", sql)
        assert kept.rows is not None, (kept.code, sql)
        assert sorted(map(str, kept.rows)) == sorted(map(str, free.rows or [])), sql
