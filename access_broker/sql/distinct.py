"""`SELECT DISTINCT a, rank() OVER … FROM t QUALIFY …` as `SELECT DISTINCT … FROM (the same without DISTINCT)`.

DISTINCT comes last of all: windows and QUALIFY see every row. As GROUP BY, which DISTINCT is otherwise read as, it
would come before them.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.text import fold
from access_broker.sql.around import default_name, is_on_some
from access_broker.sql.rebuilt import innermost_first, reads, with_in_place
from access_broker.sql.scopes import given, has_aggregate, has_window, strip

_BEHIND = ("distinct", "order", "limit", "offset", "with_")
_ITEM = "__all"


def spell_out_distinct(tree: exp.Query) -> exp.Query:
    """What shows a star, or is ordered by more than its outputs, is left as it is; it is refused later on."""
    for select in innermost_first(tree, exp.Select):
        if not (_looks_around(select) and _is_plain(select)):
            continue
        outer = _around(select)
        tree = with_in_place(tree, select, outer)
        reads(outer, select, _ITEM)
    return tree


def _looks_around(select: exp.Select) -> bool:
    distinct = select.args.get("distinct")
    if distinct is None or is_on_some(distinct) or "group" in given(select):
        return False
    windows = bool(select.args.get("qualify")) or any(map(has_window, select.expressions))
    return windows and not any(map(has_aggregate, select.expressions))


def _is_plain(select: exp.Select) -> bool:
    names = [fold(_name(e)) for e in select.expressions]
    if any(e.is_star for e in select.expressions) or len(set(names)) < len(names):
        return False
    order = select.args.get("order")
    wanted = [strip(ordered.this) for ordered in order.expressions] if order is not None else []
    return all(
        isinstance(w, exp.Literal)
        or w == exp.Var(this="ALL")
        or (isinstance(w, exp.Column) and not w.table and fold(w.name) in names)
        for w in wanted
    )


def _around(select: exp.Select) -> exp.Select:
    outer, names = exp.Select(), [_name(e) for e in select.expressions]
    for name in _BEHIND:
        if isinstance(part := select.args.get(name), exp.Expr):
            outer.set(name, part.pop())
    named = [e if e.alias else exp.alias_(e, _name(e), quoted=True) for e in select.expressions]
    select.set("expressions", named)
    outer.set("expressions", [exp.alias_(exp.column(n, table=_ITEM, quoted=True), n, quoted=True) for n in names])
    return outer


def _name(item: exp.Expr) -> str:
    return item.alias or (item.name if isinstance(item, exp.Column) else default_name(item))
