"""Statements by the thousand: from the allow-list, from beyond it, and as variations of what the corpora hold.

Everything follows from one seed, so that a statement that leaked can be asked again.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from access_broker.sql import allowed
from tests.canaries import beyond, tools, variations


@dataclass(frozen=True)
class Asked:
    """A statement with values for its `?`, None when it has none. `typed`: its author wrote a mark into it."""

    sql: str
    parameters: tuple[Any, ...] | None = None
    typed: bool = False


@dataclass(frozen=True)
class Source:
    """A FROM clause with what may be asked of it: values to group and filter by, figures, and its people's key."""

    text: str
    dimensions: tuple[str, ...]
    figures: tuple[str, ...]
    key: str


CITIZENS = Source(
    "citizens c",
    ("c.gender", "c.province", "c.city", "c.disease", "year(c.birth_date)", "c.birth_date"),
    ("c.income", "c.wealth", "c.weight", "c.height", "c.points", "c.score"),
    "c.national_id",
)
VISITS = Source(
    "visits v",
    ("v.clinic", "v.visit_date", "date_trunc('month', v.visit_date)", "dayname(v.visit_date)"),
    ("v.cost",),
    "v.national_id",
)
WAGES = Source("دستمزد w", ('w."شغل"',), ("w.مبلغ",), "w.شخص")
BOTH = Source(
    "citizens c JOIN visits v ON c.national_id = v.national_id",
    CITIZENS.dimensions + VISITS.dimensions,
    ("c.income", "v.cost", "c.wealth"),
    "c.national_id",
)
LEFT = Source(
    "citizens c LEFT JOIN visits v ON v.national_id = c.national_id", ("c.gender",), ("v.cost",), "v.national_id"
)
PLACES = Source(
    "citizens c JOIN provinces p ON c.province = p.province",
    ("p.region", "c.gender", "p.population", "c.disease"),
    ("c.income", "c.score"),
    "c.national_id",
)
PAID = Source(
    'citizens c JOIN "دستمزد" w ON c.national_id = w.شخص',
    ("c.gender", "w.شغل"),
    ("w.مبلغ", "c.wealth"),
    "c.national_id",
)
SOURCES = (CITIZENS, CITIZENS, VISITS, WAGES, BOTH, LEFT, PLACES, PAID)
VALUES = {
    "c.gender": ("'F'", "'M'"),
    "c.province": ("'Azua'", "'Duarte'", "'Santiago'", "'Pedernales'"),
    "c.city": ("'City0'", "'City3'", "'City5'", "'Oviedo'"),
    "c.disease": ("'none'", "'flu'", "'HIV'"),
    "year(c.birth_date)": ("1960", "1963", "1966", "1970"),
    "c.birth_date": ("DATE '1963-01-01'", "DATE '1968-01-01'"),
    "v.clinic": ("'Clinic A'", "'Clinic C'", "'Clinic E'"),
    "v.visit_date": ("DATE '2024-04-30'", "DATE '2024-09-27'"),
    "p.region": ("'South'", "'Cibao'"),
    "p.population": ("300000", "200000"),
    "w.شغل": ("'کار 1'", "'کار 3'"),
    'w."شغل"': ("'کار ۱'", "'کار 2'"),
}
MARK = "'ᎠᎡᎧᏐᎢ'"
SERIES = {
    "number": (
        "range(1955, 1975) g(x)",
        "range(3) g(x)",
        "(SELECT unnest(range(1960, 1970, 3)) AS x) g",
        "(WITH RECURSIVE m(x) AS (SELECT 1960 UNION ALL SELECT x + 1 FROM m WHERE x < 1970) SELECT x FROM m) g",
    ),
    "moment": (
        "generate_series(DATE '2024-01-01', DATE '2025-12-01', INTERVAL 1 MONTH) g(x)",
        "generate_series(DATE '2024-04-30', DATE '2024-05-30', INTERVAL 1 DAY) g(x)",
        "(SELECT d::DATE AS x FROM range(DATE '1960-01-01', DATE '1975-01-01', INTERVAL 1 YEAR) t(d)) g",
    ),
    "text": (
        "unnest(['F', 'M', 'Azua', 'Oviedo', 'HIV', 'Clinic Z']) g(x)",
        "(VALUES ('F', 1), ('M', 2)) g(x, w)",
    ),
}


