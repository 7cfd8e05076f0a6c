"""Reckoning with dates, said so that it cannot be taken for reckoning with numbers.

`b - a` of two dates is `date_diff('day', a, b)`, and `a + 90` of a date is `CAST(a + INTERVAL 90 DAY AS DATE)`. What
guards arithmetic within an aggregate computes in DOUBLE, which no date becomes: every value would be NULL.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.kinds import DATE, MOMENT, Kinds, Tables
from access_broker.sql.scopes import strip
from access_broker.sql.series import point


def spell_out_dates(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified. Raises Refused NOT_SUPPORTED for reckoning with moments within an aggregate."""
    kinds = Kinds(tables)
    for node in reversed(list(tree.find_all(exp.Sub, exp.Add))):  # innermost first
        left, right = kinds.of(node.left), kinds.of(node.right)
        if isinstance(node, exp.Sub) and DATE in (left, right):  # beside a date, the engine reads a text as one
            left, right = _as_date(node.left) or left, _as_date(node.right) or right
        if left == right == DATE and isinstance(node, exp.Sub):
            node.replace(exp.DateDiff(this=node.left.copy(), expression=node.right.copy(), unit=exp.Var(this="DAY")))
        elif left == DATE and (days := _days(node.right)) is not None:
            _moved(node, node.left, days)
        elif right == DATE and isinstance(node, exp.Add) and (days := _days(node.left)) is not None:
            _moved(node, node.right, days)
        elif MOMENT in (left, right) and not _by_interval(node) and _in_aggregate(node):
            raise Refused("NOT_SUPPORTED", name="TIMESTAMP - TIMESTAMP")


def _as_date(node: exp.Expr) -> str:
    literal = strip(node)
    if not isinstance(literal, exp.Literal) or not literal.is_string:
        return ""
    literal.replace(exp.cast(literal.copy(), "DATE"))
    return DATE


def _by_interval(node: exp.Binary) -> bool:
    return any(isinstance(strip(side), exp.Interval) for side in (node.left, node.right))


def _days(node: exp.Expr) -> int | None:
    whole, _ = point(node)
    return whole if isinstance(whole, int) else None


def _moved(node: exp.Binary, date: exp.Expr, days: int) -> None:
    length = exp.Interval(this=exp.Literal.string(str(days)), unit=exp.Var(this="DAY"))
    node.replace(exp.cast(type(node)(this=date.copy(), expression=length), "DATE"))


def _in_aggregate(node: exp.Expr) -> bool:
    aggregate = node.find_ancestor(exp.AggFunc)
    return aggregate is not None and aggregate.parent_select is node.parent_select
