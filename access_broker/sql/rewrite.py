"""The narrowed statement: what runs is printed from the checked tree, over physical names, with every guard in place.

Base tables become subqueries that offer only the columns named; every aggregating SELECT over guarded sources keeps
groups of at least k entities; every cell whose regions are smaller is NULL; the outermost rows are capped.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.contracts import AnswerMode, Differencing
from access_broker.domain.decisions import Obligations, Refused
from access_broker.domain.text import fold
from access_broker.sql import percentile, rounding, weights
from access_broker.sql.analyse import Analysis
from access_broker.sql.auditing import AuditCell, AuditSelect, Guard, cell_of
from access_broker.sql.brackets import printed
from access_broker.sql.carried import attributes_of, person_of, read_in, rows_of_pair, sources_of, times_of, two_valued
from access_broker.sql.conditions import balanced, both_sides
from access_broker.sql.guards import LEAST_ROWS, enough, group_is_enough
from access_broker.sql.harden import harden
from access_broker.sql.lineage import ENTITY
from access_broker.sql.padded import set_apart
from access_broker.sql.powers import HIGHEST, power_of
from access_broker.sql.probing import read_of_nothing
from access_broker.sql.relations import BaseTable, Cell, Hidden, Relation, SelectInfo
from access_broker.sql.scopes import render
from access_broker.sql.series import series_of
from access_broker.sql.statement import HELD, MARK_CELL, MARK_HELD, MARK_READ, MARK_SELECT, Statement
from access_broker.sql.untried import settle_untried

__all__ = ["HELD", "Statement", "rewrite"]


def rewrite(analysis: Analysis, obligations: Obligations) -> Statement:
    """Consumes `analysis`: its tree is changed in place. Raises Refused NOT_SUPPORTED for a percentile over rows."""
    return _Rewriter(analysis, obligations).run()


class _Rewriter:
    def __init__(self, analysis: Analysis, obligations: Obligations) -> None:
        self.analysis = analysis
        self.obligations = obligations
        self.counter = 0
        self.held = False
        self.reads: list[tuple[str, frozenset[str]]] = []
        self.audits: list[AuditSelect] = []

    def run(self) -> Statement:
        tree = self.analysis.tree
        lookups = [n for n in tree.find_all(exp.In) if n.args.get("query") and render(n) in self.analysis.lookups]
        settle_untried([info for info in self.analysis.selects if self._is_guarded(info)])
        for base in self.analysis.bases:
            self._base(base)
        for info in self.analysis.selects:  # innermost first, as they were analysed
            self._select(info)
        for lookup in lookups:
            two_valued(lookup)
        for call in list(tree.find_all(exp.Quantile)):  # over open rows, or those of one person
            whole = call.parent if isinstance(call.parent, exp.Filter) and call.parent.this is call else call
            whole.replace(percentile.neighbours(whole, 1))
        if self.obligations.min_entities:
            tree = harden(tree, {base.table.physical: base.table for base in self.analysis.bases})
        _cap(tree, self.obligations.max_rows)
        aggregates, functions = self._own_calls()
        series = [found for call in tree.find_all(exp.GenerateSeries) if (found := series_of(call))]
        statement = Statement(
            sql=printed(tree),
            output_names=self.analysis.output_names,
            reads=self.reads,
            aggregates=aggregates,
            functions=functions,
            held=self.held,
            guarded=bool(self.obligations.min_entities),
            audits=self.audits,
            tree=tree,
            costly=self._costly(),
            series=frozenset(one.parameters for one in series),
        )
        return read_of_nothing(statement) if self.analysis.footprint.probe else statement

    def _is_guarded(self, info: SelectInfo) -> bool:
        sources = frozenset().union(*(relation.sources for relation in info.relations.values()))
        return any(self.obligations.k_of(source) is not None for source in sources)

    def _own_calls(self) -> tuple[frozenset[str], frozenset[str]]:
        """(the asker's aggregates and our own, our own scalar functions)."""
        aggregates = frozenset(self.analysis.footprint.functions) | {"count", "any_value"}
        functions: frozenset[str] = frozenset()
        if percentile.NAME in aggregates:
            aggregates, functions = aggregates | percentile.AGGREGATES, functions | percentile.FUNCTIONS
        if self.obligations.answer_mode == "rounded" and self.audits:
            aggregates, functions = aggregates | rounding.AGGREGATES, functions | rounding.FUNCTIONS
        if any(cell.weights or cell.summed for info in self.analysis.selects for cell in info.cells):
            aggregates, functions = aggregates | weights.AGGREGATES, functions | weights.FUNCTIONS
        return aggregates, functions

    def _costly(self) -> dict[str, str]:
        protected = [b.table for b in self.analysis.bases if self.obligations.k_of(b.source) is not None]
        if max((table.rows for table in protected), default=0) < LEAST_ROWS:
            return {}
        return {t.physical: t.entity_physical or "" for t in protected if not t.entity_unique}

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
            projections.append(exp.alias_(exp.column(hidden, quoted=True), ENTITY, quoted=True))
            columns.add(hidden)
            times = () if base.table.entity_unique else (base.table.physical,)
            base.relation.hidden = [Hidden(base.source, ENTITY, times, base.source)]
        place = len(self.reads)
        self.reads.append((base.table.physical, frozenset(columns)))
        inner = exp.select(*(projections or [exp.alias_(exp.Literal.number(1), "__one", quoted=True)]))
        inner = inner.from_(exp.table_(base.table.physical, db="main", quoted=True))
        alias = base.node.args["alias"].copy()
        replacement = exp.Subquery(this=inner, alias=alias)
        replacement.meta[MARK_READ] = place
        if base.node.args.get("sample"):
            replacement.set("sample", base.node.args["sample"])
        base.node.replace(replacement)

    # --- selects ------------------------------------------------------------------------------------------------

    def _select(self, info: SelectInfo) -> None:
        hidden = [(alias, h) for alias, r in info.relations.items() for h in r.hidden]
        if not hidden:
            return
        if not info.aggregated or info.deferred:
            if info.result is not None and not info.result.closed:
                self._carry_out(info, info.result, hidden)
            return
        if info.padded:
            set_apart(info)
        guards = self._guards(info, self._of_the_group(info, hidden))
        number = len(self.audits)
        info.node.meta[MARK_SELECT] = number
        rounder = rounding.Rounder(info, guards, {base.source: base.table for base in self.analysis.bases})
        cells = [
            self._guard_cell(info.node, number, place, cell, guards, rounder) for place, cell in enumerate(info.cells)
        ]
        self.audits.append(AuditSelect(number, info.grouped, self._is_top(info), guards, cells, info.node))
        condition = group_is_enough(guards)
        if self.obligations.answer_mode == AnswerMode.DP:  # to be found again: noise takes its place
            condition = exp.Paren(this=condition)
            condition.meta[MARK_HELD] = number
        if self._is_top(info) and not info.grouped:
            self._flag(info, condition, guards)
        else:
            having = info.node.args.get("having")
            info.node.set("having", exp.Having(this=exp.and_(having.this, condition) if having else condition))

    def _is_top(self, info: SelectInfo) -> bool:
        return info.node is self.analysis.tree.unnest()

    def _carry_out(self, info: SelectInfo, result: Relation, hidden: list[tuple[str, Hidden]]) -> None:
        """Rows go on outwards: their entities go with them, under names nobody can type."""
        for alias, its in hidden:
            column: exp.Expr = exp.column(its.name, table=alias, quoted=True)
            if info.deferred:  # one value per group: the group is one entity
                column = exp.AnyValue(this=column)
            self.counter += 1
            out = f"{ENTITY}{self.counter}"
            info.node.append("expressions", exp.alias_(column, out, quoted=True))
            times = () if its.source == info.one_per_entity else times_of(info, alias, its)
            aside = its.aside or alias in attributes_of(info)
            result.hidden.append(Hidden(its.source, out, times, person_of(info, alias, its), aside))

    def _of_the_group(self, info: SelectInfo, hidden: list[tuple[str, Hidden]]) -> list[tuple[str, Hidden]]:
        """Without those who only say to which group a person belongs, and are of nobody where there is nothing:

        whoever is counted is counted beside them. What a figure reads must be there for enough people.
        """
        if self.obligations.answer_mode == AnswerMode.DP:
            return hidden
        read = [column for cell in info.cells for column in read_in(cell.node)]
        items = {column.table for column in read}
        sources = {source for column in read for source in sources_of(column, info)}
        return [
            (alias, its)
            for alias, its in hidden
            if not (alias in attributes_of(info) - items or (its.aside and its.source not in sources))
        ]

    def _guards(self, info: SelectInfo, hidden: list[tuple[str, Hidden]]) -> list[Guard]:
        out: list[Guard] = []
        for alias, its in hidden:
            k = self.obligations.k_of(its.source)
            if k is None or k < 1:  # hidden columns exist for guarded sources only; anything else is our own fault
                raise ValueError(f"no k for source {its.source}")
            entity = exp.column(its.name, table=alias, quoted=True)
            out.append(Guard(its.source, entity, k, times_of(info, alias, its), person_of(info, alias, its)))
        return out

    def _guard_cell(
        self, node: exp.Select, select: int, place: int, cell: Cell, guards: list[Guard], rounder: rounding.Rounder
    ) -> AuditCell:
        if cell.node.find_ancestor(exp.Select) is not node:  # its test would be put where nobody looks at it
            raise ValueError("a cell outside its SELECT")
        if self.obligations.differencing != Differencing.OFF and power_of(cell.node, node) > HIGHEST:
            raise Refused("NOT_SUPPORTED", name="higher powers, differencing refused")
        conditions: list[exp.Expr] = both_sides(cell.filter) if cell.filter is not None else []
        for region in cell.regions:
            conditions.append(region if cell.filter is None else exp.and_(cell.filter.copy(), region))
        shown = cell.node.copy()
        if cell.function == percentile.NAME:
            if any(guard.times != () for guard in guards):  # neighbours must be neighbouring people
                raise Refused("NOT_SUPPORTED", name=f"{percentile.NAME}, several rows per person")
            shown = percentile.neighbours(shown, max(guard.k for guard in guards))
        cell.regions = conditions
        told = cell_of(place, cell.function, cell.node, cell.filter, conditions)
        if self.obligations.answer_mode == "rounded" and not cell.known:
            shown = rounder.rounded(shown, told)
        # also where HAVING will drop the group: what is computed of a cell before that must not fail on its value
        held = balanced([group_is_enough(guards), *self._tests(cell, guards)])
        shown_if_held = exp.Paren(this=exp.Case(ifs=[exp.If(this=held, true=shown)]))
        shown_if_held.meta[MARK_CELL] = (select, place)
        cell.node.replace(shown_if_held)
        return told

    def _tests(self, cell: Cell, guards: list[Guard]) -> list[exp.Expr]:
        """What must hold for a cell beside what must for its group. Raises Refused NOT_SUPPORTED."""
        tests = [enough(guard, region) for guard in guards for region in cell.regions]
        if not cell.weights and not cell.summed:
            return tests
        if cell.weights and self.obligations.differencing != Differencing.OFF:
            # weighed one way and another, sums of the same people could be solved for each; by groups they are seen
            raise Refused("NOT_SUPPORTED", name="two arguments, differencing refused")
        if any(guard.times != () for guard in guards):
            raise Refused("NOT_SUPPORTED", name="two arguments, several rows per person")
        k = max(guard.k for guard in guards)
        rows, known = rows_of_pair(cell), [*cell.weights, *cell.summed]
        return tests + [weights.nobody_weighs_much(weight, rows, k) for weight in known]

    def _flag(self, info: SelectInfo, condition: exp.Expr, guards: list[Guard]) -> None:
        """An ungrouped answer that misses k anywhere is refused as a whole, and says neither 0 nor 1..k-1."""
        parts = [condition]
        for cell in info.cells:
            parts += self._tests(cell, guards)
        flag = exp.alias_(balanced(parts), HELD, quoted=True)
        info.node.append("expressions", flag)
        self.held = True


def _cap(tree: exp.Query, max_rows: int) -> None:
    limit = tree.args.get("limit")
    if isinstance(tree, exp.Subquery):
        _cap(tree.this, max_rows)
        return
    asked = int(limit.expression.name) if limit else max_rows
    tree.set("limit", exp.Limit(expression=exp.Literal.number(min(asked, max_rows))))
