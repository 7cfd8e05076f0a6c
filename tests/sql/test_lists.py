"""Lists that only ask, texts cut like lists, aggregates that pick or list values: what the engine gives for them."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import analysed, is_as_ungated, uses

COUNT = "SELECT count(*) FROM citizens WHERE"
CIBAO = "SELECT province FROM provinces WHERE region = 'Cibao'"


@pytest.mark.parametrize(
    "sql",
    [
        f"{COUNT} disease = ANY (['HIV', 'flu'])",
        f"{COUNT} disease <> ALL (['HIV', 'flu'])",
        f"{COUNT} NOT disease = ANY (['HIV', NULL]) OR gender = 'F'",
        f"{COUNT} list_contains(['HIV', 'flu'], disease)",
        f"{COUNT} disease IN (VALUES ('HIV'), ('flu'))",
        f"{COUNT} province = ANY ({CIBAO})",
        f"{COUNT} province != ALL ({CIBAO})",
        "SELECT clinic[:6], clinic[1:3], count(*) FROM visits GROUP BY 1, 2",
        "SELECT province[3:], province[2], count(*) FROM citizens WHERE city <> 'Oviedo' GROUP BY 1, 2",
        "SELECT region, list(province ORDER BY province), array_agg(population ORDER BY population DESC)"
        " FROM provinces GROUP BY region",
        "SELECT region, arg_max(province, population), min_by(province, population) FILTER (WHERE population > 99999)"
        " FROM provinces GROUP BY region",
        "SELECT region, first(province ORDER BY population), last(province ORDER BY population)"
        " FROM provinces GROUP BY region",
        "SELECT province, first(population) OVER (PARTITION BY region ORDER BY population) FROM provinces",
        "SELECT arg_max(disease, n), first(n ORDER BY n DESC), list(disease ORDER BY n)"
        " FROM (SELECT disease, count(*) AS n FROM citizens GROUP BY 1)",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql)


@pytest.mark.parametrize(
    "condition",
    [
        "x = ANY (y)",
        "x IN (VALUES (1, 2))",
        "[1, 2][1] = 1",
        "list_contains([1, NULL], x)",
        "x[y:3] = 'a'",
        "x[-1] = 'a'",
    ],
)
def test_other_lists_are_refused(condition: str) -> None:
    with pytest.raises(Refused):
        analysed(f"SELECT 1 FROM (SELECT region AS x, province AS y FROM provinces) WHERE {condition}")


@pytest.mark.parametrize(
    ("sql", "touch"),
    [
        ("SELECT list(n) FROM (SELECT gender, count(*) AS n FROM citizens GROUP BY 1)", "s0.* aggregate:list"),
        ("SELECT string_agg(city, ',') OVER () FROM citizens", "s0.* aggregate:string_agg"),
        ("SELECT first(income) FROM citizens", "s0.income aggregate:first"),
        ("SELECT arg_min(gender, income) FROM citizens", "s0.income aggregate:arg_min"),
        ("SELECT first(n) FROM (SELECT count(*) AS n FROM visits GROUP BY national_id)", "s0.* transform:first"),
        ("SELECT list(n) FROM (SELECT count(*) AS n FROM visits GROUP BY national_id)", "s0.* transform:list"),
    ],
)
def test_what_picks_or_packs_values_of_people_says_so(sql: str, touch: str) -> None:
    assert touch in uses(sql)
