"""`CASE WHEN EXISTS (SELECT 1 FROM visits v WHERE v.id = c.id) THEN …` beside people as the count that it asks for.

In WHERE the question stays as it is. In what is shown of people, in a key or in a FILTER it is a figure of each of
them, looked up like others (`looked_up.py`): whether they have more than no row.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.around import is_on_some
from access_broker.sql.counted_keys import is_key
from access_broker.sql.kinds import Tables
from access_broker.sql.rebuilt import PLAIN
from access_broker.sql.scopes import given, has_aggregate, items_of, own_nodes
from access_broker.sql.truths import spell_out_as_number

_OUTSIDE_WHERE = ("expressions", "group")


def spell_out_asked_within(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified. What asks more than whether there is a row stays as it is, and is refused."""
    for select in list(tree.find_all(exp.Select)):
        if select.args.get("from_") is None:
            continue
        for asked in [
            n for n in own_nodes(select) if isinstance(n, exp.Exists | exp.In) and not _is_condition(n, select)
        ]:
            counted = _of_exists(asked) if isinstance(asked, exp.Exists) else _of_in(asked, select, tables)
            if counted is not None:
                more = exp.GT(this=exp.Subquery(this=counted), expression=exp.Literal.number(0))
                spell_out_as_number(asked.replace(exp.Paren(this=more)))


def _is_condition(node: exp.Expr, select: exp.Select) -> bool:
    """Does it stand in WHERE, ON or HAVING?"""
    while node.parent is not None and node.parent is not select:
        node = node.parent
    return node.arg_key not in _OUTSIDE_WHERE


def _of_exists(asked: exp.Exists) -> exp.Select | None:
    query = asked.this.this if isinstance(asked.this, exp.Subquery) else asked.this
    if not isinstance(query, exp.Select) or not given(query) <= PLAIN | {"distinct", "limit"}:
        return None
    limit = query.args["limit"].expression if query.args.get("limit") is not None else exp.Literal.number(1)
    if any(map(has_aggregate, query.selects)):
        return None  # it has a row in any case
    return _counted(query) if isinstance(limit, exp.Literal) and limit.is_int and int(limit.name) else None


def _of_in(asked: exp.In, select: exp.Select, tables: Tables) -> exp.Select | None:
    """Keys of people on both sides: neither is ever NULL."""
    query = asked.args["query"].unnest() if asked.args.get("query") is not None else None
    key = query.selects[0].unalias() if isinstance(query, exp.Select) and len(query.selects) == 1 else None
    sides = [side for side in (asked.this, key) if isinstance(side, exp.Column)]
    if len(sides) != 2 or not isinstance(query, exp.Select) or not given(query) - {"distinct"} <= PLAIN:
        return None
    if is_on_some(query.args.get("distinct")):
        return None
    if not is_key(sides[0], select, tables) or not is_key(sides[1], query, tables):
        return None
    if sides[0].table in items_of(query):
        return None  # within, that name would be another item's
    return _counted(query).where(exp.EQ(this=sides[1].copy(), expression=sides[0].copy()), copy=False)


def _counted(query: exp.Select) -> exp.Select:
    """Neither DISTINCT nor LIMIT leaves nothing where there was something."""
    counted = query.copy()
    for name, part in {"expressions": [exp.Count(this=exp.Star())], "distinct": None, "limit": None}.items():
        counted.set(name, part)
    return counted
