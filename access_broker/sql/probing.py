"""Empty probes: statements that tools send to learn the columns of an answer, and that can hold no row.

A probe asks for names and types alone. What runs for it is the statement as it would be asked in earnest, read from
tables without a row, so that no value can reach an answer, an error or the time that it takes. The bound plan must show
both: no row comes in, and none goes out.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from sqlglot import exp

from access_broker.domain.footprint import Touch, Use
from access_broker.sql.brackets import printed
from access_broker.sql.scopes import conjuncts, has_aggregate, has_window, strip
from access_broker.sql.series import point
from access_broker.sql.statement import MARK_READ, Statement

_COMPARISONS: dict[type[exp.Expr], Callable[[int, int], bool]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
}
_PROBE = "__probe"
_OF_ROWS_ONLY = ("group", "having", "qualify", "windows")
_KEPT = frozenset({Use.JOIN, Use.CROSS})  # which tables may meet is asked of a probe as of every other statement


# --- which statements are probes ------------------------------------------------------------------------------------


def is_probe(tree: exp.Query) -> bool:
    """True for a whole statement that holds no row whatever the tables hold, as its text says.

    That is a query with LIMIT 0, or a SELECT of single rows with a WHERE of which one part is plainly false: FALSE, or
    two whole numbers compared. An aggregate would make a row of no rows; anything else is not looked into.
    """
    top = tree.unnest()
    return isinstance(top, exp.Query) and (_takes_none(top) or (isinstance(top, exp.Select) and _finds_none(top)))


def _takes_none(query: exp.Query) -> bool:
    limit = query.args.get("limit")
    return isinstance(limit, exp.Limit) and _whole(limit.expression) == 0


def _finds_none(select: exp.Select) -> bool:
    where = select.args.get("where")
    if where is None or any(select.args.get(part) for part in _OF_ROWS_ONLY):
        return False
    order = select.args.get("order")
    shown = [*select.expressions, *([order] if order else [])]
    single = not any(has_aggregate(part) or has_window(part) for part in shown)
    return single and any(_is_false(part) for part in conjuncts(where.this))


def _is_false(condition: exp.Expr) -> bool:
    if isinstance(condition, exp.Boolean):
        return condition.this is False
    compared = _COMPARISONS.get(type(condition))
    if compared is None:
        return False
    left, right = _whole(condition.this), _whole(condition.expression)
    return left is not None and right is not None and not compared(left, right)


def _whole(node: exp.Expr) -> int | None:
    value, _ = point(strip(node))
    return value if isinstance(value, int) else None


# --- what they ask, and what runs ------------------------------------------------------------------------------------


def as_shapes(touches: Iterable[Touch]) -> tuple[Touch, ...]:
    """What a probe asks of each column and table that the statement would use: that it is there, and of which type."""
    return tuple(dict.fromkeys(t if t.use in _KEPT else Touch(t.source, t.column, Use.SHAPE) for t in touches))


def read_of_nothing(statement: Statement) -> Statement:
    """The statement over empty tables and without its rows; consumes its tree. Nobody is counted, noised or remembered.

    It keeps every guard: a figure that is rounded or computed in DOUBLE has another type than the plain one.
    """
    tree = statement.tree
    if tree is None:
        raise ValueError("a statement without its tree")
    for read in [n for n in tree.find_all(exp.Subquery) if MARK_READ in n.meta]:
        read.this.where(exp.false(), copy=False)
    inside = exp.alias_(exp.Subquery(this=tree), _PROBE, table=True, quoted=True)
    whole = exp.select("*").from_(inside).limit(0)
    text = printed(whole)
    return replace(statement, sql=text, tree=whole, held=False, guarded=False, audits=[], costly={}, probe=True)


def holds_nothing(plan: dict[str, Any]) -> bool:
    """True for a bound plan whose every table stands right behind a FALSE, and whose rows end at a LIMIT 0."""
    limit = plan.get("limit_val")
    takes_none = isinstance(limit, dict) and (limit.get("type"), limit.get("constant_integer")) == ("CONSTANT_VALUE", 0)
    return plan.get("type") == "LOGICAL_LIMIT" and takes_none and _is_dry(plan)


def _is_dry(node: dict[str, Any], closed: bool = False) -> bool:
    """`closed`: the operator above lets nothing pass. Only operators are children of operators, `verify` has seen."""
    if node["type"] == "LOGICAL_GET" and node.get("qname", {}).get("path") == ["seq_scan"] and not closed:
        return False
    shut = node["type"] == "LOGICAL_FILTER" and any(map(_is_no, node.get("expressions") or []))
    return all(_is_dry(child, shut) for child in node["children"])


def _is_no(expression: dict[str, Any]) -> bool:
    told = expression.get("value") or {}
    return expression.get("expression_class") == "BOUND_CONSTANT" and told.get("value") is False
