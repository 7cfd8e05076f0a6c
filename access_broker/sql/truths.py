"""A yes or no that is added up: `sum(p::INTEGER)`, `avg(p::INTEGER)`, as what it is of a CASE of 1 and 0.

Where p is NULL there is neither 1 nor 0. Who that is may be chosen, so that the branches and what is left over must
each be enough people; but of a comparison of a column only those are left over who have no value, whom nobody chose.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.fallible import reads_as
from access_broker.sql.scopes import given, strip

_WHOLE = frozenset({"TINYINT", "SMALLINT", "INT", "BIGINT"})
_NUMBERS = _WHOLE | {"FLOAT", "DOUBLE"}
_CONTRARY: dict[type[exp.Expr], type[exp.Expr]] = {
    exp.EQ: exp.NEQ,
    exp.NEQ: exp.EQ,
    exp.LT: exp.GTE,
    exp.GTE: exp.LT,
    exp.GT: exp.LTE,
    exp.LTE: exp.GT,
}
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like)
_NEVER_NULL = (exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ)
_TRUTHS = (*_COMPARISONS, *_NEVER_NULL, exp.And, exp.Or, exp.Not)
_CALENDAR = {exp.DType.DATE: "DATE", exp.DType.TIMESTAMP: "TIMESTAMP", exp.DType.TIMESTAMPNTZ: "TIMESTAMP"}
_ARITHMETIC = (exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div)


def spell_out_truths(tree: exp.Query) -> None:
    """Of all sums and means in it."""
    for call in list(tree.find_all(exp.Sum, exp.Avg)):
        spell_out_truth(call)


def spell_out_truth(call: exp.AggFunc) -> None:
    """Each p that is never NULL, and each that compares a column, in a CASE with the same value, NULL included."""
    for place, says in _truths_in(call):
        if _is_never_null(says):
            place.replace(exp.Case(ifs=[_arm(says, 1)], default=exp.Literal.number(0)))
        elif _compares_a_column(says):
            denied = exp.Not(this=exp.Paren(this=says.copy()))
            place.replace(exp.Case(ifs=[_arm(says, 1), _arm(denied, 0)]))


def spell_out_as_number(never_null: exp.Expr) -> None:
    """The cast around it, or around what denies it, as a CASE."""
    place = never_null
    while isinstance(place.parent, exp.Paren | exp.Not):
        place = place.parent
    cast = place.parent
    if type(cast) is exp.Cast and cast.to.this.name in (_NUMBERS if isinstance(cast.parent, exp.Avg) else _WHOLE):
        cast.replace(exp.Case(ifs=[_arm(place, 1)], default=exp.Literal.number(0)))


def spell_out_chosen(call: exp.Expr) -> None:
    """`sum(p::INTEGER)`, be p what it may, as of `CASE WHEN p THEN 1 ELSE 0 END`: k people are there of whom p is true.

    Without them the sum could be NULL where the CASE has a 0. A mean is left alone: it would be one over more people.
    """
    for place, says in _truths_in(call) if isinstance(call, exp.Sum) else ():
        if place is call.this or place is strip(call.this):
            call.set("this", exp.Case(ifs=[_arm(says, 1)], default=exp.Literal.number(0)))


def _arm(says: exp.Expr, number: int) -> exp.If:
    return exp.If(this=says.copy(), true=exp.Literal.number(number))


def _truths_in(call: exp.Expr) -> list[tuple[exp.Expr, exp.Expr]]:
    """(what stands for a number, the condition it is made of): the argument, or the one thing scaled in it.

    Beside a column it would say whose value counts.
    """
    kinds = _WHOLE if isinstance(call, exp.Sum) else _NUMBERS
    whole = strip(call.this) if isinstance(call.this, exp.Expr) else call
    if isinstance(call, exp.Sum) and _is_one(whole):
        return [(call.this, whole)]
    parts, found = [call.this], []
    while parts:
        part = parts.pop()
        if isinstance(part, _ARITHMETIC):
            parts += part.iter_expressions()
        elif type(part) is exp.Cast and isinstance(part.to.this, exp.DataType.Type) and part.to.this.name in kinds:
            found.append((part, strip(part.this)))
        elif not isinstance(part, exp.Literal):
            return []
    return [(part, says) for part, says in found if _is_one(says)] if len(found) == 1 else []


def _is_one(says: exp.Expr) -> bool:
    return isinstance(says, _TRUTHS) and not says.find(exp.Query)


def is_truth_as_number(case: exp.Expr) -> bool:
    """One number where a column compares so, one where it does not, NULL where the column is: nobody else is left over.

    Of any other condition, who is left over can be chosen: one person, by `nullif(city, 'that')`.
    """
    if not isinstance(case, exp.Case) or given(case) != {"ifs"} or len(case.args["ifs"]) != 2:
        return False
    yes, no = case.args["ifs"]
    shown = [strip(yes.args["true"]), strip(no.args["true"])]
    are_numbers = all(isinstance(e, exp.Literal) and not e.is_string for e in shown)
    return are_numbers and _are_contrary(yes.this, no.this) and _compares_a_column(without_not(yes.this))


def _are_contrary(one: exp.Expr, other: exp.Expr) -> bool:
    one, other = strip(one), strip(other)
    if isinstance(one, exp.Not) != isinstance(other, exp.Not):
        return without_not(one) == without_not(other)
    turned = _CONTRARY.get(type(one))
    return turned is type(other) and (one.this, one.expression) == (other.this, other.expression)


def without_not(node: exp.Expr) -> exp.Expr:
    """What a condition says, be it denied or not."""
    node = strip(node)
    return strip(node.this) if isinstance(node, exp.Not) else node


def column_compared(node: exp.Expr) -> exp.Expr:
    """What stands on the left; of the year of a date the date, which is there where the year is."""
    left = strip(node.this)
    if isinstance(left, exp.Year):
        return strip(left.this)
    return strip(left.expression) if isinstance(left, exp.Extract) and left.name.upper() == "YEAR" else left


def _compares_a_column(node: exp.Expr) -> bool:
    """NULL only where the column is: it is on the left, and beside it are only values as they are written."""
    if (
        not isinstance(node, _COMPARISONS)
        or not isinstance(column_compared(node), exp.Column)
        or node.args.get("query")
    ):
        return False
    beside = list(node.iter_expressions())[1:]
    return bool(beside) and all(map(_is_written, beside))


def _is_written(value: exp.Expr) -> bool:
    """A literal, a number below zero or a date. One that no calendar has would be NULL, and so the comparison."""
    value = strip(value)
    if isinstance(value, exp.Neg):
        return isinstance(strip(value.this), exp.Literal) and not strip(value.this).is_string
    if type(value) is exp.Cast and value.to.this in _CALENDAR:
        return isinstance(value.this, exp.Literal) and reads_as(value.this.name, _CALENDAR[value.to.this])
    return isinstance(value, exp.Literal)


def _is_never_null(node: exp.Expr) -> bool:
    node = strip(node)
    if isinstance(node, exp.Not):
        return _is_never_null(node.this)
    if isinstance(node, exp.And | exp.Or):
        return _is_never_null(node.left) and _is_never_null(node.right)
    return isinstance(node, _NEVER_NULL)
