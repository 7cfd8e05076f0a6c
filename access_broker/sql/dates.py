"""Reckoning with dates, said so that it cannot be taken for reckoning with numbers.

`b - a` of two dates is `date_diff('day', a, b)`, and `a + 90` of a date is `CAST(a + INTERVAL 90 DAY AS DATE)`. What
guards arithmetic within an aggregate computes in DOUBLE, which no date becomes: every value would be NULL.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql.scopes import strip

Tables = Mapping[tuple[str, str], GrantedTable]
_ALL_SAY = (exp.Coalesce, exp.Greatest, exp.Least)
_FIRST_SAYS = (
    exp.Nullif, exp.Min, exp.Max, exp.AnyValue, exp.Mode, exp.Filter, exp.Window,
    exp.FirstValue, exp.LastValue, exp.Lag, exp.Lead, exp.Distinct, exp.IgnoreNulls,
)  # fmt: skip
"""What is of the type of its first argument."""


def spell_out_dates(tree: exp.Query, tables: Tables) -> None:
    """`tree` is qualified. Raises Refused NOT_SUPPORTED for reckoning with moments within an aggregate."""
    for node in reversed(list(tree.find_all(exp.Sub, exp.Add))):  # innermost first
        left, right = _kind(node.left, tables), _kind(node.right, tables)
        if left == right == "DATE" and isinstance(node, exp.Sub):
            days = exp.DateDiff(this=node.left.copy(), expression=node.right.copy(), unit=exp.Var(this="DAY"))
            node.replace(days)
        elif "DATE" in (left, right) and (_is_whole(node.left) or _is_whole(node.right)):
            _moved(node, *((node.left, node.right) if left else (node.right, node.left)))
        elif "TIMESTAMP" in (left, right) and not _by_interval(node) and _in_aggregate(node):
            raise Refused("NOT_SUPPORTED", name="TIMESTAMP - TIMESTAMP")


def _by_interval(node: exp.Binary) -> bool:
    return any(isinstance(strip(side), exp.Interval) for side in (node.left, node.right))


def _moved(node: exp.Binary, date: exp.Expr, number: exp.Expr) -> None:
    length = exp.Interval(this=exp.Literal.string(_digits(number)), unit=exp.Var(this="DAY"))
    node.replace(exp.cast(type(node)(this=date.copy(), expression=length), "DATE"))


def _in_aggregate(node: exp.Expr) -> bool:
    aggregate = node.find_ancestor(exp.AggFunc)
    return aggregate is not None and aggregate.parent_select is node.parent_select


def _is_whole(node: exp.Expr) -> bool:
    bare = strip(node)
    bare = strip(bare.this) if isinstance(bare, exp.Neg) else bare
    return isinstance(bare, exp.Literal) and not bare.is_string and bare.is_int


def _digits(node: exp.Expr) -> str:
    bare = strip(node)
    return f"-{strip(bare.this).name}" if isinstance(bare, exp.Neg) else str(bare.name)


def _kind(node: exp.Expr | None, tables: Tables) -> str:
    """DATE or TIMESTAMP where `node` certainly is one, else ""."""
    node = strip(node) if node is not None else None
    if isinstance(node, exp.Column):
        return _kind_of_column(node, tables)
    if isinstance(node, exp.Cast):
        return _known(node.to.sql(dialect="duckdb"))
    if isinstance(node, exp.Case):
        default = node.args.get("default")
        return _common([*(branch.args["true"] for branch in node.args["ifs"]), *([default] if default else [])], tables)
    if isinstance(node, _ALL_SAY):
        return _common([node.this, *node.expressions], tables)
    if isinstance(node, _FIRST_SAYS):
        return _kind(node.this if isinstance(node.this, exp.Expr) else next(iter(node.expressions), None), tables)
    if isinstance(node, exp.Add | exp.Sub) and (_kind(node.left, tables) or _kind(node.right, tables)):
        return "TIMESTAMP"  # with an interval; other reckoning with dates is spelled out by now
    return "DATE" if isinstance(node, exp.CurrentDate | exp.LastDay) else ""


def _common(nodes: list[exp.Expr], tables: Tables) -> str:
    """The one kind of all of them; NULL is of any."""
    kinds = {_kind(node, tables) for node in nodes if not isinstance(strip(node), exp.Null)}
    return kinds.pop() if len(kinds) == 1 else ""


def _kind_of_column(column: exp.Column, tables: Tables) -> str:
    select = column.parent_select
    while select is not None:
        items = [item.this for item in (select.args.get("from_"), *(select.args.get("joins") or ())) if item]
        for item in items:
            if item.alias_or_name == column.table:
                return _offered(item, column.name, tables)
        select = select.parent_select
    return ""


def _offered(item: exp.Expr, name: str, tables: Tables) -> str:
    """The kind of an item's column of that name."""
    if isinstance(item, exp.Table):
        table = tables.get((item.db, item.name))
        return next((_known(c.type) for c in table.columns if fold(c.name) == name), "") if table else ""
    query = item.unnest() if isinstance(item, exp.Subquery) else None  # of a UNION the other side counts as well
    found = [e for e in query.selects if e.alias_or_name == name] if isinstance(query, exp.Select) else []
    return _kind(found[0].unalias(), tables) if len(found) == 1 else ""


def _known(type_: str) -> str:
    return type_ if type_ in ("DATE", "TIMESTAMP") else ""
