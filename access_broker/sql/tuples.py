"""Comparisons of rows of values, column by column: `(a, b) = (1, 2)`, `(a, b) IN ((1, 2), …)`, `(a, b) >= (1, 2)`.

The engine compares such rows as wholes, and NULL in them is a value like others, larger than any: no comparison is
NULL. So says each of the conditions written here.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql import allowed
from access_broker.sql.kinds import TEXT, Kinds, Tables
from access_broker.sql.scopes import size_of, strip

_LONGEST = 16  # columns of a row; each is written again for every one before it
_COMPARED = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In)
_STRICT: dict[type[exp.Expr], type[exp.Expr]] = {exp.GT: exp.GT, exp.GTE: exp.GT, exp.LT: exp.LT, exp.LTE: exp.LT}


def spell_out_tuples(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified. Only where one side is of literals that the other is compared with as they stand.

    Raises Refused NOT_SUPPORTED for other forms, TOO_COMPLEX for long lists of long comparisons.
    """
    kinds = Kinds(tables)
    for node in list(tree.find_all(*_COMPARED)):
        told = _spelled_out(node, kinds)
        if told is not None:
            node.replace(exp.Paren(this=told))
    if any(not isinstance(row.parent, exp.Values) for row in tree.find_all(exp.Tuple)):
        raise Refused("NOT_SUPPORTED", name="ROW VALUES")


def is_compared(row: exp.Expr) -> bool:
    """Does the row stand where it may be spelled out?"""
    place = row.parent
    while isinstance(place, exp.Paren):
        place = place.parent
    return isinstance(place, _COMPARED)


def _spelled_out(node: exp.Expr, kinds: Kinds) -> exp.Expr | None:
    asked = _parts(node.this)
    given = node.expressions if isinstance(node, exp.In) else [node.expression]
    if not asked or not given or node.args.get("query") or not all(_fit(asked, _parts(row), kinds) for row in given):
        return None
    if size_of(*asked) * len(given) > allowed.MAX_NODES:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_NODES)
    if isinstance(node, exp.In):
        return exp.or_(*(_alike(asked, _parts(row)) for row in given))
    if isinstance(node, exp.EQ | exp.NEQ):
        alike = _alike(asked, _parts(node.expression))
        return alike if isinstance(node, exp.EQ) else exp.Not(this=exp.Paren(this=alike))
    return _in_order(type(node), asked, _parts(node.expression))


def _parts(node: exp.Expr) -> list[exp.Expr]:
    node = strip(node)
    return node.expressions if isinstance(node, exp.Tuple) and 1 < len(node.expressions) <= _LONGEST else []


def _fit(asked: list[exp.Expr], given: list[exp.Expr], kinds: Kinds) -> bool:
    """Literals, as many as are asked; a text beside texts only: beside a date it would be compared as a date."""
    return len(asked) == len(given) and all(_fits(a, g, kinds) for a, g in zip(asked, given, strict=True))


def _fits(asked: exp.Expr, given: exp.Expr, kinds: Kinds) -> bool:
    literal = strip(given)
    if type(literal) is exp.Cast:
        return isinstance(literal.this, exp.Literal) and kinds.of(literal) == kinds.of(asked)
    return isinstance(literal, exp.Literal) and (literal.is_string == (kinds.of(asked) == TEXT))


def _alike(asked: list[exp.Expr], given: list[exp.Expr]) -> exp.Expr:
    pairs = zip(asked, given, strict=True)
    return exp.and_(*(exp.NullSafeEQ(this=a.copy(), expression=g.copy()) for a, g in pairs))


def _in_order(kind: type[exp.Expr], asked: list[exp.Expr], given: list[exp.Expr]) -> exp.Expr:
    """`a > x OR (a = x AND b >= y)`"""
    last = len(asked) == 1
    compared = (kind if last else _STRICT[kind])(this=asked[0].copy(), expression=given[0].copy())
    nulls_are_larger = exp.Boolean(this=kind in (exp.GT, exp.GTE))
    first: exp.Expr = exp.Coalesce(this=exp.Paren(this=compared), expressions=[nulls_are_larger])
    if last:
        return first
    alike = exp.NullSafeEQ(this=asked[0].copy(), expression=given[0].copy())
    return exp.or_(first, exp.and_(alike, exp.Paren(this=_in_order(kind, asked[1:], given[1:]))))
