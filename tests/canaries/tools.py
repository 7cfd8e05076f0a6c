"""Statements as tools and analysts spell them, honest ones and such as hide a person in a new spelling."""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Made:
    """Parts of a statement about one source: `valued` is a dimension, `one` and `two` are values of it."""

    text: str
    dimension: str
    x: str
    key: str
    figure: str
    when: str
    valued: str
    one: str
    two: str
    narrower: str


def statement(made: Made, chance: random.Random) -> str:
    """Half joins, pivots, flags of subqueries, rows of values, days, lookup lists, a table's name for a CTE."""
    about = chance.choice((_half_joins, _pivots, _flags, _rows_and_lists, _per_person, _days_and_names))
    return chance.choice(about(made, chance))


def _half_joins(m: Made, chance: random.Random) -> tuple[str, ...]:
    half = chance.choice(("SEMI", "ANTI"))
    return (
        f"SELECT {m.dimension}, {m.figure} FROM {m.text} {half} JOIN visits z ON z.national_id = {m.key} GROUP BY 1",
        f"SELECT {m.dimension}, {m.x} FROM {m.text} {half} JOIN visits z ON z.cost > {m.x}",
        f"SELECT {m.dimension}, count(*) FROM {m.text} LEFT JOIN visits z ON z.national_id = {m.key}"
        " WHERE z.national_id IS NULL GROUP BY 1",
    )


def _pivots(m: Made, chance: random.Random) -> tuple[str, ...]:
    inner = f"SELECT {m.dimension} AS k, {m.valued} AS o, {m.x} AS m, {m.key} AS who FROM {m.text}"
    return (
        f"PIVOT ({inner}) ON o IN ({m.one}, {m.two}) USING count(*) AS n, avg(m) AS a GROUP BY k ORDER BY k",
        f"PIVOT ({inner}) ON o IN ({m.one}) USING max(m) GROUP BY who",
        f"SELECT * FROM ({inner}) PIVOT (sum(m) FOR o IN ({m.one} AS a, {m.two} AS b))",
        f"UNPIVOT (SELECT {m.dimension} AS k, {m.figure} AS a, max({m.x}) AS b FROM {m.text} GROUP BY 1) ON a, b",
    )


def _flags(m: Made, chance: random.Random) -> tuple[str, ...]:
    flags = (
        f"CASE WHEN {m.when} THEN 1 ELSE 0 END", f"CASE WHEN {m.when} THEN {m.x} END", f"({m.when})",
        f"nullif({m.valued}, {m.one})", f"({m.when})::INT",
    )  # fmt: skip
    flag = chance.choice(flags)
    return (
        f"SELECT k, sum(f), avg(f) FROM (SELECT {m.dimension} AS k, {flag} AS f FROM {m.text}) t GROUP BY k",
        f"SELECT k, count(f) FROM (SELECT {m.dimension} AS k, {flag} AS f FROM {m.text} ORDER BY {m.x}) t GROUP BY k",
        f"SELECT f, count(*), max(f) FROM (SELECT {flag} AS f FROM {m.text}) t GROUP BY f",
        f"SELECT sum(f) FROM (SELECT * FROM (SELECT {m.dimension} AS k, {flag} AS f FROM {m.text}) t) u",
    )


def _rows_and_lists(m: Made, chance: random.Random) -> tuple[str, ...]:
    return (
        f"SELECT {m.figure} FROM {m.text}"
        f" WHERE ({m.valued}, {m.dimension}) IN (({m.one}, {m.two}), ({m.two}, {m.one}))",
        f"SELECT {m.figure} FROM {m.text} WHERE ({m.valued}, {m.valued}) >= ({m.one}, {m.two})",
        f"SELECT {m.figure} FROM {m.text} WHERE ({m.valued}, {m.x}) >= ({m.one}, 1000)",
        f"SELECT l.w, {m.figure} FROM {m.text} JOIN (VALUES ({m.one}, 'a'), ({m.two}, 'b')) l(v, w)"
        f" ON {m.valued} = l.v GROUP BY l.w",
    )


def _per_person(m: Made, chance: random.Random) -> tuple[str, ...]:
    per = f"(SELECT {m.key} AS who, count(*) AS n, sum({m.x}) AS s FROM {m.text} WHERE {m.when} GROUP BY 1) q"
    beside = f"FROM {m.text} LEFT JOIN {per} ON q.who = {m.key}"
    return (
        f"SELECT coalesce(q.n, 0) AS n, count(*) {beside} GROUP BY 1",
        f"SELECT q.n IS NULL AS none, {m.figure} {beside} GROUP BY 1",
        f"SELECT coalesce(q.n, 0) AS n, q.s, {m.figure} {beside} GROUP BY ALL",
    )


def _days_and_names(m: Made, chance: random.Random) -> tuple[str, ...]:
    return (
        "SELECT a.clinic, avg(b.visit_date - a.visit_date), sum(a.visit_date - DATE '2024-01-01') FROM visits a"
        " JOIN visits b ON a.national_id = b.national_id GROUP BY 1",
        "SELECT max(visit_date) - 7, visit_date + 30 AS d, count(*) FROM visits GROUP BY d",
        f"WITH citizens AS (SELECT * FROM citizens c WHERE {m.narrower}) SELECT {m.dimension}, {m.figure}"
        f" FROM {m.text} GROUP BY 1",
        f"WITH provinces AS (SELECT {m.x} AS population, {m.dimension} AS province FROM {m.text})"
        " SELECT province, max(population) FROM provinces GROUP BY 1",
    )
