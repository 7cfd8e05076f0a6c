"""`FROM (…) PIVOT (sum(n) FOR gender IN ('F', 'M'))` spelled out as GROUP BY with FILTER, before it is looked at.

Only with a list of literals, and over named columns or with its own GROUP BY: then the columns of the answer are known
without data.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql import allowed
from access_broker.sql.scopes import given, size_of, table_alias

_KNOWN = frozenset({"expressions", "fields", "columns", "alias", "group", "pivot_column_naming"})


def spell_out_pivots(tree: exp.Query) -> None:
    """Raises Refused NOT_SUPPORTED for other forms, TOO_COMPLEX for more columns than a SELECT may have."""
    for subquery in list(tree.find_all(exp.Subquery)):
        pivots = subquery.args.get("pivots") or []
        if pivots:
            _spell_out(subquery, pivots)


def _spell_out(subquery: exp.Subquery, pivots: list[exp.Pivot]) -> None:
    pivot, inner = pivots[0], subquery.this
    fields, group = pivot.args.get("fields") or [], pivot.args.get("group")
    if len(pivots) > 1 or len(fields) != 1 or not given(pivot) <= _KNOWN:
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    told = cells(pivot.expressions, fields[0])
    keys = group.expressions if group is not None else _left_over(inner, [fields[0].this, *pivot.expressions])
    alias = pivot.args.get("alias") or subquery.args.get("alias")
    spelled = exp.select(*(key.copy() for key in keys), *told)
    spelled = spelled.from_(exp.Subquery(this=inner.copy(), alias=table_alias("pivoted")))
    if keys:
        spelled = spelled.group_by(*(key.copy() for key in keys))
    subquery.replace(exp.Subquery(this=spelled, alias=alias.copy() if alias else table_alias("pivot")))


def _left_over(inner: exp.Expr, read: list[exp.Expr]) -> list[exp.Expr]:
    """The columns of `inner` that stand in none of `read`: they are the groups."""
    consumed = {fold(column.name) for e in read for column in e.find_all(exp.Column)}
    return [exp.column(name, quoted=True) for name in names_of(inner) if fold(name) not in consumed]


def names_of(query: exp.Expr | None) -> list[str]:
    """The names of its columns. Raises Refused NOT_SUPPORTED where they do not all stand in it."""
    names = [e.alias_or_name for e in query.selects] if isinstance(query, exp.Query) else []
    if not names or "" in names or "*" in names:
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    return names


def cells(aggregates: list[exp.Expr], key: exp.Expr) -> list[exp.Expr]:
    """Each aggregate for each value; named by the value, and by the aggregate where that has a name."""
    values = key.expressions if isinstance(key, exp.In) else []
    named = all(isinstance(a, exp.Alias) for a in aggregates)
    plain = all(isinstance(v.unalias(), exp.Literal | exp.Boolean) for v in values)
    if not values or not plain or not aggregates or (len(aggregates) > 1 and not named):
        raise Refused("NOT_SUPPORTED", name="PIVOT")  # columns that the engine would name by a text of its own
    size = len(values) * size_of(key.this, *aggregates)
    if len(values) * len(aggregates) > allowed.MAX_COLUMNS or size > allowed.MAX_NODES:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_COLUMNS)
    return [_cell(aggregate, key.this, value) for value in values for aggregate in aggregates]


def _cell(aggregate: exp.Expr, key: exp.Expr, value: exp.Expr) -> exp.Expr:
    literal = value.unalias()
    condition = exp.EQ(this=key.copy(), expression=literal.copy())
    cell = exp.Filter(this=aggregate.unalias().copy(), expression=exp.Where(this=condition))
    own = value.alias or (str(literal.this).lower() if isinstance(literal, exp.Boolean) else literal.name)
    return exp.alias_(cell, f"{own}_{aggregate.alias}" if aggregate.alias else own, quoted=True)
