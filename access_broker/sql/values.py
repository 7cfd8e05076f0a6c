"""Expressions: what each is made of, and the touches that reading it leaves. The recursive half of the analyser."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Use
from access_broker.sql import allowed
from access_broker.sql.aggregates import Aggregates
from access_broker.sql.branches import BRANCHES
from access_broker.sql.names import Resolved
from access_broker.sql.relations import CONSTANT, RELEASED, BaseColumn, Relation, Shape, Value, combine
from access_broker.sql.scopes import Frame, render, strip
from access_broker.sql.shapes import is_measured, made_of
from access_broker.sql.windows import Windows

_RECKONS = (exp.Cast, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.DateDiff)
_SUMS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg)
_CONSTANTS = (exp.Literal, exp.Null, exp.Boolean, exp.Var, exp.DataType)
_SEVERAL = "SUBQUERY OF SEVERAL ROWS"


class Values(Aggregates, Windows):
    """Mixed into the analyser; needs its `query`, `touch`, `join` and friends."""

    if TYPE_CHECKING:
        resolved: Resolved
        seen: set[int]
        lookups: set[str]

        def query(self, node: exp.Expr, outer: Frame | None) -> Relation: ...
        def join(self, left: BaseColumn, right: BaseColumn, *, restricts: bool) -> None: ...
        def unknown(self, table: str, column: str, use: Use) -> None: ...
        def expose(self, relation: Relation) -> None: ...
        def same_entity(self, source: str, other: str) -> bool: ...
        def is_numbered(self, column: BaseColumn) -> bool: ...
        def is_hidden(self, column: BaseColumn) -> bool: ...
        def type_of(self, column: BaseColumn) -> str: ...
        def table_of(self, column: BaseColumn) -> GrantedTable: ...
        def table_key(self, frame: Frame) -> str: ...
        def use_column(self, relation: Relation, name: str) -> None: ...

    def value(self, node: exp.Expr, frame: Frame, regions: list[exp.Expr] | None = None) -> Value:
        """What `node` is made of. With `regions`, CASE branches inside an aggregate argument are collected there."""
        if frame.groups is not None and not isinstance(node, exp.Literal):
            key = self._group_key(node, frame)
            if key is not None:
                self.seen |= {id(n) for n in node.find_all(exp.Column)}  # looked at as a key
                return key
        if isinstance(node, exp.Alias | exp.Paren | exp.Where):
            return self.value(node.this, frame, regions)
        if isinstance(node, _CONSTANTS):
            return CONSTANT
        if isinstance(node, exp.Column):
            return self._column(node, frame)
        if isinstance(node, exp.Exists):
            return self._exists(node.this, frame)
        if isinstance(node, exp.In) and node.args.get("query"):
            return self._in_query(node, frame)
        if isinstance(node, exp.Query):
            return self._scalar(node, frame)
        if isinstance(node, exp.Window):
            return self.window(node, frame)
        if type(node) in allowed.AGGREGATES or isinstance(node, exp.Filter):
            found = self.aggregate(node, frame)
            return replace(found, columns=frozenset()) if self._counts_keys(node, frame) else found
        if type(node) in allowed.WINDOW_ONLY or isinstance(node, exp.Star):
            raise Refused("NOT_SUPPORTED", name=type(node).__name__)
        if regions is not None and isinstance(node, BRANCHES):
            return self.branches(node, frame, regions)
        return self._compound(node, frame, regions)

    def _compound(self, node: exp.Expr, frame: Frame, regions: list[exp.Expr] | None) -> Value:
        children = [c for c in node.iter_expressions() if not isinstance(c, exp.DataType | exp.Var)]
        values = [self.value(c, frame, regions) for c in children]
        found = made_of(node, children, values)
        if found.released:
            return found
        doubled = regions is not None and isinstance(node, _SUMS) and node.find(exp.Interval) is None
        if doubled and any(self._is_day(v) for v in values):
            raise Refused("NOT_SUPPORTED", name="DATE + x")  # in doubles it would be nothing
        # outside an argument nobody counts those who would have nothing without it
        lost = regions is None and (isinstance(node, exp.Coalesce) or any(v.counted for v in values))
        # a text that is no number would be a NULL nobody expects
        text = isinstance(node, _RECKONS) and not found.is_count
        text = text and not all(is_measured(self.type_of(column)) for column in found.columns)
        # 0 for everybody but one, where that can be known, leaves the other factor of that one, be it known or not
        weighed = isinstance(node, exp.Mul) and sum(not v.released for v in values) > 1
        weighed = weighed and len(found.columns) > 1 and not all(map(self.is_hidden, found.columns))
        cancels = isinstance(node, _SUMS) and self._meets_itself(values)
        return replace(found, shape=Shape.OPAQUE) if lost or text or weighed or cancels else found

    def _meets_itself(self, values: list[Value]) -> bool:
        """A column beside the same one of another row: all that is left may be of the few whose two differ."""
        columns = {column for value in values for column in value.columns if self.is_hidden(column)}
        return len({(self.table_of(c).key, c.column) for c in columns}) < len(columns)

    def _counts_keys(self, node: exp.Expr, frame: Frame) -> bool:
        """How many of one person's rows an outer join found: it tells no more of their key than `count(*)` would."""
        if not frame.info.deferred or not isinstance(node, exp.Count) or not isinstance(node.this, exp.Column):
            return False
        counted = self._column(node.this, replace(frame, groups=None)).plain
        return counted is not None and self.is_entity(counted)

    def _is_day(self, value: Value) -> bool:
        return value.plain is not None and self.type_of(value.plain).startswith(("DATE", "TIME"))

    def _group_key(self, node: exp.Expr, frame: Frame) -> Value | None:
        found = (frame.groups or {}).get(render(node))
        if found is None:
            return None
        return found if frame.info.deferred else Value(shape=Shape.PLAIN, type=found.type)

    def _column(self, node: exp.Column, frame: Frame) -> Value:
        self.seen.add(id(node))
        if isinstance(node.this, exp.Star):
            raise Refused("NOT_SUPPORTED", name="*")
        if not node.table:
            self.unknown(self.table_key(frame), node.name, Use.PROJECT)
            return CONSTANT
        level: Frame | None = frame
        while level is not None:
            relation = level.info.relations.get(node.table)
            if relation is not None:
                return self._from_relation(node, relation, level, frame)
            level = level.outer
        self.unknown(node.table, node.name, Use.PROJECT)
        return CONSTANT

    def _from_relation(self, node: exp.Column, relation: Relation, level: Frame, frame: Frame) -> Value:
        value = relation.outputs.get(node.name)
        if value is None:
            self.unknown(node.table, node.name, Use.PROJECT)
            return CONSTANT
        self.use_column(relation, node.name)
        if level is not frame:
            key = self._group_key(node, level) if level.groups is not None else None
            if key is not None and key.released:
                return key
            # whatever stands in a row further out, be it no column of a table, is another for every row there
            rows = value.rows or (level.sources if value.released else frozenset())
            frame.correlated |= value.columns | {BaseColumn(source, "*") for source in rows}
        if node.table in level.nullable:
            value = replace(value, padded=True, chosen=value.chosen or node.table in level.chosen)
        elif frame.groups is not None and not value.released:
            # outside an aggregate and no group key: the engine will refuse it, and so must we without it
            self.touch(value, Use.PROJECT)
            self.touch_rows(value.rows, Use.ROWS)
        if not relation.sources and level.sources and (not relation.single or node.table in level.nullable):
            # which row of a released table stands beside a person's row tells something of the person: a weight
            return Value(frozenset(), level.sources, None, Shape.OPAQUE) if frame.groups is None else value
        return value

    # --- conditions ---------------------------------------------------------------------------------------------

    def condition(self, node: exp.Expr, frame: Frame) -> None:
        """A condition decides rows: every column in it is touched as FILTER, a NULL test as NULL_TEST."""
        node = strip(node)
        if isinstance(node, exp.And | exp.Or):
            self.condition(node.left, frame)
            self.condition(node.right, frame)
        elif isinstance(node, exp.Not):
            self.condition(node.this, frame)
        elif isinstance(node, exp.Is) and isinstance(node.expression, exp.Null) and isinstance(node.this, exp.Column):
            tested = self.value(node.this, frame)
            self.touch(tested, Use.NULL_TEST if tested.plain else Use.FILTER)
        else:
            value = self.value(node, frame)
            self.touch(value, Use.FILTER)

    def _equality(self, node: exp.EQ, frame: Frame, *, restricts: bool, ties: bool) -> bool:
        """A plain equality between columns of two FROM items (or of this and an outer query). False: something else."""
        left, right = strip(node.left), strip(node.right)
        if not isinstance(left, exp.Column) or not isinstance(right, exp.Column) or left.table == right.table:
            return False
        values = self.value(left, frame), self.value(right, frame)
        own = {left.table, right.table} & set(frame.info.relations)
        relations = frame.info.relations
        known = len(own) == 2 and all(c.name in relations[c.table].outputs for c in (left, right))
        if known and ties:
            frame.equalities.append((left.table, left.name, right.table, right.name))
            if all(v.plain and self.is_entity(v.plain) for v in values):
                frame.ties.append((left.table, right.table))
                frame.loosely_tied |= not all(v.plain and self.is_numbered(v.plain) for v in values)
        if values[0].plain and values[1].plain:
            # an equality of two columns from further out, somewhere under an OR perhaps, ties nothing
            self.join(values[0].plain, values[1].plain, restricts=restricts and bool(own))
        else:
            for value in values:
                self.touch(value, Use.FILTER)
        return True

    # --- queries inside expressions -----------------------------------------------------------------------------

    def _subquery(self, node: exp.Expr, frame: Frame) -> tuple[Relation, frozenset[BaseColumn]]:
        """(its relation, the columns it asks of the queries around it)."""
        saved, frame.inner = frame.inner, set()
        relation = self.query(node, frame)
        relation.closed = True
        asked, frame.inner = frozenset(frame.inner), saved
        frame.correlated |= {c for c in asked if c.source not in frame.sources}
        return relation, asked

    def _scalar(self, node: exp.Query, frame: Frame) -> Value:
        relation, asked = self._subquery(node, frame)
        self.expose(relation)
        of_people = any(table.entity is not None for table in self.resolved.tables.values())
        if of_people and not relation.one:  # an error only where somebody is there, or some group, be it of one
            raise Refused("NOT_SUPPORTED", name=_SEVERAL)
        if not asked:
            return RELEASED
        if not relation.single:  # several rows are an error of the engine, and whether one happens would tell
            raise Refused("NOT_SUPPORTED", name=_SEVERAL)
        return Value(_columns(asked), frame.sources, None, Shape.OPAQUE)

    def _exists(self, node: exp.Expr, frame: Frame) -> Value:
        relation, asked = self._subquery(node, frame)
        self._check_counted_apart(relation, asked)
        self._semi(relation, frame)
        return self._of_each_row(frame, asked)

    def _check_counted_apart(self, relation: Relation, asked: frozenset[BaseColumn]) -> None:
        """Groups of one person's rows would be looked for k people in, and there are none of them."""
        if not relation.sources and any(self.is_entity(column) for column in _columns(asked)):
            raise Refused("NOT_SUPPORTED", name="EXISTS")

    def _in_query(self, node: exp.In, frame: Frame) -> Value:
        left = self.value(node.this, frame)
        relation, asked = self._subquery(node.args["query"], frame)
        self._check_counted_apart(relation, asked)
        outputs = list(relation.outputs.values())
        if len(outputs) != 1:
            raise Refused("NOT_SUPPORTED", name="IN")
        right = outputs[0]
        sides = left.plain, right.plain
        if sides[0] and sides[1] and self.is_entity(sides[0]) and self.is_entity(sides[1]):
            # It may stand anywhere, under an OR or in a select list, so it ties these two here and nowhere else.
            self.join(sides[0], sides[1], restricts=False)
            self.lookups.add(render(node))
            self._semi(relation, frame, (sides[1].source, sides[0].source))
            return self._of_each_row(frame, asked)
        self.expose(relation)
        return combine(left, self._of_each_row(frame, asked), shape=Shape.OPAQUE)

    @staticmethod
    def _of_each_row(frame: Frame, asked: frozenset[BaseColumn]) -> Value:
        """A yes or no about the row at hand. Columns it asked of further out are touched where it asked."""
        outside = frozenset(c for c in _columns(asked) if c.source not in frame.sources)
        return Value(outside, frame.sources, None, Shape.OPAQUE)

    def _semi(self, relation: Relation, frame: Frame, looked_up: tuple[str, str] | None = None) -> None:
        """Rows of a subquery decide rows outside. Harmless only where both are the same entity's rows.

        `looked_up`: (source inside, source outside) of which only equal entities are compared, see IN.
        """
        for source in sorted(relation.sources):
            tied = [o for o in sorted(frame.sources) if self.same_entity(source, o)]
            if looked_up and looked_up[1] in frame.sources and self.same_entity(source, looked_up[0]):
                tied.append(looked_up[1])
            if tied:
                self.touch_rows(frozenset({source}), Use.SEMI, tied[0])
            else:
                self.touch_rows(frozenset({source}), Use.ROWS)


def _columns(asked: frozenset[BaseColumn]) -> frozenset[BaseColumn]:
    """Those that are columns of a table."""
    return frozenset(column for column in asked if column.column != "*")
