"""`sum(flag) FROM (SELECT CASE … END AS flag FROM people)` as `sum(CASE … END) FROM people`.

What is computed in a subquery and added up around it is the argument of the aggregate all the same; there it is read
with its branches, each for enough people. Queries of an ordering nobody can see lose it, for the like reason.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql import allowed
from access_broker.sql.branches import BRANCHES
from access_broker.sql.scopes import given, has_aggregate, has_window, items_of, pads_its_first, size_of, strip

_PLAIN = frozenset({"expressions", "from_", "joins", "where"})
_DECIDES = (*BRANCHES, exp.Coalesce, exp.Predicate)
_ORDERED = (exp.GroupConcat, exp.Order)


def merge_arguments(tree: exp.Query) -> None:
    """`tree` is qualified and has no CTE. Whatever might mean something else in another place is left where it is."""
    for select in reversed(list(tree.find_all(exp.Select, bfs=False))):  # innermost first
        while (inner := _inner(select)) is not None and _adds_up(select):
            if "order" in given(inner) and not any(a.find(*_ORDERED) for a in select.find_all(exp.AggFunc)):
                inner.set("order", None)
            if not (given(inner) <= _PLAIN and _is_needed(select, inner) and _can_move(select, inner)):
                break
            _merge(select, inner)


def _inner(select: exp.Select) -> exp.Select | None:
    """The subquery of rows that `select` reads first."""
    from_ = select.args.get("from_")
    item = from_.this if from_ is not None else None
    query = item.this if isinstance(item, exp.Subquery) and not item.args.get("pivots") else None
    if not isinstance(query, exp.Select) or not given(query) <= _PLAIN | {"order"} or not query.args.get("from_"):
        return None
    return None if any(has_aggregate(e) or has_window(e) for e in query.expressions) else query


def _adds_up(select: exp.Select) -> bool:
    parts = [*select.expressions, *(select.args.get(key) for key in ("having", "order"))]
    return bool(select.args.get("group")) or any(part is not None and has_aggregate(part) for part in parts)


def _is_needed(select: exp.Select, inner: exp.Select) -> bool:
    """Does an aggregate read, as it is, what `inner` decides by a condition?"""
    own = select.args["from_"].this.alias_or_name
    decided = _decided(inner)
    calls = [call for call in select.find_all(exp.AggFunc) if call.parent_select is select]
    arguments = [strip(a.this if isinstance(a, exp.Distinct) else a) for call in calls for a in [call.this] if a]
    read = [c for a in arguments if isinstance(a, exp.Expr) for c in a.find_all(exp.Column)]
    return any(column.table == own and column.name in decided for column in read)


def _decided(query: exp.Select) -> set[str]:
    """The columns that hold a condition, also where it only hands on what a query further in computes."""
    within = _inner(query)
    handed = _decided(within) if within is not None else set()
    own = query.args["from_"].this.alias_or_name
    columns = {e.alias_or_name: e.unalias() for e in query.selects}
    on = {n for n, c in columns.items() if isinstance(c, exp.Column) and c.table == own and c.name in handed}
    return on | {name for name, value in columns.items() if value.find(*_DECIDES) is not None}


def _can_move(select: exp.Select, inner: exp.Select) -> bool:
    own = select.args["from_"].this.alias_or_name
    if pads_its_first(select):
        return False
    if any(e.find(exp.Column) is None or e.find(exp.Query) for e in inner.selects):
        return False  # a bare constant would be a place in GROUP BY
    within, outside = set(items_of(inner)), set(items_of(select)) - {own}
    asked = {column.table for column in select.find_all(exp.Column) if not _is_within(column, inner)} - {own}
    nested = [n for n in select.find_all(exp.Query) if n is not select and not _is_within(n, inner)]
    queries = [n for n in nested if not isinstance(n, exp.Subquery)]
    if any(column.table == own for query in queries for column in query.find_all(exp.Column)):
        return False
    names = [e.alias_or_name for e in inner.selects]
    return not within & (outside | asked) and len(set(names)) == len(names) and _grows_little(select, inner)


def _grows_little(select: exp.Select, inner: exp.Select) -> bool:
    """What a column is put in place of is copied as often as the column is named, in each query around it."""
    own = select.args["from_"].this.alias_or_name
    sizes = {e.alias_or_name: size_of(e) for e in inner.selects}
    named = [c.name for c in select.find_all(exp.Column) if c.table == own and not _is_within(c, inner)]
    return sum(sizes.get(name, 0) for name in named) <= allowed.MAX_NODES


def _merge(select: exp.Select, inner: exp.Select) -> None:
    own = select.args["from_"].this.alias_or_name
    computed = {e.alias_or_name: e.unalias() for e in inner.selects}
    for column in [c for c in select.find_all(exp.Column) if c.table == own and not _is_within(c, inner)]:
        value = computed[column.name].copy()
        column.replace(value if isinstance(value, exp.Column) else exp.Paren(this=value))
    select.set("from_", inner.args["from_"])
    select.set("joins", [*(inner.args.get("joins") or []), *(select.args.get("joins") or [])])
    if inner.args.get("where"):
        select.where(inner.args["where"].this, copy=False)


def _is_within(node: exp.Expr, query: exp.Expr) -> bool:
    place: exp.Expr | None = node
    while place is not None and place is not query:
        place = place.parent
    return place is query
