"""The engine's plan as JSON is the one that was looked at; a new DuckDB that changes it must be looked at anew.

After looking: `python -m tests.sql.test_plan_shape` writes `plan_golden.json` from the engine that is installed.
"""

from __future__ import annotations

import json
from collections import defaultdict
from pathlib import Path
from typing import Any

import duckdb
import pytest

from access_broker.sql import plan_shape
from access_broker.sql.guards import cheaper
from access_broker.sql.verify import Mismatch, verify
from tests.support.sample import narrowed, plan

GOLDEN = Path(__file__).with_name("plan_golden.json")
STATEMENTS = [
    "SELECT city, count(*) AS n, avg(income) FROM citizens WHERE gender = 'F' GROUP BY city ORDER BY 2 DESC LIMIT 3",
    "SELECT count(*), count(DISTINCT city), sum(income) FILTER (WHERE gender = 'F') FROM citizens",
    "SELECT clinic, count(CASE WHEN cost > 10 THEN 1 END), corr(cost, cost) FROM visits GROUP BY clinic",
    "SELECT c.city, avg(v.cost) FROM citizens c LEFT JOIN visits v ON c.national_id = v.national_id GROUP BY 1",
    "SELECT v, count(*) FROM (SELECT national_id AS p, count(*) AS v FROM visits GROUP BY p) GROUP BY v",
    "SELECT count(*) FROM citizens WHERE national_id IN (SELECT national_id FROM visits WHERE clinic = 'Clinic A')",
    "SELECT gender, count(*) * 1.0 / (SELECT count(*) FROM citizens) FROM citizens GROUP BY gender",
    "SELECT city, rank() OVER (ORDER BY count(*)), sum(count(*)) OVER () FROM citizens GROUP BY city",
    "SELECT date_trunc('month', visit_date), date_diff('day', visit_date, DATE '2024-01-01'), count(*) FROM visits "
    "GROUP BY ALL",
    "SELECT p.province, (SELECT max(population) FROM provinces q WHERE q.region = p.region) FROM provinces p",
    "SELECT p.* FROM provinces p WHERE EXISTS (SELECT 1 FROM provinces q WHERE q.population > p.population)",
    "SELECT p.province FROM provinces p FULL JOIN provinces q ON p.province = q.region AND p.population < q.population",
    "SELECT p.province FROM provinces p, provinces q WHERE p.population > q.population",
    "SELECT region FROM provinces INTERSECT SELECT region FROM provinces EXCEPT SELECT 'x'",
    "SELECT count(*) FROM citizens UNION ALL SELECT count(*) FROM visits",
    "SELECT lag(population, 1, 0) OVER (PARTITION BY region ORDER BY population DESC NULLS LAST) FROM provinces",
    "SELECT sum(population) OVER (ORDER BY population RANGE BETWEEN UNBOUNDED PRECEDING AND 3 FOLLOWING) AS s "
    "FROM provinces",
    "SELECT sum(population) OVER (ORDER BY region ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM provinces",
    "SELECT string_agg(province, ','), median(population), quantile_cont(population, 0.5) FROM provinces",
    "SELECT DATE '2020-01-01' + INTERVAL 3 DAY, TRUE, 1.5, 1e3, NULL, 99999999999999999999 FROM provinces",
    "SELECT CASE WHEN population > 3 THEN 'x' END, coalesce(region, 'a'), nullif(region, 'b') FROM provinces",
    "SELECT province FROM provinces WHERE population BETWEEN 1 AND 5 OR province LIKE 'A%' OR region IN ('a', 'b')",
    "SELECT * FROM provinces USING SAMPLE 3 ROWS",
    "SELECT * FROM (VALUES (1, 'a'), (2, NULL)) x(a, b) LIMIT 3 OFFSET 1",
    "SELECT DISTINCT region FROM provinces",
    "SELECT n, m FROM range(3) g(n), generate_series(DATE '2024-01-01', DATE '2024-03-01', INTERVAL 1 MONTH) h(m)",
    "SELECT g.n, count(*) FROM range(3) g(n) LEFT JOIN citizens c ON year(c.birth_date) > g.n GROUP BY g.n",
    "SELECT 1",
]


def plans() -> list[dict[str, Any]]:
    """Of every statement, in each of its forms."""
    texts = [t for sql in STATEMENTS for t in (narrowed(sql), narrowed(sql, mode="rounded"))]
    heavy = {"t1": (1,) * 64, "t2": (9,) * 64}
    forms = [form for text in texts for form in (*cheaper(text, heavy), *cheaper(text, {}))]
    texts += [text for form in forms for text in (form.statement, *form.suspects)]
    return [plan(text.sql) for text in texts]


def shape() -> dict[str, Any]:
    """Operators and expressions with their keys, the types of expressions, and the keys of all else."""
    operators: dict[str, set[str]] = defaultdict(set)
    expressions: dict[str, set[str]] = defaultdict(set)
    details: set[str] = set()
    types: set[str] = set()

    def look(value: Any) -> None:
        if isinstance(value, dict):
            kind = str(value.get("type"))
            if "expression_class" in value:
                expressions[value["expression_class"]].update(value)
                types.add(kind)
            elif kind.startswith("LOGICAL_"):
                operators[kind].update(value)
            else:
                details.update(value)
        for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(part)

    for told in plans():
        assert told.keys() <= plan_shape.TOP_KEYS, told
        look(told["plans"])
    return {
        "duckdb": duckdb.__version__,
        "operators": {name: sorted(keys) for name, keys in sorted(operators.items())},
        "expressions": {name: sorted(keys) for name, keys in sorted(expressions.items())},
        "types": sorted(types),
        "details": sorted(details),
    }


def test_the_engine_tells_its_plans_as_when_they_were_looked_at() -> None:
    assert duckdb.__version__ == plan_shape.DUCKDB, "look at the plans of this version first"
    assert shape() == json.loads(GOLDEN.read_text())


def test_no_known_key_lets_something_that_computes_pass_as_a_detail() -> None:
    assert not plan_shape.DETAIL_KEYS & {"children", "expressions", "expression_class"}


def renamed(value: Any, old: str, new: str) -> Any:
    if isinstance(value, dict):
        return {new if key == old else key: renamed(part, old, new) for key, part in value.items()}
    return [renamed(part, old, new) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "key",
    ["type", "expression_class", "children", "expressions", "qname", "path", "column_indexes", "plans", "filter",
     "function_data", "qualified_name"],
)  # fmt: skip
def test_a_renamed_key_refuses(key: str) -> None:
    statement = narrowed("SELECT city, sum(income) FILTER (WHERE gender = 'F') FROM citizens GROUP BY city")
    told = plan(statement.sql)
    verify(told, statement)
    with pytest.raises(Mismatch):
        verify(renamed(told, key, f"{key}_"), statement)


@pytest.mark.parametrize("place", ["children", "expressions"])
def test_an_object_of_no_known_kind_refuses(place: str) -> None:
    statement = narrowed("SELECT city, count(*) FROM citizens GROUP BY city")
    told = plan(statement.sql)
    told["plans"][0][place] = [*told["plans"][0].get(place, []), {"name": "something"}]
    with pytest.raises(Mismatch):
        verify(told, statement)


def test_a_plan_without_expressions_refuses() -> None:
    statement = narrowed("SELECT 1")
    with pytest.raises(Mismatch, match="no expression"):
        verify({"error": False, "plans": [{"type": "LOGICAL_DUMMY_SCAN", "children": []}]}, statement)


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(shape(), indent=1) + "\n")
