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
"""Nodes that one query may have once its references are copies."""
_COPIED = 10 * allowed.MAX_NODES
"""Nodes that are copied for one statement: many CTEs may each be a large query of those before it."""


def inline_ctes(tree: exp.Query) -> exp.Query:
    """Raises Refused TOO_COMPLEX before the copies grow beyond reason."""
    inliner = _Inliner()
    for holder in sorted(_holders(tree), key=lambda node: -node.depth):  # innermost first
        with_ = holder.args["with_"]
        known: dict[str, tuple[exp.Expr, int]] = {}
        for cte in with_.expressions:
            known[cte.alias] = (cte.this, inliner.replace_in(cte.this, known))
        holder.set("with_", None)
        inliner.replace_in(holder, known)
        _check(size_of(tree))
    return tree


def _holders(tree: exp.Query) -> list[exp.Expr]:
    return [node for node in tree.walk() if node.args.get("with_")]


class _Inliner:
    def __init__(self) -> None:
        self._copied = 0

    def replace_in(self, query: exp.Expr, known: dict[str, tuple[exp.Expr, int]]) -> int:
        """`known`: CTEs with their sizes. Returns the size that `query` has afterwards."""
        whole = size_of(query)
        for table in list(query.find_all(exp.Table)):
            body, size = known.get(table.name, (None, 0)) if not table.db else (None, 0)
            if body is None:
                continue
            alias = table.args.get("alias")
            if (alias is not None and alias.columns) or table.args.get("sample"):
                raise Refused("NOT_SUPPORTED", name="COLUMN ALIASES")
            whole, self._copied = whole + size, self._copied + size
            _check(whole)
            if self._copied > _COPIED:
                raise Refused("TOO_COMPLEX", limit=_COPIED)
            named = table_alias(table.alias_or_name)
            table.replace(exp.Subquery(this=body.copy(), alias=named))
        return whole


def _check(size: int) -> None:
    if size > _MOST:
        raise Refused("TOO_COMPLEX", limit=_MOST)
