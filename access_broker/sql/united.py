"""`… UNION ALL … ORDER BY n * -1` as a query around it: there the columns of the union are columns like others."""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.rebuilt import innermost_first, reads, with_in_place
from access_broker.sql.scopes import spelled, strip

_BEHIND = ("with_", "order", "limit", "offset")
_ITEM = "__united"


def spell_out_united(tree: exp.Query) -> exp.Query:
    for union in innermost_first(tree, exp.SetOperation):
        if not _is_ordered_by_more(union):
            continue
        outer = exp.Select(expressions=[exp.Star()])
        for name in _BEHIND:
            outer.set(name, part.pop() if (part := union.args.get(name)) is not None else None)
        tree = with_in_place(tree, union, outer)
        reads(outer, union, _ITEM)
    return tree


def _is_ordered_by_more(union: exp.SetOperation) -> bool:
    """By an expression that is none of its columns; one that is, becomes its place."""
    order, items = union.args.get("order"), _first(union).expressions
    places = {} if any(e.is_star for e in items) else {_text(e): place for place, e in enumerate(items, 1)}
    more = False
    for ordered in order.expressions if order else ():
        if isinstance(strip(ordered.this), exp.Column | exp.Literal):
            continue
        place = places.get(_text(ordered.this))
        more |= place is None
        if place is not None:
            ordered.set("this", exp.Literal.number(place))
    return more


def _first(query: exp.Expr) -> exp.Select:
    """The SELECT whose columns' names are those of the whole."""
    while isinstance(query, exp.SetOperation | exp.Subquery):
        query = query.this
    return query if isinstance(query, exp.Select) else exp.Select()


def _text(item: exp.Expr) -> str:
    return spelled(strip(item))
