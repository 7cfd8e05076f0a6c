"""What a narrowed statement tells about its groups, and that groups and cells can be taken out of it."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.sql.statement import Withheld
from access_broker.sql.verify import verify
from tests.support.sample import narrowed, plan, published, rows

GROUPED = "SELECT province, count(*) AS n, avg(income) FROM citizens WHERE gender = 'F' GROUP BY province"


def test_every_aggregating_select_over_people_is_told() -> None:
    statement = narrowed(GROUPED)
    (audit,) = statement.audits
    assert (audit.grouped, audit.top, audit.correlated) == (True, True, False)
    assert [(g.source, g.k) for g in audit.guards] == [("s0", 10)]
    assert [(c.function, [a.sql() for a in c.arguments]) for c in audit.cells] == [
        ("count_star", []),
        ("avg", ['"citizens"."income"']),
    ]
    assert not narrowed("SELECT region, count(*) FROM provinces GROUP BY region").audits


def test_people_of_each_group_can_be_asked_for() -> None:
    statement = narrowed(GROUPED)
    audit = statement.audits[0]
    asked = audit.source.copy()
    asked.set("expressions", [*(exp.alias_(k.copy(), "k0") for k in audit.keys), audit.guards[0].entity.copy()])
    asked.set("distinct", exp.Distinct())
    beside = statement.beside(asked)
    verify(plan(beside.sql), beside)
    raw = published().execute("SELECT count(DISTINCT (province, national_id)) FROM raw.citizens WHERE gender = 'F'")
    assert len(published().cursor().execute(beside.sql).fetchall()) == raw.fetchall()[0][0]


def test_the_rows_of_a_cell_leave_out_null_and_what_its_filter_leaves_out() -> None:
    cells = narrowed(
        "SELECT count(*), count_if(gender = 'F'), sum(income) FILTER (WHERE city = 'City1'), count(DISTINCT city) "
        "FROM citizens"
    ).audits[0]
    told = [c.made_of() for c in cells.cells]
    assert [t.sql() if t else None for t in told] == [
        None,
        '"citizens"."gender" = \'F\'',
        '"citizens"."city" = \'City1\' AND NOT ("citizens"."income") IS NULL',
        'NOT ("citizens"."city") IS NULL',
    ]
    assert [c.distinct for c in cells.cells] == [False, False, False, True]


@pytest.mark.parametrize(
    ("sql", "selects"),
    [
        ("SELECT avg(n) FROM (SELECT city, count(*) AS n FROM citizens GROUP BY city)", [(True, False)]),
        (
            "SELECT v, count(*) FROM (SELECT national_id AS p, count(*) AS v FROM visits GROUP BY p) GROUP BY v",
            [(True, True)],
        ),
        ("SELECT p.region, (SELECT count(*) FROM citizens) FROM provinces p", [(False, False)]),
        ("SELECT count(*) FROM citizens UNION ALL SELECT count(*) FROM visits", [(False, False), (False, False)]),
    ],
)
def test_where_the_groups_stand(sql: str, selects: list[tuple[bool, bool]]) -> None:
    assert [(a.grouped, a.top) for a in narrowed(sql).audits] == selects


def test_a_correlated_select_says_so() -> None:
    sql = "SELECT p.province, (SELECT count(*) FROM citizens c WHERE c.province = p.province) FROM provinces p"
    assert [a.correlated for a in narrowed(sql).audits] == [True]


@pytest.mark.parametrize(
    ("inner", "correlated"),
    [
        ("(SELECT p.province, p.gender FROM citizens p) c WHERE c.province = p.province", True),
        ("citizens c WHERE c.province = p.province AND c.national_id IN (SELECT p.national_id FROM visits p)", True),
        ("citizens c JOIN visits v ON c.national_id = v.national_id AND c.province = p.province", True),
        ("citizens p WHERE p.province = 'Azua'", False),
        ("citizens c WHERE EXISTS (SELECT 1 FROM visits v WHERE v.national_id = c.national_id)", False),
        ("(SELECT p.gender FROM citizens p) c WHERE c.gender IN (SELECT p.region FROM provinces p)", False),
    ],
)
def test_an_alias_further_in_does_not_stand_for_one_further_out(inner: str, correlated: bool) -> None:
    sql = f"SELECT p.province, (SELECT count(*) FROM {inner}) FROM provinces p"
    assert [a.correlated for a in narrowed(sql).audits] == [correlated]


def test_a_withheld_group_is_gone_before_anything_looks_at_it() -> None:
    sql = "SELECT province, sum(count(*)) OVER () FROM citizens GROUP BY province ORDER BY 1 LIMIT 3"
    statement = narrowed(sql)
    before = rows(statement)
    less = statement.withholding([Withheld(0, (before[0][0],)), Withheld(0, (None,))])
    verify(plan(less.sql), less)
    after = rows(less)
    assert before[0][0] not in {row[0] for row in after}
    assert len(after) == len(before)
    assert after[0][1] < before[0][1]
    assert rows(statement) == before


def test_a_withheld_cell_is_null_in_its_group_only() -> None:
    statement = narrowed("SELECT gender, count(*), sum(income) FROM citizens GROUP BY gender ORDER BY gender")
    less = statement.withholding([Withheld(0, ("F",), cell=1)])
    verify(plan(less.sql), less)
    women, men = rows(less)
    assert (women[1] > 0, women[2]) == (True, None)
    assert None not in men


def test_an_ungrouped_answer_withheld_is_no_row() -> None:
    assert rows(narrowed("SELECT count(*) FROM citizens").withholding([Withheld(0, ())])) == []


def test_hundreds_of_groups_can_be_withheld() -> None:
    statement = narrowed("SELECT city, count(*) FROM citizens GROUP BY city")
    less = statement.withholding([Withheld(0, (f"City{n}",)) for n in range(800)])
    verify(plan(less.sql), less)
    assert not [row for row in rows(less) if str(row[0]).startswith("City")]
