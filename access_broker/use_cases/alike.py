"""Is a new figure made of those that are most like it, whole multiples of them, but for few people?

The other tests look for two figures, for the groups of one answer, or among the latest: whoever asks in many small
parts is found here. A figure that takes part in another shares people with it, so that the two point the same way, or
with one that does: women are a total less the men.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from access_broker.use_cases.directions import InTime, Rough
from access_broker.use_cases.figures import BUCKETS, Flags, Floats, Vector, Whole
from access_broker.use_cases.remainders import left_tells_by_remainder
from access_broker.use_cases.rule import Rule
from access_broker.use_cases.shelf import Shelf
from access_broker.use_cases.span import left_of, lengths_of, solver_of

LATEST = 4_096
"""Figures told before, among which those are looked for."""

_AT_ONCE = 128
_FIRST, _MOST = 8, 48
_ALIKE = 0.1  # least cosine: figures over other people come to less than half of it by chance
_INDEPENDENT = 1e-8  # least part of a figure, by length squared, that those before it do not have


def made_of_alike(shelf: Shelf, new: Sequence[Vector], rule: Rule, in_time: InTime) -> list[int]:
    """Places of those figures of one answer that may not be told, small ones first: each is held against what was told

    before, and against the larger ones of the answer, for its groups may overlap.
    """
    order = sorted(range(len(new)), key=lambda place: (-len(new[place].people), place))
    sums = np.vstack([shelf.sums[-LATEST:], [vector.sums for vector in new]])
    sizes = np.vstack([shelf.sizes[-LATEST:], [_sizes_of(vector) for vector in new]])
    first = len(sums) - len(new)
    may_be_part, refused = np.arange(len(sums)) < first, []
    likeness = _Likeness(sums)
    for start in range(0, len(order), _AT_ONCE):
        some = order[start : start + _AT_ONCE]
        likeness.prepare([first + place for place in some], may_be_part)
        for place in some:
            in_time()
            near = likeness.nearest(first + place, may_be_part)
            if _tells(new[place], sums[near], sizes[near], rule):
                refused.append(place)
            else:
                may_be_part[first + place] = True
    return refused


def _tells(new: Vector, rows: Floats, held: Floats, rule: Rule) -> bool:
    if not len(rows):
        return False
    free = _independent(rows)
    made_of, sizes = rows[free], new.sizes if rule.dominance is not None else None
    left, rest = left_of(new.sums, sizes, made_of, held[free], solver_of(made_of))
    if rule.of_rows and any(left_tells_by_remainder(one, rule.k) for one in left):
        return True
    return bool(rule.tells(left, rest).any())


class _Likeness:
    """Of some figures to all of them: how nearly they point the same way, whatever the sign."""

    def __init__(self, sums: Floats) -> None:
        self._alike: Rough = (sums / lengths_of(sums)).astype(np.float32)
        self._known: dict[int, Rough] = {}

    def prepare(self, places: list[int], may_be_part: Flags) -> None:
        """Many at once, and those most like them, take little longer than one."""
        self._known.clear()
        self._look(places)
        near, so_far = set[int](), may_be_part.copy()
        for place in places:
            near |= {int(at) for at in _largest(self._known[place] * so_far, _FIRST)}
            so_far[place] = True
        self._look(sorted(near - self._known.keys()))

    def nearest(self, place: int, may_be_part: Flags) -> Whole:
        likeness = self._known[place] * may_be_part
        first = _largest(likeness, _FIRST)
        self._look([int(at) for at in first if int(at) not in self._known])
        for at in first:
            likeness = np.maximum(likeness, self._known[int(at)] * self._known[place][at] * may_be_part)
        return _largest(likeness, _MOST)

    def _look(self, places: list[int]) -> None:
        if places:
            self._known |= zip(places, np.abs(self._alike[places] @ self._alike.T), strict=True)


def _largest(likeness: Rough, most: int) -> Whole:
    enough = np.flatnonzero(likeness > _ALIKE)
    near: Whole = enough[np.argsort(-likeness[enough], kind="stable")[:most]]
    return near


def _independent(rows: Floats) -> list[int]:
    """Those that do not follow from the ones before them: of others it would be left open which are taken."""
    alike = rows / lengths_of(rows)
    left, free = alike @ alike.T, []
    for place in range(len(left)):
        if left[place, place] > _INDEPENDENT:
            free.append(place)
            left -= np.outer(left[place], left[place]) / left[place, place]
    return free


def _sizes_of(vector: Vector) -> Floats:
    return np.zeros(BUCKETS) if vector.sizes is None else vector.sizes
