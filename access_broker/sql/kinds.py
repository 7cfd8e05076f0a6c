"""Of which type a value certainly is: a date, a moment, a text. Of any other nothing is said."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.text import fold
from access_broker.sql.scopes import items_of, strip

Tables = Mapping[tuple[str, str], GrantedTable]
DATE, MOMENT, TEXT = "DATE", "TIMESTAMP", "VARCHAR"
_ALL_SAY = (exp.Coalesce, exp.Greatest, exp.Least)
_FIRST_SAYS = (
    exp.Nullif, exp.Min, exp.Max, exp.AnyValue, exp.Mode, exp.Filter, exp.Window,
    exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead, exp.Distinct, exp.IgnoreNulls,
)  # fmt: skip
"""What is of the type of its first argument."""


class Kinds:
    """Of the nodes of one qualified tree. `tables`: what it reads."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        # a column named thrice in each of many subqueries would else be looked up 3^n times; the item is kept as well,
        # or another one could come to stand at its place in memory
        self._offered: dict[tuple[int, str], tuple[exp.Expr, str]] = {}

    def of(self, node: exp.Expr | None) -> str:
        """DATE, TIMESTAMP or VARCHAR; "" for any other type, and where nobody can say."""
        node = strip(node) if node is not None else None
        if isinstance(node, exp.Column):
            return self._of_column(node)
        if isinstance(node, exp.Cast):
            return _known(node.to.sql(dialect="duckdb"))
        if isinstance(node, exp.Case):
            default = node.args.get("default")
            return self._common([*(b.args["true"] for b in node.args["ifs"]), *([default] if default else [])])
        if isinstance(node, _ALL_SAY):
            return self._common([node.this, *node.expressions])
        if isinstance(node, _FIRST_SAYS):
            return self.of(node.this if isinstance(node.this, exp.Expr) else next(iter(node.expressions), None))
        if isinstance(node, exp.Add | exp.Sub) and {DATE, MOMENT} & {self.of(node.left), self.of(node.right)}:
            return MOMENT  # with an interval; other reckoning with dates is spelled out by now
        return DATE if isinstance(node, exp.LastDay) else ""

    def _common(self, nodes: list[exp.Expr]) -> str:
        """The one kind of all of them; NULL is of any."""
        kinds = {self.of(node) for node in nodes if not isinstance(strip(node), exp.Null)}
        return kinds.pop() if len(kinds) == 1 else ""

    def _of_column(self, column: exp.Column) -> str:
        select = column.parent_select
        while select is not None:
            item = items_of(select).get(column.table)
            if item is not None:
                return self._offer(item, column.name)
            select = select.parent_select
        return ""

    def _offer(self, item: exp.Expr, name: str) -> str:
        """The kind of an item's column of that name."""
        known = self._offered.get((id(item), name))
        if known is None:
            known = self._offered[id(item), name] = item, self._looked_up(item, name)
        return known[1]

    def _looked_up(self, item: exp.Expr, name: str) -> str:
        if isinstance(item, exp.Table):
            table = self._tables.get((item.db, item.name))
            return next((_known(c.type) for c in table.columns if fold(c.name) == name), "") if table else ""
        query = item.unnest() if isinstance(item, exp.Subquery) else None  # of a UNION the other side counts as well
        found = [e for e in query.selects if e.alias_or_name == name] if isinstance(query, exp.Select) else []
        return self.of(found[0].unalias()) if len(found) == 1 else ""


def _known(type_: str) -> str:
    type_ = TEXT if type_ in ("TEXT", "CHAR") else type_
    return type_ if type_ in (DATE, MOMENT, TEXT) else ""
