"""`FROM (…) UNPIVOT (n FOR gender IN (f, m))` spelled out as a UNION ALL, before anything is looked at.

Each branch is the whole query again and keeps one of its columns, under the name that the list gives it.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql import allowed
from access_broker.sql.conditions import is_there
from access_broker.sql.rebuilt import innermost_first
from access_broker.sql.scopes import given, size_of, table_alias

MOST = 16
"""Columns that one UNPIVOT turns into rows."""
_PARTS = {"expressions", "fields", "unpivot", "include_nulls", "alias"}


def spell_out_unpivots(tree: exp.Query) -> None:
    """Raises Refused NOT_SUPPORTED for forms beside the plain one over named columns, TOO_COMPLEX for large ones."""
    for subquery in innermost_first(tree, exp.Subquery):
        pivots = subquery.args.get("pivots") or []
        if any(pivot.args.get("unpivot") for pivot in pivots):
            subquery.replace(_spelt_out(subquery, pivots))


def _spelt_out(subquery: exp.Subquery, pivots: list[exp.Pivot]) -> exp.Subquery:
    pivot, inner = pivots[0], subquery.this
    value, key, items = _parts(pivot) if len(pivots) == 1 else ("", "", [])
    names = {fold(e.alias_or_name): e.alias_or_name for e in inner.selects} if isinstance(inner, exp.Query) else {}
    turned = [fold(column) for column, _ in items]
    kept = [name for name in names if name not in turned]
    outputs = [*kept, fold(key), fold(value)]
    plain = names and not {"", "*"} & set(names) and len(names) == len(inner.selects)
    if not plain or not set(turned) <= set(names) or len(set(outputs)) < len(outputs) or _drawn_anew(inner):
        raise Refused("NOT_SUPPORTED", name="UNPIVOT")
    size = size_of(inner) * len(items)
    if len(items) > MOST or size > allowed.MAX_NODES:
        raise Refused("TOO_COMPLEX", limit=MOST if len(items) > MOST else allowed.MAX_NODES)
    branches: list[exp.Query] = []
    for column, label in items:
        told = exp.Literal.string(names[fold(column)] if label is None else label)
        branch = exp.select(
            *(exp.column(names[name], quoted=True) for name in kept),
            exp.alias_(told, key, quoted=True),
            exp.alias_(exp.column(column, quoted=True), value, quoted=True),
        ).from_(exp.Subquery(this=inner.copy(), alias=table_alias("turned")))
        if not pivot.args.get("include_nulls"):
            branch.set("where", exp.Where(this=is_there(exp.column(column, quoted=True))))
        branches.append(branch)
    union: exp.Query = branches[0]
    for more in branches[1:]:
        union = exp.Union(this=union, expression=more, distinct=False)
    return exp.Subquery(this=union, alias=pivot.args.get("alias") or table_alias("unpivoted"))


def _parts(pivot: exp.Pivot) -> tuple[str, str, list[tuple[str, str | None]]]:
    """The name of the values, the name of the names, and (column, its label) for each; nothing for other forms."""
    values, fields = pivot.expressions, pivot.args.get("fields") or []
    if given(pivot) <= _PARTS and len(values) == len(fields) == 1 and isinstance(fields[0], exp.In):
        key, items = fields[0].this, [_item(item) for item in fields[0].expressions]
        if isinstance(values[0], exp.Identifier) and isinstance(key, exp.Identifier) and all(c for c, _ in items):
            return values[0].name, key.name, items
    return "", "", []


def _item(node: exp.Expr) -> tuple[str, str | None]:
    column = node.this if isinstance(node, exp.PivotAlias) else node
    bare = isinstance(column, exp.Column) and isinstance(column.this, exp.Identifier) and not column.table
    return (column.name if bare else ""), (node.args["alias"].name if isinstance(node, exp.PivotAlias) else None)


def _drawn_anew(query: exp.Query) -> bool:
    """May the query give other rows when it runs a second time?"""
    cut = any(n.args.get("limit") and not n.args.get("order") for n in query.find_all(exp.Query))
    return cut or query.find(exp.TableSample) is not None
