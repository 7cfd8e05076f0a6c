"""What an aggregate's argument measures: its columns, the branches it has, and what a row weighs in it."""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.arithmetic import filled
from access_broker.sql.branches import BRANCHES
from access_broker.sql.conditions import is_there

WEIGHTS = 32_749
"""A prime: a row weighs 1 plus a number below this, made of its value. Other values weigh otherwise, almost always."""

DIVISIBLE = 60
"""Every weight is so many times a whole number, so that the mean of two to six rows weighs a whole number too."""

_EXPONENT = "FLOOR(LOG2(ABS(NULLIF(x, 0))))"
_DIGITS = "TRY_CAST(ROUND((e + ABS(x) / POW(2, e)) * 10000000000) + 11000000000000 + 13 * SIGN(x) AS BIGINT)"
"""The value's power of two and its first ten digits or so, however large or small it is; it has no step at a power of
two, so that what floating point leaves of a value seldom weighs otherwise. Never negative."""

_ARITHMETIC = (exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Coalesce)
_READ = (exp.Column, exp.Year, exp.Extract, exp.DateDiff)
_MEASURING = frozenset("DOUBLE FLOAT DECIMAL TINYINT SMALLINT INT BIGINT INT128".split())


def as_double(column: exp.Expr) -> exp.Expr:
    return exp.TryCast(this=column.copy(), to=exp.DataType.build("DOUBLE"))


def in_doubles(node: exp.Expr) -> exp.Expr | None:
    """An argument as it is computed inside an aggregate, to run anywhere: it fails on no value and none is too large.

    None for what nobody has thought of, whose size is then not known.
    """
    if isinstance(node, _READ):
        return as_double(node)
    if isinstance(node, exp.Literal):
        return as_double(node) if node.is_string else node.copy()
    if isinstance(node, exp.Null):
        return node.copy()
    if isinstance(node, BRANCHES):
        return _branches_in_doubles(node)
    if isinstance(node, exp.Cast):  # TRY_CAST is one of them
        inner = in_doubles(node.this) if node.to.this.name in _MEASURING else None
        return None if inner is None else as_double(inner)
    if not isinstance(node, _ARITHMETIC):
        return None
    parts = [in_doubles(part) for part in node.iter_expressions()]
    known = [part for part in parts if part is not None]
    return _with_parts(node, known) if len(known) == len(parts) else None


def _branches_in_doubles(node: exp.Expr) -> exp.Expr | None:
    case = as_case(node)
    for place in [*case.args["ifs"], case]:
        name = "default" if place is case else "true"
        if place.args.get(name) is None:
            continue
        shown = in_doubles(place.args[name])
        if shown is None:
            return None
        place.set(name, shown)
    return case


def _with_parts(node: exp.Expr, parts: list[exp.Expr]) -> exp.Expr:
    copied = node.copy()
    for old, new in zip(list(copied.iter_expressions()), parts, strict=True):
        old.replace(new)
    return copied


def as_case(node: exp.Expr) -> exp.Case:
    """A CASE, an IF or a NULLIF as a CASE of its own."""
    if isinstance(node, exp.Case):
        return node.copy()
    if isinstance(node, exp.Nullif):
        same = exp.EQ(this=exp.paren(node.this.copy()), expression=exp.paren(node.expression.copy()))
        return exp.Case(ifs=[exp.If(this=same, true=exp.null())], default=node.this.copy())
    default = node.args.get("false")
    taken = exp.If(this=node.this.copy(), true=node.args["true"].copy())
    return exp.Case(ifs=[taken], default=default.copy() if default is not None else exp.null())


def presence(node: exp.Expr) -> exp.Expr | None:
    """Where an argument is not NULL, as a condition; None for everywhere.

    Arithmetic is not repeated: inside an aggregate it is NULL where a column of it is, and elsewhere it may overflow,
    which would make somebody absent who is counted.
    """
    if isinstance(node, _READ):
        return is_there(node) if node.find(exp.Column) else None
    if isinstance(node, exp.Null):
        return exp.false()
    if isinstance(node, exp.Coalesce):
        parts = [presence(part) for part in (node.this, *node.expressions)]
        known = [part for part in parts if part is not None]
        return exp.paren(exp.or_(*known)) if len(known) == len(parts) else None
    if isinstance(node, BRANCHES):
        return _presence_in_branches(as_case(node))
    parts = [presence(part) for part in node.iter_expressions() if not isinstance(part, exp.DataType | exp.Var)]
    found = {part.sql(): part for part in parts if part is not None}
    return exp.and_(*found.values()) if found else None


def _presence_in_branches(case: exp.Case) -> exp.Expr | None:
    shown = [i.args["true"] for i in case.args["ifs"]] + [case.args.get("default") or exp.null()]
    there = [presence(part) for part in shown]
    if not any(there):
        return None
    known = [part if part is not None else exp.true() for part in there]
    for taken, part in zip(case.args["ifs"], known, strict=False):
        taken.set("true", part)
    case.set("default", known[-1])
    return exp.paren(case)


def multiplies_columns(argument: exp.Expr) -> bool:
    return any(m.left.find(exp.Column) and m.right.find(exp.Column) for m in argument.find_all(exp.Mul))


def weight_of(value: exp.Expr) -> exp.Expr:
    """What a row weighs by a value, a DOUBLE: it says which value it is, so that rows can be told apart.

    Of no value, NULL say or infinity, a row weighs one. A weight is a multiple of DIVISIBLE.
    """
    return _weight(filled(_DIGITS, x=value, e=filled(_EXPONENT, x=value)))


def weight_of_text(column: exp.Expr) -> exp.Expr:
    """The same of what is no number, by the way it is written."""
    return _weight(filled("md5_number_lower(CAST(x AS VARCHAR))", x=column))


def _weight(digits: exp.Expr) -> exp.Expr:
    rest = exp.Mod(this=exp.paren(digits), expression=exp.Literal.number(WEIGHTS))
    own = exp.Coalesce(this=exp.paren(rest), expressions=[exp.Literal.number(0)])
    whole = exp.paren(exp.Add(this=exp.Literal.number(1), expression=own))
    return exp.Mul(this=exp.Literal.number(DIVISIBLE), expression=whole)


def has_branches(node: exp.Expr) -> bool:
    return node.find(*BRANCHES) is not None


def measured_in(node: exp.Expr) -> list[exp.Column]:
    """The columns whose values a figure is made of; those that only choose a branch are no measure."""
    if isinstance(node, exp.Column):
        return [node]
    return [column for part in shown(node) for column in measured_in(part)]


def shown(node: exp.Expr) -> list[exp.Expr]:
    """The parts of an argument without the conditions of its branches."""
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        return [i.args["true"] for i in node.args["ifs"]] + ([default] if default is not None else [])
    if isinstance(node, exp.If):
        return [r for r in (node.args.get("true"), node.args.get("false")) if r is not None]
    if isinstance(node, exp.Nullif):
        return [node.this]
    return list(node.iter_expressions())
