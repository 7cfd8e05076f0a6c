"""Answer mode `rounded`: counts to multiples of five, measures to three significant digits, up or down by lot.

The lot is drawn from the people behind a cell, by their numbers, which nobody outside can know, and from the value
itself, never from the text: the same cell rounds the same in whatever words it is asked, and however the rows of a
person are grouped on the way, so that averaging over rewordings gains nothing. On average neither up nor down is
preferred.

What is rounded is what is measured, not what arithmetic makes of it: `sum(income * 7 + 3)` is seven times the rounded
sum and three times the rounded count (`sql/measuring.py`), and every branch of a CASE is rounded by itself, as if a
FILTER had asked for it. What adds up constants only, `sum(1)` or the mean of a CASE that yields 0 and 1, is a count in
disguise and is rounded like one. So is what adds up a column of zeros and ones, or of any one value, `sum(birth_year)`
where it is 1990. Rounding slows reconstruction, it does not stop it (docs/disclosure.md); it is a term of the contract,
not a guarantee.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.decisions import Refused
from access_broker.sql import percentile
from access_broker.sql.arithmetic import (
    LETTING,
    divided,
    filled,
    let,
    number,
    plus,
    scaled,
    times,
    without,
)
from access_broker.sql.auditing import AuditCell, Guard
from access_broker.sql.conditions import both, filtered
from access_broker.sql.lineage import Lineage
from access_broker.sql.lots import People, drawn_from
from access_broker.sql.measuring import Measuring
from access_broker.sql.relations import SelectInfo
from access_broker.sql.room import Room
from access_broker.sql.scopes import size_of, strip
from access_broker.sql.steps import COUNT_BASE, Steps, other_than_zero, ratio
from access_broker.sql.terms import Nature, Term
from access_broker.sql.units import SPREADS, shift_of, unit_of

MOST_NODES, MOST_PRINTED = 400, 1_200  # of one argument, and of all in a SELECT: each is printed many times over
_LEAST_TIMES = 10  # how often, at least
AGGREGATES = frozenset({"bit_xor", "count", "max", "min", "quantile_disc", "sum"})
FUNCTIONS = frozenset({"hash"}) | LETTING
"""What the engine calls for it."""

_COUNTS = frozenset({"count", "count_star", "count_if"})


class Rounder:
    """Of one aggregating SELECT: `info`, whose guards are `guards`. `tables`: those of its sources, by source."""

    def __init__(self, info: SelectInfo, guards: list[Guard], tables: dict[str, GrantedTable]) -> None:
        by_name = {table.physical: table for table in tables.values()}
        self._guards = guards
        self._measuring, self._lineage = Measuring(info.node, by_name), Lineage(info.node, by_name)
        several = {guard.entity.sql(): guard.times != () for guard in guards}
        self._printed, self._room = 0, Room(info.node)
        self._everybody = People([(e, several[e.sql()]) for e in drawn_from(info, guards, tables)])

    def rounded(self, node: exp.Expr, cell: AuditCell) -> exp.Expr:
        """`node`, an aggregate call, wrapped so that only its rounded value exists outside.

        Raises Refused NOT_SUPPORTED, or TOO_COMPLEX for what would be printed too many times over.
        """
        size = size_of(*cell.arguments)
        self._printed += size + (size_of(cell.taken) if cell.taken is not None else 0)
        if size > MOST_NODES or self._printed > MOST_PRINTED:
            raise Refused("TOO_COMPLEX", limit=MOST_NODES)
        counted = self._counted(cell)
        people = People([(counted, True)]) if counted is not None else self._everybody
        return _Cell(self._measuring, self._room, people, cell).rounded(node)

    def _counted(self, cell: AuditCell) -> exp.Expr | None:
        """The entity column of the people whom `count(DISTINCT …)` counts; None where it counts something else."""
        argument = cell.arguments[0] if cell.distinct and cell.arguments else None
        bases = self._lineage.of(argument) if isinstance(argument, exp.Column) else []
        if argument is None or not bases or not all(table.entity == name for table, name in bases):
            return None
        tables = {table.key for table, _ in bases}
        own = [g.entity for g in self._guards if g.entity.text("table") == argument.text("table")]
        return next((e for e in own if {table.key for table, _ in self._lineage.of(e)} == tables), None)


class _Cell:
    """One cell of it."""

    def __init__(self, measuring: Measuring, room: Room, people: People, cell: AuditCell) -> None:
        self._measuring, self._room, self._cell = measuring, room, cell
        self._rows = cell.made_of()
        self._steps = Steps(people, cell.function, self._rows)

    def rounded(self, node: exp.Expr) -> exp.Expr:
        function, arguments = self._cell.function, self._cell.arguments
        self._room.check(self._rows, *arguments, times=_LEAST_TIMES)
        if function in ("sum", "avg") and not self._cell.distinct:
            return self._linear(node, arguments[0])
        whole = self._at_once(node)
        self._room.take(whole)
        return whole

    def _at_once(self, node: exp.Expr) -> exp.Expr:
        """What is not taken apart: a count of rows or of people, a spread, an extreme."""
        function, arguments = self._cell.function, self._cell.arguments
        if function in _COUNTS:
            return self._steps.count(node, self._rows)
        forms = [self._measuring.form(argument) for argument in arguments]
        if not all(form.is_even for form in forms):
            raise Refused("NOT_SUPPORTED", name=function)
        shift, unit = shift_of(function, forms), unit_of(function, forms)
        value = divided(plus(node, number(-shift)), unit)
        if not any(t.nature > Nature.CONSTANT for form in forms for t in form.terms):
            # the spread of zeros and ones is a count by another
            shown = self._steps.measure(value, self._rows, digits=1)
        elif function in SPREADS and forms[0].is_one:
            shown = self._spread(value, forms[0].terms[0])
        else:
            years = function == percentile.NAME and forms[0].is_one and forms[0].terms[0].years
            shown = self._steps.measure(value, self._rows, years=years)
        return plus(scaled(shown, unit), number(shift))

    def _spread(self, value: exp.Expr, term: Term) -> exp.Expr:
        usual = self._steps.spread(value, term.of, self._rows)
        if term.nature is Nature.MEASURED:
            return usual
        return self._steps.spread_of_many_alike(usual, value, divided(term.of, term.scale), self._rows)

    # --- sums and means -----------------------------------------------------------------------------------------

    def _linear(self, node: exp.Expr, argument: exp.Expr) -> exp.Expr:
        """Each term by itself, and the constant: of a sum it counts the rows, a mean it only shifts."""
        form = self._measuring.form(argument)
        parts = [self._part(node, argument, term) for term in form.terms]
        if form.constant or not parts:
            parts.append(self._rows_times(form.constant, self._rows))
            self._room.take(parts[-1])
        total = parts[0]
        for part in parts[1:]:
            total = plus(total, part)
        return total

    def _part(self, node: exp.Expr, argument: exp.Expr, term: Term) -> exp.Expr:
        """What a term is of the answer."""
        self._room.check(term.of, self._rows, term.taken, times=_LEAST_TIMES)
        rows = self._rows if term.taken is None else both(self._rows, term.taken)
        part = self._part_of(node, argument, term, rows)
        self._room.take(part)
        return part

    def _part_of(self, node: exp.Expr, argument: exp.Expr, term: Term, rows: exp.Expr | None) -> exp.Expr:
        """`rows`: those of the cell in which the term is a part of the whole."""
        if term.nature is Nature.CONSTANT and not term.of.find(exp.Column):
            return times(self._rows_times(term.factor, rows), term.of)
        if term.taken is None and term.of is strip(argument):
            own = node
        elif term.taken is None or self._cell.function == "sum":
            own = filtered((exp.Sum if self._cell.function == "sum" else exp.Avg)(this=term.of.copy()), rows)
        else:
            own = ratio(filtered(exp.Sum(this=term.of.copy()), rows), self._steps.how_many(self._rows))
        return scaled(self._term(own, term, rows), term.factor)

    def _term(self, own: exp.Expr, term: Term, rows: exp.Expr | None) -> exp.Expr:
        """`own`: the sum or mean of `term.of`, exactly."""
        if term.nature is Nature.CONSTANT:
            largest = filtered(exp.Max(this=exp.Abs(this=exp.Paren(this=term.of.copy()))), rows)
            base = self._steps.of_people(filled(f"({COUNT_BASE}.0 * NULLIF(most, 0))", most=largest), rows)
            several = filled("[CAST(x AS DOUBLE), base]", x=own, base=base)
            return let(("x", "base"), several, self._steps.as_count(other_than_zero(term.of, rows)))
        unit = divided(without(own, self._exactly(term.shift, rows)), term.scale)
        if term.nature is Nature.COUNTED and self._cell.function == "sum":
            shown = self._steps.weighed(unit, rows)
        elif term.nature is Nature.COUNTED:
            shown = self._steps.mean_of_counts(unit, rows)
        else:
            each = divided(plus(term.of, number(-term.shift)), term.scale)
            # of a sum, and of a part of a mean, a whole year is no unit
            years = term.years and self._cell.function == "avg" and term.taken is None
            shown = self._steps.measure_or_count(unit, each, rows, term.nature, years=years)
            if term.nature is Nature.KNOWN and self._cell.function == "avg" and not years:
                shown = self._steps.of_many_alike(shown, unit, each, rows)
        shown = scaled(shown, term.scale)
        return plus(shown, self._rows_times(term.shift, rows)) if term.shift else shown

    def _exactly(self, constant: float, rows: exp.Expr | None) -> exp.Expr:
        """What a constant of these rows adds to the sum or mean before anything is rounded."""
        if not constant:
            return number(0.0)
        if self._cell.function == "avg" and rows is self._rows:
            return number(constant)
        total = times(number(constant), self._steps.how_many(rows))
        return total if self._cell.function == "sum" else ratio(total, self._steps.how_many(self._rows))

    def _rows_times(self, constant: float, rows: exp.Expr | None) -> exp.Expr:
        """What a constant of these rows adds to the answer."""
        if self._cell.function == "avg" and rows is self._rows:
            return number(constant)
        total = scaled(self._steps.how_many_rounded(rows), constant)
        return total if self._cell.function == "sum" else ratio(total, self._steps.how_many_rounded(self._rows))
