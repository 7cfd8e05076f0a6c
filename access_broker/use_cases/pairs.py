"""Does a new figure tell too much beside one earlier figure, or beside the sum or difference of two?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from access_broker.use_cases.figures import Flags, Floats, Whole
from access_broker.use_cases.rule import Rule, folded, is_little, without_noise
from access_broker.use_cases.shelf import Shelf
from access_broker.use_cases.span import MULTIPLES

PAIRED = 4_000
"""The latest figures, among which sums and differences of two are looked for."""

_CHUNK = 4_096
_AT_ONCE = 64  # new figures held against all earlier ones in one table
_ALIKE = 64  # figures that are the same in one fold, of which no more are tried
_MARK_BITS = 18


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


def beside_multiples(shelf: Shelf, sums: Floats, members: Whole, rule: Rule) -> Flags:
    """Is a row of `sums`, of so many `members`, some times an earlier figure but for few people, or the reverse?

    Where everybody has two rows, a figure over rows is twice the one over people. Both are of the same people then, but
    for those few, so only such are looked at.
    """
    told = np.zeros(len(sums), dtype=bool)
    folds, mine = shelf.folds(rule.width), folded(sums, rule.width)
    for new in range(len(sums)):
        near = np.flatnonzero(np.abs(shelf.members - members[new]) < 2 * rule.k)  # two may share a bucket
        for times in range(2, MULTIPLES + 1):
            for ours, theirs in ((times, 1), (1, times)):
                likely = near[rule.may_tell(ours * mine[new] - theirs * folds[near], None)]
                left = ours * sums[new] - theirs * shelf.sums[likely]
                told[new] |= bool((rule.tells(left, None) & is_little(left, sums[new])).any())
    return told


def beside_two(shelf: Shelf, sums: Floats, rule: Rule) -> Flags:
    """new = A + B or A - B, but for few: equal in most folds, so B is found by what A lacks in one of them."""
    first = max(0, len(shelf) - PAIRED)
    earlier = _Earlier(shelf.sums[first:], shelf.folds(rule.width)[first:], rule)
    mine = folded(sums, rule.width)
    asked = _busiest(mine, rule.k)
    told = np.zeros(len(sums), dtype=bool)
    for fold in range(rule.width):
        for some in _in_parts(np.flatnonzero(asked[:, fold] & ~told)):
            told[some] = earlier.have_far_pair(sums[some], mine[some], fold)
    for some in _in_parts(np.flatnonzero(~told)):
        told[some] = earlier.have_near_pair(sums[some], mine[some], asked[some])
    return told


def _busiest(mine: Floats, k: int) -> Flags:
    """The k folds in which each row has most. Fewer than k differ, so in one of them a pair makes it up exactly."""
    asked = np.zeros(mine.shape, dtype=bool)
    np.put_along_axis(asked, np.argsort(-np.abs(mine), axis=1)[:, :k], True, axis=1)
    found: Flags = asked & (mine != 0)
    return found


def _in_parts(places: Whole) -> Iterator[Whole]:
    return (places[start : start + _AT_ONCE] for start in range(0, len(places), _AT_ONCE))


class _Earlier:
    """The figures in which pairs are looked for, for many new figures at once: (n, BUCKETS) and (n, folds).

    An earlier figure is near a new one in a fold where it has the same, and far from it elsewhere. What is near leaves
    nothing there for its partner, and nothing is what most figures have somewhere: its partner is found in other folds.
    """

    def __init__(self, sums: Floats, folds: Floats, rule: Rule) -> None:
        self._sums, self._folds, self._rule = sums, folds, rule
        self._columns: dict[int, _Column] = {}

    def have_far_pair(self, news: Floats, mine: Floats, fold: int) -> Flags:
        """For each: is there a pair, whose first is far in this fold, that leaves few of it?"""
        column, told = self._column(fold), np.zeros(len(news), dtype=bool)
        for sign in (1, -1):
            lacking = mine[:, fold, None] - column.values
            new, at = np.nonzero(column.may_hold(sign * lacking) & ~told[:, None])
            far = (lacking[new, at] != 0) & ((column.values[at] != 0) | (sign < 0))
            new, at = new[far], at[far]
            told |= self._tell(news, mine, new, column.order[at], fold, sign, lacking[new, at])
        return told

    def have_near_pair(self, news: Floats, mine: Floats, asked: Flags) -> Flags:
        """For each: is there one whose first is near in one of the folds `asked`?"""
        told = np.zeros(len(news), dtype=bool)
        is_near = np.zeros((len(news), len(self._sums)), dtype=bool)
        for fold in np.flatnonzero(asked.any(axis=0)).tolist():
            looked = np.flatnonzero(asked[:, fold])
            at, first = self._column(fold).equal(mine[looked, fold], len(self._sums))
            is_near[looked[at], first] = True
        new, first = np.nonzero(is_near)
        rest = mine[new] - self._folds[first]  # what the near ones lack may have been told
        for fold in range(rest.shape[1]):
            for sign in (1, -1):
                asking = np.flatnonzero((rest[:, fold] != 0) & ~told[new])
                told |= self._tell(news, mine, new[asking], first[asking], fold, sign, rest[asking, fold])
        return told

    def _tell(
        self, news: Floats, mine: Floats, new: Whole, first: Whole, fold: int, sign: int, lacking: Floats
    ) -> Flags:
        """Which news have a B that is sign times what a figure `first` of theirs is `lacking`, and which leaves few?"""
        told = np.zeros(len(news), dtype=bool)
        asked, second = self._column(fold).equal(sign * lacking, _ALIKE)
        new, first = new[asked], first[asked]
        for start in range(0, len(first), _CHUNK):
            part = slice(start, start + _CHUNK)
            n, a, b = new[part], first[part], second[part]
            likely = self._rule.may_tell(mine[n] - self._folds[a] - sign * self._folds[b], None)
            n, a, b = n[likely], a[likely], b[likely]
            told[n[self._rule.tells(news[n] - self._sums[a] - sign * self._sums[b], None)]] = True
        return told

    def _column(self, fold: int) -> _Column:
        if fold not in self._columns:
            self._columns[fold] = _Column(self._folds[:, fold])
        return self._columns[fold]


class _Column:
    """What all figures have in one fold: `values` in order, and the figures in this `order`."""

    def __init__(self, values: Floats) -> None:
        self.order = np.argsort(values)
        self.values = values[self.order]
        self._marked = np.zeros(1 << _MARK_BITS, dtype=bool)
        self._marked[_marks(self.values)] = True

    def may_hold(self, wanted: Floats) -> Flags:
        """False only for a value that no figure has: millions are asked for, and next to none is there."""
        found: Flags = self._marked[_marks(wanted)]
        return found

    def equal(self, wanted: Floats, most: int) -> tuple[Whole, Whole]:
        """(place in `wanted`, figure that has this value), for all that are equal; no more than `most` of one value."""
        start = np.searchsorted(self.values, wanted, "left")
        hit = np.flatnonzero(self.values[np.minimum(start, len(self.values) - 1)] == wanted)
        start = start[hit]
        count = np.minimum(np.searchsorted(self.values, wanted[hit], "right") - start, most)
        asked = np.repeat(hit, count)
        within = np.arange(len(asked)) - np.repeat(np.cumsum(count) - count, count)
        return asked, self.order[np.repeat(start, count) + within]


def _marks(values: Floats) -> NDArray[np.uint64]:
    """A few bits of each number, well mixed, the same for equal ones: 0.0 and -0.0 are."""
    bits = (values + 0.0).view(np.uint64)
    found: NDArray[np.uint64] = (bits * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(64 - _MARK_BITS)
    return found
