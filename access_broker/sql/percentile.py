"""`amanat_percentile(x, p)`: about the p-quantile of x, as the mean of at least k neighbouring values.

A true quantile is one person's value. Here the n values are sorted and cut into cells of half a block; the answer is
the mean of two cells side by side, those around p. The size of a block is k, or the least of 2k, 4k, 8k… that is 5 % of
n: it does not follow n in small steps, or the difference of two answers would be that of two people. Cells are counted
from both ends, and the one above the middle takes what is left over, so that together they are everybody: left out,
those few would be told by the sum of all. Below two blocks the answer is the mean of all.

Where nearly all values of a block are one and the same, zeros say, their mean with the few others would be those few.
Then the answer is that one value: fewer than half of k others are not told of.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

import sqlglot
from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.conditions import call_and_filter, filtered, is_there
from access_broker.sql.spelling import function_name

NAME = "amanat_percentile"
LEAST, MOST = Decimal("0.05"), Decimal("0.95")
AGGREGATES, FUNCTIONS = (
    frozenset({"avg", "count", "list"}),
    frozenset({"list_sort", "list_slice", "list_aggr", "log2"}),
)
"""What the engine calls for it."""

_TEACHING = (exp.Quantile, exp.ApproxQuantile, exp.WithinGroup)
"""Quantiles under names no contract can allow; refused with the code that says what to use instead."""
_HALF = "({half} * CAST(POW(2, GREATEST(0, CEIL(LOG2(GREATEST(n, 1) / {full}.0)))) AS BIGINT))"
_BLOCKS = "GREATEST(1, n // (2 * h))"
_FROM_THE_END = "LEAST(b - 1, GREATEST(0, CAST(ROUND({share} * n / h - 1) AS BIGINT)))"
_LOW = "t * h", "CASE WHEN t = b - 1 THEN n - t * h ELSE (t + 2) * h END"
_HIGH = "CASE WHEN t >= b - 2 THEN (2 * b - 2 - t) * h ELSE n - (t + 2) * h END", "n - t * h"
_MEAN = (
    "LIST_AVG(CASE"
    " WHEN LIST_SLICE(l, (last) - few + 1, (last) - few + 1) = LIST_SLICE(l, (first) + 1, (first) + 1)"
    " THEN LIST_SLICE(l, (first) + 1, (first) + 1)"
    " WHEN LIST_SLICE(l, (first) + few, (first) + few) = LIST_SLICE(l, (last), (last))"
    " THEN LIST_SLICE(l, (last), (last))"
    " ELSE LIST_SLICE(l, (first) + 1, (last)) END)"
)


def read_percentiles(tree: exp.Expr) -> None:
    """Give every `amanat_percentile(x, p)` of a fresh tree its node, an `exp.Quantile`, which nobody can type.

    Raises Refused AGGREGATE_NOT_ALLOWED for a quantile by another name, NOT_SUPPORTED for arguments that do not fit.
    """
    if found := tree.find(*_TEACHING):
        name = found.this.sql_name().lower() if isinstance(found, exp.WithinGroup) else function_name(found)
        raise Refused("AGGREGATE_NOT_ALLOWED", "S3-P5", name=name)
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
    call, taken = call_and_filter(node)
    there = is_there(call.this)
    rows = there if taken is None else exp.and_(exp.Paren(this=taken.copy()), there)
    values = filtered(exp.ArrayAgg(this=call.this.copy()), rows)
    count = filtered(exp.Count(this=exp.Star()), rows)
    first, last = block(count, Decimal(call.args["quantile"].name), k)
    few = exp.Literal.number((k + 1) // 2)
    return _filled(_MEAN, l=_filled("LIST_SORT(v)", v=values), first=first, last=last, few=few)


def block(count: exp.Expr, share: Decimal, k: int) -> tuple[exp.Expr, exp.Expr]:
    """(how many of `count` sorted values lie below the block around `share`, how many up to its end)."""
    half = (k + 1) // 2
    cell = _filled(_HALF.format(half=half, full=40 * half), n=count)
    blocks = _filled(_BLOCKS, n=count, h=cell)
    place = _filled(_FROM_THE_END.format(share=min(share, 1 - share)), n=count, h=cell, b=blocks)
    parts = {"n": count, "h": cell, "b": blocks, "t": place}
    first, last = (_filled(end, **parts) for end in (_LOW if share <= Decimal("0.5") else _HIGH))
    return first, last


def in_block(count: exp.Expr, order: list[exp.Expr], groups: list[exp.Expr], share: Decimal, k: int) -> exp.Expr:
    """1 for a row of a grouped query whose value is in the block, else 0.

    `count`: 1 for rows that have a value. `order`: the value, then what decides between equal ones. `groups`: the keys
    of those among whom it lies.
    """
    among = exp.Window(this=exp.Sum(this=count.copy()), partition_by=[key.copy() for key in groups])
    upwards = exp.Order(expressions=[exp.Ordered(this=e.copy(), nulls_first=False) for e in order])
    so_far = exp.WindowSpec(kind="ROWS", start="UNBOUNDED", start_side="PRECEDING", end="CURRENT ROW")
    place = among.copy()
    place.set("order", upwards)
    place.set("spec", so_far)
    first, last = block(among, share, k)
    inside = "CASE WHEN c > 0 AND p > (first) AND p <= (last) THEN 1 ELSE 0 END"
    return _filled(inside, c=count, p=place, first=first, last=last)


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
