"""`range`, `generate_series`, `unnest` of literals and calendars WITH RECURSIVE, each as one plain series or VALUES.

Only where every bound and step is a literal: then the rows are known before anything is looked at. Other forms stay as
they are, and nothing allows them.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.text import fold
from access_broker.sql.scopes import given, table_alias
from access_broker.sql.series import TESTS, Series, fits, point, series_of, step_of, walk

_COLUMN, _ITEM = "value", "series"


def spell_out_series(tree: exp.Query) -> None:
    """Raises Refused TOO_COMPLEX for a series that is too long."""
    for with_ in [w for w in tree.find_all(exp.With) if w.args.get("recursive")]:
        for cte in with_.expressions:
            _calendar(cte)
        if not any(_reads_itself(cte) for cte in with_.expressions):
            with_.set("recursive", None)
    for table in [t for t in tree.find_all(exp.Table) if isinstance(t.this, exp.GenerateSeries)]:
        _from_item(table, table.this, tree)
    for item in list(tree.find_all(exp.Unnest)):
        if len(item.expressions) == 1 and isinstance(item.parent, exp.From | exp.Join):
            _from_item(item, item.expressions[0], tree)
    for call in list(tree.find_all(exp.Explode)):
        _projected(call)
    for values in tree.find_all(exp.Values):
        _name_columns(values)


def _from_item(item: exp.Expr, listed: exp.Expr, tree: exp.Query) -> None:
    """A table function in FROM; the engine knows its column by the name of its table, and by the function's."""
    alias = item.args.get("alias")
    columns = alias.columns if alias else []
    source = _rows(listed)
    if source is None or len(columns) > 1 or not _only(item, "this", "expressions", "alias"):
        return
    own = "unnest"
    if isinstance(item, exp.Table):
        own = "range" if listed.args.get("is_end_exclusive") else "generate_series"
    name = (alias.name if alias else "") or own
    by_own = any(fold(c.name) == own and fold(c.table) in ("", fold(name)) for c in tree.find_all(exp.Column))
    column = columns[0].name if columns else own if by_own else name
    named = table_alias(name)
    item.replace(exp.Subquery(this=_select(source, column), alias=named))


def _projected(call: exp.Expr) -> None:
    """`SELECT unnest(…) AS x` without FROM: a row for each of what it lists."""
    told = call
    while isinstance(told.parent, exp.Paren) or type(told.parent) is exp.Cast:
        told = told.parent
    projection = told.parent if isinstance(told.parent, exp.Alias) else told
    select = projection.parent
    source = _rows(call.this)
    if source is None or not isinstance(select, exp.Select) or projection not in select.expressions:
        return
    if (
        not _only(select, "expressions", "with_", "order", "limit", "offset")
        or sum(1 for _ in select.find_all(exp.Explode)) > 1
    ):
        return
    column = exp.column(_COLUMN, table=_ITEM, quoted=True)
    name = projection.alias or "unnest"
    if told is call:
        projection.replace(exp.alias_(column, name, quoted=True))
    else:
        call.replace(column)
        projection.replace(exp.alias_(told.copy(), name, quoted=True))
    select.set("from_", exp.From(this=source))


def _calendar(cte: exp.CTE) -> None:
    """`SELECT <literal> UNION ALL SELECT x + <step> FROM m WHERE x < <literal>`; its type is the first row's."""
    union, columns = cte.this, cte.args["alias"].columns
    if not isinstance(union, exp.Union) or union.args.get("distinct") or not _only(union, "this", "expression"):
        return
    first, then = union.this, union.expression
    if not _is_select(first, "expressions") or not _is_select(then, "expressions", "from_", "where"):
        return
    if then.args.get("from_") is None:
        return
    anchor, taken = first.expressions[0], then.expressions[0].unalias()
    source, test = then.args["from_"].this, then.args["where"].this if then.args.get("where") else None
    column = columns[0].name if len(columns) == 1 else anchor.alias if not columns else ""
    passes = TESTS.get(type(test)) if test is not None else None
    if test is None or passes is None:
        return
    (start, kind), (end, _) = point(anchor.unalias()), point(test.expression)
    if kind == "DATE" and type(taken) is exp.Cast and taken.to.sql(dialect="duckdb") == "DATE":
        taken = taken.this.unnest()  # which the engine does by itself
    own = (fold(cte.alias), fold(column))
    if type(taken) is not exp.Add or not _is_column(taken.this, own) or not column or start is None or end is None:
        return
    step = step_of(taken.expression, kind, arithmetic=True)
    reads = isinstance(source, exp.Table) and _only(source, "this") and fold(source.name) == own[0]
    of_row, of_next = _is_column(test.this, own), test.this.unnest() == taken
    if not reads or step is None or not (of_row or of_next) or isinstance(start, int) != isinstance(end, int):
        return
    series = walk(start, step, lambda row, after: passes(row if of_row else after, end))
    if fits(kind, series.first, series.last):
        cte.set("this", _select(_table(series), column, kind))
        cte.args["alias"].set("columns", None)


def _rows(listed: exp.Expr) -> exp.Expr | None:
    """The FROM item that has what is listed as its rows: a series, or VALUES of literals."""
    series = series_of(listed)
    if series is not None:
        return _table(series)
    if not isinstance(listed, exp.Array) or not listed.expressions:
        return None
    values = exp.Values(expressions=[exp.Tuple(expressions=[e.copy()]) for e in listed.expressions])
    values.set("alias", _alias())
    return values


def _table(series: Series) -> exp.Table:
    return exp.Table(this=series.call(), alias=_alias())


def _alias() -> exp.TableAlias:
    return exp.TableAlias(this=exp.to_identifier(_ITEM, quoted=True), columns=[exp.to_identifier(_COLUMN, quoted=True)])


def _select(source: exp.Expr, column: str, kind: str = "") -> exp.Select:
    """`kind`: the type that its rows have, where it is not what a series has by itself."""
    value: exp.Expr = exp.column(_COLUMN, table=_ITEM, quoted=True)
    if kind in ("INT", "DATE"):
        value = exp.cast(value, kind)
    return exp.Select(expressions=[exp.alias_(value, column, quoted=True)], from_=exp.From(this=source))


def _name_columns(values: exp.Values) -> None:
    """What nobody named has the engine's names."""
    alias = values.args.get("alias") or table_alias("valueslist")
    if not alias.columns and values.expressions and isinstance(values.expressions[0], exp.Tuple):
        width = len(values.expressions[0].expressions)
        alias.set("columns", [exp.to_identifier(f"col{n}", quoted=True) for n in range(width)])
        values.set("alias", alias)


def _is_column(node: exp.Expr, own: tuple[str, str]) -> bool:
    return isinstance(node, exp.Column) and fold(node.name) == own[1] and fold(node.table) in ("", own[0])


def _is_select(node: exp.Expr, *parts: str) -> bool:
    return isinstance(node, exp.Select) and _only(node, *parts) and len(node.expressions) == 1


def _only(node: exp.Expr, *parts: str) -> bool:
    return given(node) <= set(parts)


def _reads_itself(cte: exp.CTE) -> bool:
    return any(fold(t.name) == fold(cte.alias) for t in cte.this.find_all(exp.Table))
