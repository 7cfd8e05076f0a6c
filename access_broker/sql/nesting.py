"""How large a query is when what its columns stand for, further and further in, is read in their place.

`SELECT x + x AS x FROM (SELECT x + x AS x FROM (…))` doubles with every query. Whoever follows a column to where it
comes from, or puts queries into one, goes that way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sqlglot import exp

from access_broker.sql import allowed
from access_broker.sql.expansion import bounded
from access_broker.sql.scopes import items_of

_MOST = 40 * allowed.MAX_NODES
_CONNECTORS: dict[type[exp.Expr], type[exp.Expr]] = {exp.And: exp.Or, exp.Or: exp.And}

_Sizes = Mapping[tuple[str, str], int]


def check_nesting(tree: exp.Expr) -> int:
    """The size of a qualified tree without CTEs. Raises Refused TOO_COMPLEX."""
    return _size(tree, {})


def pairs(tree: exp.Expr) -> int:
    """How often two conditions of one AND or OR can be compared with each other, those of all WHEREs together."""
    wheres = [part for where in tree.find_all(exp.Where) for part in _alike(where.this, exp.And, negated=False)]
    return len(wheres) ** 2 + sum(_pairs(part, negated) for part, negated in _others(tree, wheres))


def _size(node: exp.Expr, known: _Sizes) -> int:
    if isinstance(node, exp.Select):
        return _size_of_select(node, known)[0]
    if isinstance(node, exp.Column):
        return known.get((node.table, node.name), 2)
    return bounded(1 + sum(_size(child, known) for child in node.iter_expressions()), _MOST)


def _size_of_select(select: exp.Select, known: _Sizes) -> tuple[int, dict[str, int]]:
    """All of it, and of each output."""
    total, own = 0, dict(known)
    for alias, item in items_of(select).items():
        inner = item.unnest() if isinstance(item, exp.Subquery) else None
        if isinstance(inner, exp.Select):
            size, outputs = _size_of_select(inner, known)
            total += size
            own |= {(alias, name): of for name, of in outputs.items()}
        else:
            total += _size(item, known)
    sizes = {e.alias_or_name: _size(e, own) for e in select.expressions}
    joins = [on for join in select.args.get("joins") or [] if (on := join.args.get("on")) is not None]
    parts = [part for part in select.iter_expressions() if part.arg_key not in ("expressions", "from_", "joins")]
    total += sum(sizes.values()) + sum(_size(part, own) for part in (*joins, *parts))
    return bounded(total, _MOST), sizes


def _others(tree: exp.Expr, wheres: list[tuple[exp.Expr, bool]]) -> Iterator[tuple[exp.Expr, bool]]:
    """What stands outside the top of a WHERE, and the parts of that."""
    yield from wheres
    queries = [node for node in tree.walk() if isinstance(node, exp.Select)]
    for select in queries:
        yield from ((part, False) for part in select.iter_expressions() if not isinstance(part, exp.Where))


def _pairs(node: exp.Expr, negated: bool) -> int:
    if isinstance(node, exp.Query):
        return 0
    if isinstance(node, exp.Not | exp.Paren):
        return _pairs(node.this, negated != isinstance(node, exp.Not))
    if type(node) not in _CONNECTORS:
        return sum(_pairs(child, negated=False) for child in node.iter_expressions())
    parts = list(_alike(node, _kind(node, negated), negated))
    return len(parts) ** 2 + sum(_pairs(part, turned) for part, turned in parts)


def _kind(node: exp.Expr, negated: bool) -> type[exp.Expr] | None:
    kind = type(node)
    return _CONNECTORS.get(kind) if negated else kind if kind in _CONNECTORS else None


def _alike(node: exp.Expr, kind: type[exp.Expr] | None, negated: bool) -> Iterator[tuple[exp.Expr, bool]]:
    """The parts of an AND, or OR, negations within it pulled out."""
    while isinstance(node, exp.Not | exp.Paren):
        node, negated = node.this, negated != isinstance(node, exp.Not)
    if kind is not None and _kind(node, negated) is kind:
        yield from _alike(node.args["this"], kind, negated)
        yield from _alike(node.args["expression"], kind, negated)
    else:
        yield node, negated
