"""How high a power of what nobody knows a figure adds up: 2 for a variance, or for a sum of squares.

The sums of n numbers, of their squares, their cubes and so on are n equations for them. The memory of a contract takes
all figures of the same people for one, so under `differencing: refuse` they end with squares.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql import allowed
from access_broker.sql.conditions import call_and_filter
from access_broker.sql.scopes import items_of
from access_broker.sql.units import SPREADS

HIGHEST = 2
_PRODUCTS = (exp.Mul, exp.Div, exp.IntDiv, exp.Pow)


def power_of(node: exp.Expr, select: exp.Select) -> int:
    """Of an aggregate call, with its FILTER if it has one, or of any expression over what `select` reads."""
    if isinstance(node, exp.Column):
        return _power_of_column(node, select)
    call = call_and_filter(node)[0] if isinstance(node, exp.Filter) else node
    parts = [power_of(part, select) for part in call.iter_expressions()]
    function = allowed.AGGREGATES.get(type(call), "")
    if function in SPREADS:
        return 2 * max(parts, default=0)
    several = isinstance(call, _PRODUCTS) or (function and function != "count" and len(parts) > 1)
    return sum(parts) if several else max(parts, default=0)


def _power_of_column(column: exp.Column, select: exp.Select) -> int:
    """One that a query within computes has the power that it has there."""
    item = items_of(select).get(column.table)
    inner = item.unnest() if isinstance(item, exp.Subquery) else None
    if not isinstance(inner, exp.Select):
        return 1
    shown = next((e.unalias() for e in inner.selects if e.alias_or_name == column.name), None)
    return 1 if shown is None else power_of(shown, inner)
