"""`amanat_percentile(x, p)`: about the p-quantile of x, as the mean of at least k neighbouring values.

A true quantile is one person's value. Here the n values are sorted and cut into cells of half a block; the answer is
the mean of two cells side by side, those around p. The size of a block is k, or the least of 2k, 4k, 8k… that is 5 % of
n: it does not follow n in small steps, or the difference of two answers would be that of two people.

Cells are counted from both ends, as far as a block is left in the middle. That is told as a whole and never in part, so
that the blocks of -x are those of x: of blocks that a minus would move, some sum would be a single value. Together with
it the cells are everybody: left out, the few in the middle would be told by the sum of all. Below three blocks the
answer is the mean of all.

Where nearly all values of a block are one and the same, zeros say, their mean with the few others would be those few.
Then the answer is that one value: fewer than half of k others are not told of.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.arithmetic import LETTING, filled, let, step_by_step
from access_broker.sql.conditions import call_and_filter, filtered, is_there
from access_broker.sql.spelling import function_name

NAME = "amanat_percentile"
LEAST, MOST = Decimal("0.05"), Decimal("0.95")
AGGREGATES, FUNCTIONS = (
    frozenset({"avg", "count", "list"}),
    frozenset({"list_sort", "list_slice", "list_aggr", "log2"}) | LETTING,
)
"""What the engine calls for it."""
MOST_CALLS = 12
"""In one statement; of more the engine could not tell its plan in the room it has."""

_TEACHING = (exp.Quantile, exp.ApproxQuantile, exp.WithinGroup)
"""Quantiles under names no contract can allow; refused with the code that says what to use instead."""
_CELL = "{half} * CAST(POW(2, GREATEST(0, CEIL(LOG2(GREATEST(n, 1) / {full}.0)))) AS BIGINT)"
_SIDE = "CASE WHEN n < 6 * h THEN 0 ELSE n // (2 * h) - 1 END"  # how many cells there are on each side of the middle
_FROM_THE_END = (
    "CASE WHEN {share} * n >= side * h THEN side"
    " ELSE LEAST(side - 2, GREATEST(0, CAST(ROUND({share} * n / h - 1) AS BIGINT))) END"
)
_ENDS = {
    True: "[t * h, CASE WHEN t = side THEN n - t * h ELSE (t + 2) * h END]",
    False: "[CASE WHEN t = side THEN t * h ELSE n - (t + 2) * h END, n - t * h]",
}
_MEAN = (
    "LIST_AVG(CASE"
    " WHEN LIST_SLICE(s, -{few}, -{few}) = LIST_SLICE(s, 1, 1) THEN LIST_SLICE(s, 1, 1)"
    " WHEN LIST_SLICE(s, {few}, {few}) = LIST_SLICE(s, -1, -1) THEN LIST_SLICE(s, -1, -1)"
    " ELSE s END)"
)
_SLICE = "LIST_SLICE(LIST_SORT(v), first + 1, last)"
_INSIDE = "CASE WHEN c > 0 AND p > first AND p <= last THEN 1 ELSE 0 END"


def read_percentiles(tree: exp.Expr) -> None:
    """Give every `amanat_percentile(x, p)` of a fresh tree its node, an `exp.Quantile`, which nobody can type.

    `WITHIN GROUP` says of an order is said in the call.

    Raises Refused AGGREGATE_NOT_ALLOWED for a quantile by another name, NOT_SUPPORTED for arguments that do not fit,
    TOO_COMPLEX for more than a statement may have.
    """
    for ordered in list(tree.find_all(exp.WithinGroup)):
        _as_called_plainly(ordered)
    if found := tree.find(*_TEACHING):
        name = found.this.sql_name().lower() if isinstance(found, exp.WithinGroup) else function_name(found)
        raise Refused("AGGREGATE_NOT_ALLOWED", "S3-P5", name=name)
    calls = [n for n in tree.find_all(exp.Anonymous) if n.name.lower() == NAME]
    if len(calls) > MOST_CALLS:
        raise Refused("TOO_COMPLEX", limit=MOST_CALLS)
    for call in calls:
        if len(call.expressions) != 2 or not _is_share(call.expressions[1]) or call.find(exp.Distinct):
            raise Refused("NOT_SUPPORTED", name=f"{NAME}: (x, 0.05 … 0.95)")
        value, share = call.expressions
        call.replace(exp.Quantile(this=value.copy(), quantile=share.copy()))


def _as_called_plainly(ordered: exp.WithinGroup) -> None:
    """`percentile_cont(0.5) WITHIN GROUP (ORDER BY x)` as `quantile_cont(x, 0.5)`, of which a policy can say something.

    Downwards it would be the quantile of what is left of the share, and so it is not read.
    """
    call, order = ordered.this, ordered.expression
    if not isinstance(call, exp.PercentileCont | exp.PercentileDisc) or call.expression is not None:
        return
    keys = order.expressions if isinstance(order, exp.Order) else []
    share = call.this
    plain = len(keys) == 1 and not keys[0].args.get("desc") and not keys[0].args.get("with_fill")
    if plain and isinstance(share, exp.Literal) and not share.is_string and float(share.name) <= 1:
        ordered.replace(type(call)(this=keys[0].this.copy(), expression=share.copy()))


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
    ends = _ends(filled("LEN(v)", v=values), Decimal(call.args["quantile"].name), k)
    return let("s", let(("first", "last"), ends, filled(_SLICE, v=values)), filled(_MEAN.format(few=(k + 1) // 2)))


def _ends(count: exp.Expr, share: Decimal, k: int) -> exp.Expr:
    """How many of `count` sorted values lie before the block around `share`, and up to its end, as a list of two."""
    half, low = (k + 1) // 2, share <= Decimal("0.5")
    place = _FROM_THE_END.format(share=share if low else 1 - share)
    return step_by_step(
        ("n", count), {"h": _CELL.format(half=half, full=40 * half), "side": _SIDE, "t": place}, _ENDS[low]
    )


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
    ends = _ends(exp.Cast(this=among, to=exp.DataType.build("BIGINT")), share, k)
    return let(("first", "last"), ends, filled(_INSIDE, c=count, p=place))


def _is_share(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Literal) or node.is_string:
        return False
    try:
        return LEAST <= Decimal(node.name) <= MOST
    except InvalidOperation:
        return False
