"""Aggregates of two arguments, one of which anybody may know: a covariance, a correlation, a slope.

`covar_pop(income, birth_year)` adds up incomes, each times how far its year lies from the mean. Of people who are all
of 1980 but one, it tells the income of that one: what others have is multiplied with next to nothing. So nobody may
lie further out than k people of k could: the square of the largest distance from the mean is at most 1/k of the sum of
all squares, the *leverage* of a regression (Hoaglin and Welsch, The American Statistician 32, 1978).
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.arithmetic import filled
from access_broker.sql.conditions import filtered

AGGREGATES, FUNCTIONS = frozenset({"avg", "count", "max", "min", "var_pop"}), frozenset({"greatest", "pow"})
"""What the engine calls for it."""

_NOT_FAR_OUT = "spread > 0 AND POW(GREATEST(highest - mean, mean - lowest), 2) * k <= people * spread"
"""Where all are alike there is nothing to tell, and one who is not would show as the difference to that."""


def nobody_weighs_much(weight: exp.Expr, rows: exp.Expr, k: int) -> exp.Expr:
    """A condition on the group. `weight`: the known argument. `rows`: those in which both arguments are there.

    Each person must stand in one row: the distances of several could cancel for everybody but one.
    """
    known = exp.TryCast(this=exp.paren(weight.copy()), to=exp.DataType.build("DOUBLE"))

    def of(call: type[exp.AggFunc]) -> exp.Expr:
        return filtered(call(this=known.copy()), rows)

    return filled(
        _NOT_FAR_OUT,
        highest=of(exp.Max),
        lowest=of(exp.Min),
        mean=of(exp.Avg),
        people=of(exp.Count),
        spread=of(exp.VariancePop),
        k=exp.Literal.number(k),
    )
