"""Figures that cannot be computed from each other, and what of a new one they leave unexplained."""

from __future__ import annotations

import numpy as np

from access_broker.use_cases.figures import BUCKETS, Flags, Floats
from access_broker.use_cases.rule import is_little, without_noise

_NOISE = 1e-9
_INDEPENDENT = 1e-6  # least part of a figure, by length, that the others do not have

MULTIPLES = 6
"""A figure over people is looked for in one over their rows, where everybody has as many as this or fewer."""

_TIMES = np.arange(1.0, MULTIPLES + 1)
Left = tuple[Floats, Floats]


def solver_of(sums: Floats) -> Floats:
    """A figure times this: how much of each of these figures it is made of, by least squares."""
    lengths = lengths_of(sums)  # one of huge numbers would blind for others
    alike = sums / lengths
    normal = alike @ alike.T
    normal[np.diag_indices(len(sums))] += _NOISE  # figures may be equal
    solver: Floats = (np.linalg.solve(normal, alike) / lengths).T.astype(np.float64)
    return solver


def lengths_of(sums: Floats) -> Floats:
    """One beside each row, to divide it by: 1 for a row of nothing."""
    lengths: Floats = np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1.0)
    return lengths


def left_of(figure: Floats, sizes: Floats | None, made_of: Floats, held: Floats, solver: Floats) -> Left:
    """`figure`, and its multiples, each without the whole multiples of the rows of `made_of` that it is made of, and

    the same of sizes, of which these have `held`. A row is nothing where it is made of none, and of sizes where some
    would be less than nothing: then what is left is no part of anything, and nobody knows who holds how much of it.
    """
    taken = np.rint(np.outer(_TIMES, figure @ solver))
    made: Flags = np.count_nonzero(taken, axis=1) > 0
    left = np.outer(_TIMES, figure) - taken @ made_of
    made[1:] &= is_little(left[1:], figure)
    left[~made] = 0.0
    if sizes is None:
        return left, np.zeros_like(left)
    whole = np.outer(_TIMES, sizes)
    rest = without_noise(whole - taken @ held, whole + np.abs(taken) @ held)
    part = made & ((rest >= 0).all(axis=1) | (rest <= 0).all(axis=1))
    return left, np.where(part[:, None], rest, 0.0)


class Span:
    """The latest `most` independent figures, by their places."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._places: list[int] = []
        self._figures: Floats = np.zeros((0, BUCKETS))
        self._sizes: Floats = np.zeros((0, BUCKETS))
        self._directions: Floats = np.zeros((0, BUCKETS))
        self._solver: Floats | None = None

    def add(self, place: int, figure: Floats, sizes: Floats | None = None) -> None:
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
            self.add(place, figure, sizes)
            return
        self._places.append(place)
        self._figures = np.vstack([self._figures, figure])
        self._sizes = np.vstack([self._sizes, np.zeros(BUCKETS) if sizes is None else sizes])
        self._directions = np.vstack([self._directions, own / size])
        self._solver = None

    def forget(self, first: int) -> bool:
        """Drop what stands at `first` and after; True when all is gone now and must be added anew."""
        if not any(place >= first for place in self._places):
            return False
        self._places, self._solver = [], None
        self._figures = self._sizes = self._directions = np.zeros((0, BUCKETS))
        return True

    def left_of(self, figure: Floats, sizes: Floats | None = None) -> Left:
        """See `left_of`, of all these figures."""
        if not self._places:
            return np.zeros((1, BUCKETS)), np.zeros((1, BUCKETS))
        if self._solver is None:
            self._solver = solver_of(self._figures)
        return left_of(figure, sizes, self._figures, self._sizes, self._solver)

    def _drop_older_half(self) -> None:
        kept = list(zip(self._places, self._figures, self._sizes, strict=True))[self._most // 2 :]
        self.forget(0)
        for place, figure, sizes in kept:
            self.add(place, figure, sizes)
