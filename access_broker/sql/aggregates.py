"""Aggregates over rows of people: which arguments are read, and the regions that must each hold enough entities.

The forms follow Snowflake's aggregation policies; the regions close what those leave open: a branch of a CASE, a
FILTER and the people it leaves out, and an argument that is NULL for all but one person of a large group.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Use
from access_broker.sql import allowed
from access_broker.sql.relations import RELEASED, Cell, Shape, Value, combine
from access_broker.sql.scopes import Frame, is_window_call

if TYPE_CHECKING:
    from access_broker.sql.relations import BaseColumn

MAX_REGIONS = 24
_COUNTS = frozenset({"count", "count_if"})
_PER_ENTITY_AFFINE = frozenset({"count", "count_star", "sum", "avg"})


class Aggregates:
    """Mixed into the analyser."""

    if TYPE_CHECKING:

        def value(self, node: exp.Expr, frame: Frame, regions: list[exp.Expr] | None = None) -> Value: ...
        def condition(self, node: exp.Expr, frame: Frame) -> None: ...
        def touch(self, value: Value, use: Use, function: str = "") -> None: ...
        def touch_rows(self, sources: frozenset[str], use: Use, function: str = "") -> None: ...
        def is_entity(self, column: BaseColumn) -> bool: ...

    def aggregate(self, node: exp.Expr, frame: Frame) -> Value:
        """One aggregate call, with its FILTER if it has one. Only legal where groups are known."""
        if frame.groups is None or is_window_call(node):
            raise Refused("NOT_SUPPORTED", name="AGGREGATE")
        call = node.this if isinstance(node, exp.Filter) else node
        if type(call) not in allowed.AGGREGATES:
            raise Refused("FUNCTION_NOT_ALLOWED", name=call.sql_name().lower() if isinstance(call, exp.Func) else "")
        rows = replace(frame, groups=None)
        regions: list[exp.Expr] = []
        taken = node.expression.this if isinstance(node, exp.Filter) else None
        if taken is not None:
            self._indicator(taken, rows)
        function, value = self._arguments(call, rows, regions)
        if len(regions) > MAX_REGIONS:
            raise Refused("TOO_COMPLEX", limit=MAX_REGIONS)
        if frame.info.deferred:
            plain = taken is None and all(isinstance(r, exp.Not) for r in regions)
            affine = plain and function in _PER_ENTITY_AFFINE and value.shape <= Shape.AFFINE
            return Value(value.columns, frame.sources, None, Shape.AFFINE if affine else Shape.OPAQUE)
        if frame.sources:
            frame.info.cells.append(Cell(node, function, taken, regions))
        return RELEASED

    def _arguments(self, call: exp.Expr, rows: Frame, regions: list[exp.Expr]) -> tuple[str, Value]:
        name = allowed.AGGREGATES[type(call)]
        argument = call.this
        if name == "count" and (argument is None or isinstance(argument, exp.Star)):
            return "count_star", Value(rows=rows.sources, shape=Shape.PLAIN)
        if name == "count_if":
            self._indicator(argument, rows)
            regions += both_sides(argument)
            return name, Value(rows=rows.sources, shape=Shape.OPAQUE)
        if isinstance(argument, exp.Distinct):
            return name, self._distinct(name, argument, rows, regions)
        values = [self._measure(name, e, rows, regions) for e in call.iter_expressions()]
        return name, combine(*values, shape=max(v.shape for v in values)) if values else Value()

    def _indicator(self, condition: exp.Expr, rows: Frame) -> None:
        """A condition inside an aggregate. It is copied into guards, so it may hold no query of its own."""
        if any(isinstance(n, exp.Query) for n in condition.walk()):
            raise Refused("NOT_SUPPORTED", name="SUBQUERY IN AGGREGATE")
        self.condition(condition, rows)

    def _measure(self, name: str, node: exp.Expr, rows: Frame, regions: list[exp.Expr]) -> Value:
        if isinstance(node, exp.Order):  # only string_agg has a use for it, and that is for open data
            parts = [self.value(e, rows) for e in [node.this, *(o.this for o in node.expressions)] if e is not None]
            value = combine(*parts)
        else:
            value = self.value(node, rows, regions)
        self.touch(value, Use.AGGREGATE, name)
        if value.shape is Shape.OPAQUE:
            self.touch(value, Use.TRANSFORM, name)
            if value.rows:
                self.touch_rows(value.rows, Use.TRANSFORM, name)
        if not value.released:
            regions.append(exp.Not(this=exp.Is(this=exp.Paren(this=node.copy()), expression=exp.null())))
        return value

    def _distinct(self, name: str, node: exp.Distinct, rows: Frame, regions: list[exp.Expr]) -> Value:
        if len(node.expressions) != 1:
            raise Refused("NOT_SUPPORTED", name="DISTINCT")
        inner = node.expressions[0]
        value = self.value(inner, rows)
        self.touch(value, Use.COUNT_DISTINCT)
        if name != "count":
            self.touch(value, Use.AGGREGATE, name)
            self.touch(value, Use.TRANSFORM, name)
        elif value.plain is None:
            self.touch(value, Use.GROUP)  # distinct values of an expression are the groups it would make
        if not value.released:
            regions.append(exp.Not(this=exp.Is(this=exp.Paren(this=inner.copy()), expression=exp.null())))
        return Value(value.columns, value.rows, None, Shape.OPAQUE)

    def branches(self, node: exp.Expr, frame: Frame, regions: list[exp.Expr]) -> Value:
        """CASE, IF or NULLIF as (part of) an argument: each branch and what is left is a region of its own."""
        selector, conditions, results = _selector(node)
        for condition in conditions:
            self._indicator(condition, frame)
        count = len(selector.args["ifs"])
        regions += [exp.EQ(this=selector.copy(), expression=exp.Literal.number(i)) for i in range(count + 1)]
        values = [self.value(r, frame, regions) for r in results]
        shape = max((v.shape for v in values), default=Shape.CONSTANT)
        return combine(*values, shape=Shape.AFFINE if shape <= Shape.AFFINE else Shape.OPAQUE)


def both_sides(condition: exp.Expr) -> list[exp.Expr]:
    """The people a condition takes and the people it leaves out; NULL counts as left out."""
    taken = exp.Coalesce(this=exp.Paren(this=condition.copy()), expressions=[exp.false()])
    return [taken, exp.Not(this=exp.Paren(this=taken.copy()))]


def _selector(node: exp.Expr) -> tuple[exp.Case, list[exp.Expr], list[exp.Expr]]:
    """(CASE that numbers the branches, 0 for the rest; the conditions; the results)."""
    if isinstance(node, exp.Nullif):
        test = exp.EQ(this=node.this.copy(), expression=node.expression.copy())
        return _numbered([test]), [test], [node.this]
    if isinstance(node, exp.If):
        results = [r for r in (node.args.get("true"), node.args.get("false")) if r is not None]
        return _numbered([node.this]), [node.this], results
    ifs = node.args["ifs"]
    results = [i.args["true"] for i in ifs] + ([node.args["default"]] if node.args.get("default") else [])
    subject = node.args.get("this")
    tests = [i.this for i in ifs]
    return _numbered(tests, subject), [*tests, *([subject] if subject is not None else [])], results


def _numbered(tests: list[exp.Expr], subject: exp.Expr | None = None) -> exp.Case:
    ifs = [exp.If(this=test.copy(), true=exp.Literal.number(i)) for i, test in enumerate(tests, 1)]
    case = exp.Case(ifs=ifs, default=exp.Literal.number(0))
    if subject is not None:
        case.set("this", subject.copy())
    return case
