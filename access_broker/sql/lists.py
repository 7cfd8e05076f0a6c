"""Lists that only ask whether something is one of them, as IN; and texts that are cut like lists, as `substring`.

`x = ANY ([1, 2])`, `x = ANY (SELECT …)`, `list_contains([1, 2], x)`, `x IN (VALUES (1), (2))`: `x IN (…)`.
`x <> ALL (…)`: `NOT x IN (…)`. `city[1:4]`, `city[:4]`, `city[2]`: `substring(city, 1, 4)` and so on.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.scopes import strip


def spell_out_lists(tree: exp.Query) -> None:
    """Raises Refused NOT_SUPPORTED for VALUES of several columns."""
    for node in list(tree.find_all(exp.EQ, exp.NEQ, exp.ArrayContains, exp.In, exp.Bracket)):
        if isinstance(node, exp.Bracket):
            _cut(node)
        elif isinstance(node, exp.ArrayContains):
            if node.this.find(exp.Null) is None:  # of a list with NULL in it the engine says no, where IN says NULL
                _replace(node, node.expression, _items(node.this))
        elif isinstance(node, exp.In):
            _values(node)
        elif isinstance(node, exp.EQ) and isinstance(node.expression, exp.Any):
            _replace(node, node.this, _items(node.expression.this))
        elif isinstance(node, exp.NEQ) and (listed := _all_of(node.expression)) is not None:
            _replace(node, node.this, _items(listed), denied=True)


def _items(listed: exp.Expr) -> dict[str, object]:
    """What IN takes for it; nothing for what is no list that stands there, and no query."""
    listed = strip(listed)
    if isinstance(listed, exp.Array):
        return {"expressions": [e.copy() for e in listed.expressions]}
    query = listed.unnest() if isinstance(listed, exp.Subquery) else listed
    return {"query": exp.Subquery(this=query.copy())} if isinstance(query, exp.Query) else {}


def _replace(node: exp.Expr, asked: exp.Expr, items: dict[str, object], *, denied: bool = False) -> None:
    if items.get("query") or items.get("expressions"):
        found: exp.Expr = exp.In(this=asked.copy(), **items)
        node.replace(exp.Paren(this=exp.Not(this=found) if denied else found))


def _all_of(node: exp.Expr) -> exp.Expr | None:
    """The parser knows ALL of a query, and takes that of a list for a function."""
    if isinstance(node, exp.All):
        return node.this if isinstance(node.this, exp.Expr) else None
    called = isinstance(node, exp.Anonymous) and node.name.upper() == "ALL" and len(node.expressions) == 1
    return node.expressions[0] if called else None


def _values(node: exp.In) -> None:
    listed = [e for e in node.expressions if isinstance(e, exp.Values)]
    if not listed:
        return
    rows = listed[0].expressions
    if len(node.expressions) > 1 or any(len(row.expressions) != 1 for row in rows):
        raise Refused("NOT_SUPPORTED", name="VALUES")
    node.set("expressions", [row.expressions[0].copy() for row in rows])


def _cut(node: exp.Bracket) -> None:
    """Of a column, from a place to a place that are written out. The parser counts single places from 0."""
    part = node.expressions[0] if len(node.expressions) == 1 else None
    if not isinstance(node.this, exp.Column) or part is None:
        return
    if isinstance(part, exp.Slice):
        first, last = _place(part.this, 1), _place(part.expression, 0)
    else:
        place = _place(part, -1)
        first = last = place + 1 if place is not None else None
    if first is None or last is None or first < 1 or (part.args.get("expression") is not None and last < first):
        return
    length = exp.Literal.number(last - first + 1) if last else None
    node.replace(exp.Substring(this=node.this.copy(), start=exp.Literal.number(first), length=length))


def _place(node: exp.Expr | None, absent: int) -> int | None:
    if node is None:
        return absent
    return int(node.name) if isinstance(node, exp.Literal) and node.is_int else None
