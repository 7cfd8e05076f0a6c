"""Comparisons of rows of values, column by column: `(a, b) = (1, 2)`, `(a, b) IN ((1, 2), …)`, `(a, b) >= (1, 2)`.

The engine compares such rows as wholes, and NULL in them is a value like others, larger than any: no comparison is
NULL. So says each of the conditions written here.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.scopes import strip

_STRICT: dict[type[exp.Expr], type[exp.Expr]] = {exp.GT: exp.GT, exp.GTE: exp.GT, exp.LT: exp.LT, exp.LTE: exp.LT}


def spell_out_tuples(tree: exp.Query) -> None:
    """Only where one side is of literals other than NULL; other forms stay as they are."""
    for node in list(tree.find_all(exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In)):
        told = _spelled_out(node)
        if told is not None:
            node.replace(exp.Paren(this=told))


def _spelled_out(node: exp.Expr) -> exp.Expr | None:
    asked = _parts(node.this)
    if isinstance(node, exp.In):
        rows = [_literals(row, len(asked)) for row in node.expressions]
        if not asked or not rows or not all(rows) or node.args.get("query"):
            return None
        return exp.or_(*(_alike(asked, row) for row in rows))
    given = _literals(node.expression, len(asked))
    if not asked or not given:
        return None
    if isinstance(node, exp.EQ | exp.NEQ):
        alike = _alike(asked, given)
        return alike if isinstance(node, exp.EQ) else exp.Not(this=exp.Paren(this=alike))
    return _in_order(type(node), asked, given)


def _parts(node: exp.Expr) -> list[exp.Expr]:
    node = strip(node)
    return node.expressions if isinstance(node, exp.Tuple) and len(node.expressions) > 1 else []


def _literals(node: exp.Expr, count: int) -> list[exp.Expr]:
    parts = _parts(node)
    plain = all(isinstance(strip(p.this if isinstance(p, exp.Cast) else p), exp.Literal) for p in parts)
    return parts if plain and len(parts) == count else []


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
