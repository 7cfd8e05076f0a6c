"""`GROUP BY ROLLUP | CUBE | GROUPING SETS` spelled out as a UNION ALL of plain groupings, before anything is looked at.

Each is then an ordinary question about its own groups. A key that a grouping leaves out is NULL in its rows.
"""

from __future__ import annotations

from itertools import combinations, product
from math import prod

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql import allowed
from access_broker.sql.around import around, is_around, taken_apart
from access_broker.sql.key_names import check_names_of_keys, name_of
from access_broker.sql.kinds import Tables
from access_broker.sql.ordered import columns_of
from access_broker.sql.rebuilt import innermost_first, with_in_place
from access_broker.sql.scopes import items_of, size_of

MOST = 16
"""Groupings of one SELECT; a cube over four keys has as many."""
_KINDS = (exp.Rollup, exp.Cube, exp.GroupingSets)

_MARK = "amanat.key_by_alias"

_Set = tuple[exp.Expr, ...]


def spell_out_groupings(tree: exp.Query) -> exp.Query:
    """Raises Refused NOT_SUPPORTED for forms beside plain ones, TOO_COMPLEX for many groupings or large ones."""
    for select in innermost_first(tree, exp.Select):
        group = select.args.get("group")
        if group is not None and any(isinstance(e, _KINDS) for e in group.expressions):
            tree = with_in_place(tree, select, _spelt_out(select, group))
    return tree


