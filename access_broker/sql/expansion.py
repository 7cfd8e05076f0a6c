"""How large a statement becomes when names are looked up, reckoned before anything is copied.

A name of an output that is used again stands for its expression: of `SELECT 1 AS a, a + a AS b, b + b AS c, …` every
name doubles what the one before it holds, and forty of them would fill any memory. A place in GROUP BY is a copy too,
and a column that USING makes one is as many as the tables that have it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql import allowed

MAX_ITEMS = 40
"""Items of one FROM; what is looked up for a name grows with their square."""
_MOST = 2 * allowed.MAX_NODES
_USED_IN = ("where", "having", "qualify")

_Sizes = Mapping[str, int]


def check_expansion(tree: exp.Query) -> None:
    """Of a tree whose size has been checked, before `qualify`. Raises Refused TOO_COMPLEX.

    A name counts as the output where it may be one, though a column of that name would come first: nothing is known of
    columns yet, and a name less than a copy is what must not happen.
    """
    _size(tree, {})


def _size(node: exp.Expr, named: _Sizes) -> int:
    """The nodes that `node` will be made of; `named`: those of the outputs that it may use."""
    if isinstance(node, exp.Select):
        return _size_of_select(node)
    if isinstance(node, exp.Column) and not node.table:
        return named.get(fold(node.name), 2)
    own = {} if isinstance(node, exp.Query) else named
    return bounded(1 + sum(_size(child, own) for child in node.iter_expressions()), _MOST)


def _size_of_select(select: exp.Select) -> int:
    joins = select.args.get("joins") or []
    if len(joins) >= MAX_ITEMS:
        raise Refused("TOO_COMPLEX", limit=MAX_ITEMS)
    named: dict[str, int] = {}
    sizes: list[int] = []
    for shown in select.expressions:
        sizes.append(_size(shown, named))
        if isinstance(shown, exp.Alias):
            named[fold(shown.alias)] = sizes[-1] + 1  # in parentheses of its own
    total = sum(sizes)
    for part in (*(select.args.get(name) for name in _USED_IN), *joins):
        total = bounded(total + (_size(part, named) if part is not None else 0), _MOST)
    group = select.args.get("group")
    for key in group.expressions if group is not None else ():
        total = bounded(total + (_at_place(key, sizes) or _size(key, named)), _MOST)
    others = (part for name, part in _parts(select) if name not in (*_USED_IN, "expressions", "joins", "group"))
    return bounded(total + sum(_size(part, {}) for part in others), _MOST)


def _at_place(key: exp.Expr, sizes: list[int]) -> int:
    """The size of the output that a number in GROUP BY stands for; 0 where it is none."""
    is_place = isinstance(key, exp.Literal) and key.is_int and 0 < int(key.name) <= len(sizes)
    return sizes[int(key.name) - 1] if is_place else 0


def _parts(select: exp.Select) -> list[tuple[str, exp.Expr]]:
    return [(child.arg_key or "", child) for child in select.iter_expressions()]


def bounded(size: int, most: int) -> int:
    """`size`. Raises Refused TOO_COMPLEX beyond `most`."""
    if size > most:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_NODES)
    return size
