"""What an aggregate's argument measures: its columns, the branches it has, and what a row weighs in it."""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.branches import BRANCHES

WEIGHTS = 32_749
"""A prime: a row weighs 1 plus its value, in thousandths, modulo this. Other values weigh otherwise, almost always."""

_SCALE = 1000
_ARITHMETIC = (exp.Column, exp.Literal, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul)


def as_double(column: exp.Column) -> exp.Expr:
    return exp.TryCast(this=column.copy(), to=exp.DataType.build("DOUBLE"))


def in_doubles(argument: exp.Expr) -> exp.Expr | None:
    """Arithmetic that can run anywhere, as it fails on no value; None for what is not arithmetic alone."""
    copied = argument.copy()
    if not all(isinstance(node, _ARITHMETIC) for node in copied.walk(prune=lambda n: isinstance(n, exp.Column))):
        return None
    return copied.transform(lambda node: as_double(node) if isinstance(node, exp.Column) else node)


def multiplies_columns(argument: exp.Expr) -> bool:
    return any(m.left.find(exp.Column) and m.right.find(exp.Column) for m in argument.find_all(exp.Mul))


def weight_of(columns: list[exp.Column]) -> exp.Expr:
    total: exp.Expr = exp.Literal.number(1)
    for column in columns:
        total = exp.Add(this=total, expression=_thousandths(column))
    return total


def _thousandths(column: exp.Column) -> exp.Expr:
    scaled = exp.Round(this=exp.Mul(this=as_double(column), expression=exp.Literal.number(_SCALE)))
    whole = exp.TryCast(this=scaled, to=exp.DataType.build("BIGINT"))
    rest = exp.Mod(this=exp.Paren(this=whole), expression=exp.Literal.number(WEIGHTS))
    return exp.Coalesce(this=exp.Abs(this=exp.Paren(this=rest)), expressions=[exp.Literal.number(0)])


def has_branches(node: exp.Expr) -> bool:
    return node.find(*BRANCHES) is not None


def adds_constants(node: exp.Expr) -> bool:
    """Some branch shows a number of its own, so that a sum of it counts people."""
    if isinstance(node, exp.Literal):
        return node.is_string or float(node.name) != 0
    return any(map(adds_constants, shown(node)))


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
