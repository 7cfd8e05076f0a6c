"""Which arithmetic an argument may hold: few constants of ordinary size, and one place where rows are told apart."""

from __future__ import annotations

import math

from sqlglot import exp

from access_broker.sql.scopes import strip

MAX_WITHIN = 1e4
"""Of the constants of what a subquery computes: the aggregate around it has its own."""
MAX_CONSTANTS, LEAST_CONSTANT, LARGEST_CONSTANT, LARGEST_PRODUCT = 6, 1e-4, 1e6, 1e9


def is_tame(arguments: list[exp.Expr], largest: float = LARGEST_PRODUCT) -> bool:
    """At most one CASE, few constants of ordinary size, no query: else arithmetic can be made to single people out

    (two CASEs cut each other's branches; a huge constant swallows small values in floating point).
    """
    nodes = [n for a in arguments for n in a.walk()]
    if any(isinstance(n, exp.Query) for n in nodes) or sum(tells_apart(n) for n in nodes) > 1:
        return False
    weights = [n for n in nodes if isinstance(n, exp.Literal) and not n.is_string and _is_measuring(n)]
    divided = any(isinstance(n, exp.Div) and not _is_plain_divisor(n.expression) for n in nodes)
    if divided or len(weights) > MAX_CONSTANTS or not all(_is_ordinary(n) for n in weights):
        return False
    sizes = [abs(float(n.name)) for n in weights if float(n.name) != 0]
    return math.prod(max(s, 1 / s) for s in sizes) <= largest


def puts_texts(arguments: list[exp.Expr]) -> bool:
    """A constant of any size can be written as a text, and the engine reads it as a number."""
    texts = [n for a in arguments for n in a.walk() if isinstance(n, exp.Literal) and n.is_string]
    return any(_is_measuring(n) and not isinstance(n.parent, exp.Cast | exp.Interval | exp.Extract) for n in texts)


def tells_apart(node: exp.Expr) -> bool:
    """CASE, NULLIF or IF; not the IF that is one arm of a CASE."""
    return isinstance(node, exp.Case | exp.Nullif) or (
        isinstance(node, exp.If) and not isinstance(node.parent, exp.Case)
    )


def _is_measuring(node: exp.Expr) -> bool:
    """True for a constant that takes part in arithmetic, not one that a condition compares with."""
    parent = node.parent
    while parent is not None and not isinstance(parent, exp.AggFunc):
        if isinstance(parent, exp.Condition) and isinstance(parent, exp.Predicate | exp.Connector | exp.DateDiff):
            return False
        parent = parent.parent
    return True


def _is_ordinary(node: exp.Literal) -> bool:
    try:
        size = abs(float(node.name))
    except ValueError:
        return False
    return size == 0 or LEAST_CONSTANT <= size <= LARGEST_CONSTANT


def _is_plain_divisor(node: exp.Expr) -> bool:
    """A literal other than zero: dividing by anything else can make one value infinite and thereby visible."""
    plain = strip(node)
    return isinstance(plain, exp.Literal) and not plain.is_string and _is_ordinary(plain) and float(plain.name) != 0
