"""Every reference to a CTE becomes a subquery of its own.

Two references are two occurrences of the same rows. Analysed as one, a condition on the one would seem to hold for the
other; inlined, each has its own sources, and what ties them must be said by a join.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql import allowed
from access_broker.sql.scopes import size_of, table_alias

_MOST = 3 * allowed.MAX_NODES


def inline_ctes(tree: exp.Query) -> exp.Query:
    """Raises Refused TOO_COMPLEX when the copies grow beyond reason."""
    for holder in sorted(_holders(tree), key=lambda node: -node.depth):  # innermost first
        with_ = holder.args["with_"]
        known: dict[str, exp.Expr] = {}
        for cte in with_.expressions:
            known[cte.alias] = _replaced(cte.this, known)
        holder.set("with_", None)
        _replace_in(holder, known)
        if size_of(tree) > _MOST:
            raise Refused("TOO_COMPLEX", limit=_MOST)
    return tree


def _holders(tree: exp.Query) -> list[exp.Expr]:
    return [node for node in tree.walk() if node.args.get("with_")]


def _replaced(query: exp.Expr, known: dict[str, exp.Expr]) -> exp.Expr:
    _replace_in(query, known)
    if size_of(query) > _MOST:
        raise Refused("TOO_COMPLEX", limit=_MOST)
    return query


def _replace_in(query: exp.Expr, known: dict[str, exp.Expr]) -> None:
    for table in list(query.find_all(exp.Table)):
        body = known.get(table.name) if not table.db else None
        if body is None:
            continue
        alias = table.args.get("alias")
        if (alias is not None and alias.columns) or table.args.get("sample"):
            raise Refused("NOT_SUPPORTED", name="COLUMN ALIASES")
        named = table_alias(table.alias_or_name)
        table.replace(exp.Subquery(this=body.copy(), alias=named))
