"""INTERSECT and EXCEPT of people's keys, as the condition on each person that they are.

`SELECT id FROM visits WHERE p INTERSECT SELECT id FROM visits WHERE q` is `SELECT id FROM visits WHERE p AND id IN
(SELECT id FROM visits WHERE q) GROUP BY id`, because no key is NULL; and what is asked of people is looked at further
out, where they are counted.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.around import is_on_some
from access_broker.sql.counted_keys import is_key
from access_broker.sql.kinds import Tables
from access_broker.sql.rebuilt import PLAIN, innermost_first
from access_broker.sql.scopes import given


def spell_out_key_sets(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified. What is more than two plain queries of one key each is left as it is."""
    for both in innermost_first(tree, exp.Intersect, exp.Except):
        if both is tree or not given(both) <= {"this", "expression", "distinct"} or not both.args.get("distinct"):
            continue
        left, right = (_keys_of(side, tables) for side in (both.this, both.expression))
        if left is None or right is None:
            continue
        name = both.selects[0].alias_or_name
        found: exp.Expr = exp.In(this=left.selects[0].unalias().copy(), query=exp.Subquery(this=right))
        one = left.where(found if isinstance(both, exp.Intersect) else exp.Not(this=found))
        key = one.selects[0].unalias()
        one.set("expressions", [exp.alias_(key, name, quoted=True)])  # it may be handed on under another one
        one.set("group", exp.Group(expressions=[key.copy()]))
        both.replace(one)


def _keys_of(side: exp.Expr, tables: Tables) -> exp.Select | None:
    query = _unwrapped(side)
    if query is None or len(query.selects) != 1:
        return None
    shown, group, distinct = query.selects[0].unalias(), query.args.get("group"), query.args.get("distinct")
    once = (group is None or group.expressions == [shown]) and not is_on_some(distinct)
    plain = once and given(query) - {"group", "distinct"} <= PLAIN
    if not plain or not isinstance(shown, exp.Column) or not is_key(shown, query, tables):
        return None
    query.set("distinct", None)
    return query


def _unwrapped(side: exp.Expr) -> exp.Select | None:
    """The query that `side` is, or hands on as it is."""
    query = side.this if isinstance(side, exp.Subquery) and given(side) <= {"this", "alias"} else side
    if isinstance(query, exp.Subquery):
        return _unwrapped(query)
    if not isinstance(query, exp.Select) or given(query) != {"expressions", "from_"}:
        return query if isinstance(query, exp.Select) else None
    item = query.args["from_"].this
    inner = _unwrapped(item) if isinstance(item, exp.Subquery) else None
    handed = [e.unalias() for e in query.selects]
    same = inner is not None and len(handed) == len(inner.selects) == 1 and isinstance(handed[0], exp.Column)
    return inner if same and inner is not None and handed[0].name == inner.selects[0].alias_or_name else query
