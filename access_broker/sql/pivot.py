"""`FROM (…) PIVOT (sum(n) FOR gender IN ('F', 'M'))` spelled out as GROUP BY with FILTER, before names are resolved.

Only the form with a list of literals over a subquery with named columns: its output columns are known without data.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.identifiers import known_as


def spell_out_pivots(tree: exp.Query) -> None:
    for subquery in list(tree.find_all(exp.Subquery)):
        pivots = subquery.args.get("pivots") or []
        if pivots:
            _spell_out(subquery, pivots)


def _spell_out(subquery: exp.Subquery, pivots: list[exp.Pivot]) -> None:
    pivot = pivots[0]
    fields = pivot.args.get("fields") or []
    inner = subquery.this
    names = [e.alias_or_name for e in inner.selects] if isinstance(inner, exp.Query) else []
    if len(pivots) > 1 or len(fields) != 1 or len(pivot.expressions) != 1 or not names or "" in names or "*" in names:
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    key, aggregate = fields[0], pivot.expressions[0].unalias()
    if not isinstance(key, exp.In) or not all(isinstance(v.unalias(), exp.Literal) for v in key.expressions):
        raise Refused("NOT_SUPPORTED", name="PIVOT")
    consumed = {key.this.name} | {c.name for c in aggregate.find_all(exp.Column)}
    kept = [n for n in names if n not in consumed]
    alias = pivot.args.get("alias") or subquery.args.get("alias")
    cells = [_cell(aggregate, key.this, value) for value in key.expressions]
    spelled = exp.select(*(exp.column(n, quoted=True) for n in kept), *cells)
    spelled = spelled.from_(exp.Subquery(this=inner.copy(), alias=_alias("__pivoted")))
    if kept:
        spelled = spelled.group_by(*(exp.column(n, quoted=True) for n in kept))
    subquery.replace(exp.Subquery(this=spelled, alias=alias.copy() if alias else _alias("__pivot")))


def _cell(aggregate: exp.Expr, key: exp.Expr, value: exp.Expr) -> exp.Expr:
    literal = value.unalias()
    condition = exp.EQ(this=key.copy(), expression=literal.copy())
    cell = exp.Filter(this=aggregate.copy(), expression=exp.Where(this=condition))
    return exp.alias_(cell, value.alias or known_as(literal.name), quoted=True)


def _alias(name: str) -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(name, quoted=True))
