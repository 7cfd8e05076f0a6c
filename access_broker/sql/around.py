"""What can only be said once all groupings are there: windows, QUALIFY, DISTINCT, an order by more than the outputs.

`SELECT a, rank() OVER (ORDER BY count(*)) FROM t GROUP BY ROLLUP (a)` is the query
`SELECT g0 AS a, rank() OVER (ORDER BY g1) FROM (SELECT a AS g0, count(*) AS g1 FROM t GROUP BY ROLLUP (a))`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql import allowed
from access_broker.sql.rebuilt import reads
from access_broker.sql.scopes import has_window, is_window_call, own_nodes, size_of, spelled, strip

_AROUND = ("distinct", "qualify", "windows", "order", "limit", "offset", "with_")
_FIXED = (exp.Literal, exp.Null, exp.Boolean, exp.Var, exp.DataType, exp.Star, exp.Identifier)
_FRAMES = (exp.Window, exp.Order, exp.Ordered, exp.WindowSpec, exp.Where, exp.Distinct, exp.Qualify)
"""Parts of a window that are no values themselves."""
_WRAPS = (exp.Filter, exp.IgnoreNulls, exp.RespectNulls)
_ITEM = "__grouped"


def is_around(select: exp.Select) -> bool:
    """Does it say more than its groupings?"""
    parts = [*select.expressions, *(select.args.get(name) for name in ("qualify", "order"))]
    found = any(part is not None and has_window(part) for part in parts)
    return found or any(select.args.get(name) for name in ("distinct", "qualify", "windows"))


def taken_apart(select: exp.Select, keys: Collection[str]) -> exp.Select:
    """`select` is left with what its groups compute; what is returned reads it, FROM to be set by `around`.

    `keys`: the names of columns that keys are made of, folded; they are theirs before they are an output's. Raises
    Refused NOT_SUPPORTED, TOO_COMPLEX.
    """
    return _Apart(select, keys).outer()


def around(outer: exp.Select, groupings: exp.Query) -> exp.Select:
    return reads(outer, groupings, _ITEM)


class _Apart:
    """`computed`: text of an expression → the column of the groupings that holds it."""

    def __init__(self, select: exp.Select, keys: Collection[str]) -> None:
        self.select, self.keys = select, keys
        self.computed: dict[str, exp.Expr] = {}
        self.named: dict[str, exp.Expr] = {}
        self.room = allowed.MAX_NODES

    def outer(self) -> exp.Select:
        select, outer = self.select, exp.Select()
        shows_all = any(isinstance(e.unalias(), exp.Star) for e in select.expressions)
        if shows_all or is_on_some(select.args.get("distinct")):
            raise Refused("NOT_SUPPORTED", name="GROUPING SETS")
        kept = {name: part.pop() for name in _AROUND if isinstance(part := select.args.get(name), exp.Expr)}
        kept["windows"] = select.args.pop("windows", None)
        items = [self._item(e) for e in select.expressions]
        outer.set("expressions", items)
        if select.args.get("having"):
            self._name_outputs(select.args["having"])
        for name, part in kept.items():
            outer.set(name, self._kept(name, part, {fold(e.alias) for e in items}))
        select.set("expressions", list(self.computed.values()))
        return outer

    def _item(self, item: exp.Expr) -> exp.Expr:
        name = item.args.get("alias") or (item.this if isinstance(item, exp.Column) else None)
        alias = name.copy() if isinstance(name, exp.Identifier) else exp.to_identifier(default_name(item), quoted=True)
        value = self._with_outputs(item.unalias().copy())
        if item.alias:
            self.named[fold(item.alias)] = value
        return exp.Alias(this=self._outside(value), alias=alias)

    def _kept(self, name: str, part: Any, outputs: set[str]) -> Any:
        if name == "order":
            for ordered in part.expressions:
                ordered.set("this", self._ordered(strip(ordered.this), outputs))
            return part
        if name == "windows":
            return [self._outside(self._with_outputs(window)) for window in part or []] or None
        return self._outside(self._with_outputs(part)) if name == "qualify" else part

    def _ordered(self, wanted: exp.Expr, outputs: set[str]) -> exp.Expr:
        """Places and names of outputs stand for those; in an expression a name is a column of FROM first."""
        is_output = isinstance(wanted, exp.Column) and not wanted.table and fold(wanted.name) in outputs
        return wanted if is_output or isinstance(wanted, _FIXED) else self._outside(self._with_outputs(wanted))

    def _with_outputs(self, node: exp.Expr) -> exp.Expr:
        """`node` with the outputs it names spelled out."""
        holder = exp.Paren(this=node)
        self._name_outputs(holder)
        found: exp.Expr = holder.this
        return found

    def _name_outputs(self, node: exp.Expr) -> None:
        """Within an aggregate a name is none of an output."""
        for column in [n for n in own_nodes(node) if isinstance(n, exp.Column) and not n.table]:
            meant = self.named.get(fold(column.name)) if fold(column.name) not in self.keys else None
            if meant is None or _in_aggregate(column):
                continue
            self.room -= size_of(meant)
            if self.room < 0:
                raise Refused("TOO_COMPLEX", limit=allowed.MAX_NODES)
            column.replace(exp.Paren(this=meant.copy()))

    def _outside(self, node: exp.Expr, *, is_call: bool = False) -> exp.Expr:
        """What stands for `node` around the groupings: the largest parts without a window are columns of theirs."""
        if isinstance(node, _FIXED):
            return node.copy()
        if not (is_call or isinstance(node, _FRAMES) or has_window(node)):
            return self._column(node)
        copied = node.copy()
        for name, value in node.args.items():
            if isinstance(value, exp.Expr):
                of_call = name == "this" and (isinstance(node, exp.Window) or (is_call and isinstance(node, _WRAPS)))
                copied.set(name, self._outside(value, is_call=of_call))
            elif isinstance(value, list):
                copied.set(name, [self._listed(node, part) for part in value])
        return copied

    def _listed(self, node: exp.Expr, part: Any) -> Any:
        """The arms of a CASE are no values either."""
        return self._outside(part, is_call=isinstance(node, exp.Case)) if isinstance(part, exp.Expr) else part

    def _column(self, node: exp.Expr) -> exp.Expr:
        text = spelled(node)
        if text not in self.computed:
            name = f"__g{len(self.computed)}"
            self.computed[text] = exp.alias_(node.copy(), name, quoted=True)
        return exp.column(self.computed[text].alias, table=_ITEM, quoted=True)


def is_on_some(distinct: exp.Expr | None) -> bool:
    """Is it DISTINCT ON?"""
    return distinct is not None and distinct.args.get("on") is not None


def _in_aggregate(column: exp.Column) -> bool:
    """Or in its FILTER."""
    call = column.find_ancestor(exp.AggFunc, exp.Filter)
    while call is not None and is_window_call(call):
        call = call.find_ancestor(exp.AggFunc, exp.Filter)
    return call is not None


def default_name(item: exp.Expr) -> str:
    """Of a column without one: the beginning of its text."""
    return item.sql(dialect="duckdb", comments=False, normalize_functions="lower")[:60]
