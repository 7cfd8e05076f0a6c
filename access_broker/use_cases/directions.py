"""Directions of figures: what each adds to those before it, at right angles to all of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from access_broker.use_cases.figures import Floats, Vector

Rough = NDArray[np.float32]
InTime = Callable[[], None]
"""Asked between steps of what may take long: raises when it is too late for more."""


def for_ever() -> None: ...


LITTLE_LEFT = 0.1
"""Where less of a figure is left than this, by length, what floating point leaves is taken away once more."""

_AT_ONCE = 64  # figures


class Directions:
    """Directions made of some `figures` one after the other, each at right angles to those taken."""

    def __init__(self, figures: Rough) -> None:
        self._begun, self._first, self._before = figures[:0], 0, 0
        self._figures, self._alike = figures, (figures @ figures.T).astype(np.float64)
        self._directions: Rough = np.zeros((len(figures), figures.shape[1]), dtype=np.float32)
        self._parts: Floats = np.zeros((len(figures), len(figures)))  # how much of each figure lies in each direction
        self._used = 0

    def left_of(self, place: int) -> tuple[Rough, float]:
        """(the direction that a figure adds, how long it is there)"""
        if not 0 <= place - self._first < len(self._begun):
            self._begin(place)
        new = slice(self._before, self._used)
        own: Rough = (
            self._begun[place - self._first] - self._parts[new, place].astype(np.float32) @ self._directions[new]
        )
        if np.linalg.norm(own) < LITTLE_LEFT * np.linalg.norm(self._figures[place]):
            taken = self._directions[: self._used]  # once more for what floating point leaves
            own = np.subtract(own, (taken @ own) @ taken, dtype=np.float32)
        size = float(np.linalg.norm(own))
        if size:
            own /= np.float32(size)
        return own, size

    def take(self, place: int, own: Rough, size: float) -> None:
        known = self._parts[: self._used]
        self._parts[self._used] = (self._alike[place] - known[:, place] @ known) / size
        self._directions[self._used] = own
        self._used += 1

    def _begin(self, place: int) -> None:
        """Of it and those after it what the directions so far leave: of many at once it is found in one pass."""
        some, self._first, self._before = slice(place, place + _AT_ONCE), place, self._used
        known = self._parts[: self._used, some].astype(np.float32)
        self._begun = self._figures[some] - known.T @ self._directions[: self._used]


def large_first(figures: Sequence[Vector]) -> list[int]:
    return sorted(range(len(figures)), key=lambda place: -len(figures[place].people))


def all_in(figures: Sequence[Vector]) -> BitMap:
    return BitMap.union(*(figure.people for figure in figures))


def of_different_people(figures: Sequence[Vector], in_time: InTime) -> list[list[int]]:
    """The places of all of them, in lists of which none has a person twice; large figures first."""
    layers: list[list[int]] = []
    within: list[BitMap] = []
    for place in large_first(figures):
        in_time()
        people = figures[place].people
        free = next((at for at, known in enumerate(within) if known.isdisjoint(people)), None)
        if free is None:
            layers.append([])
            within.append(BitMap())
            free = -1
        layers[free].append(place)
        within[free] |= people
    return layers
