"""Arithmetic in printed SQL, left out where it changes nothing."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from access_broker.sql.parse import DIALECT

_CLEAN = "CASE WHEN ABS(x) <= 1e-9 * ABS(whole) THEN 0 ELSE x END"


def number(value: float) -> exp.Expr:
    size = exp.Literal.number(repr(abs(value)))
    return exp.paren(exp.Neg(this=size)) if value < 0 else size


def scaled(value: exp.Expr, factor: float) -> exp.Expr:
    return value if factor == 1 else exp.paren(exp.Mul(this=exp.paren(value), expression=number(factor)))


def divided(value: exp.Expr, factor: float) -> exp.Expr:
    return value if factor == 1 else exp.paren(exp.Div(this=exp.paren(value), expression=number(factor)))


def without(value: exp.Expr, constants: exp.Expr) -> exp.Expr:
    """What is left, without the dust of floating point: that would tell how many rows it comes from."""
    if isinstance(constants, exp.Literal) and float(constants.name) == 0:
        return value
    left = exp.Sub(this=exp.paren(value), expression=exp.paren(constants))
    return exp.paren(filled(_CLEAN, x=exp.paren(left), whole=exp.paren(value)))


def plus(value: exp.Expr, other: exp.Expr) -> exp.Expr:
    if isinstance(other, exp.Literal) and float(other.name) == 0:
        return value
    return exp.paren(exp.Add(this=exp.paren(value), expression=other))


def filled(template: str, **parts: exp.Expr) -> exp.Expr:
    """A template with expressions for the columns named so; what stands in those is left alone."""
    tree = sqlglot.parse_one(template, dialect=DIALECT)
    return tree.transform(lambda n: parts[n.name].copy() if isinstance(n, exp.Column) and n.name in parts else n)
