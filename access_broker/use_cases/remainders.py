"""What a count of rows tells by its remainder: of people who have five rows each, 4,243 lacks two, be they many or few.

How many rows somebody has can be chosen (`WHERE n = 5`), and then nobody else's number need be known.
"""

from __future__ import annotations

import numpy as np

from access_broker.use_cases.figures import Floats, Vector

_EACH = (2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 19, 23, 25, 27, 29, 31, 49, 81)
"""Prime powers: whoever is no multiple of a product of some is none of one of those. Pairs of rows are squares."""


def tells_by_remainder(figure: Vector, k: int) -> bool:
    """Have all but 1 to k-1 of its people, and k or more, a multiple of some number of rows?"""
    return figure.adds is not None and _tells(figure.adds, k, in_buckets=False)


def left_tells_by_remainder(left: Floats, k: int) -> bool:
    """The same of what is left of a figure, by buckets of people: one with another remainder may look like none there,

    if its factor is a multiple too, and so fewer of them are enough.
    """
    return _tells(left, k, in_buckets=True)


def _tells(adds: Floats, k: int, *, in_buckets: bool) -> bool:
    there = adds[adds != 0]
    for each in _EACH if len(there) > k else ():
        others = np.count_nonzero(np.fmod(there, each))
        few = others < (k * (1 - 1 / each) if in_buckets else k)
        if others and few and len(there) - others >= k:
            return True
    return False