def check_aliases_of_keys(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified. Raises Refused AMBIGUOUS_NAME for a key that was read as an output and is a column too."""
    for select in tree.find_all(exp.Select):
        named = {e.unalias().meta[_MARK] for e in select.expressions if _MARK in e.unalias().meta}
        for item in items_of(select).values() if named else ():
            for name in named & columns_of(item, tables):
                raise Refused("AMBIGUOUS_NAME", name=name)


def _spelt_out(select: exp.Select, group: exp.Group) -> exp.Query:
    if select.args.get("sample"):
        raise Refused("NOT_SUPPORTED", name="GROUPING SETS")
    parts = [_sets(select, e) for e in group.expressions]
    if prod(map(len, parts)) > MOST:  # before they are put together
        raise Refused("TOO_COMPLEX", limit=MOST)
    sets = [sum(one, ()) for one in product(*parts)]
    sets.sort(key=len, reverse=True)  # the first one names the columns
    keys = {name_of(key): key for one in sets for key in one}
    check_names_of_keys(select, keys)
    if is_around(select) or not _has_places(select):
        named = {fold(column.name) for key in keys.values() for column in key.find_all(exp.Column)}
        outer = taken_apart(select, named)
        return around(outer, _union(select, sets, keys))
    kept = {name: part.pop() for name in ("with_", "order", "limit", "offset") if (part := select.args.get(name))}
    union = _union(select, sets, keys)
    for name, part in kept.items():
        union.set(name, _by_place(part, select) if isinstance(part, exp.Order) and len(sets) > 1 else part)
    return union


def _union(select: exp.Select, sets: list[_Set], keys: dict[str, exp.Expr]) -> exp.Query:
    if size_of(select) * len(sets) > allowed.MAX_NODES:  # a query within may be such a union already
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_NODES)
    union: exp.Query = _grouped(select, sets[0], keys)
    for one in sets[1:]:
        union = exp.Union(this=union, expression=_grouped(select, one, keys), distinct=False)
    return union


def _sets(select: exp.Select, node: exp.Expr) -> list[_Set]:
    """The sets of keys that one item of GROUP BY stands for."""
    if isinstance(node, exp.Rollup | exp.Cube):
        steps = [_keys(select, e) for e in node.expressions]
        sizes = range(len(steps), -1, -1)
        if isinstance(node, exp.Rollup):
            return [sum(steps[:size], ()) for size in sizes]
        if len(steps) > 4:
            raise Refused("TOO_COMPLEX", limit=MOST)
        return [sum(some, ()) for size in sizes for some in combinations(steps, size)]
    if isinstance(node, exp.GroupingSets):
        return [one for e in node.expressions for one in _sets(select, e)]
    return [_keys(select, node)]


def _keys(select: exp.Select, node: exp.Expr) -> _Set:
    if isinstance(node, exp.Tuple):
        return tuple(key for e in node.expressions for key in _keys(select, e))
    if isinstance(node, exp.Paren):
        return _keys(select, node.this)
    if isinstance(node, exp.Literal) and node.is_int and 0 < int(node.name) <= len(select.expressions):
        return (select.expressions[int(node.name) - 1].unalias(),)
    if not isinstance(node, exp.Column) or node.table:
        return (node,)
    named = [e.this for e in select.expressions if isinstance(e, exp.Alias) and fold(e.alias) == fold(node.name)]
    # a column of that name comes first, and nobody knows yet whether there is one
    if len(named) != 1 or name_of(node) in map(name_of, named[0].find_all(exp.Column)):
        return (node,)
    named[0].meta[_MARK] = fold(node.name)
    return (named[0],)


def _grouped(select: exp.Select, keys: _Set, every: dict[str, exp.Expr]) -> exp.Select:
    own = dict.fromkeys(map(name_of, keys))
    one = select.copy()
    one.set("group", exp.Group(expressions=[every[name].copy() for name in own]) if own else None)
    for part in [*one.expressions, *([one.args["having"]] if one.args.get("having") else [])]:
        _blank(part, own, every)
    if not own and not one.find(exp.AggFunc):  # one row for all, as with an aggregate
        test = exp.GTE(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(0))
        one.set("having", exp.Having(this=test))
    return one


def _blank(node: exp.Expr, own: dict[str, None], every: dict[str, exp.Expr]) -> None:
    """NULL for keys that are not of this grouping, outside aggregates; `grouping(key)` is then 1."""
    if isinstance(node, exp.Grouping):
        bits = "".join("0" if name_of(key) in own else "1" for key in node.expressions)
        node.replace(exp.Literal.number(int(bits or "0", 2)))
    elif name_of(node) in own:
        return  # of its groups, be another key a part of it
    elif name_of(node) in every and name_of(node) not in own:
        # a column that stood alone keeps its name
        named = isinstance(node.parent, exp.Select) and node.alias_or_name
        node.replace(exp.alias_(exp.null(), node.alias_or_name, quoted=True) if named else exp.null())
    elif not isinstance(node, exp.AggFunc | exp.Filter | exp.Query):
        for child in list(node.iter_expressions()):
            _blank(child, own, every)


def _places(select: exp.Select) -> dict[str, int]:
    places = {name_of(e.unalias()): place for place, e in enumerate(select.expressions, 1)}
    return places | {fold(e.alias): place for place, e in enumerate(select.expressions, 1) if e.alias}


def _has_places(select: exp.Select) -> bool:
    """Is it ordered by its columns, or not at all?"""
    order, places = select.args.get("order"), _places(select)
    wanted = [ordered.this for ordered in order.expressions] if order else []
    return all(isinstance(w, exp.Literal) or w == exp.Var(this="ALL") or name_of(w) in places for w in wanted)


def _by_place(order: exp.Order, select: exp.Select) -> exp.Order:
    """What orders a union are its columns, by their places."""
    places = _places(select)
    if len(order.expressions) == 1 and order.expressions[0].this == exp.Var(this="ALL"):
        every = range(1, len(select.expressions) + 1)
        order.set("expressions", [_at_place(order.expressions[0], place) for place in every])
    for ordered in order.expressions:
        if not isinstance(ordered.this, exp.Literal):
            ordered.set("this", exp.Literal.number(places[name_of(ordered.this)]))
    return order


def _at_place(ordered: exp.Expr, place: int) -> exp.Expr:
    own = ordered.copy()
    own.set("this", exp.Literal.number(place))
    return own
