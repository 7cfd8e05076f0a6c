"""`avg(coalesce(v.n, 0))` of what a LEFT JOIN adds to people as `sum(v.n) / count(*)`, and `sum` as `sum(v.n)`.

A zero for whoever has nothing changes no sum, so the sum is of those who have something, and needs enough of them.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.scopes import is_window_call, strip


def spell_out_zeros(tree: exp.Query) -> None:
    """`tree` is qualified."""
    for call in list(tree.find_all(exp.Avg, exp.Sum)):
        column = _filled_with_zero(call.this)
        plain = column is not None and not is_window_call(call) and not isinstance(call.parent, exp.Filter)
        if column is None or not plain or not _is_added(column, call.parent_select):
            continue
        total = exp.Sum(this=column.copy())
        if isinstance(call, exp.Avg):
            everybody = exp.Count(this=exp.Star(), big_int=True)
            call.replace(exp.Paren(this=exp.Div(this=total, expression=everybody, typed=False, safe=False)))
        else:
            call.replace(total)


def _filled_with_zero(node: exp.Expr) -> exp.Column | None:
    """The column of `coalesce(column, 0)`."""
    node = strip(node)
    if not isinstance(node, exp.Coalesce) or len(node.expressions) != 1:
        return None
    column, instead = strip(node.this), strip(node.expressions[0])
    is_zero = isinstance(instead, exp.Literal) and not instead.is_string and float(instead.name) == 0
    return column if is_zero and isinstance(column, exp.Column) else None


def _is_added(column: exp.Column, select: exp.Expr | None) -> bool:
    joins = select.args.get("joins") or [] if select is not None else []
    return any(join.this.alias_or_name == column.table and (join.side or "").upper() == "LEFT" for join in joins)
