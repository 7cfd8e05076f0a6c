"""The audit query of a statement: of whom, and of how much of each, is every figure made that it would release?

For each aggregating SELECT over guarded sources, and each guarded source in it, one query over the same rows, grouped
by the same keys and by person. What it yields is read by the gateway's memory of a contract and by nobody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal

from sqlglot import exp

from access_broker.domain.catalogue import Catalogue, GrantedTable
from access_broker.sql.addends import Addend, Addends, if_there
from access_broker.sql.arguments import has_branches, in_doubles, measured_in, multiplies_columns
from access_broker.sql.audit_columns import AuditColumns, Size
from access_broker.sql.auditing import AuditCell, AuditSelect, Guard
from access_broker.sql.conditions import filtered, is_there
from access_broker.sql.figures import PEOPLE, ROWS, AuditedCell, AuditQuery, Figure
from access_broker.sql.lineage import Lineage
from access_broker.sql.naming import by_name
from access_broker.sql.percentile import in_block
from access_broker.sql.scopes import conjuncts
from access_broker.sql.statement import Statement

_COUNTS = frozenset({"count", "count_star", "count_if"})
_LINEAR = frozenset({"sum", "avg"})
_AGGREGATES, _FUNCTIONS = ("count", "count_star", "sum", "max", "min"), ("log2", "md5_number_lower")
"""What the engine calls for it."""


def audit_queries(statement: Statement, catalogue: Catalogue, max_pairs: int) -> list[AuditQuery]:
    """One for every SELECT and guarded source; each yields at most `max_pairs` + 1 rows of (group, person).

    A SELECT that is correlated has no rows of its own to look at: ask `AuditSelect.correlated` before. Raises Refused
    TOO_COMPLEX where all of them together would be too long, by the statement's text alone.
    """
    size = Size()
    tables = {table.physical: table for table in catalogue.tables}
    return [
        _Writer(statement, select, guard, catalogue, tables, AuditColumns(size)).query(max_pairs)
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
    columns: AuditColumns
    present: dict[tuple[str, str], exp.Expr] = field(default_factory=dict)
    weights: dict[tuple[str, int], exp.Expr | None] = field(default_factory=dict)

    def query(self, max_pairs: int) -> AuditQuery:
        source, keys = self.select.source.copy(), self.select.keys
        self.lineage, self.addends = Lineage(source, self.tables), Addends(source, self.tables)
        # A group that is there without a figure says that there are k people in it.
        cells = tuple(self._cell(cell) for cell in self.select.cells) or (self._presence(),)
        named = [*(key.copy() for key in keys), self.guard.entity.copy(), *self.columns.written]
        aliased = [exp.alias_(e, f"c{place}", quoted=True, copy=False) for place, e in enumerate(named)]
        source.set("expressions", [*source.expressions, *aliased])
        source.set("group", exp.Group(expressions=[*(key.copy() for key in keys), self.guard.entity.copy()]))
        source.set("limit", exp.Limit(expression=exp.Literal.number(max_pairs + 1)))
        named_too = by_name(source, len(keys)) if keys else source
        asked = self.statement.beside(named_too, _AGGREGATES, _FUNCTIONS)
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
        regions = tuple(self.columns.count(region) for region in cell.regions)
        return AuditedCell(cell.number, partial, regions, tuple(dict.fromkeys(self._figures(cell))))

    def _presence(self) -> AuditedCell:
        return AuditedCell(0, False, (), tuple(self._counts(None)))

    def _figures(self, cell: AuditCell) -> Iterator[Figure]:
        """What a cell tells. People whose argument is NULL are no branch: count(*) beside count(x) is one question."""
        arguments = () if cell.function == "count_if" else cell.arguments
        measured = list(dict.fromkeys(column for argument in arguments for column in measured_in(argument)))
        branches, made_of = any(map(has_branches, arguments)), cell.made_of()
        if cell.distinct:
            yield from self._distinct(cell, measured)
            return
        if cell.share is not None:
            yield from self._percentile(cell, cell.share, measured)
            return
        # Any figure may tell how many it is of: a sum divided by its mean, a variance by that of a sample, the digits
        # of a mean of whole numbers alone. So figures of other columns over almost the same people are subtracted.
        if branches or cell.function == "count_if":
            for rows in (made_of, *cell.regions):
                yield from self._counts(rows)
        else:
            yield from self._counts(cell.taken)  # of all its rows, so that count(*) beside it stays one figure
        for region in self._regions(cell, made_of) if branches else [made_of]:
            for figure in self._measures(measured, region):
                yield self._with_all_it_rests_on(figure, cell, measured, region)

    def _regions(self, cell: AuditCell, made_of: exp.Expr | None) -> list[exp.Expr | None]:
        """What lies far from the mean of all need not lie far from the mean of its branch."""
        whole = [] if cell.function in _LINEAR or cell.function in _COUNTS else [made_of]
        return [*cell.regions, *whole]

    def _counts(self, rows: exp.Expr | None) -> Iterator[Figure]:
        """Counting rows is counting people where nearly everyone has one, or as many as everybody else."""
        count = self.columns.count(rows)
        yield Figure(ROWS, count)
        yield Figure(PEOPLE, count, distinct=True, single=True)

    def _measures(self, measured: list[exp.Column], rows: exp.Expr | None) -> Iterator[Figure]:
        """A figure of several columns can be taken apart with figures of each: it stands with those as well."""
        found = [(column, one) for column in measured for one in self.addends.of(column)]
        by_label: dict[str | None, list[tuple[exp.Column, Addend]]] = {}
        for column, one in found:
            by_label.setdefault(one.label, []).append((column, one))
            yield from self._measure([(column, one)], self._where_present(rows, column))
        for several in by_label.values():
            if len(several) > 1:
                yield from self._measure(several, rows)
        if len(by_label) > 1:
            yield from self._measure(found, rows)

    def _measure(self, made_of: list[tuple[exp.Column, Addend]], rows: exp.Expr | None) -> Iterator[Figure]:
        count = self.columns.count(rows)
        weighed = [self._weighed(column, one) for column, one in made_of]
        weight = _plus([part for part in weighed if part is not None])
        place = None if weight is None else self.columns.sum(weight, rows)
        labels = sorted({one.label or ROWS for _, one in made_of})
        if labels == [ROWS] and place is not None:
            yield Figure(ROWS, count, place)
            yield Figure(PEOPLE, place, distinct=True, single=True)
            return
        # a day is no amount, but whoever has most of the rows has most of their mean
        sizes = [count if one.size is None else self.columns.sum(one.size, rows) for _, one in made_of]
        yield Figure("+".join(labels), count, place, tuple(sizes))

    def _with_all_it_rests_on(
        self, figure: Figure, cell: AuditCell, measured: list[exp.Column], rows: exp.Expr | None
    ) -> Figure:
        """A product may be one person's where neither factor is, and so may what lies far from the mean."""
        if cell.function in _COUNTS:
            return figure
        reckoned = [argument for argument in map(in_doubles, cell.arguments) if argument is not None]
        if len(reckoned) != len(cell.arguments):
            return replace(figure, unread=True)
        if cell.function in _LINEAR:
            computed = not all(one.own for column in measured for one in self.addends.of(column))
            many = [a for a in reckoned if computed or multiplies_columns(a)]
            return replace(figure, products=tuple(self.columns.sum(exp.Abs(this=exp.paren(a)), rows) for a in many))
        sums = [self.columns.sum(argument, rows) for argument in reckoned]
        return replace(figure, spreads=((sums[0], sums[-1], self.columns.count(rows)),))

    def _percentile(self, cell: AuditCell, share: Decimal, measured: list[exp.Column]) -> Iterator[Figure]:
        """It is a measure of those in its block, comparable with any other, and it tells where among whom they lie."""
        rows = cell.made_of()
        yield Figure(f"percentile {'+'.join(sorted(map(self.lineage.label, measured)))}", self.columns.count(rows))
        count = filtered(exp.Count(this=exp.Star()), rows)
        value = filtered(exp.Max(this=cell.arguments[0].copy()), rows)  # nobody has two, or there was no percentile
        k = max(guard.k for guard in self.select.guards)
        inside = self.columns.whole(in_block(count, [value, self.guard.entity], self.select.keys, share, k))
        figures = [figure for figure in self._measures(measured, rows) if not figure.distinct]
        yield from (replace(figure, count=inside) for figure in figures)

    def _distinct(self, cell: AuditCell, measured: list[exp.Column]) -> Iterator[Figure]:
        """Counting people is counting, also beside rows; counting other values tells which of them are there."""
        bases = [base for column in measured for base in self.lineage.of(column)]
        people = bool(bases) and all(table.entity == name for table, name in bases)
        kind = PEOPLE if people else "distinct " + "+".join(sorted(map(self.lineage.label, measured)))
        count = self.columns.count(cell.made_of())
        for one in (kind, ROWS) if people else (kind,):
            yield Figure(one, count, distinct=True)

    # --- conditions and values, each built once -----------------------------------------------------------------

    def _where_present(self, rows: exp.Expr | None, column: exp.Column) -> exp.Expr | None:
        """`rows` without those that have nothing in `column`."""
        key = self.columns.text_of(rows), column.sql()
        if key not in self.present:
            there = is_there(column)
            if rows is None:
                self.present[key] = there
            else:
                self.present[key] = rows.copy() if there in conjuncts(rows) else exp.and_(rows.copy(), there)
        return self.present[key]

    def _weighed(self, column: exp.Column, one: Addend) -> exp.Expr | None:
        """What `one`, an addend of `column`, weighs where it is there."""
        key = column.sql(), id(one)  # `addends` keeps it
        if key not in self.weights:
            self.weights[key] = if_there(column, one.weight)
        return self.weights[key]


def _plus(parts: list[exp.Expr]) -> exp.Expr | None:
    if len(parts) < 2:
        return parts[0] if parts else None
    total: exp.Expr = exp.Literal.number(0)
    for part in parts:
        total = exp.Add(this=total, expression=exp.Coalesce(this=part, expressions=[exp.Literal.number(0)]))
    return total
