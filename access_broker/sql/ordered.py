"""Outputs that an expression in ORDER BY names: `ORDER BY -n`, with `count(*) AS n`, is `ORDER BY -(count(*))`.

Within an expression the engine reads a name as a column of FROM if there is one, and only then as the output; a name
that stands alone is the output, and is left as it is.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql import allowed
from access_broker.sql.kinds import Tables
from access_broker.sql.scopes import items_of, own_nodes, size_of, strip


def spell_out_order(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified and has no CTE. Raises Refused TOO_COMPLEX when the copies grow beyond reason."""
    room = allowed.MAX_NODES
    for select in tree.find_all(exp.Select):
        order = select.args.get("order")
        for ordered in order.expressions if order else ():
            ordered.set("this", strip(ordered.this))
            named = [n for n in own_nodes(ordered.this) if isinstance(n, exp.Column) and not n.table]
            for column in named if ordered.this not in named else ():
                meant = _meant(column.name, select, tables)
                room -= size_of(meant) if meant is not None else 0
                if room < 0:
                    raise Refused("TOO_COMPLEX", limit=allowed.MAX_NODES)
                if meant is not None:
                    column.replace(meant)


def _meant(name: str, select: exp.Select, tables: Tables) -> exp.Expr | None:
    """What `name` stands for in an expression; None where nobody can say, or the engine would not have it."""
    offered = [alias for alias, item in items_of(select).items() if name in columns_of(item, tables)]
    if len(offered) == 1:
        return exp.column(name, table=offered[0], quoted=True)
    shown = [e.unalias() for e in select.selects if e.alias_or_name == name]
    if len(shown) != 1 or shown[0].find(exp.Query) or (offered and not _is_joined(shown[0], name)):
        return None
    return exp.Paren(this=shown[0].copy())


def columns_of(item: exp.Expr, tables: Tables) -> set[str]:
    """The names of what an item of FROM offers, in a tree that is qualified."""
    if isinstance(item, exp.Subquery):
        return set(item.named_selects)
    table = tables.get((item.db, item.name)) if isinstance(item, exp.Table) else None
    return {fold(c.name) for c in table.columns} if table else set(item.alias_column_names)


def _is_joined(shown: exp.Expr, name: str) -> bool:
    """Is it the one column that USING makes of those of that name?"""
    shown = strip(shown)
    parts = [shown.this, *shown.expressions] if isinstance(shown, exp.Coalesce) else [shown]
    return all(isinstance(part, exp.Column) and part.name == name for part in parts)
