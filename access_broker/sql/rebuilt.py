"""Queries that take the place of others, or are put around them."""

from __future__ import annotations

from typing import TypeVar

from sqlglot import exp

from access_broker.sql.scopes import table_alias

PLAIN = frozenset({"expressions", "from_", "joins", "where"})
"""The parts of a SELECT that shows rows, and does no more with them."""

_Kind = TypeVar("_Kind", bound=exp.Expr)


def innermost_first(tree: exp.Expr, *kinds: type[_Kind]) -> list[_Kind]:
    """The nodes of these kinds, each before those it stands in."""
    return list(reversed(list(tree.find_all(*kinds, bfs=False))))


def with_in_place(tree: exp.Query, old: exp.Query, new: exp.Query) -> exp.Query:
    """`tree` with `new` where `old` was; that may be all of it."""
    if old is tree:
        return new
    old.replace(new)
    return tree


def reads(outer: exp.Select, inner: exp.Query, name: str) -> exp.Select:
    """`outer` with `inner` as its only item of FROM."""
    outer.set("from_", exp.From(this=exp.Subquery(this=inner, alias=table_alias(name))))
    return outer
