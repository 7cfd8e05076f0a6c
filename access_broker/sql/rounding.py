"""Answer mode `rounded`: counts to multiples of five, measures to three significant digits, up or down by lot.

The lot is drawn from the rows behind a cell, by the numbers of their entities, which nobody outside can know, and never
from the text: the same cell rounds the same in whatever words it is asked, so that averaging over rewordings gains
nothing. On average neither up nor down is preferred.

What is rounded is what is measured, not what arithmetic makes of it: `sum(income * 7 + 3)` is seven times the rounded
sum and three times the rounded count (`sql/measuring.py`). What adds up constants only, `sum(1)` or the mean of a CASE
that yields 0 and 1, is a count in disguise and is rounded like one. So is what adds up a column of zeros and ones, or
of any one value, `sum(birth_year)` where it is 1990. Rounding slows reconstruction, it does not stop it
(docs/disclosure.md); it is a term of the contract, not a guarantee.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.sql.arithmetic import divided, filled, number, plus, scaled, without
from access_broker.sql.auditing import AuditCell, Guard
from access_broker.sql.conditions import filtered
from access_broker.sql.lineage import Lineage
from access_broker.sql.measuring import Branches, Measuring, Nature, Term
from access_broker.sql.relations import SelectInfo
from access_broker.sql.units import SPREADS, shift_of, unit_of

COUNT_BASE = 5
DIGITS = 3
AGGREGATES, FUNCTIONS = frozenset({"bit_xor", "count", "max", "min"}), frozenset({"hash"})
"""What the engine calls for it."""

_COUNTS = frozenset({"count", "count_star", "count_if"})
_LOTS = 2**20
_COUNT = f"CAST((x + CAST(lot % {COUNT_BASE} AS BIGINT)) // {COUNT_BASE} * {COUNT_BASE} AS BIGINT)"
_WEIGHED = (  # up or down as the count of the same rows goes, whatever the sign
    f"(FLOOR(ABS(CAST(x AS DOUBLE)) / b + CAST(lot % {COUNT_BASE} AS DOUBLE) / {COUNT_BASE}.0 + 1e-9) * b"
    " * CASE WHEN x < 0 THEN -1 ELSE 1 END)"
)
_MEASURE = (
    "CASE WHEN x = 0 THEN 0 ELSE "
    f"ROUND(FLOOR(CAST(x AS DOUBLE) * POW(10, places) + CAST(lot % {_LOTS} AS DOUBLE) / {_LOTS}.0 + 1e-9) "
    "/ POW(10, places), places) END"
)
_PLACES = "CAST({last} - FLOOR(LOG10(ABS(x))) AS INTEGER)"
_DIGITS = f"ROUND(CAST(ABS(x) AS DOUBLE), {_PLACES.format(last=DIGITS - 1)})"
_EITHER = "CASE WHEN least = most THEN counts ELSE measure END"
_COARSE_PLACES = f"LEAST({_PLACES}, CAST(-CEIL(LOG10({COUNT_BASE} * LEAST(ABS(least), ABS(most)))) AS INTEGER))"


class Rounder:
    """Of one aggregating SELECT: `info`, whose guards are `guards`. `tables`: those of its sources, by source."""

    def __init__(self, info: SelectInfo, guards: list[Guard], tables: dict[str, GrantedTable]) -> None:
        by_name = {table.physical: table for table in tables.values()}
        self._guards = guards
        self._measuring, self._lineage = Measuring(info.node, by_name), Lineage(info.node, by_name)
        self._entities = _drawn_from(info, guards, tables)

    def rounded(self, node: exp.Expr, cell: AuditCell) -> exp.Expr:
        """`node`, an aggregate call, wrapped so that only its rounded value exists outside."""
        return _Cell(self._measuring, self._entities, self._counted(cell), cell).rounded(node)

    def _counted(self, cell: AuditCell) -> exp.Expr | None:
        """The entity column of the people whom `count(DISTINCT …)` counts; None where it counts something else."""
        argument = cell.arguments[0] if cell.distinct and cell.arguments else None
        bases = self._lineage.of(argument) if isinstance(argument, exp.Column) else []
        if argument is None or not bases or not all(table.entity == name for table, name in bases):
            return None
        tables = {table.key for table, _ in bases}
        own = [g.entity for g in self._guards if g.entity.text("table") == argument.text("table")]
        return next((e for e in own if {table.key for table, _ in self._lineage.of(e)} == tables), None)


def _drawn_from(info: SelectInfo, guards: list[Guard], tables: dict[str, GrantedTable]) -> list[exp.Expr]:
    """The entities whose rows these are, whatever else is joined to them, and in whatever order it is named."""
    in_order = sorted(guards, key=lambda guard: tables[guard.source].physical)
    single = [guard.entity for guard in in_order if guard.entity.text("table") in info.single_in_group]
    if single:
        return single[:1]
    chosen: dict[str, exp.Expr] = {}
    tied = False
    for guard in in_order:
        is_tied = guard.entity.text("table") in info.tied_in_group
        if not (is_tied and tied):
            chosen.setdefault(tables[guard.source].physical, guard.entity)
        tied = tied or is_tied
    return list(chosen.values())


class _Cell:
    """One cell of it."""

    def __init__(
        self, measuring: Measuring, entities: list[exp.Expr], counted: exp.Expr | None, cell: AuditCell
    ) -> None:
        self._measuring, self._entities, self._counted, self._cell = measuring, entities, counted, cell
        self._rows = cell.made_of()
        self._people = filtered(exp.Count(this=exp.Star()), self._rows)

    def rounded(self, node: exp.Expr) -> exp.Expr:
        function, arguments = self._cell.function, self._cell.arguments
        if function in _COUNTS:
            return filled(_COUNT, x=node, lot=self._lot(self._rows, "count"))
        if function in ("sum", "avg") and not self._cell.distinct:
            return self._linear(node, arguments[0])
        forms = [self._measuring.form(argument) for argument in arguments]
        single = [form.terms[0] if len(form.terms) == 1 else None for form in forms]
        if not any(t.nature > Nature.CONSTANT for form in forms for t in form.terms):
            return self._measure(node, digits=1)  # the spread of zeros and ones is a count by another
        if function in SPREADS and single[0] is not None:
            unit = abs(single[0].factor * single[0].scale) ** SPREADS[function]
            least, most = self._extremes(single[0].of)
            value = divided(node, unit)
            either = {"counts": self._measure(value, digits=1), "measure": self._measure(value)}
            return scaled(exp.paren(filled(_EITHER, least=least, most=most, **either)), unit)
        shift, unit = shift_of(function, forms), unit_of(function, forms)
        return plus(scaled(self._measure(divided(plus(node, number(-shift)), unit)), unit), number(shift))

    # --- sums and means -----------------------------------------------------------------------------------------

    def _linear(self, node: exp.Expr, argument: exp.Expr) -> exp.Expr:
        """Each term by itself, and the constant: of a sum it counts the rows, a mean it only shifts."""
        form = self._measuring.form(argument)
        constant = self._times_rows(form.constant)
        if not form.terms:
            return constant
        call = exp.Sum if self._cell.function == "sum" else exp.Avg
        alone = divided(without(node, self._exactly(form.constant)), form.terms[0].factor)
        total: exp.Expr | None = None
        for term in form.terms:
            own = alone if len(form.terms) == 1 else filtered(call(this=term.of.copy()), self._rows)
            part = scaled(self._term(own, term), term.factor)
            total = part if total is None else plus(total, part)
        assert total is not None  # there is a term
        return plus(total, constant) if form.constant else total

    def _term(self, own: exp.Expr, term: Term) -> exp.Expr:
        """`own`: the sum or mean of `term.of`, exactly."""
        branches = self._measuring.branches(term.of)
        if branches is not None:
            return self._branching(own, term, branches)
        unit = divided(without(own, self._exactly(term.shift)), term.scale)
        if term.nature is Nature.CONSTANT:
            shown = self._constants(own, term.of, None)
        elif term.nature is Nature.COUNTED and self._cell.function == "sum":
            shown = scaled(self._weighed(unit, number(float(COUNT_BASE)), self._rows), term.scale)
        elif term.nature is Nature.COUNTED:
            shown = scaled(self._measure(unit), term.scale)
        else:
            each = divided(plus(term.of, number(-term.shift)), term.scale)
            shown = scaled(self._measure_or_count(unit, each, self._rows, term.nature), term.scale)
        return plus(shown, self._times_rows(term.shift)) if term.shift else shown

    def _branching(self, own: exp.Expr, term: Term, branches: Branches) -> exp.Expr:
        """What is measured in some branches, and the constants of all."""
        if all(t.nature is Nature.CONSTANT for t in branches.terms):
            return self._constants(own, term.of, None if branches.terms else branches.weight or 1.0)
        scale = max(abs(t.factor * t.scale) for t in branches.terms)
        call = exp.Sum if self._cell.function == "sum" else exp.Avg
        constants = filtered(call(this=branches.constants.copy()), self._rows)
        measured = without(own, constants) if branches.weight else own
        rows = self._rows if call is exp.Avg else self._other_than(term.of, branches.constants)
        each: exp.Expr = term.of.copy()
        if branches.weight:
            each = exp.paren(exp.Sub(this=exp.paren(each), expression=exp.paren(branches.constants.copy())))
        each = divided(each, scale)
        nature = max(t.nature for t in branches.terms)
        shown = scaled(self._measure_or_count(divided(measured, scale), each, rows, nature), scale)
        if not branches.weight:
            return shown
        return plus(shown, self._constants(constants, branches.constants, branches.weight))

    def _constants(self, own: exp.Expr, of: exp.Expr, weight: float | None) -> exp.Expr:
        """`own`: of constants, the largest of which is `weight`; None where only the engine can tell."""
        if weight is not None:
            base: exp.Expr = number(COUNT_BASE * weight)
        else:
            largest = filtered(exp.Max(this=exp.Abs(this=exp.paren(of.copy()))), self._rows)
            base = exp.paren(exp.Mul(this=number(float(COUNT_BASE)), expression=filled("NULLIF(x, 0)", x=largest)))
        return self._as_count(own, base, self._other_than(of, exp.Literal.number(0)))

    def _as_count(self, own: exp.Expr, base: exp.Expr, there: exp.Expr | None) -> exp.Expr:
        """A sum in steps of `base`; a mean as such a sum by a rounded count. `there`: the rows that are counted."""
        if self._cell.function == "sum":
            return self._weighed(own, base, there)
        total = exp.paren(exp.Mul(this=exp.paren(own), expression=self._people.copy()))
        people = filled("NULLIF(n, 0)", n=self._rows_rounded())
        return exp.paren(exp.Div(this=self._weighed(total, base, there), expression=people))

    def _exactly(self, constant: float) -> exp.Expr:
        """What a constant adds to the sum or mean before anything is rounded."""
        if self._cell.function == "avg" or not constant:
            return number(constant)
        return exp.paren(exp.Mul(this=number(constant), expression=self._people.copy()))

    def _times_rows(self, constant: float) -> exp.Expr:
        """What a constant adds to the answer."""
        return number(constant) if self._cell.function == "avg" else scaled(self._rows_rounded(), constant)

    def _rows_rounded(self) -> exp.Expr:
        return filled(_COUNT, x=self._people, lot=self._lot(self._rows, "count"))

    # --- rounding -----------------------------------------------------------------------------------------------

    def _weighed(self, value: exp.Expr, base: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        return filled(_WEIGHED, x=value, lot=self._lot(rows, "count"), b=base)

    def _measure(self, value: exp.Expr, digits: int = DIGITS, rows: exp.Expr | None = None) -> exp.Expr:
        """`rows`: those that decide the lot, if not every row of the cell."""
        places = filled(_PLACES.format(last=digits - 1), x=value)
        lot = self._lot(self._rows if rows is None else rows, "measure")
        return filled(_MEASURE, x=value, lot=lot, places=places)

    def _measure_or_count(self, value: exp.Expr, each: exp.Expr, rows: exp.Expr | None, nature: Nature) -> exp.Expr:
        """A column of zeros and ones, or of one value and no other, counts. `each`: what each row adds."""
        least, most = self._extremes(each)
        largest: exp.Expr = exp.Abs(this=most)
        if nature is Nature.MEASURED:  # what a single one of them has is nobody's to know to the last digit
            largest = exp.paren(filled(_DIGITS, x=most))
        base = exp.paren(exp.Mul(this=number(float(COUNT_BASE)), expression=largest))
        there = self._other_than(each, exp.Literal.number(0)) if nature is Nature.KNOWN else rows
        measure = self._measure(value, rows=rows)
        if nature is Nature.KNOWN and self._cell.function == "sum":  # three digits, or as many as five rows are worth
            places = filled(_COARSE_PLACES.format(last=DIGITS - 1), x=value, least=least, most=most)
            measure = filled(_MEASURE, x=value, lot=self._lot(rows, "measure"), places=places)
        counts = self._as_count(value, base, there)
        return exp.paren(filled(_EITHER, least=least, most=most, counts=counts, measure=measure))

    def _extremes(self, each: exp.Expr) -> tuple[exp.Expr, exp.Expr]:
        """(the least value, the largest), zeros left out."""
        other = exp.Nullif(this=exp.paren(each.copy()), expression=exp.Literal.number(0))
        return filtered(exp.Min(this=other), self._rows), filtered(exp.Max(this=other.copy()), self._rows)

    def _lot(self, made_of: exp.Expr | None, kind: str) -> exp.Expr:
        """A number that follows from the cell's rows, or the people it counts, and from nothing else."""
        if self._counted is not None:
            entities, distinct = [self._counted], True
        else:
            entities, distinct = self._entities, False
        digests = [filtered(exp.BitwiseXorAgg(this=_each(entity, distinct)), made_of) for entity in entities]
        rows = filtered(exp.Count(this=_each(entities[0], distinct)), made_of)  # as the tests for k people count
        return exp.func("hash", *digests, rows, exp.Literal.string(kind))

    def _other_than(self, of: exp.Expr, constants: exp.Expr) -> exp.Expr | None:
        """The rows that count: a CASE that yields 0 for the others is a FILTER in other words."""
        if not of.find(exp.Column):
            return self._rows
        other = exp.NEQ(this=exp.Paren(this=of.copy()), expression=exp.Paren(this=constants.copy()))
        return exp.and_(self._rows.copy(), other) if self._rows is not None else other


def _each(entity: exp.Expr, distinct: bool) -> exp.Expr:
    return exp.Distinct(expressions=[entity.copy()]) if distinct else entity.copy()
