"""How a value follows from what it is computed of: whether it still is the column, and how long a text may become."""

from __future__ import annotations

from dataclasses import replace

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.branches import BRANCHES
from access_broker.sql.lineage import NUMBERS
from access_broker.sql.relations import Shape, Value, combine
from access_broker.sql.scopes import strip

_LENGTHEN = (exp.DPipe, exp.Concat, exp.ConcatWs)
_MOST_TEXTS = 32  # columns one text may be put together from
_MEASURING_TYPES = frozenset({"DOUBLE"})


_MEASURES = NUMBERS | {
    "DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE",
}  # fmt: skip


def is_measured(type_: str) -> bool:
    """Are the values of such a column numbers or dates, all of them?"""
    name, _, within = type_.partition("(")
    return name in _MEASURES and (not within or within.endswith(")"))


def made_of(node: exp.Expr, children: list[exp.Expr], values: list[Value]) -> Value:
    """The value of `node`, whose `children` have `values`. Raises Refused TOO_COMPLEX for texts that grow."""
    hides = _hides_a_constant(node, children, values) or _marks_the_padded(children, values, node)
    found = combine(*values, shape=Shape.OPAQUE if hides else shape_of(node, values))
    length = sum(v.length for v in values) if isinstance(node, _LENGTHEN) else found.length * _factor(node)
    if length > _MOST_TEXTS and not found.released:
        # a text that doubles in every query around it ends in an error, and only for rows that get there
        raise Refused("TOO_COMPLEX", limit=_MOST_TEXTS)
    return replace(found, length=length)


def _factor(node: exp.Expr) -> int:
    """How many times as long `replace` may make a text."""
    if not isinstance(node, exp.Replace):
        return 1
    sought, put = node.expression, node.args.get("replacement")
    if not isinstance(sought, exp.Literal) or not isinstance(put, exp.Literal):
        return _MOST_TEXTS + 1
    return max(1, -(-len(put.name) // max(1, len(sought.name))))


def _hides_a_constant(node: exp.Expr, children: list[exp.Expr], values: list[Value]) -> bool:
    """Arithmetic over rows whose other operand is not a literal one can see, or that goes on with what was computed

    further in: there a constant of any size may hide, and a huge one makes arithmetic a comparison.
    """
    if not isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Coalesce) or all(v.released for v in values):
        return False
    of_people = [v for v in values if not v.released]
    if len(of_people) > 1 and any(child.find(*BRANCHES) for child in children):
        return True  # whom a branch takes and who has the other value may be one person, and nobody would count them
    if len({v.is_count for v in of_people}) > 1:
        return True  # what may be known is hidden behind what may not
    for child, value in zip(children, values, strict=True):
        bare = strip(child)
        seen = isinstance(bare, exp.Literal | exp.Interval) or _is_negative_literal(bare)
        if value.released and not seen:
            return True
        if not value.released and isinstance(_unwrapped(bare), exp.Column) and value.plain is None:
            return True
    return False


def _unwrapped(node: exp.Expr) -> exp.Expr:
    """What is only converted, or turned round."""
    while isinstance(node, exp.Paren | exp.Cast | exp.TryCast | exp.Neg):
        node = node.this
    return node


def _marks_the_padded(children: list[exp.Expr], values: list[Value], node: exp.Expr) -> bool:
    """A number other than 0 for whom an outer join found nothing: a sum of it counts them."""
    if not isinstance(node, exp.Coalesce) or not values[0].padded:
        return False
    instead = [strip(child) for child in children[1:]]
    return not all(isinstance(e, exp.Literal) and not e.is_string and float(e.name) == 0 for e in instead)


def _is_negative_literal(node: exp.Expr) -> bool:
    return isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal)


def shape_of(node: exp.Expr, values: list[Value]) -> Shape:
    """How a compound follows from its parts; OPAQUE unless a row below says otherwise."""
    shapes = [v.shape for v in values]
    if all(s is Shape.CONSTANT for s in shapes):
        return Shape.CONSTANT
    if Shape.OPAQUE in shapes:
        return Shape.OPAQUE
    if any(isinstance(child, exp.Interval) for child in node.iter_expressions()):
        return Shape.OPAQUE  # beyond the last day there is NULL: a comparison
    if isinstance(node, exp.Neg | exp.Add | exp.Sub):
        return Shape.AFFINE
    if isinstance(node, exp.Mul):
        return Shape.AFFINE if Shape.CONSTANT in shapes or set(shapes) == {Shape.PLAIN} else Shape.OPAQUE
    if isinstance(node, exp.Div):
        return Shape.AFFINE if shapes[-1] is Shape.CONSTANT else Shape.OPAQUE
    if isinstance(node, exp.Coalesce):
        return Shape.AFFINE if all(s is Shape.CONSTANT for s in shapes[1:]) else Shape.OPAQUE
    if isinstance(node, exp.DateDiff):
        days = str(node.args.get("unit") or "").upper().strip("'") == "DAY"  # a coarser unit is a comparison
        return Shape.AFFINE if days and max(shapes) is Shape.PLAIN else Shape.OPAQUE
    if isinstance(node, exp.Year) or (isinstance(node, exp.Extract) and node.name.upper() == "YEAR"):
        return Shape.AFFINE if set(shapes) == {Shape.PLAIN} else Shape.OPAQUE
    if isinstance(node, exp.Cast | exp.TryCast):
        return Shape.AFFINE if node.to.this.name in _MEASURING_TYPES else Shape.OPAQUE
    return Shape.OPAQUE
