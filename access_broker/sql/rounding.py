"""Answer mode `rounded`: counts to multiples of five, measures to three significant digits, up or down by lot.

The lot is drawn from the rows behind the cell, by the numbers of their entities, which nobody outside can know, and
never from the text: the same cell rounds the same in whatever words it is asked, so that averaging over rewordings
gains nothing. On average neither up nor down is preferred. What is measured of constants only, `sum(1)` or the mean
of a CASE that yields 0 and 1, is a count in disguise and is rounded like one. Rounding slows reconstruction, it does
not stop it (docs/threat-model.md); it is a term of the contract, not a guarantee.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from access_broker.sql.auditing import AuditCell
from access_broker.sql.parse import DIALECT

COUNT_BASE = 5
DIGITS = 3
AGGREGATES, FUNCTIONS = frozenset({"bit_xor", "count"}), frozenset({"hash"})
"""What the engine calls for it."""

_COUNTS = frozenset({"count", "count_star", "count_if"})
_LOTS = 2**20
_COUNT = f"CAST((x + CAST(lot % {COUNT_BASE} AS BIGINT)) // {COUNT_BASE} * {COUNT_BASE} AS BIGINT)"
_WEIGHED = f"(FLOOR(CAST(x AS DOUBLE) / b + CAST(lot % {COUNT_BASE} AS DOUBLE) / {COUNT_BASE}.0 + 1e-9) * b)"
_MEASURE = (
    "CASE WHEN x = 0 THEN 0 ELSE "
    f"ROUND(FLOOR(CAST(x AS DOUBLE) * POW(10, places) + CAST(lot % {_LOTS} AS DOUBLE) / {_LOTS}.0) "
    "/ POW(10, places), places) END"
)


def rounded(node: exp.Expr, cell: AuditCell, entities: list[exp.Expr]) -> exp.Expr:
    """`node`, an aggregate call, wrapped so that only its rounded value exists outside.

    `entities`: the entity columns of its rows, one for all that are tied, in an order that no wording changes.
    """
    rows = cell.made_of()
    if cell.function in _COUNTS:
        return _count(node, entities, rows)
    weight = _largest_constant(cell)
    if weight is None or cell.function not in ("sum", "avg"):
        return _measure(node, DIGITS if weight is None else 1, _lot(entities, rows, "measure"))
    base, lot = exp.Literal.number(repr(COUNT_BASE * weight)), _lot(entities, _not_zero(cell, rows), "count")
    if cell.function == "sum":
        return _filled(_WEIGHED, x=node, lot=lot, b=base)
    people = _of_rows(exp.Count(this=exp.Star()), rows)  # a mean of zeros and ones is one count by another
    total = _filled(_WEIGHED, x=exp.Paren(this=exp.Mul(this=node, expression=people.copy())), lot=lot, b=base)
    return exp.Div(this=total, expression=_filled("NULLIF(n, 0)", n=_count(people, entities, rows)))


def _count(node: exp.Expr, entities: list[exp.Expr], rows: exp.Expr | None) -> exp.Expr:
    return _filled(_COUNT, x=node, lot=_lot(entities, rows, "count"))


def _measure(node: exp.Expr, digits: int, lot: exp.Expr) -> exp.Expr:
    places = _filled(f"CAST({digits - 1} - FLOOR(LOG10(ABS(x))) AS INTEGER)", x=node)
    return _filled(_MEASURE, x=node, lot=lot, places=places)


def _lot(entities: list[exp.Expr], made_of: exp.Expr | None, kind: str) -> exp.Expr:
    """A number that follows from the cell's rows and from nothing else."""
    digests = [_of_rows(exp.BitwiseXorAgg(this=entity.copy()), made_of) for entity in entities]
    rows = _of_rows(exp.Count(this=entities[0].copy()), made_of)  # what the tests for k people count anyway
    return exp.func("hash", *digests, rows, exp.Literal.string(kind))


def _not_zero(cell: AuditCell, made_of: exp.Expr | None) -> exp.Expr | None:
    """The rows that count: a CASE that yields 0 for the others is a FILTER in other words."""
    argument = cell.arguments[0]
    if not argument.find(exp.Column):
        return made_of
    other = exp.NEQ(this=exp.Paren(this=argument.copy()), expression=exp.Literal.number(0))
    return exp.and_(made_of, other) if made_of is not None else other


def _of_rows(aggregate: exp.Expr, made_of: exp.Expr | None) -> exp.Expr:
    if made_of is None:
        return aggregate
    return exp.Filter(this=aggregate, expression=exp.Where(this=made_of.copy()))


def _largest_constant(cell: AuditCell) -> float | None:
    """The largest constant of an argument that measures nothing but constants; None for one that measures a column."""
    shown = [part for argument in cell.arguments for part in _shown(argument)]
    if any(isinstance(part, exp.Column) for part in shown) or not cell.arguments:
        return None
    numbers = [abs(float(part.name)) for part in shown if isinstance(part, exp.Literal) and not part.is_string]
    return max(numbers, default=0.0) or 1.0


def _shown(node: exp.Expr) -> Iterator[exp.Expr]:
    """The columns and constants whose values show in an argument, not those that only decide which one is taken."""
    if isinstance(node, exp.Column | exp.Literal):
        yield node
    elif isinstance(node, exp.Case):
        for result in (*(arm.args["true"] for arm in node.args["ifs"]), node.args.get("default")):
            yield from _shown(result) if result is not None else ()
    elif isinstance(node, exp.If):
        for result in (node.args.get("true"), node.args.get("false")):
            yield from _shown(result) if result is not None else ()
    elif not isinstance(node, exp.Predicate | exp.Connector | exp.Not):
        for child in node.iter_expressions():
            yield from _shown(child)


def _filled(template: str, **parts: exp.Expr) -> exp.Expr:
    tree = sqlglot.parse_one(template, dialect=DIALECT)
    return tree.transform(lambda n: parts[n.name].copy() if isinstance(n, exp.Column) and n.name in parts else n)
