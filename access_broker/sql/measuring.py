"""What an argument of an aggregate is made of: factors of what is measured, and constants.

`sum(income * 7 + 3)` is seven sums of `income` and three counts, whatever subquery the arithmetic stands in. What is
told of each can then be told of that alone, and arithmetic gives no other view of it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.datasets import Mode
from access_broker.domain.decisions import Refused
from access_broker.sql.arithmetic import number
from access_broker.sql.conditions import both, call_and_filter, filtered, is_there
from access_broker.sql.lineage import NUMBERS, Lineage
from access_broker.sql.room import Room
from access_broker.sql.scopes import items_of, strip
from access_broker.sql.spelling import function_name
from access_broker.sql.statement import MARK_SELECT
from access_broker.sql.terms import Form, Nature, Term

_PART = "__part"
_TIMES_OFFERED = 10  # a column more in a subquery is looked up by all that comes after
_FIRST_DAY = date(2050, 1, 1)  # beyond the days there are, and near enough: a sum is off by it for each of five people


class Measuring:
    """`select`: a narrowed SELECT. `tables`: published tables by their physical names.

    Where a subquery adds several things up, it is given a column for each: `select` is changed.
    """

    def __init__(self, select: exp.Select, tables: dict[str, GrantedTable]) -> None:
        self._items, self._tables, self._lineage = items_of(select), tables, Lineage(select, tables)
        self._room = Room(select)
        self._inside: dict[str, Measuring] = {}
        self._known: dict[tuple[str, str], Form] = {}

    def form(self, node: exp.Expr) -> Form:
        """`node` must be an argument of an aggregate, or what a subquery offers as a column.

        Raises Refused NOT_SUPPORTED for what would be another view of the same with every factor somebody chooses.
        """
        node = strip(node)
        if isinstance(node, exp.Literal) and not node.is_string:
            return Form((), float(node.name))
        if isinstance(node, exp.Neg):
            return self.form(node.this).times(-1)
        if isinstance(node, exp.Add | exp.Sub):
            return self._added(node)
        if isinstance(node, exp.Mul | exp.Div):
            return self._scaled(node) or self._leaf(node)
        if isinstance(node, exp.Try | exp.Nullif):  # NULLIF leaves out rows and changes no value
            return self.form(node.this)
        if isinstance(node, exp.Cast | exp.TryCast):
            return self._converted(node)
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, exp.AggFunc | exp.Filter):
            return self._of_one_person(node)
        if isinstance(node, exp.DateDiff):
            return self._days(node)
        if isinstance(node, exp.Year) or (isinstance(node, exp.Extract) and node.name.upper() == "YEAR"):
            return Form(tuple(replace(term, years=True) for term in self._leaf(node).terms))
        case = _as_case(node)
        return self._branching(case) if case is not None else self._leaf(node)

    def _added(self, node: exp.Expr) -> Form:
        """However many summands, one after the other: a sum of hundreds is no deeper than one of two."""
        whole = Form()
        while isinstance(node, exp.Add | exp.Sub):
            right = self.form(node.right).times(-1 if isinstance(node, exp.Sub) else 1)
            whole, node = right.plus(whole), strip(node.left)
        return self.form(node).plus(whole)

    def _branching(self, case: exp.Case) -> Form:
        """Each thing measured, and each constant, in the branches that have it: as if a FILTER took their rows."""
        results = [arm.args["true"] for arm in case.args["ifs"]]
        results += [case.args["default"]] if case.args.get("default") else []
        forms = {place: self.form(r) for place, r in enumerate(results) if not isinstance(strip(r), exp.Null)}
        found: dict[tuple[str, float], tuple[Term, list[int]]] = {}
        for place, form in forms.items():
            constant = (Term(form.constant, exp.Literal.number(1), Nature.CONSTANT),) if form.constant else ()
            for term in (*form.terms, *constant):
                found.setdefault((term.key, term.factor), (term, []))[1].append(place)
        whole = Form()
        for term, places in found.values():
            taken = None if len(places) == len(forms) else _picked(case, places)
            if term.key == "1 " and taken is None:
                whole = whole.plus(Form((), term.factor))
            else:
                whole = whole.plus(Form((term.among(taken),)))
        return whole

    def _converted(self, node: exp.Cast | exp.TryCast) -> Form:
        """A factor is one before a conversion to fewer digits as well."""
        kind = node.to.this.name
        if kind not in NUMBERS:
            return self._leaf(node)
        form = self.form(node.this)
        plain = len(form.terms) == 1 and form.terms[0].factor == 1 and not form.constant and form.terms[0].taken is None
        return self._leaf(node) if plain and kind != "DOUBLE" else form

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
        """Something arithmetic does not look into."""
        natures = [t.nature for column in _shown_columns(node) for t in self._column(column).terms]
        return Form((Term(1.0, node, max(natures, default=Nature.CONSTANT)),))

    def _column(self, column: exp.Column) -> Form:
        known = Form((Term(1.0, column, Nature.KNOWN),))
        item = self._items.get(column.table)
        inner = item.unnest() if isinstance(item, exp.Subquery) else None
        if not isinstance(item, exp.Subquery) or not isinstance(inner, exp.Select):  # VALUES
            return known
        if MARK_SELECT in inner.meta:  # released on the way
            return known
        found = next((e.unalias() for e in inner.expressions if e.alias_or_name == column.name), None)
        from_ = inner.args.get("from_")
        base = self._tables.get(from_.this.name) if from_ and isinstance(from_.this, exp.Table) else None
        if found is None:
            return known
        if base is None:
            form = self._from_within(item, inner, column, found)
            return _as_one(column, form) if form.is_one else form
        granted = base.column(found.name)
        measured = granted is not None and granted.mode is Mode.AGGREGATE
        return Form((Term(1.0, column, Nature.MEASURED if measured else Nature.KNOWN),))

    def _from_within(self, item: exp.Subquery, inner: exp.Select, column: exp.Column, found: exp.Expr) -> Form:
        """Once for each column: it would double with every query of many in each other that names one twice."""
        key = (column.table, column.name)
        if key not in self._known:
            inside = self._inside.setdefault(column.table, Measuring(inner, self._tables))
            form = inside.form(found)
            self._known[key] = form if form.is_one or not form.terms else self._offered(item, inner, form)
        return self._known[key]

    def _offered(self, item: exp.Subquery, inner: exp.Select, form: Form) -> Form:
        """The same of a subquery with several terms, each of which it now offers as a column of its own."""
        alias = item.args.get("alias")
        if inner.args.get("distinct") or (alias is not None and alias.args.get("columns")):
            raise Refused("NOT_SUPPORTED", name="DISTINCT")
        terms = []
        for term in form.terms:
            self._room.take(term.of, term.taken, times=_TIMES_OFFERED)
            shown = term.of.copy()
            if term.taken is not None:
                shown = exp.Case(ifs=[exp.If(this=term.taken.copy(), true=shown)])
            column = exp.column(_offer(inner, shown), table=item.alias_or_name, quoted=True)
            terms.append(replace(term, of=column, taken=is_there(column) if term.taken is not None else None))
        return Form(tuple(terms), form.constant)

    def _of_one_person(self, node: exp.Expr) -> Form:
        """An aggregate in a subquery with a row for each person."""
        call, taken = call_and_filter(node)
        if isinstance(call, exp.Count | exp.CountIf) or not isinstance(call.this, exp.Expr):
            return Form((Term(1.0, node, Nature.COUNTED),))
        form = self.form(call.this)
        if isinstance(call, exp.Sum) and not form.terms:
            return Form((Term(1.0, node, Nature.COUNTED, form.constant or 1.0),))
        if isinstance(call, exp.Sum | exp.Avg) and not (form.is_one and not form.constant):
            return self._of_ones_parts(call, both(taken, is_there(call.this)), form)
        if not form.is_even:
            raise Refused("NOT_SUPPORTED", name=function_name(call))
        if not isinstance(call, exp.Sum | exp.Avg | exp.Max | exp.Min):
            return Form((Term(1.0, node, max((t.nature for t in form.terms), default=Nature.KNOWN)),))
        return form if not form.terms else _as_one(node, form)

    def _of_ones_parts(self, call: exp.Expr, rows: exp.Expr | None, form: Form) -> Form:
        """A sum or mean by its terms: a constant counts a person's rows."""
        count = filtered(exp.Count(this=exp.Star()), rows)
        is_sum = isinstance(call, exp.Sum)
        whole = Form((), 0.0 if is_sum else form.constant)
        for term in form.terms:
            of = filtered(exp.Sum(this=term.of.copy()), both(rows, term.taken))
            if term.of.sql() == "1":
                of = filtered(exp.Count(this=exp.Star()), both(rows, term.taken))
            part = of if is_sum else exp.Div(this=of, expression=exp.Nullif(this=count, expression=number(0)))
            nature = Nature.COUNTED if term.nature is Nature.CONSTANT else term.nature
            shown = replace(term, of=part, nature=nature, taken=is_there(part) if term.taken is not None else None)
            whole = whole.plus(Form((shown,)))
        if form.constant and is_sum:
            whole = whole.plus(Form((Term(form.constant, count, Nature.COUNTED),)))
        return whole


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
    nature = max(t.nature for t in form.terms)
    return Form((Term(1.0, node, nature, first.factor * first.scale, shift, years=first.years),))


def _offer(inner: exp.Select, shown: exp.Expr) -> str:
    """The name under which `inner` has it as a column."""
    known = (e.alias for e in inner.expressions if e.alias.startswith(_PART) and e.unalias().sql() == shown.sql())
    name = next(known, f"{_PART}{len(inner.expressions)}")
    if name not in [e.alias for e in inner.expressions]:
        inner.append("expressions", exp.alias_(shown, name, quoted=True))
    return name


def _picked(case: exp.Case, places: list[int]) -> exp.Expr:
    """Whether a row takes one of these branches."""
    picks = case.copy()
    for place, arm in enumerate(picks.args["ifs"]):
        arm.set("true", exp.true() if place in places else exp.false())
    if picks.args.get("default"):
        picks.set("default", exp.true() if len(picks.args["ifs"]) in places else exp.false())
    return picks


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
