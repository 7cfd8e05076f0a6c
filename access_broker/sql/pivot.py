"""PIVOT spelled out as GROUP BY with FILTER, before anything is looked at.

`FROM (…) PIVOT (sum(n) FOR gender IN ('F', 'M'))` over a query with named columns, and the statement `PIVOT people ON
gender IN ('F', 'M') USING count(*) GROUP BY disease`. Only with a list of literals: then the columns of the answer are
known without data.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql import allowed

_KNOWN = frozenset({"expressions", "fields", "columns", "alias", "pivot_column_naming"})


def spell_out_pivots(tree: exp.Expr) -> exp.Expr:
    """Raises Refused NOT_SUPPORTED for one without its list of literals, and for a statement without GROUP BY."""
    for subquery in [s for s in tree.find_all(exp.Subquery) if _is_statement(s.this)]:
        subquery.set("this", _as_select(subquery.this))
    queries = {fold(cte.alias): cte.this for cte in tree.find_all(exp.CTE)}
    for item in [t for t in tree.find_all(exp.Table) if t.args.get("pivots")]:
        _as_subquery(item, queries.get(fold(item.name)) if not item.db else None)
    for subquery in list(tree.find_all(exp.Subquery)):
        pivots = subquery.args.get("pivots") or []
        if pivots and not any(pivot.args.get("unpivot") for pivot in pivots):
            _spell_out(subquery, pivots)
    return _as_select(tree) if isinstance(tree, exp.Pivot) and _is_statement(tree) else tree


def _is_statement(node: object) -> bool:
    return isinstance(node, exp.Pivot) and isinstance(node.this, exp.Expr) and not node.args.get("unpivot")


def _as_select(pivot: exp.Pivot) -> exp.Select:
    group, keys = pivot.args.get("group"), pivot.expressions
    if len(keys) != 1 or group is None or not pivot.args.get("using"):
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    source = pivot.this if isinstance(pivot.this, exp.Subquery | exp.Table) else exp.Subquery(this=pivot.this)
    cells = _cells(pivot.args["using"], keys[0])
    spelled = exp.select(*(key.copy() for key in group.expressions), *cells).from_(source.copy())
    spelled.set("group", group.copy())
    spelled.set("with_", pivot.args.get("with_"))
    return spelled


def _as_subquery(item: exp.Table, query: exp.Expr | None) -> None:
    """A query by its name becomes one whose columns are named. Of a table they would be all, its key among them."""
    names = [e.alias_or_name for e in query.selects] if isinstance(query, exp.Query) else []
    if not names or "" in names or "*" in names:
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    read = exp.select(*(exp.column(name, quoted=True) for name in names)).from_(exp.Table(this=item.this.copy()))
    item.replace(exp.Subquery(this=read, alias=item.args.get("alias"), pivots=item.args["pivots"]))


def _spell_out(subquery: exp.Subquery, pivots: list[exp.Pivot]) -> None:
    pivot = pivots[0]
    fields = pivot.args.get("fields") or []
    inner = subquery.this
    names = [e.alias_or_name for e in inner.selects] if isinstance(inner, exp.Query) else []
    is_known = {name for name, value in pivot.args.items() if value} <= _KNOWN
    if len(pivots) > 1 or len(fields) != 1 or not is_known or not names or "" in names or "*" in names:
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    cells = _cells(pivot.expressions, fields[0])
    consumed = {fold(c.name) for e in (fields[0].this, *pivot.expressions) for c in e.find_all(exp.Column)}
    kept = [n for n in names if fold(n) not in consumed]
    alias = pivot.args.get("alias") or subquery.args.get("alias")
    spelled = exp.select(*(exp.column(n, quoted=True) for n in kept), *cells)
    spelled = spelled.from_(exp.Subquery(this=inner.copy(), alias=_alias("pivoted")))
    if kept:
        spelled = spelled.group_by(*(exp.column(n, quoted=True) for n in kept))
    subquery.replace(exp.Subquery(this=spelled, alias=alias.copy() if alias else _alias("pivot")))


def _cells(aggregates: list[exp.Expr], key: exp.Expr) -> list[exp.Expr]:
    """Each aggregate for each value; named by the value, and by the aggregate where that has a name."""
    values = key.expressions if isinstance(key, exp.In) else []
    named = all(isinstance(a, exp.Alias) for a in aggregates)
    if not values or not all(isinstance(v.unalias(), exp.Literal) for v in values) or not aggregates:
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    if len(aggregates) > 1 and not named:  # the engine would name them by their text
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    if len(values) * len(aggregates) > allowed.MAX_COLUMNS:
        raise Refused("TOO_COMPLEX", limit=allowed.MAX_COLUMNS)
    return [_cell(aggregate, key.this, value) for value in values for aggregate in aggregates]


def _cell(aggregate: exp.Expr, key: exp.Expr, value: exp.Expr) -> exp.Expr:
    literal = value.unalias()
    condition = exp.EQ(this=key.copy(), expression=literal.copy())
    cell = exp.Filter(this=aggregate.unalias().copy(), expression=exp.Where(this=condition))
    own = value.alias or literal.name
    return exp.alias_(cell, f"{own}_{aggregate.alias}" if aggregate.alias else own, quoted=True)


def _alias(name: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(name, quoted=True))
