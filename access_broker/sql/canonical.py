"""One spelling for questions that differ in words only, so that asking again in other words is asking again.

Names of tables and columns, order of conditions, subqueries that only pass rows on, negations and comparisons turned
round: whatever is equal for all data whatsoever. What the data at hand make equal is none of it: an answer that is
free because the data are the same tells that they are the same.
"""

from __future__ import annotations

import hashlib

from sqlglot import exp
from sqlglot.optimizer.merge_subqueries import merge_subqueries
from sqlglot.optimizer.simplify import simplify

from access_broker.sql.brackets import put_brackets
from access_broker.sql.parse import DIALECT
from access_broker.sql.scopes import from_items
from access_broker.sql.statement import MARK_READ


def canonical(select: exp.Select) -> str:
    """The text of a narrowed SELECT in one spelling. `select` stays as it is."""
    tree = select.copy()
    _rename(tree, {}, [0])
    try:
        plain = _simple(tree)
    except Exception:
        # A day after the last one, a unit or a mixture of types that the simplifier reckons with and cannot: its own
        # words must do. It is then another question than the same in other words, charged anew, never told for less.
        plain = tree
    _rename(plain, {}, [0])
    return _printed(plain)


def _simple(tree: exp.Expr) -> exp.Expr:
    plain: exp.Expr = simplify(merge_subqueries(_negated_inside(tree.transform(_plain))))
    again = plain.transform(_plain)
    if _printed(again) != _printed(plain):
        plain = simplify(again)
    return plain


def _printed(tree: exp.Expr) -> str:
    put_brackets(tree)  # or two questions would be one
    return tree.sql(dialect=DIALECT, comments=False, normalize_functions="upper")


def _negated_inside(tree: exp.Expr) -> exp.Expr:
    """`NOT (a OR b OR …)` as `NOT a AND NOT b AND …`, at once: the simplifier would read all of it for every part."""
    for node in list(tree.find_all(exp.Not)):
        of = node.this.unnest()
        if isinstance(of, exp.And | exp.Or):
            node.replace(exp.Paren(this=_turned(of)))
    return tree


def _turned(of: exp.Expr) -> exp.Expr:
    parts = []
    for part in of.flatten():
        inner = part.unnest()
        parts.append(_turned(inner) if isinstance(inner, exp.And | exp.Or) else exp.Not(this=part))
    return exp.or_(*parts, copy=False) if isinstance(of, exp.And) else exp.and_(*parts, copy=False)


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _rename(node: exp.Expr, known: dict[str, str], counter: list[int]) -> None:
    """Aliases of FROM items by their order, in every query as it sees them."""
    if isinstance(node, exp.Select):
        known = known | _own_names(node, counter)
    if isinstance(node, exp.Column) and node.table in known:
        node.set("table", exp.to_identifier(known[node.table], quoted=True))
    for child in list(node.iter_expressions()):
        _rename(child, known, counter)


def _own_names(select: exp.Select, counter: list[int]) -> dict[str, str]:
    names: dict[str, str] = {}
    for item in from_items(select):
        counter[0] += 1
        name = f"f{counter[0]}"
        names[item.alias_or_name] = name
        if isinstance(item, exp.Table) and not item.alias:
            for column in select.expressions:  # of a published table, offered under no name of its own
                for leaf in column.find_all(exp.Column):
                    leaf.set("table", exp.to_identifier(name, quoted=True))
        alias = item.args.get("alias")
        columns = alias.args.get("columns") if alias else None
        item.set("alias", exp.TableAlias(this=exp.to_identifier(name, quoted=True), columns=columns))
        item.meta.pop(MARK_READ, None)
    return names


def _plain(node: exp.Expr) -> exp.Expr:
    """Forms that sqlglot's simplifier leaves apart."""
    if isinstance(node, exp.Paren) and isinstance(node.this, exp.Column | exp.Literal | exp.Paren):
        return node.this
    if isinstance(node, exp.In) and node.expressions and not node.args.get("query"):
        values = sorted({e.sql(): e for e in node.expressions}.items())
        if len(values) == 1:
            return exp.EQ(this=node.this, expression=values[0][1])
        return exp.In(this=node.this, expressions=[e for _, e in values])
    if isinstance(node, exp.Like) and node.expression.is_string and not set("%_\\") & set(node.expression.name):
        kind = exp.NEQ if node.args.get("negate") else exp.EQ
        return kind(this=node.this, expression=node.expression)
    if isinstance(node, exp.Or):
        return _listed(node)
    return node


def _listed(node: exp.Or) -> exp.Expr:
    """`x = 1 OR x = 2` as `x IN (1, 2)`."""
    parts = [part.unnest() for part in node.flatten()]
    equal = [p for p in parts if isinstance(p, exp.EQ) and isinstance(p.right, exp.Literal)]
    if len(equal) != len(parts) or len({p.left.sql() for p in equal}) != 1:
        return node
    values = {p.right.sql(): p.right for p in equal}
    return exp.In(this=equal[0].left, expressions=[values[text] for text in sorted(values)])
