"""`amanat_percentile(x, p)`: about the p-quantile of x, as the mean of at least k neighbouring values.

A true quantile is one person's value. Here the n values are sorted and cut into blocks of n/b each, b being the largest
number with max(k, 5 % of n) values a block, and the answer is the mean of the block around p. A block may begin at
every half block and nowhere else: were it to move by single values, the difference of two answers would be that of two
people. Below two blocks it is the mean of all.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import sqlglot
from sqlglot import exp

from access_broker.domain.decisions import Refused

NAME = "amanat_percentile"
LEAST, MOST = Decimal("0.05"), Decimal("0.95")
AGGREGATES, FUNCTIONS = frozenset({"array_agg", "avg", "count"}), frozenset({"list_sort", "list_slice", "list_aggr"})
"""What the engine calls for it."""

_TEACHING = (exp.Quantile, exp.ApproxQuantile, exp.WithinGroup)
"""Quantiles under names no contract can allow; refused with the code that says what to use instead."""
_BLOCKS = "GREATEST(1, n // GREATEST({k}, CAST(CEIL(n / 20.0) AS BIGINT)))"
_PLACE = "GREATEST(0, LEAST(2 * b - 2, CAST(ROUND({twice_p} * b - 1) AS BIGINT)))"
_MEAN = "LIST_AVG(LIST_SLICE(LIST_SORT(v), (j * n) // (2 * b) + 1, ((j + 2) * n) // (2 * b)))"


def read_percentiles(tree: exp.Expr) -> None:
    """Give every `amanat_percentile(x, p)` of a fresh tree its node, an `exp.Quantile`, which nobody can type.

    Raises Refused AGGREGATE_NOT_ALLOWED for a quantile by another name, NOT_SUPPORTED for arguments that do not fit.
    """
    if found := tree.find(*_TEACHING):
        name = found.this.sql_name() if isinstance(found, exp.WithinGroup) else found.sql_name()  # type: ignore[attr-defined]
        raise Refused("AGGREGATE_NOT_ALLOWED", "S3-P5", name=name.lower())
    for call in [n for n in tree.find_all(exp.Anonymous) if n.name.lower() == NAME]:
        if len(call.expressions) != 2 or not _is_share(call.expressions[1]) or call.find(exp.Distinct):
            raise Refused("NOT_SUPPORTED", name=f"{NAME}: (x, 0.05 … 0.95)")
        value, share = call.expressions
        call.replace(exp.Quantile(this=value.copy(), quantile=share.copy()))


def as_typed(node: exp.Expr) -> exp.Expr:
    """`node` with the name the asker used."""
    return node.transform(
        lambda n: (
            exp.Anonymous(this=NAME, expressions=[n.this, n.args["quantile"]]) if isinstance(n, exp.Quantile) else n
        )
    )


def neighbours(node: exp.Expr, k: int) -> exp.Expr:
    """The expression that computes `node`, a quantile with or without FILTER, of at least `k` values."""
    call = node.this if isinstance(node, exp.Filter) else node
    there = exp.Not(this=exp.Is(this=exp.Paren(this=call.this.copy()), expression=exp.null()))
    taken = exp.and_(exp.Paren(this=node.expression.this.copy()), there) if isinstance(node, exp.Filter) else there
    where = exp.Where(this=taken)
    values = exp.Filter(this=exp.ArrayAgg(this=call.this.copy()), expression=where)
    count = exp.Filter(this=exp.Count(this=exp.Star()), expression=where.copy())
    twice_p = 2 * Decimal(call.args["quantile"].name)
    blocks = _filled(_BLOCKS.format(k=k), n=count)
    place = _filled(_PLACE.format(twice_p=twice_p), b=blocks)
    return _filled(_MEAN, v=values, n=count, b=blocks, j=place)


def _filled(template: str, **parts: exp.Expr) -> exp.Expr:
    tree = sqlglot.parse_one(template, dialect="duckdb")
    return tree.transform(lambda n: parts[n.name].copy() if isinstance(n, exp.Column) and n.name in parts else n)


def _is_share(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Literal) or node.is_string:
        return False
    try:
        return LEAST <= Decimal(node.name) <= MOST
    except InvalidOperation:
        return False
