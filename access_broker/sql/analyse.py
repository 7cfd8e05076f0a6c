"""The analyser: a qualified tree in, the footprint and the shape of every SELECT out.

It knows entities and declared structure, never modes: whether a use is allowed is the policy's to say. What it must
get right is that every way a value can reach an answer, decide a row or be counted ends in a `Touch`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Footprint, JoinTouch, SourceUse, Touch, Unknown, Use
from access_broker.domain.text import fold
from access_broker.sql import allowed
from access_broker.sql.names import Resolved
from access_broker.sql.relations import (
    RELEASED,
    BaseColumn,
    BaseTable,
    Relation,
    SelectInfo,
    Shape,
    Value,
)
from access_broker.sql.scopes import Frame, components, conjuncts, has_aggregate, has_window, render
from access_broker.sql.values import Values

MAX_SOURCES = 12
_JOIN_WORDS = frozenset({"", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS"})


@dataclass
class Analysis:
    """What the rewriter and the policy need. `tree` is the tree the infos point into."""

    tree: exp.Query
    footprint: Footprint
    bases: list[BaseTable]
    selects: list[SelectInfo]
    top: Relation
    output_names: list[str]


def analyse(resolved: Resolved) -> Analysis:
    """Raises Refused NOT_SUPPORTED | TOO_COMPLEX for what it cannot account for."""
    return Analyser(resolved).run()


@dataclass
class Analyser(Values):
    resolved: Resolved
    bases: list[BaseTable] = field(default_factory=list)
    selects: list[SelectInfo] = field(default_factory=list)
    _touches: dict[Touch, None] = field(default_factory=dict)
    _joins: dict[JoinTouch, None] = field(default_factory=dict)
    _unknown: list[Unknown] = field(default_factory=list)
    _same_entity: list[tuple[str, str]] = field(default_factory=list)

    def run(self) -> Analysis:
        tree = self.resolved.tree
        top = self.query(tree, {}, None)
        self.expose(top)
        functions = sorted({name for n in tree.walk() if (name := _function_of(n))})
        footprint = Footprint(
            tuple(SourceUse(b.source, b.table.key) for b in self.bases),
            tuple(self._touches),
            tuple(self._joins),
            tuple(self._unknown),
            tuple(functions),
        )
        return Analysis(tree, footprint, self.bases, self.selects, top, self.resolved.output_names)

    # --- what is recorded ---------------------------------------------------------------------------------------

    def touch(self, value: Value, use: Use, function: str = "") -> None:
        for column in sorted(value.columns):
            self._touches.setdefault(Touch(column.source, column.column, use, function))

    def touch_rows(self, sources: frozenset[str], use: Use, function: str = "") -> None:
        for source in sorted(sources):
            self._touches.setdefault(Touch(source, "*", use, function))

    def join(self, left: BaseColumn, right: BaseColumn, *, restricts: bool) -> None:
        self._joins.setdefault(JoinTouch((left.source, left.column), (right.source, right.column)))
        for side in (left, right):
            self._touches.setdefault(Touch(side.source, side.column, Use.JOIN))
        if restricts and self.is_entity(left) and self.is_entity(right):
            self._same_entity.append((left.source, right.source))

    def unknown(self, table: str, column: str, use: Use) -> None:
        self._unknown.append(Unknown(table, column, use))

    def expose(self, relation: Relation) -> None:
        """The relation's single rows reach the answer (or a place where we stop following them)."""
        self.touch_rows(relation.sources, Use.ROWS)
        for value in relation.outputs.values():
            self.touch(value, Use.PROJECT)
            self.touch_rows(value.rows, Use.ROWS)

    def is_entity(self, column: BaseColumn) -> bool:
        base = next(b for b in self.bases if b.source == column.source)
        return base.table.entity == column.column

    def same_entity(self, source: str, other: str) -> bool:
        names = [b.source for b in self.bases]
        return any({source, other} <= part for part in components(names, self._same_entity))

    def table_key(self, frame: Frame) -> str:
        """The table a bare name must have been meant for: the only one there, else nobody can say."""
        tables = [b.table.key for b in self.bases for r in frame.info.relations.values() if b.relation is r]
        return tables[0] if len(tables) == 1 else ""

    def use_column(self, relation: Relation, name: str) -> None:
        for base in self.bases:
            if base.relation is relation:
                base.used.add(name)

    # --- queries ------------------------------------------------------------------------------------------------

    def query(self, node: exp.Expr, ctes: dict[str, Relation], outer: Frame | None) -> Relation:
        """The relation a query yields; `outer` is the SELECT it may be correlated with."""
        with_ = node.args.get("with_")
        if with_:
            ctes = dict(ctes)
            for cte in with_.expressions:
                ctes[cte.alias] = self.query(cte.this, ctes, None)
        if isinstance(node, exp.Subquery):
            return self.query(node.this, ctes, outer)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, ctes, outer)
        if isinstance(node, exp.Select):
            return self._select(node, ctes, outer)
        raise Refused("NOT_SUPPORTED", name=type(node).__name__)

    def _set_operation(self, node: exp.SetOperation, ctes: dict[str, Relation], outer: Frame | None) -> Relation:
        left, right = (self.query(side, ctes, outer) for side in (node.this, node.expression))
        self.expose(left)
        self.expose(right)
        order = node.args.get("order")
        if order and any(isinstance(n, exp.Query | exp.AggFunc | exp.Window) for n in order.walk()):
            raise Refused("NOT_SUPPORTED", name="ORDER BY")
        self._check_limit(node)
        return Relation(dict.fromkeys(left.outputs, RELEASED))

    def _select(self, node: exp.Select, ctes: dict[str, Relation], outer: Frame | None) -> Relation:
        info = SelectInfo(node, {})
        frame = Frame(info, ctes, outer)
        self._from(node, frame)
        _plain_grouping(node)
        parts = [*node.expressions, *(node.args.get(k) for k in ("having", "qualify", "order"))]
        info.grouped = bool(node.args.get("group"))
        info.aggregated = (
            info.grouped or bool(node.args.get("having")) or any(p is not None and has_aggregate(p) for p in parts)
        )
        self._rows_phase(node, frame)
        result = self._group_phase(node, frame) if info.aggregated else self._row_outputs(node, frame)
        if outer is not None:
            outer.inner |= frame.correlated
        info.result = result
        self.selects.append(info)
        return result

    # --- FROM ---------------------------------------------------------------------------------------------------

    def _from(self, node: exp.Select, frame: Frame) -> None:
        from_ = node.args.get("from_")
        items = [from_.this] if from_ else []
        for join in node.args.get("joins") or []:
            words = {w.upper() for w in (join.side, join.kind) if w}
            if join.method or not words <= _JOIN_WORDS or join.args.get("using"):
                raise Refused("NOT_SUPPORTED", name=f"{join.method or ''} {join.side} {join.kind} JOIN".strip())
            items.append(join.this)
        for item in items:
            alias = item.alias_or_name
            if not alias or alias in frame.info.relations:
                raise Refused("AMBIGUOUS_NAME", name=alias)
            frame.info.relations[alias] = self._item(item, frame)
            if len(self.bases) > MAX_SOURCES:
                raise Refused("TOO_COMPLEX", limit=MAX_SOURCES)

    def _item(self, item: exp.Expr, frame: Frame) -> Relation:
        columns = item.args["alias"].columns if item.args.get("alias") else []
        if isinstance(item, exp.Table):
            if not item.db and item.name in frame.ctes:
                relation = frame.ctes[item.name]
            elif columns:
                raise Refused("NOT_SUPPORTED", name="COLUMN ALIASES")
            else:
                relation = self._base(item)
            if item.args.get("sample"):
                self.touch_rows(relation.sources, Use.ROWS)
            return relation
        if isinstance(item, exp.Values):
            return _values(item)
        if not isinstance(item, exp.Subquery) or not isinstance(item.this, exp.Query):
            raise Refused("NOT_SUPPORTED", name=type(item).__name__)
        relation = self.query(item, frame.ctes, None)
        if columns:
            renamed = dict(zip((c.name for c in columns), relation.outputs.values(), strict=False))
            return Relation(renamed, relation.sources)
        return relation

    def _base(self, node: exp.Table) -> Relation:
        table: GrantedTable | None = self.resolved.tables.get((node.db, node.name))
        if table is None:
            raise Refused("NOT_SUPPORTED", name="TABLE")
        source = f"s{len(self.bases)}"
        outputs = {}
        for column in table.columns:
            own = BaseColumn(source, column.id)
            outputs[fold(column.name)] = Value(frozenset({own}), frozenset(), own, Shape.PLAIN)
        relation = Relation(outputs, frozenset({source}))
        self.bases.append(BaseTable(source, node, table, relation))
        return relation

    # --- rows: ON, WHERE ----------------------------------------------------------------------------------------

    def _rows_phase(self, node: exp.Select, frame: Frame) -> None:
        for join in node.args.get("joins") or []:
            if join.args.get("on"):
                self._conditions(join.args["on"], frame, restricts=not join.side)
        if node.args.get("where"):
            self._conditions(node.args["where"].this, frame, restricts=True)
        parts = components(list(frame.info.relations), frame.links)
        with_rows = [p for p in parts if any(frame.info.relations[a].sources for a in p)]
        if len(with_rows) > 1:
            self.touch_rows(frame.sources, Use.CROSS)
        if node.args.get("sample"):
            self.touch_rows(frame.sources, Use.ROWS)

    def _conditions(self, node: exp.Expr, frame: Frame, *, restricts: bool) -> None:
        if has_aggregate(node) or has_window(node):
            raise Refused("NOT_SUPPORTED", name="WHERE")
        for part in conjuncts(node):
            if not (isinstance(part, exp.EQ) and self._equality(part, frame, restricts=restricts)):
                self.condition(part, frame)

    # --- rows out -----------------------------------------------------------------------------------------------

    def _row_outputs(self, node: exp.Select, frame: Frame) -> Relation:
        outputs = {e.alias_or_name: self.value(e, frame) for e in node.expressions}
        for key in ("qualify", "order"):
            part = node.args.get(key)
            for e in _ordering(part, frozenset()):
                known = outputs.get(e.name) if isinstance(e, exp.Column) and not e.table else None
                self.touch(known or self.value(e, frame), Use.PROJECT)
            if key == "qualify" and part:
                self.touch_rows(frame.sources, Use.ROWS)
        for window in node.args.get("windows") or []:
            self.window_parts(window, frame)
        self._check_limit(node)
        if node.args.get("limit") or node.args.get("offset"):
            self.touch_rows(frame.sources, Use.ROWS)
        return Relation(outputs, frame.sources)

    # --- groups -------------------------------------------------------------------------------------------------

    def _group_phase(self, node: exp.Select, frame: Frame) -> Relation:
        keys = node.args["group"].expressions if node.args.get("group") else []
        groups: dict[str, Value] = {}
        entity_sources: set[str] = set()
        for key in keys:
            if has_aggregate(key) or has_window(key):
                raise Refused("NOT_SUPPORTED", name="GROUP BY")
            value = self.value(key, frame)
            groups[render(key)] = value
            if value.plain and self.is_entity(value.plain):
                self.touch(value, Use.ENTITY_GROUP)
                entity_sources.add(value.plain.source)
            else:
                self.touch(value, Use.GROUP)
        frame.info.deferred = bool(entity_sources)
        if frame.info.deferred:
            loose = {s for s in frame.sources if not any(self.same_entity(s, e) for e in entity_sources)}
            self.touch_rows(frozenset(loose), Use.ROWS)
        frame.groups = groups
        self.touch_rows(frame.sources, Use.COUNT_ROWS)
        return self._group_outputs(node, frame)

    def _group_outputs(self, node: exp.Select, frame: Frame) -> Relation:
        outputs = {e.alias_or_name: self.value(e, frame) for e in node.expressions}
        for key in ("having", "qualify", "order"):
            for e in _ordering(node.args.get(key), frozenset(outputs)):
                self.touch(self.value(e, frame), Use.FILTER)
        for window in node.args.get("windows") or []:
            self.window_parts(window, frame)
        self._check_limit(node)
        if not frame.info.deferred:
            return Relation(dict.fromkeys(outputs, RELEASED))
        if node.args.get("limit") or node.args.get("offset") or node.args.get("qualify"):
            self.touch_rows(frame.sources, Use.ROWS)
        return Relation(outputs, frame.sources)

    def _check_limit(self, node: exp.Expr) -> None:
        for key in ("limit", "offset"):
            part = node.args.get(key)
            if part is not None and not (isinstance(part.expression, exp.Literal) and part.expression.is_int):
                raise Refused("NOT_SUPPORTED", name=key.upper())


