"""No item of FROM has the name of one around it.

Of two with one name the engine may mean the other: an ON sees the items before it only, and takes a name of one that
comes later from the query around, or from beside it. What the gate takes for a join of a person's own rows would be
one with everybody. A name that stands for one item alone is that item's, or an error.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.identifiers import as_asked, numbered
from access_broker.sql.scopes import from_items, items_of

_Scope = dict[str, str]
"""What the names of a FROM are now."""


def give_own_names(tree: exp.Query) -> None:
    """`tree` is qualified and has no CTE. Raises Refused AMBIGUOUS_NAME where an ON names what comes after it."""
    selects = list(tree.find_all(exp.Select))
    names = [name for select in selects for name in items_of(select)]
    if len(set(names)) < len(names):
        _rename(tree, (), frozenset())
    for select in selects:
        _check_order(select)


def _rename(node: exp.Expr, scopes: tuple[_Scope, ...], around: frozenset[str]) -> None:
    """`scopes`: what can be named at this place, innermost first. `around`: the names of all items further out."""
    if isinstance(node, exp.Select):
        _rename_select(node, scopes, around)
    elif isinstance(node, exp.Column) and node.table:
        meant = next((scope[node.table] for scope in scopes if node.table in scope), node.table)
        if meant != node.table:
            node.set("table", exp.to_identifier(meant, quoted=True))
    else:
        for child in list(node.iter_expressions()):
            _rename(child, scopes, around)


def _rename_select(select: exp.Select, scopes: tuple[_Scope, ...], around: frozenset[str]) -> None:
    items = from_items(select)
    own = _own_names([item.alias_or_name for item in items], around)
    places, around = {id(item) for item in items}, around.union(own.values())
    for child in list(select.iter_expressions()):
        for part in child.iter_expressions() if isinstance(child, exp.From | exp.Join) else [child]:
            # what stands in FROM sees nothing of what is around it
            _rename(part, () if id(part) in places else (own, *scopes), around)
    for item in items:
        if own[item.alias_or_name] != item.alias_or_name:
            item.args["alias"].set("this", exp.to_identifier(own[item.alias_or_name], quoted=True))


def _own_names(typed: list[str], around: frozenset[str]) -> _Scope:
    """The same at every place with the same names around it: copies of a query stay equal."""
    own: _Scope = {}
    for name in typed:
        found, number = name, 1
        while found in around or (number > 1 and found in typed):
            number += 1
            found = numbered(name, number)
        own[name] = found
    return own


def _check_order(select: exp.Select) -> None:
    joins = select.args.get("joins") or []
    later = {join.this.alias_or_name for join in joins}
    for join in joins:
        later.discard(join.this.alias_or_name)
        on = join.args.get("on")
        for column in on.find_all(exp.Column) if on is not None and later else ():
            if column.table in later:
                raise Refused("AMBIGUOUS_NAME", name=as_asked(column.table))
