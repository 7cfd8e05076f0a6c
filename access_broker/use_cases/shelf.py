"""Every figure told, in tables, so that one is compared with all of them at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from access_broker.use_cases.figures import BUCKETS, SLOTS, Floats, Vector, Whole
from access_broker.use_cases.rule import folded

_FOLDS = 16  # kept; other widths are made when they are asked for
_MORE = 256
_WORDS = SLOTS // 64
_ENOUGH = 3  # times more people than may be lacking, so that few others pass by chance


class Shelf:
    """`vectors`: in the order in which they were put. A figure is named by its place."""

    def __init__(self) -> None:
        self.vectors: list[Vector] = []
        self._sums, self._sizes = np.zeros((0, BUCKETS)), np.zeros((0, BUCKETS))
        self._folds, self._held = np.zeros((0, _FOLDS)), np.zeros((0, _FOLDS))
        self._members: Whole = np.zeros(0, dtype=np.int64)
        self._there: NDArray[np.uint64] = np.zeros((0, _WORDS), dtype=np.uint64)

    def __len__(self) -> int:
        return len(self.vectors)

    def put(self, vector: Vector) -> int:
        place = len(self.vectors)
        if place >= len(self._sums):
            more = max(_MORE, place // 2)
            self._sums, self._sizes = _longer(self._sums, more), _longer(self._sizes, more)
            self._folds, self._held = _longer(self._folds, more), _longer(self._held, more)
            self._members = np.concatenate([self._members, np.zeros(more, dtype=np.int64)])
            self._there = np.vstack([self._there, np.zeros((more, _WORDS), dtype=np.uint64)])
        sizes = np.zeros(BUCKETS) if vector.sizes is None else vector.sizes
        self._sums[place], self._sizes[place] = vector.sums, sizes
        self._folds[place] = folded(vector.sums[None, :], _FOLDS)[0]
        self._held[place] = folded(sizes[None, :], _FOLDS)[0]
        self._members[place], self._there[place] = len(vector.people), vector.there
        self.vectors.append(vector)
        return place

    def cut(self, length: int) -> None:
        """Forget what stands at `length` and after."""
        del self.vectors[length:]

    @property
    def sums(self) -> Floats:
        return self._sums[: len(self.vectors)]

    @property
    def sizes(self) -> Floats:
        return self._sizes[: len(self.vectors)]

    @property
    def members(self) -> Whole:
        """How many people each figure has."""
        return self._members[: len(self.vectors)]

    def folds(self, width: int) -> Floats:
        return self._folds[: len(self.vectors)] if width == _FOLDS else folded(self.sums, width)

    def held(self, width: int) -> Floats:
        return self._held[: len(self.vectors)] if width == _FOLDS else folded(self.sizes, width)

    def around(self, vector: Vector, slack: int, places: range, most: int) -> list[int]:
        """The latest figures of `places` that have all of this one's people, but for fewer than `slack`."""
        size, rows = len(vector.people), np.arange(places.start, places.stop)
        rows = rows[self._members[rows] > size - slack]
        for words in _looked_at(size, slack):
            lacking = np.bitwise_count(vector.there[words] & ~self._there[rows, words]).sum(axis=1)
            rows = rows[lacking < slack]
        return self._those(rows, lambda place: size - self._common(vector, place) < slack, most)

    def within(self, vector: Vector, slack: int, places: range, most: int) -> list[int]:
        """The latest figures of `places` whose people, but for fewer than `slack`, are among this one's."""
        size, rows, members = len(vector.people), np.arange(places.start, places.stop), self._members
        rows = rows[members[rows] < size + slack]
        for words in _looked_at(size, slack):
            lacking = np.bitwise_count(self._there[rows, words] & ~vector.there[words]).sum(axis=1)
            rows = rows[lacking < slack]
        return self._those(rows, lambda place: members[place] - self._common(vector, place) < slack, most)

    def _those(self, rows: Whole, so: Callable[[int], bool], most: int) -> list[int]:
        found: list[int] = []
        for row in rows[::-1].tolist():
            if len(found) == most:
                break
            if so(row):
                found.append(row)
        return found[::-1]

    def _common(self, vector: Vector, place: int) -> int:
        return vector.people.intersection_cardinality(self.vectors[place].people)


def _looked_at(size: int, slack: int) -> tuple[slice, slice]:
    """A part of the slots that is enough to tell figures of other people, `size` of them; then all, for the others."""
    return slice(0, min(_WORDS, -(-_ENOUGH * slack * _WORDS // max(1, size)))), slice(0, _WORDS)


def _longer(table: Floats, more: int) -> Floats:
    return np.vstack([table, np.zeros((more, table.shape[1]))])
