"""Outputs that a grouping leaves out are NULL in its rows, and only there: no row is chosen or counted by that NULL.

Of `SELECT gender AS g … WHERE g <> 'F' GROUP BY ROLLUP (gender)` the condition reads the column, in every grouping. The
name would be taken for the output, which is NULL where all are counted: such names are refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.text import fold
from access_broker.sql.scopes import is_window_call, own_nodes, spelled


def name_of(node: exp.Expr) -> str:
    """The spelling under which a key is found again before names are looked up."""
    return spelled(node)


def check_names_of_keys(select: exp.Select, keys: Collection[str]) -> None:
    """`keys`: the spellings of what `select` is grouped by. Raises Refused AMBIGUOUS_NAME."""
    left_out = _left_out(select, keys)
    for column in _of_rows(select) if left_out else ():
        if not column.table and fold(column.name) in left_out:
            raise Refused("AMBIGUOUS_NAME", name=column.name)


def _left_out(select: exp.Select, keys: Collection[str]) -> set[str]:
    """The names of outputs that a grouping may leave out, and that no column has that would come first."""
    found: set[str] = set()
    for shown in select.expressions:
        if not isinstance(shown, exp.Alias):
            continue
        name, parts = fold(shown.alias), list(_outside_calls(shown.this))
        columns = {fold(part.name): part for part in parts if isinstance(part, exp.Column)}
        is_key = any(isinstance(part, exp.Grouping) or name_of(part) in keys for part in parts)
        is_column = name in columns and name not in found and not (columns[name].table and select.args.get("joins"))
        if (is_key or found & set(columns)) and not is_column:
            found.add(name)
    return found


def _outside_calls(node: exp.Expr) -> Iterator[exp.Expr]:
    yield node
    for child in node.iter_expressions():
        if not isinstance(child, exp.Query | exp.AggFunc | exp.Filter):
            yield from _outside_calls(child)


def _of_rows(select: exp.Select) -> Iterator[exp.Column]:
    """The columns that a row is chosen or counted by."""
    parts = [*select.expressions, *(select.args.get(name) for name in ("having", "qualify", "order"))]
    calls = [
        n for part in parts if part is not None for n in own_nodes(part) if isinstance(n, exp.AggFunc | exp.Filter)
    ]
    rows = [select.args.get("where"), *(select.args.get("joins") or []), *(c for c in calls if not is_window_call(c))]
    for part in rows:
        yield from (n for n in own_nodes(part) if isinstance(n, exp.Column)) if part is not None else ()
