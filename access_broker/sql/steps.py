"""The steps to which a figure is rounded: its people and its value draw which of the two next to it is told.

`rows` are the condition of the rows that a figure is of, None for all of them.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.arithmetic import filled, let, listed, number, plus, replaced, times
from access_broker.sql.conditions import both, filtered
from access_broker.sql.lots import People
from access_broker.sql.terms import Nature

COUNT_BASE = 5  # people
DIGITS = 3
_LOTS = 2**20
_COUNT = f"CAST((x + CAST(lot % {COUNT_BASE} AS BIGINT)) // {COUNT_BASE} * {COUNT_BASE} AS BIGINT)"
_EACH = "GREATEST(1, ROUND(ABS(x) / people))"
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
_COARSE = f"WHEN b <= 2 * {_TENTH} THEN 2 * {_TENTH} WHEN b <= 5 * {_TENTH} THEN 5 * {_TENTH} ELSE 10 * {_TENTH}"
_BASES = {
    # of what is measured, what a single one of them has is nobody's to know to the last digit
    Nature.MEASURED: f"{COUNT_BASE} * ROUND(b / {COUNT_BASE}, CAST({DIGITS - 1}"
    f" - FLOOR(LOG10(b / {COUNT_BASE})) AS INTEGER))",
    # no step tells the largest value there is, unless all are the same
    Nature.KNOWN: f"CASE WHEN least = most THEN b {_COARSE} END",
}
_MANY_ALIKE = "CASE WHEN least = most THEN usual WHEN first = third THEN near ELSE usual END"
_NEAR = f"[CAST(total - first * rows AS DOUBLE), {COUNT_BASE}.0 * GREATEST(highest - first, first - lowest)]"
_SQUARES = f"[CAST(total AS DOUBLE), {COUNT_BASE}.0 * POW(GREATEST(highest - first, first - lowest), 2)]"
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
        if not self._people.have_one_row:
            return filled("CAST(x AS BIGINT)", x=self.weighed(count, rows))
        lot = self._people.lot(rows, "count", filled("ROUND(CAST(x AS DOUBLE), 6)", x=count))
        return filled(_COUNT, x=count, lot=lot)

    def weighed(self, value: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        """What is counted of people, in steps of what five of them have of it: five rows may be one person's."""
        base = times(number(float(COUNT_BASE)), self._of_each(value.copy(), rows))
        lot = self._people.lot(rows, "count", filled(_HOW_MANY))
        return let(("x", "base"), filled("[CAST(x AS DOUBLE), base]", x=value, base=base), filled(_WEIGHED, lot=lot))

    def _of_each(self, value: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        return filled(_EACH, x=value, people=self._people.number(rows))

    def of_people(self, base: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        """What so many rows are worth, as what so many people are."""
        return base if self._people.have_one_row else times(base, self._of_each(self.how_many(rows), rows))

    def mean_of_counts(self, value: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        """The rounded sum by the rounded count of people, however many digits the mean has."""
        total = self._total(value)
        return ratio(self.weighed(total, rows), self.how_many_rounded(self._rows))

    def _total(self, mean: exp.Expr) -> exp.Expr:
        """What all rows of the cell add up to."""
        return exp.Paren(this=filled("x * n", x=mean, n=self.how_many(self._rows)))

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
        base = self.of_people(filled(f"({_BASES[nature]})"), rows)
        steps = filled(f"[x, least, most, base, {_places(DIGITS, years)}]", base=base)
        known = let(("x", "least", "most", "b"), known, steps)
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

    # --- where many have one value, and a few another -----------------------------------------------------------

    def of_many_alike(self, usual: exp.Expr, mean: exp.Expr, each: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        """`usual`, a mean that is rounded as always; where half of the rows have one value, that and steps of as much

        as five of the others differ from it at most: three digits of 1.016 would tell that one of sixty has a 2.
        """
        total = self._total(mean)
        near = self._near(filled(_NEAR, total=total, rows=self.how_many(rows), **self._around(each, rows)), rows)
        alike = times(self._quartile(each, rows, 1), self.how_many_rounded(rows))
        told = ratio(plus(alike, near), self.how_many_rounded(self._rows))
        return self._chosen(usual, told, each, rows)

    def spread_of_many_alike(self, usual: exp.Expr, value: exp.Expr, each: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        """The same of a spread, whose square adds up how far each row lies from the others."""
        rooted = self._function.startswith("stddev")
        square = filled("POW(x, 2)", x=value) if rooted else exp.Paren(this=value.copy())
        total = times(square, self.how_many(rows))
        near = ratio(
            self._near(filled(_SQUARES, total=total, **self._around(each, rows)), rows), self.how_many_rounded(rows)
        )
        return self._chosen(usual, filled("SQRT(x)", x=near) if rooted else near, each, rows)

    def _near(self, total_and_base: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        """Nothing where all are the same: there is no step then."""
        base = self.of_people(filled(f"(CASE WHEN b > 0 THEN CASE {_COARSE} END END)"), rows)
        known = let(("x", "b"), total_and_base, filled("[x, base]", base=base))
        lot = self._people.lot(rows, "count", filled(_HOW_MANY))
        told = let(("x", "base"), known, filled(_WEIGHED, lot=lot))
        return exp.Coalesce(this=told, expressions=[number(0.0)])

    def _around(self, each: exp.Expr, rows: exp.Expr | None) -> dict[str, exp.Expr]:
        value = exp.Paren(this=each)
        found = {"lowest": exp.Min(this=value.copy()), "highest": exp.Max(this=value.copy())}
        return {n: filtered(call, rows) for n, call in found.items()} | {"first": self._quartile(each, rows, 1)}

    def _quartile(self, each: exp.Expr, rows: exp.Expr | None, which: int) -> exp.Expr:
        share = number(which / 4)
        return filtered(exp.PercentileDisc(this=exp.Paren(this=each.copy()), expression=share), rows)

    def _chosen(self, usual: exp.Expr, near: exp.Expr, each: exp.Expr, rows: exp.Expr | None) -> exp.Expr:
        """Zeros and one other value are rounded as counts already."""
        least, most = self._extremes(each, rows)
        first, third = (self._quartile(each, rows, which) for which in (1, 3))
        known = filled(_MANY_ALIKE, least=least, most=most, first=first, third=third, usual=usual, near=near)
        return exp.Paren(this=known)

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
