"""Conditions put together: whether there is a value, who is taken and who left out, the FILTER of an aggregate."""

from __future__ import annotations

from sqlglot import exp

_MARK_THERE = "amanat.there"


def is_there(node: exp.Expr) -> exp.Expr:
    """`NOT (node) IS NULL`"""
    test = exp.Is(this=exp.Paren(this=node.copy()), expression=exp.null())
    test.meta[_MARK_THERE] = True
    return exp.Not(this=test)


def is_own_test(node: exp.Expr) -> bool:
    """Is it the test within an `is_there`, and not one that was typed?"""
    return _MARK_THERE in node.meta


def both_sides(condition: exp.Expr) -> list[exp.Expr]:
    """The people a condition takes and the people it leaves out; NULL counts as left out."""
    taken = exp.Coalesce(this=exp.Paren(this=condition.copy()), expressions=[exp.false()])
    return [taken, exp.Not(this=exp.Paren(this=taken.copy()))]


def both(one: exp.Expr | None, other: exp.Expr | None) -> exp.Expr | None:
    """Where both hold; None is every row."""
    parts = [part.copy() for part in (one, other) if part is not None]
    return exp.and_(*parts, copy=False) if parts else None


def balanced(conditions: list[exp.Expr]) -> exp.Expr:
    """Their conjunction, as a tree no deeper than it must be: the engine limits the depth of expressions."""
    if len(conditions) == 1:
        return exp.paren(conditions[0]) if isinstance(conditions[0], exp.Or) else conditions[0].copy()
    half = len(conditions) // 2
    return exp.Paren(this=exp.And(this=balanced(conditions[:half]), expression=balanced(conditions[half:])))


def filtered(call: exp.Expr, condition: exp.Expr | None) -> exp.Expr:
    """An aggregate call over the rows of `condition` alone, all of them for None."""
    return call if condition is None else exp.Filter(this=call, expression=exp.Where(this=condition.copy()))


def call_and_filter(node: exp.Expr) -> tuple[exp.Expr, exp.Expr | None]:
    """An aggregate as it was asked, taken apart: the call, and the condition of its FILTER if it has one."""
    return (node.this, node.expression.this) if isinstance(node, exp.Filter) else (node, None)
