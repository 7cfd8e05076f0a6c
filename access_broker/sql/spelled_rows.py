"""`SELECT 'F' AS code, 'Women' AS label UNION ALL SELECT 'M', 'Men'` as the VALUES that it lists.

Only where every cell is a literal, and all of a column are of one kind: what the engine makes of two kinds is its own
affair, and such a query stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from access_broker.sql.scopes import given, strip, table_alias

_ITEM = "__listed"


def spell_out_rows(tree: exp.Query) -> None:
    """In FROM and WITH."""
    for union in list(tree.find_all(exp.Union)):
        named = union.parent
        if not isinstance(named, exp.Subquery | exp.CTE) or given(union) - {"distinct"} != {"this", "expression"}:
            continue
        rows = list(_rows(union, distinct=bool(union.args.get("distinct"))))
        names = _names(union, named) if all(rows) else []
        if names and _are_alike(rows, len(names)) and _all_count(union, rows):
            union.replace(_values(names, rows))


def _rows(query: exp.Expr, *, distinct: bool) -> Iterator[list[exp.Expr]]:
    """The cells of each SELECT; [] for one that is no row of constants."""
    if isinstance(query, exp.Union) and bool(query.args.get("distinct")) == distinct:
        sides = (query.this, query.expression)
        if given(query) - {"distinct"} == {"this", "expression"}:
            for side in sides:
                yield from _rows(side, distinct=distinct)
            return
    plain = isinstance(query, exp.Select) and given(query) == {"expressions"}
    yield [strip(item.unalias()) for item in query.selects] if isinstance(query, exp.Select) and plain else []


def _names(union: exp.Union, named: exp.Subquery | exp.CTE) -> list[str]:
    """As the first SELECT has them; [] where one has none, and none is given around."""
    items = union.selects
    alias = named.args.get("alias")
    given_around = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
    names = given_around if len(given_around) == len(items) else [item.alias for item in items]
    return names if all(names) and len(set(names)) == len(names) else []


def _are_alike(rows: list[list[exp.Expr]], width: int) -> bool:
    return all(len(row) == width for row in rows) and all(
        len({_kind(cell) for cell in column}) == 1 and _kind(column[0]) for column in zip(*rows, strict=True)
    )


def _kind(cell: exp.Expr) -> str:
    """ "" for what is no plain literal."""
    if isinstance(cell, exp.Cast):
        of = cell.this
        return cell.to.sql() if type(cell) is exp.Cast and isinstance(of, exp.Literal) and of.is_string else ""
    number = cell.this if isinstance(cell, exp.Neg) else cell
    if isinstance(cell, exp.Literal) and cell.is_string:
        return "text"
    whole = isinstance(number, exp.Literal) and not number.is_string and number.name.isdigit() and len(number.name) < 9
    return "number" if whole else ""


def _all_count(union: exp.Union, rows: list[list[exp.Expr]]) -> bool:
    """UNION drops what stands there twice, in whatever digits: of texts and plain numbers one can tell."""
    told = [tuple(_told(cell) for cell in row) for row in rows]
    return not union.args.get("distinct") or (
        "" not in {cell for row in told for cell in row} and len({*told}) == len(rows)
    )


def _told(cell: exp.Expr) -> str:
    if isinstance(cell, exp.Literal):
        return f"'{cell.name}" if cell.is_string else str(int(cell.name))
    return f"-{int(cell.this.name)}" if isinstance(cell, exp.Neg) and int(cell.this.name) else ""


def _values(names: list[str], rows: list[list[exp.Expr]]) -> exp.Select:
    listed = exp.Values(expressions=[exp.Tuple(expressions=[cell.copy() for cell in row]) for row in rows])
    alias = table_alias(_ITEM)
    alias.set("columns", [exp.to_identifier(name, quoted=True) for name in names])
    listed.set("alias", alias)
    shown = [exp.column(name, table=_ITEM, quoted=True) for name in names]
    return exp.Select(expressions=shown, from_=exp.From(this=listed))
