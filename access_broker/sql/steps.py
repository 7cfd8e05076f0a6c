"""The steps to which a figure is rounded: its people and its value draw which of the two next to it is told.

`rows` are the condition of the rows that a figure is of, None for all of them.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.arithmetic import filled, let, listed, number, replaced
from access_broker.sql.conditions import both, filtered
from access_broker.sql.lots import People
from access_broker.sql.terms import Nature

COUNT_BASE = 5
DIGITS = 3
_LOTS = 2**20
_COUNT = f"CAST((x + CAST(lot % {COUNT_BASE} AS BIGINT)) // {COUNT_BASE} * {COUNT_BASE} AS BIGINT)"
_WEIGHED = (  # up or down as the count of the same rows goes, whatever the sign
    f"(FLOOR(ABS(x) / base + CAST(lot % {COUNT_BASE} AS DOUBLE) / {COUNT_BASE}.0 + 1e-9) * base"
    " * CASE WHEN x < 0 THEN -1 ELSE 1 END)"
)
_MEASURE = (
    "CASE WHEN x = 0 THEN 0 ELSE "
    f"ROUND(FLOOR(x * POW(10, places) + CAST(lot % {_LOTS} AS DOUBLE) / {_LOTS}.0 + 1e-9) "
    "/ POW(10, places), CAST(places AS INTEGER)) END"
)
_PLACES = "{last} - FLOOR(LOG10(NULLIF(ABS(x), 0)))"
_WHOLE = "0"  # places of a year: ten of them would be one step in three digits, a tenth of one would count people
_HOW_MANY = f"ROUND({COUNT_BASE} * ABS(x) / base, 6)"
_LEADING = "ROUND(x * POW(10, places + 2))"  # beyond these there is the dust of floating point, which words change
_LARGEST = f"[x, least, most, {COUNT_BASE}.0 * GREATEST(ABS(least), ABS(most))]"
_TENTH = "POW(10, FLOOR(LOG10(b)))"
_BASES = {
    # of what is measured, what a single one of them has is nobody's to know to the last digit
    Nature.MEASURED: f"{COUNT_BASE} * ROUND(b / {COUNT_BASE}, CAST({DIGITS - 1}"
    f" - FLOOR(LOG10(b / {COUNT_BASE})) AS INTEGER))",
    # no step tells the largest value there is, unless all are the same
    Nature.KNOWN: f"CASE WHEN least = most THEN b WHEN b <= 2 * {_TENTH} THEN 2 * {_TENTH}"
    f" WHEN b <= 5 * {_TENTH} THEN 5 * {_TENTH} ELSE 10 * {_TENTH} END",
}
_EITHER = "CASE WHEN least = most THEN counts ELSE measure END"
_COARSER = "CASE WHEN least = most OR base > POW(10, -places) THEN counts ELSE measure END"


def _places(digits: int, years: bool) -> str:
    return _WHOLE if years else _PLACES.format(last=digits - 1)


class Steps:
    """Of one cell. `people`: those who draw its lots. `function`: `sum` or `avg`, where it is one of them."""

    def __init__(self, people: People, function: str, rows: exp.Expr | None) -> None:
        self._people, self._function, self._rows = people, function, rows

    def how_many(self, rows: exp.Expr | None) -> exp.Expr:
        return filtered(exp.Count(this=exp.Star()), rows)

    def how_many_rounded(self, rows: exp.Expr | None) -> exp.Expr:
        return self.count(self.how_many(rows), rows)

    def count(self, count: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        lot = self._people.lot(rows, "count", filled("ROUND(CAST(x AS DOUBLE), 6)", x=count))
        return filled(_COUNT, x=count, lot=lot)

    def weighed(self, value: exp.Expr, base: float, rows: exp.Expr | None) -> exp.Expr:
        both_of = filled("[CAST(x AS DOUBLE), base]", x=value, base=number(base))
        lot = self._people.lot(rows, "count", filled(_HOW_MANY))
        return let(("x", "base"), both_of, filled(_WEIGHED, lot=lot))

    def as_count(self, there: exp.Expr | None) -> exp.Expr:
        """`x` in steps of `base`, a mean as such a sum by a rounded count. `there`: the rows that are counted."""
        lot = self._people.lot(there, "count", filled(_HOW_MANY))
        weighed = filled(_WEIGHED, lot=lot)
        if self._function == "sum":
            return weighed
        total = filled("x * n", n=self.how_many(self._rows))
        return ratio(replaced(weighed, x=exp.Paren(this=total)), self.how_many_rounded(self._rows))

    def measure(self, value: exp.Expr, rows: exp.Expr | None, digits: int = DIGITS, *, years: bool = False) -> exp.Expr:
        """`rows`: those whose people decide the lot. `years` are told in whole ones."""
        places = _places(digits, years)
        both_of = let("x", filled("CAST(x AS DOUBLE)", x=value), filled(f"[x, {places}]"))
        lot = self._people.lot(rows, "measure", filled(_LEADING))
        return let(("x", "places"), both_of, filled(_MEASURE, lot=lot))

    def measure_or_count(
        self, value: exp.Expr, each: exp.Expr, rows: exp.Expr | None, nature: Nature, *, years: bool = False
    ) -> exp.Expr:
        """A column of zeros and ones, or of one value and no other, counts. `each`: what each row adds. `years`: they

        are told in whole ones.
        """
        least, most = self._extremes(each, rows)
        known = listed([filled("CAST(x AS DOUBLE)", x=part) for part in (value, least, most)])
        known = let(("x", "least", "most"), known, filled(_LARGEST))
        steps = f"[x, least, most, {_BASES[nature]}, {_places(DIGITS, years)}]"
        known = let(("x", "least", "most", "b"), known, filled(steps))
        counts = self.as_count(other_than_zero(each, rows) if nature is Nature.KNOWN else rows)
        measure = filled(_MEASURE, lot=self._people.lot(rows, "measure", filled(_LEADING)))
        # of what is known three digits, or as many as five rows are worth
        coarse = nature is Nature.KNOWN and self._function == "sum"
        told = filled(_COARSER if coarse else _EITHER, counts=counts, measure=measure)
        return let(("x", "least", "most", "base", "places"), known, told)

    def spread(self, value: exp.Expr, each: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        """Of zeros and ones, or of zeros and any one value, it follows from counts."""
        least, most = self._extremes(each, rows)
        few, usual = self.measure(value, rows, digits=1), self.measure(value, rows)
        return exp.Paren(this=filled(_EITHER, least=least, most=most, counts=few, measure=usual))

    def _extremes(self, each: exp.Expr, rows: exp.Expr | None) -> tuple[exp.Expr, exp.Expr]:
        """(the least value, the largest), zeros left out."""
        other = exp.Nullif(this=exp.Paren(this=each.copy()), expression=exp.Literal.number(0))
        return filtered(exp.Min(this=other), rows), filtered(exp.Max(this=other.copy()), rows)


def other_than_zero(of: exp.Expr, rows: exp.Expr | None) -> exp.Expr | None:
    """The rows that count: a CASE that yields 0 for the others is a FILTER in other words."""
    return both(rows, exp.NEQ(this=exp.Paren(this=of.copy()), expression=exp.Literal.number(0)))


def ratio(total: exp.Expr, count: exp.Expr) -> exp.Expr:
    """NULL where nothing is counted."""
    return exp.Paren(this=exp.Div(this=exp.Paren(this=total), expression=exp.Nullif(this=count, expression=number(0))))