def _ordering(part: exp.Expr | None, aliases: frozenset[str]) -> list[exp.Expr]:
    """The expressions of HAVING, QUALIFY or ORDER BY, without bare references to outputs."""
    if part is None:
        return []
    if not isinstance(part, exp.Order):
        return [part.this]
    found = [o.this for o in part.expressions]
    return [e for e in found if not (isinstance(e, exp.Column) and not e.table and e.name in aliases)]


def _plain_grouping(node: exp.Select) -> None:
    """GROUP BY ALL, ORDER BY ALL and SELECT DISTINCT spelled out, so that the rest sees one form."""
    group = node.args.get("group")
    order = node.args.get("order")
    if order and len(order.expressions) == 1 and isinstance(order.expressions[0].this, exp.Var):
        every = order.expressions[0]
        places = range(1, len(node.expressions) + 1)
        order.set("expressions", [_at(every.copy(), exp.Literal.number(i)) for i in places])
    if group and group.args.get("all"):
        keys = [e.unalias().copy() for e in node.expressions if not has_aggregate(e)]
        node.set("group", exp.Group(expressions=keys) if keys else None)
    if node.args.get("distinct") and not node.args.get("group") and not any(map(has_aggregate, node.expressions)):
        keys = [e.unalias().copy() for e in node.expressions if any(isinstance(n, exp.Column) for n in e.walk())]
        if any(map(has_window, node.expressions)) or (not keys and node.args.get("from_")):
            raise Refused("NOT_SUPPORTED", name="DISTINCT")
        node.set("distinct", None)
        if keys:
            node.set("group", exp.Group(expressions=keys))


def _at(ordered: exp.Expr, place: exp.Expr) -> exp.Expr:
    ordered.set("this", place)
    return ordered


def _values(item: exp.Values) -> Relation:
    names = [c.name for c in item.args["alias"].columns] if item.args.get("alias") else []
    if not names or any(isinstance(n, exp.Column | exp.Query | exp.Func) for n in item.walk() if n is not item):
        raise Refused("NOT_SUPPORTED", name="VALUES")
    return Relation(dict.fromkeys(names, RELEASED))


def _function_of(node: exp.Expr) -> str:
    kind = type(node)
    if kind in allowed.AGGREGATES:
        name = allowed.AGGREGATES[kind]
        return "count_star" if name == "count" and (not node.this or isinstance(node.this, exp.Star)) else name
    if kind in allowed.WINDOW_ONLY:
        return allowed.WINDOW_ONLY[kind]
    return kind.__name__.lower() if kind in allowed.SCALARS else node.name.lower() if kind is exp.Anonymous else ""
