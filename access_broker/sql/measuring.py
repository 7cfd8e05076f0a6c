"""What an argument of an aggregate is made of: factors of what is measured, and constants.

`sum(income * 7 + 3)` is seven sums of `income` and three counts, whatever subquery the arithmetic stands in. What is
told of each can then be told of that alone, and arithmetic gives no other view of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import IntEnum

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.datasets import Mode
from access_broker.domain.decisions import Refused
from access_broker.sql.conditions import is_there
from access_broker.sql.lineage import Lineage
from access_broker.sql.scopes import items_of, strip
from access_broker.sql.statement import MARK_SELECT

_FIRST_DAY = date(2050, 1, 1)  # beyond the days there are, and near enough: a sum is off by it for each of five people


class Nature(IntEnum):
    """What somebody may know of the values before they are added up, most first."""

    CONSTANT = 0  # one value for all rows
    COUNTED = 1  # how many rows a person has
    KNOWN = 2  # values that one can ask for one by one: dimensions, open columns, released figures
    MEASURED = 3


@dataclass(frozen=True)
class Term:
    """`factor` times `of`, whose values are `scale` times what is really measured there, and `shift`."""

    factor: float
    of: exp.Expr
    nature: Nature
    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True)
class Form:
    """The sum of `terms`, no two of the same expression, and a constant."""

    terms: tuple[Term, ...] = ()
    constant: float = 0.0

    def times(self, factor: float) -> Form:
        return Form(tuple(replace(t, factor=t.factor * factor) for t in self.terms if factor), self.constant * factor)

    def plus(self, other: Form) -> Form:
        merged: dict[str, Term] = {}
        for term in (*self.terms, *other.terms):
            key = term.of.sql()
            known = merged.get(key)
            merged[key] = replace(term, factor=term.factor + known.factor) if known else term
        return Form(tuple(t for t in merged.values() if t.factor), self.constant + other.constant)


@dataclass(frozen=True)
class Branches:
    """A CASE, IF or COALESCE as its results. `constants`: the same with the constant part of each result alone."""

    forms: tuple[Form, ...]
    constants: exp.Expr

    @property
    def weight(self) -> float:
        """The largest constant."""
        return max(abs(form.constant) for form in self.forms)

    @property
    def terms(self) -> list[Term]:
        return [term for form in self.forms for term in form.terms]


class Measuring:
    """`select`: a narrowed SELECT. `tables`: published tables by their physical names."""

    def __init__(self, select: exp.Select, tables: dict[str, GrantedTable]) -> None:
        self._items, self._tables, self._lineage = items_of(select), tables, Lineage(select, tables)

    def form(self, node: exp.Expr) -> Form:
        """`node` must be an argument of an aggregate, or what a subquery offers as a column."""
        node = strip(node)
        if isinstance(node, exp.Literal) and not node.is_string:
            return Form((), float(node.name))
        if isinstance(node, exp.Neg):
            return self.form(node.this).times(-1)
        if isinstance(node, exp.Add | exp.Sub):
            return self.form(node.left).plus(self.form(node.right).times(-1 if isinstance(node, exp.Sub) else 1))
        if isinstance(node, exp.Mul | exp.Div):
            return self._scaled(node) or self._leaf(node)
        if isinstance(node, exp.Try) or (isinstance(node, exp.Cast | exp.TryCast) and node.to.this.name == "DOUBLE"):
            return self.form(node.this)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.AggFunc):
            return self._of_one_person(node)
        if isinstance(node, exp.DateDiff):
            return self._days(node)
        return self._leaf(node)

    def branches(self, node: exp.Expr) -> Branches | None:
        """None for what does not choose between results."""
        case = _as_case(strip(node))
        if case is None:
            return None
        results = [arm.args["true"] for arm in case.args["ifs"]]
        results += [case.args["default"]] if case.args.get("default") else []
        forms = []
        for result in results:
            form = self.form(result) if not isinstance(result, exp.Null) else Form()
            constant = form.constant + sum(t.factor * t.shift for t in form.terms)
            forms.append(Form(form.terms, constant))
            result.replace(exp.Literal.number(repr(constant)))
        return Branches(tuple(forms), case)

    def _scaled(self, node: exp.Binary) -> Form | None:
        left, right = self.form(node.left), self.form(node.right)
        if isinstance(node, exp.Div):
            return left.times(1 / right.constant) if not right.terms and right.constant else None
        return left.times(right.constant) if not right.terms else right.times(left.constant) if not left.terms else None

    def _days(self, node: exp.DateDiff) -> Form:
        """Days from or to a day that the asker names, as days of the calendar, shifted and perhaps turned round.

        Otherwise a day near the mean would leave a small number, three digits of which are all there is.
        """
        days = [_day(side) if not self._is_of_people(side) else None for side in (node.this, node.expression)]
        found = self._leaf(node)
        if days == [None, None] or len(found.terms) != 1:
            return found
        to, since = days
        scale, shift = (-1.0, to) if to is not None else (1.0, -(since or 0.0))
        return Form((replace(found.terms[0], scale=scale, shift=shift),))

    def _is_of_people(self, node: exp.Expr) -> bool:
        bases = [base for column in node.find_all(exp.Column) for base in self._lineage.of(column)]
        return any(table.entity is not None for table, _ in bases)

    def _leaf(self, node: exp.Expr) -> Form:
        """Something arithmetic does not look into. NULLIF leaves out values and changes none."""
        inner = self.form(node.this) if isinstance(node, exp.Nullif) else Form()
        if len(inner.terms) == 1:
            return _as_one(node, inner)
        natures = [t.nature for column in _shown_columns(node) for t in self._column(column).terms]
        return Form((Term(1.0, node, max(natures, default=Nature.CONSTANT)),))

    def _column(self, column: exp.Column) -> Form:
        known = Form((Term(1.0, column, Nature.KNOWN),))
        item = self._items.get(column.table)
        inner = item.unnest() if isinstance(item, exp.Subquery) else None
        if not isinstance(inner, exp.Select) or MARK_SELECT in inner.meta:  # VALUES, or released on the way
            return known
        found = next((e.unalias() for e in inner.expressions if e.alias_or_name == column.name), None)
        from_ = inner.args.get("from_")
        base = self._tables.get(from_.this.name) if from_ and isinstance(from_.this, exp.Table) else None
        if found is None:
            return known
        if base is None:
            form = Measuring(inner, self._tables).form(found)
            return form if not form.terms else _as_one(column, form)
        granted = base.column(found.name)
        measured = granted is not None and granted.mode is Mode.AGGREGATE
        return Form((Term(1.0, column, Nature.MEASURED if measured else Nature.KNOWN),))

    def _of_one_person(self, call: exp.AggFunc) -> Form:
        """An aggregate in a subquery with a row for each person."""
        if isinstance(call, exp.Count | exp.CountIf) or not isinstance(call.this, exp.Expr):
            return Form((Term(1.0, call, Nature.COUNTED),))
        form = self.form(call.this)
        if isinstance(call, exp.Sum) and not form.terms:
            return Form((Term(1.0, call, Nature.COUNTED, form.constant or 1.0),))
        if not isinstance(call, exp.Sum | exp.Avg | exp.Max | exp.Min):
            return Form((Term(1.0, call, max((t.nature for t in form.terms), default=Nature.KNOWN)),))
        return form if not form.terms else _as_one(call, form)


def _day(node: exp.Expr) -> float:
    """Which day of the calendar it is. Raises Refused where nobody can read it, as in a column of a list."""
    text = strip(node)
    text = text.this if isinstance(text, exp.Cast) else text
    try:
        return float((date.fromisoformat(text.name[:10]) - _FIRST_DAY).days)
    except ValueError:
        raise Refused("NOT_SUPPORTED", name="date_diff") from None


def _as_one(node: exp.Expr, form: Form) -> Form:
    """`node` as the one thing measured, of which `form` tells what it is made of further in."""
    first = form.terms[0]
    shift = form.constant + first.factor * first.shift
    if len(form.terms) > 1:
        scale = max(abs(t.factor * t.scale) for t in form.terms)
        return Form((Term(1.0, node, max(t.nature for t in form.terms), scale, form.constant),))
    return Form((Term(1.0, node, first.nature, first.factor * first.scale, shift),))


def _as_case(node: exp.Expr) -> exp.Case | None:
    """A copy in one form."""
    if isinstance(node, exp.Case):
        return node.copy()
    if isinstance(node, exp.If):
        arm = exp.If(this=node.this.copy(), true=node.args["true"].copy())
        other = node.args.get("false")
        return exp.Case(ifs=[arm], default=other.copy() if other is not None else None)
    if isinstance(node, exp.Coalesce):
        rest = [e.copy() for e in node.expressions] or [exp.null()]
        other = rest[0] if len(rest) == 1 else exp.Coalesce(this=rest[0], expressions=rest[1:])
        return exp.Case(ifs=[exp.If(this=is_there(node.this), true=node.this.copy())], default=other)
    return None


def _shown_columns(node: exp.Expr) -> list[exp.Column]:
    """The columns whose values show, not those that only decide which one does."""
    if isinstance(node, exp.Column):
        return [node]
    if isinstance(node, exp.Predicate | exp.Connector | exp.Not):
        return []
    case = _as_case(node)
    parts = (
        [*(arm.args["true"] for arm in case.args["ifs"]), case.args.get("default")] if case else node.iter_expressions()
    )
    return [column for part in parts if part is not None for column in _shown_columns(part)]
