"""The query that adds up, for answer mode `dp`, what each person adds to each group, within bounds."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from access_broker.sql.conditions import is_there
from access_broker.sql.quantities import Quantity
from access_broker.sql.statement import Statement


def totals(
    statement: Statement,
    source: exp.Select,
    by: Sequence[exp.Expr],
    person: exp.Expr,
    quantities: Sequence[Quantity],
    groups: int | None,
) -> Statement:
    """Keys as text and the sum of each quantity, in whole units, by group. `groups`: how many one person counts in;

    None where nobody can be in several. Three steps: what each person adds to a group; in which groups the person
    counts; the sums.
    """
    added = source.copy()
    keys = [f"k{n}" for n in range(len(by))]
    cast = [exp.Cast(this=key.copy(), to=exp.DataType.build("VARCHAR")) for key in by]
    added.set("expressions", [exp.alias_(e, name, quoted=True) for e, name in zip(cast, keys, strict=True)])
    added.append("expressions", exp.alias_(person.copy(), "person", quoted=True))
    for n, quantity in enumerate(quantities):
        added.append("expressions", exp.alias_(_cut(quantity), f"a{n}", quoted=True))
    added.set("group", exp.Group(expressions=[*(key.copy() for key in by), person.copy()]))
    counted: exp.Select = exp.select(*(_column(name) for name in keys)).from_(added.subquery("__one"))
    counted = counted.where(is_there(_column("person")), copy=False)
    if groups is not None:
        counted = _in_some_groups(counted, keys, len(quantities), groups)
    for n in range(len(quantities)):
        total = exp.Coalesce(this=exp.Sum(this=_column(f"a{n}")), expressions=[exp.Literal.number(0)])
        counted.append("expressions", exp.alias_(exp.TryCast(this=total, to=exp.DataType.build("BIGINT")), f"t{n}"))
    if keys:
        counted = counted.group_by(*(_column(name) for name in keys), copy=False)
    return statement.beside(counted, ("count", "count_star", "sum"), ("hash",))


def _in_some_groups(counted: exp.Select, keys: list[str], quantities: int, groups: int) -> exp.Select:
    """A person counts in `groups` groups, chosen by nothing but the person and the group."""
    lot = exp.func("hash", *(_column(name) for name in ("person", *keys)))
    order = exp.Order(expressions=[exp.Ordered(this=lot, nulls_first=False)])
    place = exp.Window(this=exp.RowNumber(), partition_by=[_column("person")], order=order, over="OVER")
    named = [*keys, "person", *(f"a{n}" for n in range(quantities))]
    chosen = exp.select(*(_column(name) for name in named), exp.alias_(place, "place", quoted=True))
    chosen.set("from_", counted.args["from_"])
    few = exp.LTE(this=_column("place"), expression=exp.Literal.number(groups))
    counted.set("from_", exp.From(this=chosen.subquery("__some")))
    return counted.where(few, copy=False)


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True)


def _number(value: float) -> exp.Expr:
    told = exp.Literal.number(repr(abs(value)))
    return exp.Neg(this=told) if value < 0 else told


def _cut(quantity: Quantity) -> exp.Expr:
    """What one person adds, within the bounds, in whole units. Nothing and what is no number add nothing."""
    if quantity.expression is None:
        return exp.Literal.number(1)
    added = exp.Coalesce(this=quantity.expression.copy(), expressions=[exp.Literal.number(0)])
    cut = exp.Greatest(
        this=_number(quantity.low), expressions=[exp.Least(this=_number(quantity.high), expressions=[added])]
    )
    if quantity.is_count:
        return exp.TryCast(this=cut, to=exp.DataType.build("BIGINT"))
    scaled = exp.Div(this=exp.Paren(this=cut), expression=exp.Literal.number(repr(quantity.unit)))
    return exp.Coalesce(
        this=exp.TryCast(this=exp.Round(this=scaled), to=exp.DataType.build("BIGINT")),
        expressions=[exp.Literal.number(0)],
    )