class Grammar:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # repeatable on purpose

    def any(self) -> Asked:
        """One statement of any kind; a little more than half are meant to be answered."""
        kinds: list[tuple[int, Callable[[], Asked]]] = [
            (44, self.honest),
            (12, self.layered),
            (10, self.of_tools),
            (10, self.beside_a_series),
            (10, self.function),
            (20, lambda: self._plain(beyond.statement(self.random))),
            (14, lambda: self._plain(variations.statement(self.random))),
        ]
        return self.random.choices([k for _, k in kinds], [w for w, _ in kinds])[0]()

    # --- what an analyst asks -----------------------------------------------------------------------------------

    def honest(self) -> Asked:
        """Groups, figures, filters, HAVING, ORDER BY, LIMIT; now and then with parameters."""
        source = self.random.choice(SOURCES)
        return self._with_parameters(*self._select(source))

    def _select(self, source: Source) -> tuple[str, list[str]]:
        """(a statement, the literals of its conditions)."""
        wanted = min(self.random.choice((0, 1, 1, 1, 2)), len(source.dimensions))
        dimensions = self.random.sample(source.dimensions, wanted)
        figures = [self.figure(source) for _ in range(self.random.randint(1, 3))]
        conditions = [self.condition(source) for _ in range(self.random.choice((0, 0, 1, 1, 2)))]
        names = [f"{d} AS d{i}" for i, d in enumerate(dimensions)] + [f"{f} AS f{i}" for i, f in enumerate(figures)]
        sql = f"SELECT {', '.join(names)} FROM {source.text}"
        if conditions:
            sql += f" WHERE {self.random.choice((' AND ', ' AND ', ' OR ')).join(conditions)}"
        if dimensions:
            places = ", ".join(str(i + 1) for i in range(wanted))
            sql += f" GROUP BY {self.random.choice((', '.join(dimensions), 'ALL', places))}"
        if self.random.random() < 0.15:
            having = ("count(*) > 20", f"avg({source.figures[0]}) > 1000", "count(*) < 60")
            sql += f" HAVING {self.random.choice(having)}"
        if dimensions and self.random.random() < 0.4:
            orders = ("ORDER BY 1", "ORDER BY f0 DESC, d0", "ORDER BY d0 LIMIT 3", "ORDER BY f0 LIMIT 1")
            sql += f" {self.random.choice(orders)}"
        return sql, [v for d in source.dimensions for v in VALUES.get(d, ()) if v in sql]

    def figure(self, source: Source) -> str:
        """An aggregate of the forms that people use."""
        x, y = self.random.choice(source.figures), self.random.choice(source.figures)
        when = self.condition(source)
        forms = [
            "count(*)", f"count({x})", f"count(DISTINCT {source.key})", f"sum({x})", f"avg({x})", f"stddev_samp({x})",
            f"var_pop({x})", f"corr({x}, {y})", f"covar_samp({x}, {y})", f"regr_slope({x}, {y})",
            f"avg(coalesce({x}, 0))",
            f"sum({x} * 1.2 + 5)", f"count(*) FILTER (WHERE {when})", f"sum({x}) FILTER (WHERE {when})",
            f"avg(CASE WHEN {when} THEN {x} END)", f"sum(CASE WHEN {when} THEN 1 ELSE 0 END)", f"count_if({when})",
            f"sum({x}) / nullif(count(*), 0)", "round(100.0 * count(*) / sum(count(*)) OVER (), 2)",
            f"sum(({when})::INT)", f"avg(({when})::INT)", f"any_value({x})",
            f"count(DISTINCT CASE WHEN {when} THEN {source.key} END)",
            f"count(DISTINCT {source.dimensions[0]})", f"avg({x}) - avg({y})", f"sum({x} - {y})", f"avg({x}::DOUBLE)",
        ]  # fmt: skip
        return self.random.choice(forms)

    def condition(self, source: Source) -> str:
        """A condition over what may be filtered by; rarely one that names a single person's town."""
        column = self.random.choice([d for d in source.dimensions if d in VALUES])
        one, other = self.random.choice(VALUES[column]), self.random.choice(VALUES[column])
        if self.random.random() < 0.02:
            return f"c.city = {MARK}"
        forms = (
            f"{column} = {one}", f"{column} <> {one}", f"{column} IN ({one}, {other})", f"{column} IS NOT NULL",
            f"NOT {column} = {one}", f"{column} >= {one}", f"{column} BETWEEN {one} AND {other}", f"{column} IS NULL",
        )  # fmt: skip
        return self.random.choice(forms)

    def _with_parameters(self, sql: str, literals: list[str]) -> Asked:
        if literals and "GROUP BY ALL" not in sql and self.random.random() < 0.2:
            literal = self.random.choice(literals)
            bare = literal.removeprefix("DATE ").strip("'")
            value: Any = int(bare) if bare.isdigit() else bare
            return Asked(sql.replace(literal, "?"), (value,) * sql.count(literal), MARK in sql)
        return self._plain(sql)

    @staticmethod
    def _plain(sql: str) -> Asked:
        return Asked(sql, None, beyond.MARK_LETTERS.search(sql) is not None)

    # --- queries over queries -----------------------------------------------------------------------------------

    def layered(self) -> Asked:
        """CTEs, subqueries, windows over groups, set operations, counts per person counted again."""
        source = self.random.choice(SOURCES)
        inner, other = self._select(source)[0], self._select(self.random.choice(SOURCES))[0]
        x, key = self.random.choice(source.figures), source.key
        forms = (
            f"WITH g AS ({inner}) SELECT * FROM g",
            f"WITH g AS ({inner}) SELECT max(f0) - min(f0) AS gap, count(*) AS n FROM g",
            f"SELECT f0, rank() OVER (ORDER BY f0 DESC), f0 - lag(f0) OVER (ORDER BY f0) AS step FROM ({inner}) q",
            f"WITH a AS ({inner}), b AS ({other}) SELECT a.f0, b.f0 FROM a CROSS JOIN b",
            f"({inner}) UNION ALL ({other})",
            f"SELECT n, count(*) FROM (SELECT {key} AS who, count(*) AS n FROM {source.text} GROUP BY 1) q GROUP BY n",
            f"SELECT avg(s) FROM (SELECT {key} AS who, sum({x}) AS s FROM {source.text} GROUP BY 1) q",
            f"SELECT count(*) FROM {source.text} WHERE EXISTS (SELECT 1 FROM visits z WHERE z.national_id = {key})",
            f"SELECT f0 FROM ({inner}) q WHERE f0 > (SELECT avg(population) FROM provinces)",
            f"SELECT first_value(f0) OVER (ORDER BY f0), ntile(4) OVER (ORDER BY f0) FROM ({inner}) q",
        )
        return self._plain(self.random.choice(forms))

    # --- as tools and analysts spell it -------------------------------------------------------------------------

    def of_tools(self) -> Asked:
        source = self.random.choice(SOURCES)
        dimension, x = self.random.choice(source.dimensions), self.random.choice(source.figures)
        valued = self.random.choice([d for d in source.dimensions if d in VALUES])
        made = tools.Made(
            source.text, dimension, x, source.key, self.figure(source), self.condition(source),
            valued, *self.random.choices(VALUES[valued], k=2), narrower=self.condition(CITIZENS),
        )  # fmt: skip
        return self._plain(tools.statement(made, self.random))

    # --- people beside constants -------------------------------------------------------------------------------

    def beside_a_series(self) -> Asked:
        """Calendars and lists joined to people: as analysts do, as weights, as thresholds, correlated, carried on."""
        source = self.random.choice(SOURCES)
        dimension, x, key = self.random.choice(source.dimensions), self.random.choice(source.figures), source.key
        series = self.random.choice(SERIES[_kind_of(dimension) if self.random.random() < 0.8 else "text"])
        figure, when = self.figure(source), self.condition(source)
        join = self.random.choice(("JOIN", "LEFT JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"))
        ties = (
            f"{dimension} = g.x", f"{dimension} = g.x", f"{dimension} = g.x", f"{dimension} >= g.x",
            f"{dimension}::VARCHAR = g.x::VARCHAR", f"{when} OR g.x = 1", f"{dimension} = g.x AND {when}",
            f"{x} > g.x", f"{key} = g.x", f"{dimension} <> g.x",
        )  # fmt: skip
        tie = self.random.choice(ties)
        alone = " ".join(source.text.split()[:2])
        people = source.text if len(source.text.split()) == 2 else f"(SELECT * FROM {alone}) {alone.split()[1]}"
        beside = f"FROM {series} {join} {people} ON {tie}"
        forms = (
            f"SELECT g.x, {figure} AS f0 {beside} GROUP BY g.x",
            f"SELECT g.x, {figure} AS f0, coalesce(sum({x}), 0) AS f1 {beside} GROUP BY g.x ORDER BY 1",
            f"SELECT g.x, count(*) AS n {beside} GROUP BY g.x HAVING coalesce(count(*), 1) = 1",
            f"SELECT g.x, min({x}) AS low, max({x}) AS high {beside} GROUP BY g.x",
            f"SELECT g.x, {x} {beside}",
            f"SELECT sum({x}), count(*), count(g.x) {beside}",
            f"SELECT {dimension}, count(*), sum(g.x) {beside} GROUP BY 1",
            f"SELECT g.x, (SELECT {figure} FROM {source.text} WHERE {tie}) AS f0 FROM {series}",
            f"SELECT g.x, q.f0 FROM {series} LEFT JOIN (SELECT {dimension} AS k, {figure} AS f0 FROM {source.text}"
            f" GROUP BY 1) q ON q.k = g.x",
            f"SELECT g.x, count(*) OVER (), sum({figure}) OVER (ORDER BY g.x) {beside} GROUP BY g.x",
            f"SELECT who, count(*) FROM (SELECT g.x, {key} AS who, sum({x}) {beside} GROUP BY 1, 2) q GROUP BY who",
            f"SELECT unnest([{x}, 1]) AS y FROM {source.text}",
            f"SELECT * FROM range((SELECT count(*) FROM {source.text} WHERE {when}))",
        )
        return self._plain(self.random.choice(forms))

    # --- every function of the allow-list -----------------------------------------------------------------------

    def function(self) -> Asked:
        """A scalar of the allow-list around a figure, a value or an aggregate, whether its arguments fit or not."""
        source = self.random.choice(SOURCES)
        name = self.random.choice(_SCALARS)
        inner = self.random.choice(
            (self.figure(source), self.random.choice(source.dimensions), self.random.choice(source.figures))
        )
        more = self.random.choice(("", "", ", 2", ", 'x'", f", {self.random.choice(source.dimensions)}"))
        call = f"{name}({inner}{more})"
        aggregate = self.random.choice(tuple(allowed.AGGREGATES.values()))
        value = self.random.choice(("1", "TRUE", "'x'"))
        forms = (
            f"SELECT {call} FROM {source.text}",
            f"SELECT {source.dimensions[0]}, {call} FROM {source.text} GROUP BY 1",
            f"SELECT {call} AS k, count(*) FROM {source.text} GROUP BY k",
            f"SELECT {aggregate}({call}) FROM {source.text}",
            f"SELECT {aggregate}({inner}{more}) FROM {source.text} GROUP BY {source.dimensions[0]}",
            f"SELECT count(*) FROM {source.text} WHERE {call} = {value}",
        )
        return self._plain(self.random.choice(forms))


def _kind_of(dimension: str) -> str:
    if dimension.startswith("year") or "population" in dimension:
        return "number"
    return "moment" if "date" in dimension and not dimension.startswith("dayname") else "text"


_SCALARS = tuple(sorted(name for name in allowed.BOUND_SCALARS if name.replace("_", "").isalpha()))
