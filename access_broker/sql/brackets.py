"""Brackets round what would be read otherwise without them: a tree means what its text says to whoever parses it.

What is built of parts somebody typed puts any expression where a column stood: `x = y` of `TRUE IS FALSE` would be
printed `x = TRUE IS FALSE`, which is `(x = TRUE) IS FALSE`, another condition than the one that was looked at.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

_OR, _AND, _NOT, _COMPARED, _RANGE, _JOINED, _ADDED, _MULTIPLIED, _TURNED, _CUT = range(1, 11)
_BINDS: dict[type[exp.Expr], int] = {
    exp.Or: _OR,
    exp.And: _AND,
    exp.Not: _NOT,
    **dict.fromkeys((exp.Is, exp.NullSafeEQ, exp.NullSafeNEQ), _COMPARED),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE), _COMPARED),
    **dict.fromkeys((exp.In, exp.Between, exp.Like, exp.ILike, exp.Escape), _RANGE),
    **dict.fromkeys((exp.DPipe, exp.BitwiseAnd, exp.BitwiseOr, exp.BitwiseXor), _JOINED),
    **dict.fromkeys((exp.BitwiseLeftShift, exp.BitwiseRightShift), _JOINED),
    **dict.fromkeys((exp.Add, exp.Sub), _ADDED),
    **dict.fromkeys((exp.Mul, exp.Div, exp.IntDiv, exp.Mod), _MULTIPLIED),
    exp.Neg: _TURNED,
    exp.Bracket: _CUT,
}
"""How tightly each binds what stands beside it; what is in none of these is in brackets of its own, as a call is."""

_NESTS_LEFT = frozenset({_ADDED, _MULTIPLIED})
_LISTS = (exp.In, exp.Bracket)  # their other parts stand between commas


def put_brackets(tree: exp.Expr) -> None:
    """Where an operand needs them and has none, in place."""
    for node in list(in_need(tree)):
        brackets = exp.Paren()
        node.replace(brackets)
        brackets.set("this", node)


def in_need(tree: exp.Expr) -> Iterator[exp.Expr]:
    """The operands that would be read as parts of something else."""
    for node in tree.walk():
        around = node.parent
        if around is None or type(node) not in _BINDS or type(around) not in _BINDS:
            continue
        if not _is_listed(node, around) and not _stands_alone(node, around):
            yield node


def printed(tree: exp.Expr) -> str:
    """Its text, for the engine. `tree` gets the brackets that it needs."""
    put_brackets(tree)
    return tree.sql(dialect="duckdb", comments=False)


def _is_listed(node: exp.Expr, parent: exp.Expr) -> bool:
    return isinstance(parent, _LISTS) and node.arg_key != "this"


def _stands_alone(node: exp.Expr, parent: exp.Expr) -> bool:
    own, around = _BINDS[type(node)], _BINDS[type(parent)]
    if own != around:
        return own > around
    if isinstance(parent, exp.And | exp.Or | exp.Not | exp.Neg | exp.Escape):
        return True  # the order of these changes nothing
    return node.arg_key == "this" and (own in _NESTS_LEFT or type(node) is type(parent) is exp.DPipe)
