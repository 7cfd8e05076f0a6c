"""Forms of a SELECT told in one way: what groups, what orders, which outputs are keys, what VALUES is worth."""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.constants import kept_column
from access_broker.sql.scopes import Frame, has_aggregate, has_window, render


def ordering(part: exp.Expr | None) -> list[exp.Expr]:
    """The expressions of HAVING, QUALIFY or ORDER BY."""
    if part is None:
        return []
    return [o.this for o in part.expressions] if isinstance(part, exp.Order) else [part.this]


def group_key_names(node: exp.Select) -> list[frozenset[str]]:
    """The outputs that together name a group, if every key is one."""
    group = node.args.get("group")
    named = {render(e): e.alias_or_name for e in node.expressions}
    keys = [named.get(render(k)) for k in group.expressions] if group else []
    return [frozenset(k for k in keys if k)] if keys and all(keys) else []


def keys_kept(node: exp.Select, frame: Frame) -> list[frozenset[str]]:
    """Keys of the one FROM item whose columns are all still there, by their new names."""
    if len(frame.info.relations) != 1:
        return []
    relation = next(iter(frame.info.relations.values()))
    renamed = {name: e.alias_or_name for e in node.expressions if (name := kept_column(e.unalias(), relation))}
    keys = relation.keys
    return [frozenset(renamed[c] for c in key) for key in keys if key <= set(renamed)]


def plain_grouping(node: exp.Select) -> None:
    """GROUP BY ALL, ORDER BY ALL and SELECT DISTINCT spelled out, so that the rest sees one form."""
    group = node.args.get("group")
    order = node.args.get("order")
    if order and len(order.expressions) == 1 and isinstance(order.expressions[0].this, exp.Var):
        every = order.expressions[0]
        places = range(1, len(node.expressions) + 1)
        order.set("expressions", [_at(every.copy(), exp.Literal.number(i)) for i in places])
    if group and group.args.get("all"):
        # a bare literal as a key would be read as the place of a column
        named = [e for e in node.expressions if any(isinstance(n, exp.Column) for n in e.walk())]
        keys = [e.unalias().copy() for e in named if not has_aggregate(e)]
        _check_plain(keys, "GROUP BY ALL")
        node.set("group", exp.Group(expressions=keys) if keys else None)
    if node.args.get("distinct") and not node.args.get("group") and not any(map(has_aggregate, node.expressions)):
        keys = [e.unalias().copy() for e in node.expressions if any(isinstance(n, exp.Column) for n in e.walk())]
        late = node.args.get("qualify") or any(map(has_window, node.expressions))  # they see the rows before DISTINCT
        if late or (not keys and node.args.get("from_")):
            raise Refused("NOT_SUPPORTED", name="DISTINCT")
        _check_plain(keys, "DISTINCT")
        node.set("distinct", None)
        if keys:
            node.set("group", exp.Group(expressions=keys))


def _check_plain(keys: list[exp.Expr], name: str) -> None:
    """Keys are copied, and a query is a thing of its own in each copy."""
    if any(isinstance(n, exp.Query) for key in keys for n in key.walk()):
        raise Refused("NOT_SUPPORTED", name=name)


def _at(ordered: exp.Expr, place: exp.Expr) -> exp.Expr:
    ordered.set("this", place)
    return ordered
