"""What a count of rows tells by its remainder: of people who have five rows each, 4,243 lacks two, be they many or few.

How many rows somebody has can be chosen (`WHERE n = 5`), and then nobody else's number need be known.
"""

from __future__ import annotations

import numpy as np

from access_broker.use_cases.figures import Flags, Floats, Vector

_EACH = (2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 19, 23, 25, 27, 29, 31, 49, 81)
"""Prime powers: whoever is no multiple of a product of some is none of one of those. Pairs of rows are squares."""


def tells_by_remainder(figure: Vector, k: int) -> bool:
    """Have all but 1 to k-1 of its people, and k or more, a multiple of some number of rows?"""
    return figure.adds is not None and any(0 < _others(figure.adds, each, k) < k for each in _EACH)


def left_tells_by_remainder(left: Floats, k: int) -> bool:
    """The same of what is left of a figure, by buckets of people: one with another remainder may look like none there,

    if its factor is a multiple too, and so fewer of them are enough.
    """
    return any(0 < _others(left, each, k) < k * (1 - 1 / each) for each in _EACH)


def _others(adds: Floats, each: int, k: int) -> int:
    """How many are no multiple of `each`; 0 where fewer than k are."""
    there = adds[adds != 0]
    others: Flags = np.fmod(there, each) != 0
    number = int(np.count_nonzero(others))
    return number if len(there) - number >= k else 0
