"""Is a new figure made of those that are most like it, whole multiples of them, but for few people?

The other tests look for two figures, for the groups of one answer, or among the latest: whoever asks in many small
parts is found here. A figure that takes part in another shares people with it, so that the two point the same way, or
with one that does: women are a total less the men.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from access_broker.use_cases.figures import BUCKETS, Flags, Floats, Vector, Whole
from access_broker.use_cases.rule import Rule
from access_broker.use_cases.settled import InTime, Rough
from access_broker.use_cases.shelf import Shelf
from access_broker.use_cases.span import left_of, lengths_of, solver_of

LATEST = 4_096
"""Figures told before, among which those are looked for."""

_LOOKED_AT = 256  # new ones of an answer, the smallest
_FIRST, _MOST = 8, 48
_ALIKE = 0.1  # least cosine: figures over other people come to less than half of it by chance
_INDEPENDENT = 1e-8  # least part of a figure, by length squared, that those before it do not have


def made_of_alike(shelf: Shelf, new: Sequence[Vector], rule: Rule, in_time: InTime) -> list[int]:
    """Places of those figures of one answer that may not be told, small ones first: each is held against what was told

    before, and against the larger ones of the answer, for its groups may overlap.
    """
    order = sorted(range(len(new)), key=lambda place: (-len(new[place].people), place))
    unseen = max(0, len(order) - _LOOKED_AT)
    sums = np.vstack([shelf.sums[-LATEST:], [vector.sums for vector in new]])
    sizes = np.vstack([shelf.sizes[-LATEST:], [_sizes_of(vector) for vector in new]])
    first = len(sums) - len(new)
    may_be_part, refused = np.arange(len(sums)) < first, []
    may_be_part[[first + place for place in order[:unseen]]] = True
    alike = (sums / lengths_of(sums)).astype(np.float32)
    for place in order[unseen:]:
        in_time()
        near = _nearest(alike, first + place, may_be_part)
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
    return bool(rule.tells(left, rest).any())


def _nearest(alike: Rough, place: int, may_be_part: Flags) -> Whole:
    likeness = np.abs(alike @ alike[place]) * may_be_part
    first = _largest(likeness, _FIRST)
    through = np.abs(alike @ alike[first].T) * likeness[first]
    return _largest(np.maximum(likeness, through.max(axis=1, initial=0.0) * may_be_part), _MOST)


def _largest(likeness: Rough, most: int) -> Whole:
    found = np.argsort(-likeness, kind="stable")[:most]
    near: Whole = found[likeness[found] > _ALIKE]
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
