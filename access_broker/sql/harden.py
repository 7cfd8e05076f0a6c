"""Statements over guarded sources must not fail on a value: whether they do would tell something about it.

Casts become TRY_CAST, what can overflow or is undefined for some values becomes NULL there; that is all of the
allow-lists but what is known never to fail. Arithmetic on what is measured of people is done in DOUBLE, where it cannot
overflow at all: which of them become NULL would be a comparison with a bound that the asker chooses. That is so inside
aggregates, in the tests that say whose values are there, and in subqueries of people's rows.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.datasets import Mode
from access_broker.sql import allowed
from access_broker.sql.lineage import Lineage, carries_people
from access_broker.sql.scopes import items_of

_CANNOT_FAIL = frozenset(
    {
        exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
        exp.Like, exp.ILike, exp.Escape, exp.Exists, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Case, exp.If, exp.Coalesce,
        exp.Nullif, exp.Greatest, exp.Least, exp.TryCast, exp.Concat, exp.ConcatWs, exp.DPipe, exp.Lower, exp.Upper,
        exp.Trim,
        exp.Length, exp.StrPosition, exp.Contains, exp.StartsWith, exp.EndsWith, exp.CurrentDate, exp.Year, exp.Month,
        exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear, exp.Dayname, exp.Monthname,
        exp.Quarter, exp.Hour, exp.Minute, exp.Second,
    }
)  # fmt: skip
_MAY_FAIL = (allowed.SCALARS | allowed.OPERATORS | {exp.Interval}) - _CANNOT_FAIL
"""Of what may be asked for; what comes to the allow-lists comes to these."""
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg)
_READ_BEFORE = (exp.Limit, exp.Offset, exp.WindowSpec, exp.Values, exp.GenerateSeries)
"""Constants that are read once, before any row."""
_WHOLE = (exp.AggFunc, exp.Window, exp.Query)  # TRY cannot hold these; their own cells are guarded before they are used


def harden(tree: exp.Query, tables: dict[str, GrantedTable] | None = None) -> exp.Query:
    """Consumes `tree`. `tables`: published tables by their physical names; none where its subqueries are hardened."""
    for aggregate in list(tree.find_all(exp.AggFunc)):
        for child in list(aggregate.iter_expressions()):
            _in_double(child)
    for taken in list(tree.find_all(exp.Filter)):
        for test in list(taken.expression.find_all(exp.Is)):
            _in_double(test)
    for select in list(tree.find_all(exp.Select)):
        for shown in _measured_in(select, tables or {}):
            _in_double(shown)
    for cast in [n for n in tree.find_all(exp.Cast) if type(n) is exp.Cast]:
        cast.replace(exp.TryCast(this=cast.this, to=cast.to))
    _wrap(tree)
    return tree


def _measured_in(select: exp.Select, tables: dict[str, GrantedTable]) -> list[exp.Expr]:
    """What a query of people's rows computes of aggregate-only columns, not what is released."""
    if not carries_people(select):
        return []
    rows = {alias for alias, item in items_of(select).items() if carries_people(item.unnest())}
    lineage = Lineage(select, tables)

    def is_measured(column: exp.Column) -> bool:
        modes = [granted.mode for table, name in lineage.of(column) if (granted := table.column(name)) is not None]
        return column.table in rows and Mode.AGGREGATE in modes

    reckoned = [shown for shown in select.expressions if shown.find(*_ARITHMETIC)]
    return [shown for shown in reckoned if any(map(is_measured, shown.find_all(exp.Column)))]


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
    """TRY round every outermost expression that may fail and holds no aggregate.

    Also of constants: in a branch that is taken by one person alone, 1 // 0 would say whether there is such a person.
    """
    for child in list(node.iter_expressions()):
        if isinstance(child, _READ_BEFORE):
            continue
        if _may_fail(child) and child.find(*_WHOLE) is None:
            child.replace(exp.Try(this=child.copy()))
        elif not isinstance(child, exp.Try):
            _wrap(child)


def _may_fail(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in allowed.NAMED_SCALARS
    negative = isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal)
    return type(node) in _MAY_FAIL and not negative
