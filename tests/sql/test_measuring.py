"""What arguments are made of, through the subqueries they come from."""

from __future__ import annotations

import pytest

from access_broker.sql.measuring import Measuring
from access_broker.sql.terms import Form, Nature
from tests.support.sample import CATALOGUE, narrowed

PER_PERSON = "(SELECT national_id AS p, count(*) AS n, sum(cost * 2) AS c, sum(3) AS t FROM visits GROUP BY p)"
CONSTANT, COUNTED, KNOWN, MEASURED = Nature


def looked_at(sql: str) -> Form:
    audit = narrowed(sql).audits[-1]
    measuring = Measuring(audit.node, {table.physical: table for table in CATALOGUE.tables})
    (argument,) = audit.cells[0].arguments
    return measuring.form(argument)


@pytest.mark.parametrize(
    ("sql", "constant", "terms"),
    [
        ("sum(income) FROM citizens", 0, [(1, MEASURED, 1, 0)]),
        ("sum(-(income * 6 - 3) / 2) FROM citizens", 1.5, [(-3, MEASURED, 1, 0)]),
        ("sum(2 * income - income) FROM citizens", 0, [(1, MEASURED, 1, 0)]),
        ("sum(income - income + 1) FROM citizens", 1, []),
        ("sum(income * 0 + 4) FROM citizens", 4, []),
        ("sum(income::DOUBLE * 2) FROM citizens", 0, [(2, MEASURED, 1, 0)]),
        ("sum(year(birth_date) + 1) FROM citizens", 1, [(1, KNOWN, 1, 0)]),
        ("sum(pow(10, 2)) FROM citizens", 0, [(1, CONSTANT, 1, 0)]),
        (
            "sum(x * 2) FROM (SELECT income * 7 + 3 AS x FROM citizens LIMIT 9)",
            0,
            [(1, MEASURED, 7, 3)],
        ),  # the 2 is outside
        (
            "sum(y) FROM (SELECT x / 2 AS y FROM (SELECT income * 7 AS x FROM citizens) LIMIT 9)",
            0,
            [(1, MEASURED, 3.5, 0)],
        ),
        ("sum(one) FROM (SELECT 2 AS one FROM citizens)", 2, []),
        ("sum(t.w) FROM citizens, (VALUES (5)) t(w)", 0, [(1, KNOWN, 1, 0)]),
        ("sum(m) FROM citizens, (SELECT avg(cost) AS m FROM visits) t", 0, [(1, KNOWN, 1, 0)]),
        ("sum(p.population) FROM citizens c JOIN provinces p ON c.province = p.province", 0, [(1, KNOWN, 1, 0)]),
        (f"sum(n) FROM {PER_PERSON}", 0, [(1, COUNTED, 1, 0)]),
        (f"sum(t) FROM {PER_PERSON}", 0, [(1, COUNTED, 3, 0)]),
        (f"sum(c) FROM {PER_PERSON}", 0, [(1, MEASURED, 2, 0)]),
    ],
)
def test_factors_and_constants(sql: str, constant: float, terms: list[tuple[float, ...]]) -> None:
    form = looked_at(f"SELECT {sql}")
    assert form.constant == constant
    assert [(t.factor, t.nature, t.scale, t.shift) for t in form.terms] == terms


@pytest.mark.parametrize(
    ("argument", "terms"),
    [
        ("CASE WHEN gender = 'F' THEN 3 ELSE 2 - 4 END", [(3, CONSTANT, True), (-2, CONSTANT, True)]),
        ("CASE gender WHEN 'F' THEN income * 2 + 1 ELSE NULL END", [(2, MEASURED, False)]),
        ("CASE WHEN gender = 'F' THEN income WHEN city = 'X' THEN income ELSE 0 END", [(1, MEASURED, True)]),
        ("if(gender = 'F', income, 5)", [(1, MEASURED, True), (5, CONSTANT, True)]),
        ("if(gender = 'F', income, income + 5)", [(1, MEASURED, False), (5, CONSTANT, True)]),
        ("coalesce(income / 4, 9)", [(0.25, MEASURED, True), (9, CONSTANT, True)]),
        ("CAST(income * 1.37 AS FLOAT)", [(1.37, MEASURED, False)]),
    ],
)
def test_branches(argument: str, terms: list[tuple[float, Nature, bool]]) -> None:
    form = looked_at(f"SELECT sum({argument}) FROM citizens")
    assert [(t.factor, t.nature, t.taken is not None) for t in form.terms] == terms


@pytest.mark.parametrize(
    ("sql", "terms"),
    [
        ("sum(x) FROM (SELECT c.income - 0.37 * v.cost AS x FROM citizens c JOIN visits v USING (national_id))", 2),
        ("sum(x) FROM (SELECT national_id, sum(cost + 5) AS x FROM visits GROUP BY 1)", 2),
        ("sum(x) FROM (SELECT national_id, sum(if(clinic = 'A', cost, 2 * cost)) AS x FROM visits GROUP BY 1)", 2),
    ],
)
def test_what_a_subquery_adds_up_is_looked_at_one_by_one(sql: str, terms: int) -> None:
    assert len(looked_at(f"SELECT {sql}").terms) == terms
