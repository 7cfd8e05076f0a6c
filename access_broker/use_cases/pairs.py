"""Does a new figure tell too much beside one earlier figure, or beside the sum or difference of two?"""

from __future__ import annotations

import numpy as np

from access_broker.use_cases.figures import Flags, Floats, Whole
from access_broker.use_cases.rule import Rule, folded, without_noise
from access_broker.use_cases.shelf import Shelf

PAIRED = 4_000
"""The latest figures, among which sums and differences of two are looked for."""

_CHUNK = 4_096
_ALIKE = 64  # figures that are the same in one fold, of which no more are tried


def beside_one(shelf: Shelf, sums: Floats, sizes: Floats | None, rule: Rule) -> Flags:
    """For each row of `sums`, with `sizes` where dominance of differences is asked for."""
    told = np.zeros(len(sums), dtype=bool)
    folds, held = shelf.folds(rule.width), shelf.held(rule.width)
    mine = folded(sums, rule.width)
    mine_held = None if sizes is None else folded(sizes, rule.width)
    for start in range(0, len(shelf), _CHUNK):
        rows = slice(start, min(start + _CHUNK, len(shelf)))
        for new in np.flatnonzero(~told):
            rest = None if mine_held is None else held[rows] - mine_held[new]
            near = np.flatnonzero(rule.may_tell(folds[rows] - mine[new], rest)) + start
            if len(near):
                left = shelf.sums[near] - sums[new]
                more = None if sizes is None else without_noise(shelf.sizes[near] - sizes[new], shelf.sizes[near])
                told[new] = rule.tells(left, more).any()
    return told


def beside_two(shelf: Shelf, sums: Floats, rule: Rule) -> Flags:
    """new = A + B or A - B, but for few: equal in most folds, so B is found by what A lacks in one of them."""
    first = max(0, len(shelf) - PAIRED)
    earlier = _Earlier(shelf.sums[first:], shelf.folds(rule.width)[first:])
    mine = folded(sums, rule.width)
    return np.array([earlier.have_pair(new, own, rule) for new, own in zip(sums, mine, strict=True)], dtype=bool)


class _Earlier:
    def __init__(self, sums: Floats, folds: Floats) -> None:
        self._sums, self._folds = sums, folds
        self._sorted: dict[int, tuple[Whole, Floats]] = {}

    def have_pair(self, new: Floats, mine: Floats, rule: Rule) -> bool:
        busiest = np.argsort(-np.abs(mine))[: rule.k]
        columns = busiest[mine[busiest] != 0]
        near: set[int] = set()
        for fold in columns:
            near.update(np.flatnonzero(self._folds[:, fold] == mine[fold]).tolist())
            order, column = self._column(fold)  # in this order the search runs through the column once
            for sign in (1, -1):  # B = new - A, and B = A - new
                far = (column != mine[fold]) & ((column != 0) | (sign < 0))  # the others are near
                if self._tells(new, mine, order[far], fold, sign, mine[fold] - column[far], rule):
                    return True
        alike = np.array(sorted(near), dtype=np.int64)
        rest = mine - self._folds[alike]  # what the near ones lack may have been told
        for fold in range(rest.shape[1]):
            asking = np.flatnonzero(rest[:, fold])
            for sign in (1, -1):
                if self._tells(new, mine, alike[asking], fold, sign, rest[asking, fold], rule):
                    return True
        return False

    def _tells(
        self, new: Floats, mine: Floats, first: Whole, fold: int, sign: int, lacking: Floats, rule: Rule
    ) -> bool:
        """Is there a B which is sign times what the figures `first` are `lacking` in a fold, and which leaves few?"""
        asked, second = self._equal(fold, sign * lacking)
        first = first[asked]
        for start in range(0, len(first), _CHUNK):
            a, b = first[start : start + _CHUNK], second[start : start + _CHUNK]
            likely = rule.may_tell(mine - self._folds[a] - sign * self._folds[b], None)
            if likely.any() and rule.tells(new - self._sums[a[likely]] - sign * self._sums[b[likely]], None).any():
                return True
        return False

    def _equal(self, fold: int, values: Floats) -> tuple[Whole, Whole]:
        """(place in `values`, figure that has this value in the fold), for all that are equal."""
        order, column = self._column(fold)
        start = np.searchsorted(column, values, "left")
        hit = np.flatnonzero(column[np.minimum(start, len(column) - 1)] == values)
        start = start[hit]
        count = np.minimum(np.searchsorted(column, values[hit], "right") - start, _ALIKE)
        asked = np.repeat(hit, count)
        within = np.arange(len(asked)) - np.repeat(np.cumsum(count) - count, count)
        return asked, order[np.repeat(start, count) + within]

    def _column(self, fold: int) -> tuple[Whole, Floats]:
        """(the figures by what they have in the fold, what they have there)."""
        if fold not in self._sorted:
            order = np.argsort(self._folds[:, fold])
            self._sorted[fold] = order, self._folds[order, fold]
        return self._sorted[fold]
