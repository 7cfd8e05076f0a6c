"""Statements over guarded sources must not fail on a value: whether they do would tell something about it.

Casts become TRY_CAST, what can overflow or is undefined for some values becomes NULL there, and arithmetic inside
aggregates is done in DOUBLE, where it cannot overflow at all.
"""

from __future__ import annotations

from sqlglot import exp

_MAY_FAIL = (
    exp.Add,
    exp.Sub,
    exp.Mul,
    exp.IntDiv,
    exp.Mod,
    exp.Neg,
    exp.Abs,
    exp.Interval,
    exp.DateFromParts,
    exp.Ln,
    exp.Log,
    exp.Sqrt,
    exp.Pow,
    exp.Exp,
    exp.LastDay,
    exp.Substring,
    exp.Left,
    exp.Right,
    exp.Replace,
    exp.TimeToStr,
    exp.DateDiff,
)
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg)
_WHOLE = (exp.AggFunc, exp.Window, exp.Query)  # TRY cannot hold these; their own cells are guarded before they are used


def harden(tree: exp.Query) -> exp.Query:
    """Consumes `tree`."""
    for aggregate in list(tree.find_all(exp.AggFunc)):
        for child in list(aggregate.iter_expressions()):
            _in_double(child)
    for cast in [n for n in tree.find_all(exp.Cast) if type(n) is exp.Cast]:
        cast.replace(exp.TryCast(this=cast.this, to=cast.to))
    _wrap(tree)
    return tree


def _in_double(node: exp.Expr) -> None:
    """Operands of arithmetic inside an aggregate's argument, except in dates with intervals."""
    for part in reversed(list(node.find_all(*_ARITHMETIC))):  # innermost first: what stands in them is copied along
        operands = list(part.iter_expressions())
        if any(isinstance(o, exp.Interval) for o in operands):
            continue
        for operand in operands:
            if not isinstance(operand, exp.Literal | exp.TryCast) and operand.find(exp.Column):
                operand.replace(exp.TryCast(this=operand.copy(), to=exp.DataType.build("DOUBLE")))


def _wrap(node: exp.Expr) -> None:
    """TRY round every outermost expression that may fail and holds a column but no aggregate."""
    for child in list(node.iter_expressions()):
        fails = isinstance(child, _MAY_FAIL) and child.find(exp.Column) is not None
        if fails and child.find(*_WHOLE) is None:
            child.replace(exp.Try(this=child.copy()))
        elif not isinstance(child, exp.Try):
            _wrap(child)
