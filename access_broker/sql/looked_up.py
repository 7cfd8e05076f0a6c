"""`(SELECT count(*) FROM visits v WHERE v.id = c.id)` beside people as the LEFT JOIN that it means.

A subquery that looks up one figure of each person is the query of that figure for all of them, grouped by person and
joined by their key: who has no row has none, or a count of 0.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from access_broker.sql.conditions import call_and_filter
from access_broker.sql.counted_keys import is_key
from access_broker.sql.kinds import Tables
from access_broker.sql.rebuilt import PLAIN
from access_broker.sql.scopes import conjuncts, given, items_of, own_nodes, table_alias

_FIGURES = (exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max)
_ITEM, _KEY, _FIGURE = "__looked", "k", "a"


def spell_out_looked_up(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified. What is more than one figure, tied by more than one key, is left as it is."""
    for select in list(tree.find_all(exp.Select)):
        told: dict[str, exp.Expr] = {}
        for asked in list(_scalars(select)) if select.args.get("from_") is not None else ():
            text = asked.sql()
            tie = _tie(asked.this, select, tables) if text not in told else None
            if tie is not None:
                told[text] = _joined(select, asked.this, tie, f"{_ITEM}{len(told)}")
            if text in told:
                asked.replace(told[text].copy())


def _scalars(select: exp.Select) -> Iterator[exp.Subquery]:
    """Those of the select list, of WHERE and of the keys: there a row of the answer is still one of FROM."""
    parts = [*select.expressions, *(part for name in ("where", "group") if (part := select.args.get(name)))]
    for node in [node for part in parts for node in _read_in(part)]:
        if isinstance(node, exp.Subquery) and isinstance(node.this, exp.Select) and given(node) == {"this"}:
            yield node


def _read_in(part: exp.Expr) -> Iterator[exp.Expr]:
    """What stands in it, queries that it asks for one value among it."""
    for node in own_nodes(part):
        yield from (child for child in node.iter_expressions() if not isinstance(node, exp.In | exp.Exists))


def _tie(query: exp.Select, select: exp.Select, tables: Tables) -> exp.EQ | None:
    """The one condition that says whose figure it is: a key within equals a column of what it stands beside."""
    figure = query.selects[0].unalias() if len(query.selects) == 1 else None
    call = call_and_filter(figure)[0] if figure is not None else None
    if not isinstance(call, _FIGURES) or not given(query) <= PLAIN or query.args.get("where") is None:
        return None
    own, around = items_of(query), items_of(select)
    outside = [c for c in query.find_all(exp.Column) if c.table not in own and c.table in around]
    ties = [n for n in conjuncts(query.args["where"].this) if isinstance(n, exp.EQ) and _is_tie(n, query, tables)]
    others = {c.table for c in query.find_all(exp.Column)} - own.keys()
    return ties[0] if len(ties) == len(outside) == 1 and len(others) == 1 else None


def _is_tie(node: exp.EQ, query: exp.Select, tables: Tables) -> bool:
    return len(_sides(node, query)) == 2 and is_key(_sides(node, query)[0], query, tables)


def _sides(tie: exp.EQ, query: exp.Select) -> list[exp.Column]:
    """The column of `query` and the other one; [] for any other equality."""
    sides = [side for side in (tie.left, tie.right) if isinstance(side, exp.Column)]
    sides.sort(key=lambda side: side.table not in items_of(query))
    return sides if [side.table in items_of(query) for side in sides] == [True, False] else []


def _joined(select: exp.Select, query: exp.Select, tie: exp.EQ, name: str) -> exp.Expr:
    """What stands for the subquery, which becomes an item of FROM."""
    key, outside = (side.copy() for side in _sides(tie, query))
    query, figure = query.copy(), query.selects[0].unalias().copy()
    rest = [node.copy() for node in conjuncts(query.args["where"].this) if node != tie]
    query.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    query.set("expressions", [exp.alias_(key, _KEY, quoted=True), exp.alias_(figure, _FIGURE, quoted=True)])
    query.set("group", exp.Group(expressions=[key.copy()]))
    same = exp.EQ(this=exp.column(_KEY, table=name, quoted=True), expression=outside)
    select.append("joins", exp.Join(this=exp.Subquery(this=query, alias=table_alias(name)), side="LEFT", on=same))
    found: exp.Expr = exp.column(_FIGURE, table=name, quoted=True)
    counts = isinstance(call_and_filter(figure)[0], exp.Count)
    return exp.Paren(this=exp.Coalesce(this=found, expressions=[exp.Literal.number(0)])) if counts else found
