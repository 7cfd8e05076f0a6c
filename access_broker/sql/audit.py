"""The audit query of a statement: of whom, and of how much of each, is every figure made that it would release?

For each aggregating SELECT over guarded sources, and each guarded source in it, one query over the same rows, grouped
by the same keys and by person. What it yields is read by the gateway's memory of a contract and by nobody else.

A figure is described by what a person adds to it, not by who is in it: two sums over the same people differ when one
of them has one visit more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlglot import exp

from access_broker.domain.catalogue import Catalogue, GrantedTable
from access_broker.sql.arguments import (
    adds_constants,
    as_double,
    has_branches,
    in_doubles,
    measured_in,
    multiplies_columns,
    weight_of,
)
from access_broker.sql.auditing import AuditCell, AuditSelect, Guard
from access_broker.sql.conditions import filtered, is_there
from access_broker.sql.lineage import Lineage
from access_broker.sql.percentile import in_block
from access_broker.sql.statement import Statement

ROWS, PEOPLE = "*", "people"
"""The kinds of figures that count rows, and people. Where each has one row, both are the same."""

_COUNTS = frozenset({"count", "count_star", "count_if"})
_LINEAR = frozenset({"sum", "avg"})


@dataclass(frozen=True)
class Figure:
    """What one aggregate tells about a group. Figures of the same `kind` can be subtracted from each other.

    `kind`: the columns it measures, or ROWS. `count`, `weight`, `sizes`: places in the audit query's row: how many rows
    of the person take part; what they weigh; the absolute sums of what is measured, which is what dominance is about.
    `distinct`: a person adds one, however many rows. `single`: only where fewer than k people have more than one row.
    `products`, `spreads`: what else dominance is about, the absolute sums of products, and the sums of what is told of
    by how far it lies from the mean, two and two.
    """

    kind: str
    count: int
    weight: int | None = None
    sizes: tuple[int, ...] = ()
    distinct: bool = False
    single: bool = False
    products: tuple[int, ...] = ()
    spreads: tuple[tuple[int, int], ...] = ()

    @property
    def counts_rows(self) -> bool:
        return self.kind == ROWS


@dataclass(frozen=True)
class AuditedCell:
    """One aggregate. `regions`: places of the counts that must each reach k people, or the cell is NULL anyway.

    `partial`: it has a FILTER or a CASE and can be withheld alone, without its group.
    """

    number: int
    partial: bool
    regions: tuple[int, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class AuditQuery:
    """`keys`: how many columns come first; then the person, then what the figures point to.

    `domain`: whose numbers the person's is; equal numbers of two domains mean nothing.
    """

    select: AuditSelect
    statement: Statement
    domain: str
    k: int
    keys: int
    cells: tuple[AuditedCell, ...]


def audit_queries(statement: Statement, catalogue: Catalogue, max_pairs: int) -> list[AuditQuery]:
    """One for every SELECT and guarded source; each yields at most `max_pairs` + 1 rows of (group, person).

    A SELECT that is correlated has no rows of its own to look at: ask `AuditSelect.correlated` before.
    """
    tables = {table.physical: table for table in catalogue.tables}
    return [
        _Writer(statement, select, guard, catalogue, tables).query(max_pairs)
        for select in statement.audits
        for guard in select.guards
    ]


@dataclass
class _Writer:
    statement: Statement
    select: AuditSelect
    guard: Guard
    catalogue: Catalogue
    tables: dict[str, GrantedTable]
    columns: dict[str, tuple[int, exp.Expr]] = field(default_factory=dict)

    def query(self, max_pairs: int) -> AuditQuery:
        source, keys = self.select.source.copy(), self.select.keys
        self.lineage = Lineage(source, self.tables)
        # A group that is there without a figure says that there are k people in it.
        cells = tuple(self._cell(cell) for cell in self.select.cells) or (self._presence(),)
        named = [*(_text(key) for key in keys), self.guard.entity.copy(), *(e for _, e in self.columns.values())]
        for place, expression in enumerate(named):
            source.append("expressions", exp.alias_(expression, f"c{place}", quoted=True))
        source.set("group", exp.Group(expressions=[*(key.copy() for key in keys), self.guard.entity.copy()]))
        source.set("limit", exp.Limit(expression=exp.Literal.number(max_pairs + 1)))
        asked = self.statement.beside(source, ("count", "count_star", "sum", "max"), ("log2",))
        return AuditQuery(self.select, asked, self._domain(), self.guard.k, len(keys), cells)

    def _domain(self) -> str:
        """All entity keys that declared joins connect, by the first of their names."""
        bases = self.lineage.of(self.guard.entity)
        own = {f"{t.key}.{t.entity}" for t, _ in bases}
        while True:
            reached = own.union(*(pair for pair in self.catalogue.joins if pair & own))
            if reached == own:
                return min(own, default="")
            own = reached

    # --- cells --------------------------------------------------------------------------------------------------

    def _cell(self, cell: AuditCell) -> AuditedCell:
        partial = cell.taken is not None or cell.function == "count_if" or any(map(has_branches, cell.arguments))
        regions = tuple(self._count(region) for region in cell.regions)
        return AuditedCell(cell.number, partial, regions, tuple(dict.fromkeys(self._figures(cell))))

    def _presence(self) -> AuditedCell:
        return AuditedCell(0, False, (), tuple(self._counts(None)))

    def _figures(self, cell: AuditCell) -> Iterator[Figure]:
        """What a cell tells. People whose argument is NULL are no branch: count(*) beside count(x) is one question."""
        arguments = () if cell.function == "count_if" else cell.arguments
        measured = list(dict.fromkeys(column for argument in arguments for column in measured_in(argument)))
        branches = any(map(has_branches, arguments))
        if cell.distinct:
            yield self._distinct(cell, measured)
            return
        if cell.share is not None:
            yield from self._percentile(cell, cell.share, measured)
            return
        if branches or cell.function == "count_if":
            if cell.function in _COUNTS or any(map(adds_constants, arguments)):
                for rows in (cell.made_of(), *cell.regions):
                    yield from self._counts(rows)
        elif cell.function in _COUNTS or cell.function == "sum" or any(a.find(exp.Coalesce) for a in arguments):
            # A sum divided by its mean is a count, and figures of other columns over almost the same people are
            # subtracted by way of it. Of all its rows, so that the same cell's count(*) stays the same figure.
            yield from self._counts(cell.taken)
        for region in cell.regions if branches else [cell.made_of()]:
            rows = _where_present(region, measured)
            for figure in self._measures(cell.function, measured, rows):
                yield self._with_all_it_rests_on(figure, cell, rows)

    def _counts(self, rows: exp.Expr | None) -> Iterator[Figure]:
        """Counting rows is counting people where nearly everyone has one."""
        count = self._count(rows)
        yield Figure(ROWS, count)
        yield Figure(PEOPLE, count, distinct=True, single=True)

    def _measures(self, function: str, measured: list[exp.Column], rows: exp.Expr | None) -> Iterator[Figure]:
        """A sum of two columns can be taken apart with sums of each: it stands with those as well."""
        if not measured:
            return
        count, labels = self._count(rows), [self.lineage.label(column) for column in measured]
        numbers = [column for column in measured if self.lineage.is_number(column)]
        # a day is no amount, but whoever has most of the rows has most of their mean
        sizes = [self._sum(exp.Abs(this=as_double(c)), rows) if c in numbers else count for c in measured]
        weights = [self._sum(weight_of([c]), rows) if c in numbers else None for c in measured]
        if len(measured) == 1 or function in _LINEAR:
            for label, weight, size in zip(labels, weights, sizes, strict=True):
                yield Figure(label, count, weight, (size,))
        if len(measured) > 1:
            weight = self._sum(weight_of(numbers), rows) if numbers else None
            yield Figure("+".join(sorted(labels)), count, weight, tuple(sizes))

    def _with_all_it_rests_on(self, figure: Figure, cell: AuditCell, rows: exp.Expr | None) -> Figure:
        """A product may be one person's where neither factor is, and so may what lies far from the mean."""
        reckoned = [argument for argument in map(in_doubles, cell.arguments) if argument is not None]
        if cell.function in _LINEAR:
            many = [a for a in reckoned if multiplies_columns(a)]
            return replace(figure, products=tuple(self._sum(exp.Abs(this=exp.paren(a)), rows) for a in many))
        sums = [self._sum(argument, rows) for argument in reckoned]
        if not sums or cell.function in _COUNTS or len(sums) != len(cell.arguments):
            return figure
        return replace(figure, spreads=((sums[0], sums[-1]),))

    def _percentile(self, cell: AuditCell, share: Decimal, measured: list[exp.Column]) -> Iterator[Figure]:
        """It is a measure of those in its block, comparable with any other, and it tells where among whom they lie."""
        rows = _where_present(cell.made_of(), measured)
        yield Figure(f"percentile {'+'.join(sorted(map(self.lineage.label, measured)))}", self._count(rows))
        count = filtered(exp.Count(this=exp.Star()), rows)
        value = filtered(exp.Max(this=cell.arguments[0].copy()), rows)  # nobody has two, or there was no percentile
        k = max(guard.k for guard in self.select.guards)
        inside = self._place(in_block(count, [value, self.guard.entity], self.select.keys, share, k))
        yield from (replace(figure, count=inside) for figure in self._measures(cell.function, measured, rows))

    def _distinct(self, cell: AuditCell, measured: list[exp.Column]) -> Figure:
        """Counting people is counting; counting other values tells which of them are there."""
        bases = [base for column in measured for base in self.lineage.of(column)]
        people = bool(bases) and all(table.entity == name for table, name in bases)
        kind = PEOPLE if people else "distinct " + "+".join(sorted(map(self.lineage.label, measured)))
        return Figure(kind, self._count(cell.made_of()), distinct=True)

    # --- columns of the query -----------------------------------------------------------------------------------

    def _count(self, condition: exp.Expr | None) -> int:
        return self._place(filtered(exp.Count(this=exp.Star()), condition))

    def _sum(self, value: exp.Expr, condition: exp.Expr | None) -> int:
        return self._place(filtered(exp.Sum(this=value), condition))

    def _place(self, expression: exp.Expr) -> int:
        """Counted from the person's column on: 0 is the first after it."""
        text = expression.sql()
        place, _ = self.columns.setdefault(text, (len(self.columns), expression))
        return place


def _text(key: exp.Expr) -> exp.Expr:
    return exp.Cast(this=key.copy(), to=exp.DataType.build("VARCHAR"))


def _where_present(rows: exp.Expr | None, measured: list[exp.Column]) -> exp.Expr | None:
    """`rows` without those that have nothing to measure."""
    parts = [] if rows is None else [rows.copy()]
    for column in measured:
        there = is_there(column)
        if rows is None or there.sql() not in rows.sql():
            parts.append(there)
    return exp.and_(*parts) if parts else None
