"""How small and how large what one person adds to a figure may be, from the contract's clip bounds (answer mode `dp`).

Intervals follow an expression from its columns outwards. They need not be tight, and nothing is trusted of them: what
a person adds is cut to the interval afterwards. Where no bound is known there is none, and the figure is refused.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.sql.arguments import shown
from access_broker.sql.scopes import items_of

Interval = tuple[float, float]
Clip = Mapping[str, Interval]
"""`dataset.table.column` → (low, high)."""

_SAME = (exp.Paren, exp.Try, exp.TryCast, exp.Cast, exp.AnyValue, exp.Avg, exp.Min, exp.Max, exp.Filter, exp.Alias)
_COUNTS = (exp.Count, exp.CountIf)


class Bounds:
    """Of expressions over one narrowed SELECT. `rows`: how many rows one person may have in it."""

    def __init__(self, select: exp.Select, tables: Mapping[str, GrantedTable], clip: Clip, rows: int) -> None:
        self._tables, self._clip, self._rows = tables, clip, rows
        self._items = items_of(select)

    def of(self, node: exp.Expr) -> Interval | None:
        """(low, high) of its value on one row; None when nothing bounds it."""
        found = self._of(node)
        return found if found is not None and all(map(math.isfinite, found)) else None

    def _of(self, node: exp.Expr) -> Interval | None:
        if isinstance(node, _SAME):
            return self.of(node.this)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.Literal):
            return None if node.is_string else (float(node.name), float(node.name))
        if isinstance(node, _COUNTS):
            return 0.0, float(self._rows)
        if isinstance(node, exp.Query):
            return None
        parts = self._all(shown(node))
        if not parts:
            return None
        if isinstance(node, exp.Sum):  # over the rows of one person, further in
            return times(parts[0], self._rows)
        if isinstance(node, exp.Case | exp.If | exp.Coalesce | exp.Nullif):
            return _hull(parts)
        if isinstance(node, exp.Neg):
            return -parts[0][1], -parts[0][0]
        if len(parts) != 2:  # a NULL is among them
            return None
        if isinstance(node, exp.Div):
            by = parts[1]
            return _mul(parts[0], (1 / by[0], 1 / by[1])) if by[0] * by[1] > 0 else None
        combine = _ARITHMETIC.get(type(node))
        return combine(*parts) if combine is not None else None

    def _all(self, nodes: list[exp.Expr]) -> list[Interval]:
        """Of every one of them that is not NULL; empty when one of them has no bounds."""
        found = [self.of(n) for n in nodes if not isinstance(n, exp.Null)]
        known = [interval for interval in found if interval is not None]
        return known if len(known) == len(found) else []

    def _column(self, column: exp.Column) -> Interval | None:
        item = self._items.get(column.table)
        inner = item.unnest() if isinstance(item, exp.Subquery) else None
        if not isinstance(inner, exp.Select):
            return None
        shown = next((e for e in inner.expressions if e.alias_or_name == column.name), None)
        from_ = inner.args.get("from_")
        table = self._tables.get(from_.this.name) if from_ and isinstance(from_.this, exp.Table) else None
        if shown is None:
            return None
        if table is not None:
            base = shown.unalias()
            return self._clip.get(f"{table.key}.{base.name}") if isinstance(base, exp.Column) else None
        return Bounds(inner, self._tables, self._clip, self._rows).of(shown)


def times(interval: Interval, rows: int) -> Interval:
    """The sum of none to `rows` values."""
    return min(0.0, interval[0] * rows), max(0.0, interval[1] * rows)


def _add(left: Interval, right: Interval) -> Interval:
    return left[0] + right[0], left[1] + right[1]


def _sub(left: Interval, right: Interval) -> Interval:
    return left[0] - right[1], left[1] - right[0]


def _mul(left: Interval, right: Interval) -> Interval:
    products = [a * b for a in left for b in right]
    return min(products), max(products)


_ARITHMETIC: dict[type[exp.Expr], Callable[[Interval, Interval], Interval]] = {
    exp.Add: _add,
    exp.Sub: _sub,
    exp.Mul: _mul,
}


def _hull(parts: list[Interval]) -> Interval:
    return min(low for low, _ in parts), max(high for _, high in parts)
