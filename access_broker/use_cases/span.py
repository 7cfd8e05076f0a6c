"""Figures that cannot be computed from each other, and what of a new one they leave unexplained."""

from __future__ import annotations

import numpy as np

from access_broker.use_cases.figures import BUCKETS, Floats

_NOISE = 1e-9
_INDEPENDENT = 1e-6  # least part of a figure, by length, that the others do not have


def solver_of(sums: Floats) -> Floats:
    """A figure times this: how much of each of these figures it is made of, by least squares."""
    normal = sums @ sums.T
    normal[np.diag_indices(len(sums))] += _NOISE * np.trace(normal) / len(sums)  # figures may be equal
    solver: Floats = np.linalg.solve(normal, sums).T.astype(np.float64)
    return solver


class Span:
    """The latest `most` independent figures, by their places."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places: list[int] = []
        self._figures: Floats = np.zeros((0, BUCKETS))
        self._directions: Floats = np.zeros((0, BUCKETS))
        self._solver: Floats | None = None

    def add(self, place: int, figure: Floats) -> None:
        length = float(np.linalg.norm(figure))
        if length == 0:
            return
        own = figure / length
        for _ in range(2):  # once more for what floating point leaves
            own = own - self._directions.T @ (self._directions @ own)
        size = float(np.linalg.norm(own))
        if size < _INDEPENDENT:
            return
        if len(self._places) == self._most:
            self._drop_older_half()
            self.add(place, figure)
            return
        self._places.append(place)
        self._figures = np.vstack([self._figures, figure])
        self._directions = np.vstack([self._directions, own / size])
        self._solver = None

    def forget(self, first: int) -> bool:
        """Drop what stands at `first` and after; True when all is gone now and must be added anew."""
        if not any(place >= first for place in self._places):
            return False
        self._places, self._solver = [], None
        self._figures = self._directions = np.zeros((0, BUCKETS))
        return True

    def left_of(self, figure: Floats) -> Floats:
        """`figure` without the whole multiples of these figures that it is made of; nothing if it is made of none."""
        if not self._places:
            return np.zeros(BUCKETS)
        if self._solver is None:
            self._solver = solver_of(self._figures)
        taken = np.rint(figure @ self._solver)
        return figure - taken @ self._figures if taken.any() else np.zeros(BUCKETS)

    def _drop_older_half(self) -> None:
        kept = list(zip(self._places, self._figures, strict=True))[self._most // 2 :]
        self.forget(0)
        for place, figure in kept:
            self.add(place, figure)
