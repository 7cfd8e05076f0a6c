"""`FROM calendar LEFT JOIN people … GROUP BY day`: the groups in a query of their own, joined to the calendar again.

Which days there are is known, so every one of them may show. The groups of people inside are told or left out like any
others, and where one is left out, for too few people or because of what was told before, the day looks as it does when
there was nobody: its figures are NULL.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.relations import SelectInfo
from access_broker.sql.scopes import table_alias

_APART, _KEY, _CELL = "__cells", "__k", "__c"


def set_apart(info: SelectInfo) -> None:
    """`info.node` becomes the query of the groups; what it was goes on around it, with its columns for figures.

    What reads people is moved, never copied: others hold on to these very nodes. Constants stand in both.
    """
    outer, fixed = info.node, info.fixed
    keys, joins = list(outer.args["group"].expressions), list(outer.args["joins"])
    inner = exp.Select(
        expressions=[exp.alias_(key.copy(), f"{_KEY}{n}", quoted=True) for n, key in enumerate(keys)],
        from_=outer.args["from_"].copy(),
        joins=[join.copy() if join.this.alias_or_name in fixed else join for join in joins],
        group=exp.Group(expressions=[key.copy() for key in keys]),
    )
    if outer.args.get("where"):
        inner.set("where", outer.args["where"].copy())
    for place, cell in enumerate(info.cells):
        cell.node.replace(_column(f"{_CELL}{place}"))
        inner.append("expressions", exp.alias_(cell.node, f"{_CELL}{place}", quoted=True, copy=False))
    same = [exp.NullSafeEQ(this=_column(f"{_KEY}{n}"), expression=key.copy()) for n, key in enumerate(keys)]
    named = table_alias(_APART)
    apart = exp.Join(this=exp.Subquery(this=inner, alias=named), side="LEFT", on=exp.and_(*same))
    outer.set("joins", [*(join for join in joins if join.this.alias_or_name in fixed), apart])
    outer.set("group", None)
    having = outer.args.get("having")
    outer.set("having", None)
    if having is not None:
        outer.where(having.this, copy=False)
    info.node = inner


def _column(name: str) -> exp.Column:
    return exp.column(name, table=_APART, quoted=True)
