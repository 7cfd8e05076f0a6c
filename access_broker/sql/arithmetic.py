"""Arithmetic in printed SQL, left out where it changes nothing."""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp

LETTING = frozenset({"list_transform", "list_value", "array_extract"})
"""What the engine calls for `let`."""
_LET = "LIST_TRANSFORM([value], LAMBDA __v : NULL)[1]"
_LEFT = "[CAST(x - constants AS DOUBLE), CAST(x AS DOUBLE)]"
_CLEAN = "CASE WHEN ABS(x) <= 1e-9 * ABS(whole) THEN 0 ELSE x END"


def number(value: float) -> exp.Expr:
    size = exp.Literal.number(repr(abs(value)))
    return exp.Paren(this=exp.Neg(this=size)) if value < 0 else size


def scaled(value: exp.Expr, factor: float) -> exp.Expr:
    return value if factor == 1 else times(value, number(factor))


def times(value: exp.Expr, other: exp.Expr) -> exp.Expr:
    return exp.Paren(this=exp.Mul(this=_held(value), expression=_held(other)))


def divided(value: exp.Expr, factor: float) -> exp.Expr:
    return value if factor == 1 else exp.Paren(this=exp.Div(this=_held(value), expression=number(factor)))


def without(value: exp.Expr, constants: exp.Expr) -> exp.Expr:
    """What is left, without the dust of floating point: that would tell how many rows it comes from."""
    if isinstance(constants, exp.Literal) and float(constants.name) == 0:
        return value
    return exp.Paren(this=let(("x", "whole"), filled(_LEFT, x=value, constants=constants), filled(_CLEAN)))


def plus(value: exp.Expr, other: exp.Expr) -> exp.Expr:
    if isinstance(other, exp.Literal) and float(other.name) == 0:
        return value
    return exp.Paren(this=exp.Add(this=_held(value), expression=_held(other)))


def _held(value: exp.Expr) -> exp.Expr:
    return _own(value) if isinstance(value, exp.Paren | exp.Literal) else exp.Paren(this=_own(value))


def _own(value: exp.Expr) -> exp.Expr:
    """`value` if it stands nowhere yet, else a copy: what is built up step by step would be copied at every step."""
    return value.copy() if value.parent is not None else value


def filled(template: str, **parts: exp.Expr) -> exp.Expr:
    """A template with expressions for the columns named so; what stands in those is left alone.

    A part that stands nowhere yet is put in itself, as in all that is built here: it must not be put elsewhere.
    """
    return replaced(_parsed(template).copy(), **parts)


def replaced(tree: exp.Expr, **parts: exp.Expr) -> exp.Expr:
    """Consumes `tree`, in which columns of no table have these names."""
    for column in [n for n in tree.find_all(exp.Column) if n.name in parts and not n.table]:
        if column is tree:
            return _own(parts[column.name])
        column.replace(_own(parts[column.name]))
    return tree


@cache
def _parsed(template: str) -> exp.Expr:
    return sqlglot.parse_one(template, dialect="duckdb")


def let(names: str | tuple[str, ...], value: exp.Expr, told: exp.Expr) -> exp.Expr:
    """`told`, in which a name stands for `value`, or several for what it lists: printed once, however often it is used.

    Not to be put into another `told`, where the engine's plan would hold it twice; into another `value` it may be.
    The asker's own columns have other names: theirs come with a table.
    """
    tree = filled(_LET, value=value)
    if isinstance(names, str):
        own: dict[str, exp.Expr] = {names: _it()}
    else:
        own = {name: filled(f"v[{place}]", v=_it()) for place, name in enumerate(names, start=1)}
    body = exp.Paren(this=told)
    for column in [n for n in body.find_all(exp.Column) if n.name in own and not n.table]:
        column.replace(own[column.name].copy())
    tree.find(exp.Lambda).set("this", body.this)  # type: ignore[union-attr]  # it stands in the template
    return tree


def step_by_step(first: tuple[str, exp.Expr], steps: dict[str, str], told: str) -> exp.Expr:
    """`told`, a list of templates, of what each step computes from those before it."""
    names: tuple[str, ...] = (first[0],)
    value = listed([first[1]])
    for name, template in steps.items():
        value = let(names, value, listed([*map(exp.column, names), filled(template)]))
        names = (*names, name)
    return let(names, value, filled(told))


def listed(values: list[exp.Expr]) -> exp.Expr:
    return exp.Array(expressions=values)


def _it() -> exp.Expr:
    return exp.to_identifier("__v")
