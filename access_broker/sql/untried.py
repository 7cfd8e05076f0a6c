"""Reckoning with figures where single people's rows, or groups of too few, are still there: it must not fail.

No TRY can hold an aggregate or a query. `HAVING 1 // (count(*) - 200) IS NULL` in a query per person would be an error
if somebody has just 200 rows, and an answer if not. Sums and products are reckoned in DOUBLE there, where they cannot
fail; nobody sees of which type they are. What can fail in DOUBLE as well is refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.harden import WHOLE, may_fail
from access_broker.sql.relations import SelectInfo
from access_broker.sql.scopes import strip
from access_broker.sql.spelling import form_name, function_name

_SUMS = (exp.Add, exp.Sub, exp.Mul, exp.Neg)
_IN_DOUBLE = (*_SUMS, exp.Div, exp.Abs, exp.Round, exp.Floor, exp.Ceil, exp.Trunc, exp.Sign)
_DIVIDED = (exp.IntDiv, exp.Mod)
_LONG_UNITS = frozenset("DAY DAYS WEEK WEEKS MONTH MONTHS QUARTER QUARTERS YEAR YEARS".split())
_LITTLE = 2**20


def settle_untried(infos: list[SelectInfo]) -> None:
    """Of SELECTs over guarded sources, as they were analysed. Raises Refused NOT_SUPPORTED."""
    for info in infos:
        for part in _before_release(info):
            _settle(part)


def _before_release(info: SelectInfo) -> Iterator[exp.Expr]:
    """The parts that are computed of rows, or of groups that nobody has counted yet."""
    node = info.node
    yield from (part for name in ("where", "group", "having") if (part := node.args.get(name)) is not None)
    yield from (on for join in node.args.get("joins") or [] if (on := join.args.get("on")) is not None)
    if info.deferred or not info.aggregated:
        yield from node.expressions


def _settle(node: exp.Expr) -> None:
    """What stands within an aggregate or a query is looked at as what it is part of there."""
    for child in list(node.iter_expressions()):
        if isinstance(child, WHOLE):
            continue
        if may_fail(child) and child.find(*WHOLE) is not None and not _is_little(child):
            _in_double(child)
        _settle(child)


def _in_double(node: exp.Expr) -> None:
    if isinstance(node, exp.DateDiff) and node.text("unit").upper() in _LONG_UNITS:
        return
    if not isinstance(node, _IN_DOUBLE) or node.find(exp.Interval) is not None:
        called = isinstance(node, exp.Func) and not isinstance(node, exp.Binary)
        raise Refused("NOT_SUPPORTED", name=function_name(node) if called else form_name(type(node).__name__))
    for operand in [node.this, *([node.expression] if isinstance(node, exp.Binary) else [])]:
        if not isinstance(operand, exp.Literal):
            cast = exp.TryCast(to=exp.DataType.build("DOUBLE"))
            operand.replace(cast)
            cast.set("this", operand)


def _is_little(node: exp.Expr) -> bool:
    """A count, and small whole numbers with it: all of that is far from what a BIGINT has room for."""
    node = strip(node)
    if isinstance(node, exp.Literal):
        return node.is_int and int(node.name) < _LITTLE
    if isinstance(node, exp.Filter):
        return isinstance(node.this, exp.Count | exp.CountIf)
    if isinstance(node, exp.Add | exp.Sub):
        return _is_little(node.left) and _is_little(node.right)
    if isinstance(node, _DIVIDED):
        by = strip(node.right)
        return _is_little(node.left) and isinstance(by, exp.Literal) and _is_little(by) and int(by.name) != 0
    return isinstance(node, exp.Count | exp.CountIf)
