"""Every figure told, in tables, so that one is compared with all of them at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from access_broker.use_cases.figures import BUCKETS, SLOTS, Flags, Floats, Vector, Whole
from access_broker.use_cases.rule import folded

_FOLDS = 16  # kept; other widths are made when they are asked for
_MORE = 256
_WORDS = SLOTS // 64


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

    def folds(self, width: int) -> Floats:
        return self._folds[: len(self.vectors)] if width == _FOLDS else folded(self.sums, width)

    def held(self, width: int) -> Floats:
        return self._held[: len(self.vectors)] if width == _FOLDS else folded(self.sizes, width)

    def around(self, vector: Vector, slack: int, places: range, most: int) -> list[int]:
        """The latest figures of `places` that have all of this one's people, but for fewer than `slack`."""
        size, rows = len(vector.people), slice(places.start, places.stop)
        lacking = np.bitwise_count(vector.there & ~self._there[rows]).sum(axis=1)
        likely = (self._members[rows] > size - slack) & (lacking < slack)
        return self._those(places, likely, lambda place: size - self._common(vector, place) < slack, most)

    def within(self, vector: Vector, slack: int, places: range, most: int) -> list[int]:
        """The latest figures of `places` whose people, but for fewer than `slack`, are among this one's."""
        rows = slice(places.start, places.stop)
        lacking = np.bitwise_count(self._there[rows] & ~vector.there).sum(axis=1)
        likely = (self._members[rows] < len(vector.people) + slack) & (lacking < slack)
        members = self._members
        return self._those(places, likely, lambda place: members[place] - self._common(vector, place) < slack, most)

    def _those(self, places: range, likely: Flags, so: Callable[[int], bool], most: int) -> list[int]:
        found: list[int] = []
        for row in np.flatnonzero(likely)[::-1]:
            if len(found) == most:
                break
            if so(places.start + int(row)):
                found.append(places.start + int(row))
        return found[::-1]

    def _common(self, vector: Vector, place: int) -> int:
        return vector.people.intersection_cardinality(self.vectors[place].people)


def _longer(table: Floats, more: int) -> Floats:
    return np.vstack([table, np.zeros((more, table.shape[1]))])
