"""Statements over guarded sources must not fail on a value: whether they do would tell something about it.

Casts become TRY_CAST, what can overflow or is undefined for some values becomes NULL there; that is all of the
allow-lists but what is known never to fail. Arithmetic on what is measured of people is done in DOUBLE, where it cannot
overflow at all: which of them become NULL would be a comparison with a bound that the asker chooses. That is so inside
aggregates, in the tests that say whose values are there, and in subqueries of people's rows.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.datasets import Mode
from access_broker.sql import allowed
from access_broker.sql.branches import BRANCHES
from access_broker.sql.conditions import is_own_test
from access_broker.sql.lineage import Lineage, carries_people
from access_broker.sql.scopes import is_window_call, items_of

_CANNOT_FAIL = frozenset(
    {
        exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is, exp.In, exp.Between,
        exp.Like, exp.ILike, exp.Escape, exp.Exists, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Case, exp.If, exp.Coalesce,
        exp.Nullif, exp.Greatest, exp.Least, exp.TryCast, exp.Concat, exp.ConcatWs, exp.DPipe, exp.Lower, exp.Upper,
        exp.Trim,
        exp.Length, exp.StrPosition, exp.Contains, exp.StartsWith, exp.EndsWith, exp.Year, exp.Month,
        exp.Day, exp.DayOfMonth, exp.DayOfWeek, exp.DayOfWeekIso, exp.DayOfYear, exp.Dayname, exp.Monthname,
        exp.Quarter, exp.Hour, exp.Minute, exp.Second,
    }
)  # fmt: skip
_MAY_FAIL = (allowed.SCALARS | allowed.OPERATORS | {exp.Interval}) - _CANNOT_FAIL
"""Of what may be asked for; what comes to the allow-lists comes to these."""
_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg)
_READ_BEFORE = (exp.Limit, exp.Offset, exp.WindowSpec, exp.Values, exp.GenerateSeries)
"""Constants that are read once, before any row."""
WHOLE = (exp.AggFunc, exp.Window, exp.Query)
"""What TRY cannot hold; their own cells are guarded before they are used."""


def harden(tree: exp.Query, tables: dict[str, GrantedTable] | None = None) -> exp.Query:
    """Consumes `tree`. `tables`: published tables by their physical names; none where its subqueries are hardened."""
    for aggregate in [call for call in tree.find_all(exp.AggFunc) if _is_of_people(call)]:
        for child in list(aggregate.iter_expressions()):
            _in_double(child)
    for taken in list(tree.find_all(exp.Filter)):
        for test in [test for test in taken.expression.find_all(exp.Is) if is_own_test(test)]:
            _in_double(test.this)
    for select in list(tree.find_all(exp.Select)):
        for shown in _measured_in(select, tables or {}):
            _in_double(shown)
    for cast in [n for n in tree.find_all(exp.Cast) if type(n) is exp.Cast]:
        cast.replace(exp.TryCast(this=cast.this, to=cast.to))
    for select in list(tree.find_all(exp.Select)):
        _wrap_keys_within(select)
    _wrap(tree)
    return tree


def _is_of_people(call: exp.AggFunc) -> bool:
    """Not of figures that are told: those are reckoned with as they are typed, `7 // 2` is 3 there."""
    select = call.parent_select
    items = items_of(select).values() if select is not None and not is_window_call(call) else ()
    return any(isinstance(item, exp.Table) or carries_people(item.unnest()) for item in items)


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
    """Operands of arithmetic inside an aggregate's argument, except in dates with intervals.

    Not in its conditions: their copies in the tests for k people are reckoned as they are typed. They read nothing that
    is measured. Nor where it asks for whole numbers: of them `3 // 2` is 1.
    """
    for part in reversed(list(_shown_within(node))):  # innermost first: what stands in them is copied along
        operands = list(part.iter_expressions())
        if not isinstance(part, _ARITHMETIC) or any(isinstance(o, exp.Interval) for o in operands):
            continue
        for operand in operands:
            if not isinstance(operand, exp.Literal | exp.TryCast) and operand.find(exp.Column):
                operand.replace(exp.TryCast(this=operand.copy(), to=exp.DataType.build("DOUBLE")))


def _shown_within(node: exp.Expr) -> Iterator[exp.Expr]:
    """The nodes of `node` that are part of a value, not of a condition."""
    if isinstance(node, exp.Predicate | exp.Connector | exp.Not | exp.Nullif | exp.IntDiv | exp.Mod):
        return
    yield node
    for child in node.iter_expressions():
        is_test = isinstance(node, exp.Case | exp.If) and child.arg_key == "this"
        if not is_test:
            yield from _shown_within(child)


def _wrap_keys_within(select: exp.Select) -> None:
    """A key of GROUP BY gets its TRY also where it is a part of something larger.

    Else the engine would not find it there: one TRY round `strftime(date_trunc('month', d), '%m')` leaves nothing in it
    that is `TRY(date_trunc('month', d))`.
    """
    group = select.args.get("group")
    keys = {key.copy() for key in (group.expressions if group is not None else []) if _gets_a_try(key)}
    told = [*select.expressions, *(select.args.get(name) for name in ("having", "qualify", "order"))]
    for part in told if keys else ():
        for node in list(_told_of_groups(part, keys)) if part is not None else ():
            held = exp.Paren(this=node.copy())
            _wrap(held)
            node.replace(held.this)


def _told_of_groups(node: exp.Expr, keys: set[exp.Expr]) -> Iterator[exp.Expr]:
    """The outermost nodes that are one of `keys`, outside what aggregates and other queries read."""
    if node in keys:
        yield node
    elif isinstance(node, exp.Window) or not isinstance(node, WHOLE) or is_window_call(node):
        for child in node.iter_expressions():
            yield from _told_of_groups(child, keys)


def _gets_a_try(node: exp.Expr) -> bool:
    return node.find(*WHOLE) is None and any(map(may_fail, node.walk()))


def _wrap(node: exp.Expr) -> None:
    """TRY round every outermost expression that may fail and holds no aggregate, and round those in its branches.

    Also of constants: in a branch that is taken by one person alone, 1 // 0 would say whether there is such a person.
    And a condition that fails takes nobody, as its copy in the tests for k people does; round the whole it would leave
    out those whom the tests count in another branch.
    """
    for child in list(node.iter_expressions()):
        if isinstance(child, _READ_BEFORE):
            continue
        if isinstance(child, exp.Try):
            _wrap_branches(child)
        elif may_fail(child) and child.find(*WHOLE) is None:
            tried = exp.Try(this=child.copy())
            child.replace(tried)
            _wrap_branches(tried)
        else:
            _wrap(child)


def _wrap_branches(node: exp.Expr) -> None:
    for child in list(node.iter_expressions()):
        if isinstance(child, BRANCHES):
            _wrap(child)
        else:
            _wrap_branches(child)


def may_fail(node: exp.Expr) -> bool:
    """For some values of what it is computed of."""
    if isinstance(node, exp.Anonymous):
        return node.name.lower() in allowed.NAMED_SCALARS
    negative = isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal)
    return type(node) in _MAY_FAIL and not negative
