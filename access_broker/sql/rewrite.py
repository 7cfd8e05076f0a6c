"""The narrowed statement: what runs is printed from the checked tree, over physical names, with every guard in place.

Base tables become subqueries that offer only the columns named; every aggregating SELECT over guarded sources keeps
groups of at least k entities; every cell whose regions are smaller is NULL; the outermost rows are capped.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from access_broker.domain.decisions import Obligations
from access_broker.domain.text import fold
from access_broker.sql.aggregates import both_sides
from access_broker.sql.analyse import Analysis
from access_broker.sql.harden import harden
from access_broker.sql.parse import DIALECT
from access_broker.sql.relations import BaseTable, Cell, Relation, SelectInfo
from access_broker.sql.rounding import rounded

HELD = "__held"
_ENTITY = "__ek"


@dataclass
class Statement:
    """What the worker runs and how its answer is read.

    `reads`: (physical table, physical columns) the plan must show, per occurrence. `aggregates`: the engine's
    aggregate names it may show. `held`: the last column says whether every guard of an ungrouped answer held; it is
    taken off, and false means the answer is refused. `guarded`: it
    reads people's rows. `schema`: of the answer, once the engine has told it.
    """

    sql: str
    output_names: list[str]
    reads: list[tuple[str, frozenset[str]]]
    aggregates: frozenset[str]
    held: bool = False
    guarded: bool = False
    schema: Any = None


def rewrite(analysis: Analysis, obligations: Obligations) -> Statement:
    """Consumes `analysis`: its tree is changed in place."""
    return _Rewriter(analysis, obligations).run()


class _Rewriter:
    def __init__(self, analysis: Analysis, obligations: Obligations) -> None:
        self.analysis = analysis
        self.obligations = obligations
        self.counter = 0
        self.held = False
        self.reads: list[tuple[str, frozenset[str]]] = []

    def run(self) -> Statement:
        tree = self.analysis.tree
        for base in self.analysis.bases:
            self._base(base)
        for info in self.analysis.selects:  # innermost first, as they were analysed
            self._select(info)
        if self.obligations.min_entities:
            tree = harden(tree)
        _cap(tree, self.obligations.max_rows)
        return Statement(
            sql=tree.sql(dialect=DIALECT, comments=False),
            output_names=self.analysis.output_names,
            reads=self.reads,
            aggregates=frozenset(self.analysis.footprint.functions) | {"count", "any_value"},
            held=self.held,
            guarded=bool(self.obligations.min_entities),
        )

    # --- sources ------------------------------------------------------------------------------------------------

    def _base(self, base: BaseTable) -> None:
        guarded = self.obligations.k_of(base.source) is not None
        names = {fold(c.name): c.id for c in base.table.columns}
        projections: list[exp.Expr] = [
            exp.alias_(exp.column(names[name], quoted=True), name, quoted=True) for name in sorted(base.used)
        ]
        columns = {names[name] for name in base.used}
        if guarded:
            hidden = base.table.entity_physical or ""
            projections.append(exp.alias_(exp.column(hidden, quoted=True), _ENTITY, quoted=True))
            columns.add(hidden)
            base.relation.hidden = [(base.source, _ENTITY)]
        self.reads.append((base.table.physical, frozenset(columns)))
        inner = exp.select(*(projections or [exp.alias_(exp.Literal.number(1), "__one", quoted=True)]))
        inner = inner.from_(exp.table_(base.table.physical, db="main", quoted=True))
        alias = base.node.args["alias"].copy()
        replacement = exp.Subquery(this=inner, alias=alias)
        if base.node.args.get("sample"):
            replacement.set("sample", base.node.args["sample"])
        base.node.replace(replacement)

    # --- selects ------------------------------------------------------------------------------------------------

    def _select(self, info: SelectInfo) -> None:
        hidden = [(source, alias, name) for alias, r in info.relations.items() for source, name in r.hidden]
        if not hidden:
            return
        if not info.aggregated or info.deferred:
            if info.result is not None and not info.result.closed:
                self._carry_out(info, info.result, hidden)
            return
        guards = self._guards(hidden)
        for cell in info.cells:
            self._guard_cell(cell, guards)
        condition = _group_is_enough(guards)
        if self._is_top(info) and not info.grouped:
            self._flag(info, condition, guards)
        else:
            having = info.node.args.get("having")
            info.node.set("having", exp.Having(this=exp.and_(having.this, condition) if having else condition))

    def _is_top(self, info: SelectInfo) -> bool:
        return info.node is self.analysis.tree.unnest()

    def _carry_out(self, info: SelectInfo, result: Relation, hidden: list[tuple[str, str, str]]) -> None:
        """Rows go on outwards: their entities go with them, under names nobody can type."""
        for source, alias, name in hidden:
            column: exp.Expr = exp.column(name, table=alias, quoted=True)
            if info.deferred:  # one value per group: the group is one entity
                column = exp.AnyValue(this=column)
            self.counter += 1
            out = f"{_ENTITY}{self.counter}"
            info.node.append("expressions", exp.alias_(column, out, quoted=True))
            result.hidden.append((source, out))

    def _guards(self, hidden: list[tuple[str, str, str]]) -> list[tuple[exp.Expr, int]]:
        out: list[tuple[exp.Expr, int]] = []
        for source, alias, name in hidden:
            k = self.obligations.k_of(source)
            if k is None or k < 1:  # hidden columns exist for guarded sources only; anything else is our own fault
                raise ValueError(f"no k for source {source}")
            out.append((exp.column(name, table=alias, quoted=True), k))
        return out

    def _guard_cell(self, cell: Cell, guards: list[tuple[exp.Expr, int]]) -> None:
        conditions: list[exp.Expr] = both_sides(cell.filter) if cell.filter is not None else []
        for region in cell.regions:
            conditions.append(region if cell.filter is None else exp.and_(cell.filter.copy(), region))
        shown = cell.node.copy()
        if self.obligations.answer_mode == "rounded":
            shown = rounded(shown, cell.function)
        cell.regions = conditions
        # also where HAVING will drop the group: what is computed of a cell before that must not fail on its value
        held = _all([_group_is_enough(guards), *(_enough(e, k, c) for e, k in guards for c in conditions)])
        cell.node.replace(exp.Paren(this=exp.Case(ifs=[exp.If(this=held, true=shown)])))

    def _flag(self, info: SelectInfo, condition: exp.Expr, guards: list[tuple[exp.Expr, int]]) -> None:
        """An ungrouped answer that misses k anywhere is refused as a whole, and says neither 0 nor 1..k-1."""
        parts = [condition]
        for cell in info.cells:
            parts += [_enough(e, k, c) for e, k in guards for c in cell.regions]
        flag = exp.alias_(_all(parts), HELD, quoted=True)
        info.node.append("expressions", flag)
        self.held = True


def _group_is_enough(guards: list[tuple[exp.Expr, int]]) -> exp.Expr:
    return _all(_enough(e, k, None) for e, k in guards)


def _enough(entity: exp.Expr, k: int, region: exp.Expr | None) -> exp.Expr:
    """`count(DISTINCT entity) [FILTER (WHERE region)] >= k`"""
    count: exp.Expr = exp.Count(this=exp.Distinct(expressions=[entity.copy()]))
    if region is not None:
        count = exp.Filter(this=count, expression=exp.Where(this=region.copy()))
    return exp.GTE(this=count, expression=exp.Literal.number(k))


def _all(conditions: Iterable[exp.Expr]) -> exp.Expr:
    return exp.and_(*conditions)


def _cap(tree: exp.Query, max_rows: int) -> None:
    limit = tree.args.get("limit")
    if isinstance(tree, exp.Subquery):
        _cap(tree.this, max_rows)
        return
    asked = int(limit.expression.name) if limit else max_rows
    tree.set("limit", exp.Limit(expression=exp.Literal.number(min(asked, max_rows))))
