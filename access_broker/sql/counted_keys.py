"""`count(national_id)` as `count(*)`: rows of nobody are not published, so the key of a table stands in all of them."""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.text import fold
from access_broker.sql.kinds import Tables
from access_broker.sql.scopes import items_of, pads_its_first


def spell_out_counted_keys(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified."""
    for call in tree.find_all(exp.Count):
        select = call.parent_select
        if isinstance(select, exp.Select) and isinstance(call.this, exp.Column) and is_key(call.this, select, tables):
            call.set("this", exp.Star())


def is_key(column: exp.Column, select: exp.Select, tables: Tables) -> bool:
    """Is it the key of a table that no outer join pads?"""
    padded = {join.this.alias_or_name for join in select.args.get("joins") or [] if join.side}
    if column.table in padded or pads_its_first(select):
        return False
    item = items_of(select).get(column.table)
    table = tables.get((item.db, item.name)) if isinstance(item, exp.Table) else None
    ids = [c.id for c in table.columns if fold(c.name) == column.name] if table is not None else []
    return table is not None and table.entity is not None and ids == [table.entity]
