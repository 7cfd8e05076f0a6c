"""In which units, and from where on, an aggregate counts when its arguments are scaled and shifted."""

from __future__ import annotations

import math

from access_broker.domain.decisions import Refused
from access_broker.sql.terms import Form

SPREADS = {"stddev_samp": 1, "stddev_pop": 1, "var_samp": 2, "var_pop": 2}
_PAIRS = {"covar_pop": (1, 1), "covar_samp": (1, 1), "regr_slope": (1, -1), "regr_intercept": (1, 0)}
"""With which powers of the units of its arguments an aggregate goes."""


def shift_of(function: str, forms: list[Form]) -> float:
    """What a constant in the argument adds to the answer. Raises Refused where it adds more than itself."""
    if function == "regr_intercept" and _constant(forms[1]):
        raise Refused("NOT_SUPPORTED", name=function)
    moves = (len(forms) == 1 and function not in SPREADS) or function == "regr_intercept"
    return _constant(forms[0]) if moves else 0.0


def unit_of(function: str, forms: list[Form]) -> float:
    """What a factor of the arguments multiplies the answer with: in other units it is not rounded otherwise."""
    factors = [form.terms[0].factor * form.terms[0].scale if form.terms else 1.0 for form in forms]
    if len(factors) == 1:
        return abs(factors[0]) ** SPREADS[function] if function in SPREADS else factors[0]
    return math.prod(factor**power for factor, power in zip(factors, _PAIRS.get(function, (0, 0)), strict=True))


def _constant(form: Form) -> float:
    return form.constant + sum(term.factor * term.shift for term in form.terms)
