"""Honest aggregate questions, each with a second text that says what a perfect gate would give.

The second text is written from the promise, not from the rewriter: a group is released when at least k people of every
table of people stand behind it, a figure when that also holds for whoever it counts and for whoever it leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

K = 10
TABLES = {"citizens": "main.t1", "visits": "main.t2", "provinces": "main.t3"}
Draw = st.DrawFn


@dataclass(frozen=True)
class Question:
    """`asked`: for the gate. `perfect`: for the published file itself. `held`: of an ungrouped answer, whether all of
    it may be told; otherwise it is refused as a whole.
    """

    asked: str
    perfect: str
    held: str = ""


@dataclass(frozen=True)
class Source:
    """FROM, the keys of its people, what may be grouped and filtered by, measures and which of them may be NULL."""

    text: str
    keys: tuple[str, ...]
    dimensions: tuple[str, ...]
    conditions: tuple[str, ...]
    measures: tuple[str, ...]

    def physical(self) -> str:
        text = self.text
        for name, table in TABLES.items():
            text = text.replace(f"{name} ", f"{table} ")
        return text


@dataclass(frozen=True)
class Figure:
    """An aggregate, and every set of rows behind it that must hold k people."""

    text: str
    regions: tuple[str, ...] = ()

    def held(self, keys: Sequence[str]) -> str:
        parts = [f"count(DISTINCT {k}) FILTER (WHERE {r}) >= {K}" for k in keys for r in self.regions]
        return " AND ".join([*(f"count(DISTINCT {k}) >= {K}" for k in keys), *parts])


_OF_CITIZENS = ("c.gender", "c.province", "c.city", "c.disease", "year(c.birth_date)")
_OF_VISITS = ("v.clinic", "date_trunc('month', v.visit_date)", "dayname(v.visit_date)", "quarter(v.visit_date)")
_CITIZENS_WHERE = (
    "c.gender = 'F'", "c.province IN ('Azua', 'Duarte')", "c.province <> 'Samana'", "year(c.birth_date) < 1975",
    "c.city = 'City3'", "c.disease = 'HIV'", "c.disease NOT IN ('none', 'flu')", "c.city LIKE 'City1%'",
    "c.birth_date BETWEEN DATE '1950-01-01' AND DATE '1960-12-31'", "c.disease IS NOT NULL", "c.city = 'Oviedo'",
    "(c.gender = 'M' OR c.province = 'Azua')", "NOT c.disease = 'asthma'", "c.city LIKE 'City' || '1%'",
    "(c.gender, c.disease) IN (('F', 'flu'), ('M', 'none'))", "(c.province, c.gender) >= ('Duarte', 'M')",
)  # fmt: skip
_VISITS_WHERE = (
    "v.clinic = 'Clinic A'", "v.visit_date >= DATE '2025-01-01'", "v.clinic IN ('Clinic B', 'Clinic Y')",
    "v.visit_date BETWEEN DATE '2024-03-01' AND DATE '2024-09-30'", "v.clinic <> 'Clinic Z'",
    "v.visit_date - DATE '2024-06-01' > 100", "v.visit_date + 30 < DATE '2025-06-01'",
)  # fmt: skip
_ONLY_WHERE = (
    "c.province IN (SELECT province FROM {provinces} WHERE region = 'Cibao')",
    "EXISTS (SELECT 1 FROM {visits} z WHERE z.national_id = c.national_id AND z.clinic = 'Clinic B')",
    "c.national_id IN (SELECT z.national_id FROM {visits} z)",
)

SOURCES = (
    Source("citizens c", ("c.national_id",), _OF_CITIZENS, _CITIZENS_WHERE, ("c.income",)),
    Source("visits v", ("v.national_id",), _OF_VISITS, _VISITS_WHERE, ("v.cost",)),
    Source(
        "citizens c JOIN visits v ON v.national_id = c.national_id",
        ("c.national_id", "v.national_id"),
        _OF_CITIZENS + _OF_VISITS,
        _CITIZENS_WHERE + _VISITS_WHERE,
        ("c.income", "v.cost"),
    ),
    Source(
        "citizens c LEFT JOIN visits v ON v.national_id = c.national_id",
        ("c.national_id", "v.national_id"),
        _OF_CITIZENS,
        _CITIZENS_WHERE,
        ("c.income",),
    ),
    Source(
        "citizens c JOIN provinces p ON c.province = p.province",
        ("c.national_id",),
        (*_OF_CITIZENS, "p.region", "p.population"),
        (*_CITIZENS_WHERE, "p.population > 200000", "p.region = 'South'"),
        ("c.income",),
    ),
    Source(
        "citizens c SEMI JOIN visits v ON v.national_id = c.national_id AND v.clinic = 'Clinic B'",
        ("c.national_id",),
        _OF_CITIZENS,
        _CITIZENS_WHERE,
        ("c.income",),
    ),
    Source(
        "citizens c ANTI JOIN visits v ON v.national_id = c.national_id",
        ("c.national_id",),
        _OF_CITIZENS,
        _CITIZENS_WHERE,
        ("c.income",),
    ),
)


@st.composite
def figures(draw: Draw, source: Source) -> Figure:
    """One aggregate with its regions."""
    x, when = draw(st.sampled_from(source.measures)), draw(st.sampled_from(source.conditions))
    there, taken, left = f"{x} IS NOT NULL", f"coalesce(({when}), FALSE)", f"NOT coalesce(({when}), FALSE)"
    key, other = source.keys[0], source.measures[-1]
    return draw(
        st.sampled_from(
            (
                Figure("count(*)"),
                Figure(f"count({x})", (there,)),
                Figure(f"count(DISTINCT {key})"),
                Figure(f"sum({x})", (there,)),
                Figure(f"avg({x})", (there,)),
                Figure(f"stddev_samp({x})", (there,)),
                Figure(f"var_pop({x})", (there,)),
                Figure(f"avg(coalesce({x}, 0))", (there,)),
                Figure(f"sum({x} * 1.2 + 5)", (there,)),
                Figure(f"covar_samp({x}, {other})", (there, f"{other} IS NOT NULL")),
                Figure(f"count(*) FILTER (WHERE {when})", (taken, left)),
                Figure(f"sum({x}) FILTER (WHERE {when})", (taken, left, f"{taken} AND {there}")),
                Figure(f"avg(CASE WHEN {when} THEN {x} END)", (f"{taken} AND {there}", left)),
                Figure(f"sum(CASE WHEN {when} THEN {x} ELSE 0 END)", (f"{taken} AND {there}", left)),
                Figure(f"sum(CASE WHEN {when} THEN 1 ELSE 0 END)", (taken, left)),
                Figure(f"count_if({when})", (taken, left)),
                Figure(f"count(CASE WHEN {when} THEN 1 ELSE NULL END)", (taken, left)),
                Figure(f"count(DISTINCT CASE WHEN {when} THEN {key} END)", (taken, left)),
            )
        )
    )


@dataclass(frozen=True)
class Grouped:
    """One grouped SELECT: d0, d1, … and f0, f1, … with its perfect text."""

    asked: str
    perfect: str
    width: int
    held: str


@st.composite
def selects(draw: Draw, source: Source, least: int = 0) -> Grouped:
    """`least` dimensions at least. HAVING compares a figure that itself may be too small to be told."""
    dimensions = draw(st.lists(st.sampled_from(source.dimensions), min_size=least, max_size=2, unique=True))
    chosen = draw(st.lists(figures(source), min_size=1, max_size=3))
    extra = _ONLY_WHERE if source.text == "citizens c" else ()
    conditions = draw(st.lists(st.sampled_from(source.conditions + extra), max_size=2, unique=True))
    having = draw(st.sampled_from(("", "", "count(*) > 40", "count(*) < 300")))
    names = [f"{d} AS d{i}" for i, d in enumerate(dimensions)]
    plain = names + [f"{f.text} AS f{i}" for i, f in enumerate(chosen)]
    held = [f"CASE WHEN {f.held(source.keys)} THEN {f.text} END AS f{i}" for i, f in enumerate(chosen)]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    group = f" GROUP BY {', '.join(dimensions)}" if dimensions else ""
    whole = Figure("").held(source.keys)
    asked = f"SELECT {', '.join(plain)} FROM {source.text}{where}{group}" + (f" HAVING {having}" if having else "")
    perfect = f"SELECT {', '.join(names + held)} FROM {source.physical()}{where}{group} HAVING {whole}"
    perfect += f" AND {having}" if having else ""
    every = " AND ".join(f"({f.held(source.keys)})" for f in chosen)
    test = f"SELECT {every} FROM {source.physical()}{where}" + (f" HAVING {having}" if having else "")
    return Grouped(asked.format_map(_Own()), perfect.format_map(TABLES), len(chosen), test.format_map(TABLES))


class _Own(dict[str, str]):
    """The name people type."""

    def __missing__(self, key: str) -> str:
        return key


_OVER = (
    "SELECT count(*) AS n, max(f0) - min(f0) AS gap FROM g",
    "SELECT d0, f0, sum(f0) OVER () AS whole, rank() OVER (ORDER BY round(f0, 3) DESC NULLS LAST) AS place FROM g",
    "SELECT d0, f0 FROM g WHERE round(f0, 3) > (SELECT round(avg(f0), 3) FROM g)",
    "SELECT d0, f0, 100.0 * f0 / nullif(sum(f0) OVER (PARTITION BY d0), 0) AS share FROM g",
    "SELECT avg(f0) AS mean, stddev_samp(f0) AS spread FROM g",
    "SELECT CASE WHEN f0 > 500 THEN 'many' ELSE 'few' END AS size, count(*) AS n FROM g GROUP BY size",
    "SELECT d0, f0 FROM g UNION ALL SELECT NULL, sum(f0) FROM g",
    "SELECT a.d0, count(*) AS n, max(b.f0) AS most FROM g a LEFT JOIN g b ON a.d0 = b.d0 GROUP BY a.d0",
)


@dataclass(frozen=True)
class Series:
    """Constants as `g(x)`, ways to join the source to them, and the dimension of it that they are values of."""

    text: str
    source: Source
    ways: tuple[str, ...]
    dimension: str


_CALENDAR = "SELECT DATE '2023-11-01' AS x UNION ALL SELECT x + INTERVAL 1 MONTH FROM cal WHERE x < DATE '2026-02-01'"
_MONTH = "date_trunc('month', v.visit_date)"
SERIES = (
    Series(
        "range(1925, 2012) g(x)",
        SOURCES[0],
        ("year(c.birth_date) = g.x", "year(c.birth_date) <= g.x", "year(c.birth_date) BETWEEN g.x AND g.x + 9"),
        "year(c.birth_date)",
    ),
    Series("(VALUES ('F'), ('M'), ('X')) g(x)", SOURCES[0], ("c.gender = g.x", "c.gender <> g.x"), "c.gender"),
    Series(
        "unnest(['Azua', 'Oviedo', 'Pedernales', 'Samana']) g(x)",
        SOURCES[0],
        ("c.province = g.x", "c.city = g.x", "(c.city = g.x OR c.province = 'Azua')"),
        "c.province",
    ),
    Series(
        "generate_series(DATE '2023-10-01', DATE '2026-04-01', INTERVAL 1 MONTH) g(x)",
        SOURCES[1],
        (f"{_MONTH} = g.x", "v.visit_date >= g.x AND v.visit_date < g.x + INTERVAL 1 MONTH", "v.visit_date < g.x"),
        _MONTH,
    ),
    Series(f"(WITH RECURSIVE cal AS ({_CALENDAR}) SELECT x FROM cal) g", SOURCES[1], (f"{_MONTH} = g.x",), _MONTH),
)


@st.composite
def calendars(draw: Draw) -> Question:
    """Constants beside people: every row of theirs shows, and where fewer than k people are nothing else does."""
    series = draw(st.sampled_from(SERIES))
    source = series.source
    chosen = draw(st.lists(figures(source), min_size=1, max_size=3))
    narrower = draw(st.lists(st.sampled_from(source.conditions), max_size=1))
    plain = ["g.x AS d0", *(f"{f.text} AS f{i}" for i, f in enumerate(chosen))]
    held = [f"CASE WHEN {f.held(source.keys)} THEN {f.text} END AS f{i}" for i, f in enumerate(chosen)]
    whole = Figure("").held(source.keys)
    kind = draw(st.sampled_from(("left", "left", "inner", "groups")))
    if kind == "groups":
        inner = f"FROM {{0}} WHERE {' AND '.join(narrower) or 'TRUE'} GROUP BY {series.dimension}"
        told = ", ".join(f"q.f{i}" for i in range(len(chosen)))
        over = f"SELECT g.x, {told} FROM {series.text} LEFT JOIN ({{0}}) q ON q.k = g.x"
        key = f"{series.dimension} AS k"
        asked = f"SELECT {', '.join([key, *plain[1:]])} {inner.format(source.text)}"
        perfect = f"SELECT {', '.join([key, *held])} {inner.format(source.physical())} HAVING {whole}"
        return Question(over.format(asked), over.format(perfect))
    condition = " AND ".join([draw(st.sampled_from(series.ways)), *narrower])
    join = f"{'LEFT ' if kind == 'left' else ''}JOIN {{0}} ON {condition} GROUP BY g.x"
    asked = f"SELECT {', '.join(plain)} FROM {series.text} {join.format(source.text)}"
    perfect = f"SELECT {', '.join(['g.x AS d0', *held])} FROM {series.text} {join.format(source.physical())}"
    return Question(asked, perfect if kind == "left" else f"{perfect} HAVING {whole}")


@st.composite
def questions(draw: Draw) -> Question:
    """A grouped or ungrouped SELECT, or something computed from its released groups, or counts per person counted."""
    kinds = ("plain", "plain", "plain", "over", "over", "ordered", "whole", "people", "calendar", "calendar")
    kind = draw(st.sampled_from(kinds))
    if kind == "calendar":
        return draw(calendars())
    source = draw(st.sampled_from(SOURCES))
    if kind == "people":
        return _by_person(draw)
    if kind == "whole":
        found = draw(selects(source).filter(lambda s: "GROUP BY" not in s.asked))
        return Question(found.asked, found.perfect, found.held)
    found = draw(selects(source, least=1))
    if kind == "over":
        over = draw(st.sampled_from(_OVER))
        return Question(f"WITH g AS ({found.asked}) {over}", f"WITH g AS ({found.perfect}) {over}")
    if kind == "ordered":  # by everything: among equals any row would be right
        order = " ORDER BY ALL LIMIT 3"
        return Question(f"SELECT * FROM ({found.asked}) q{order}", f"SELECT * FROM ({found.perfect}) q{order}")
    return Question(found.asked, found.perfect)


def _by_person(draw: Draw) -> Question:
    """How many people have how many visits: the inner groups are single people, the outer ones are counted."""
    when = draw(st.sampled_from(_VISITS_WHERE))
    figure = draw(st.sampled_from(("count(*)", "round(sum(n), 2)", "avg(n)")))
    inner = f"SELECT v.national_id AS who, count(*) AS n FROM {{visits}} v WHERE {when} GROUP BY v.national_id"
    asked = f"SELECT n, {figure} AS f0 FROM ({inner}) q GROUP BY n"
    perfect = f"{asked} HAVING count(DISTINCT who) >= {K}"
    return Question(asked.format_map(_Own()), perfect.format_map(TABLES))
