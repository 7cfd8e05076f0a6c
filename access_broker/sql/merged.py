"""`sum(flag) FROM (SELECT CASE … END AS flag FROM people)` as `sum(CASE … END) FROM people`.

What is computed in a subquery and added up around it is the argument of the aggregate all the same; there it is read
as a whole, with its constants and with its branches, each for enough people. Queries of an ordering nobody can see lose
it, for the like reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from access_broker.sql import allowed
from access_broker.sql.rebuilt import PLAIN, innermost_first
from access_broker.sql.scopes import (
    given,
    has_aggregate,
    has_window,
    is_within,
    items_of,
    pads_its_first,
    size_of,
    strip,
)

_ORDERED = (exp.GroupConcat, exp.Order)


def merge_arguments(tree: exp.Query) -> None:
    """`tree` is qualified and has no CTE. Whatever might mean something else in another place is left where it is."""
    for select in innermost_first(tree, exp.Select):
        while _adds_up(select) and _merge_one(select):
            pass


def _merge_one(select: exp.Select) -> bool:
    """False where nothing is left to merge."""
    for holder in _holders(select):
        inner = _query_of(holder)
        if inner is None:
            continue
        if "order" in given(inner) and not any(a.find(*_ORDERED) for a in select.find_all(exp.AggFunc)):
            inner.set("order", None)
        if given(inner) <= PLAIN and _is_needed(select, holder, inner) and _can_move(select, holder, inner):
            _merge(select, holder, inner)
            return True
    return False


def _holders(select: exp.Select) -> Iterator[exp.Expr]:
    """What holds the items of FROM that each row has: the first one, and those of inner joins."""
    if select.args.get("from_") is not None and not pads_its_first(select):
        yield select.args["from_"]
        yield from (join for join in select.args.get("joins") or [] if not join.side and not join.method)


def _query_of(holder: exp.Expr) -> exp.Select | None:
    """The subquery of rows that stands there; joined to others, it has one item."""
    item = holder.this
    query = item.this if isinstance(item, exp.Subquery) and not item.args.get("pivots") else None
    if not isinstance(query, exp.Select) or not given(query) <= PLAIN | {"order"} or not query.args.get("from_"):
        return None
    if isinstance(holder, exp.Join) and query.args.get("joins"):
        return None
    return None if any(has_aggregate(e) or has_window(e) for e in query.expressions) else query


def _adds_up(select: exp.Select) -> bool:
    parts = [*select.expressions, *(select.args.get(key) for key in ("having", "order"))]
    return bool(select.args.get("group")) or any(part is not None and has_aggregate(part) for part in parts)


def _is_needed(select: exp.Select, holder: exp.Expr, inner: exp.Select) -> bool:
    """Does an aggregate read what `inner` computes?"""
    own = holder.this.alias_or_name
    computed = _computed(inner)
    calls = [call for call in select.find_all(exp.AggFunc) if call.parent_select is select]
    read = [column for call in calls for column in call.find_all(exp.Column)]
    return any(column.table == own and column.name in computed for column in read)


def _computed(query: exp.Select) -> set[str]:
    """The columns that are more than a column, also where it only hands on what a query further in computes."""
    columns = {e.alias_or_name: strip(e.unalias()) for e in query.selects}
    handed = {
        (holder.this.alias_or_name, name)
        for holder in _holders(query)
        if (within := _query_of(holder)) is not None
        for name in _computed(within)
    }
    on = {n for n, c in columns.items() if isinstance(c, exp.Column) and (c.table, c.name) in handed}
    return on | {name for name, value in columns.items() if not isinstance(value, exp.Column)}


def _can_move(select: exp.Select, holder: exp.Expr, inner: exp.Select) -> bool:
    own = holder.this.alias_or_name
    if pads_its_first(inner) and isinstance(holder, exp.Join):
        return False
    if any(e.find(exp.Column) is None or e.find(exp.Query) for e in inner.selects):
        return False  # a bare constant would be a place in GROUP BY
    within, outside = set(items_of(inner)), set(items_of(select)) - {own}
    asked = {column.table for column in select.find_all(exp.Column) if not is_within(column, inner)} - {own}
    nested = [n for n in select.find_all(exp.Query) if n is not select and not is_within(n, inner)]
    queries = [n for n in nested if not isinstance(n, exp.Subquery)]
    if any(column.table == own for query in queries for column in query.find_all(exp.Column)):
        return False
    names = [e.alias_or_name for e in inner.selects]
    return not within & (outside | asked) and len(set(names)) == len(names) and _grows_little(select, holder, inner)


def _grows_little(select: exp.Select, holder: exp.Expr, inner: exp.Select) -> bool:
    """What a column is put in place of is copied as often as the column is named, in each query around it."""
    own = holder.this.alias_or_name
    sizes = {e.alias_or_name: size_of(e) for e in inner.selects}
    named = [c.name for c in select.find_all(exp.Column) if c.table == own and not is_within(c, inner)]
    return sum(sizes.get(name, 0) for name in named) <= allowed.MAX_NODES


def _merge(select: exp.Select, holder: exp.Expr, inner: exp.Select) -> None:
    own = holder.this.alias_or_name
    computed = {e.alias_or_name: e.unalias() for e in inner.selects}
    for column in [c for c in select.find_all(exp.Column) if c.table == own and not is_within(c, inner)]:
        value = computed[column.name].copy()
        column.replace(value if isinstance(value, exp.Column) else exp.Paren(this=value))
    holder.set("this", inner.args["from_"].this)
    if isinstance(holder, exp.From):
        select.set("joins", [*(inner.args.get("joins") or []), *(select.args.get("joins") or [])])
    if inner.args.get("where"):
        select.where(inner.args["where"].this, copy=False)
