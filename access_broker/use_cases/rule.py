"""When what is left of a figure tells of too few people, and how that is ruled out cheaply for most."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from access_broker.domain.contracts import Dominance
from access_broker.use_cases.figures import BUCKETS, Flags, Floats

_WIDTHS = (16, 64, BUCKETS)
_NOISE = 1e-9
_SETTLED = 0.25
_ALMOST_ALL = 0.9999


@dataclass(frozen=True)
class Rule:
    """What the contract's terms ask: at least `k` people, and no `dominance` in any difference. `of_rows`: of figures

    that count rows.
    """

    k: int
    dominance: Dominance | None = None
    of_rows: bool = False

    @property
    def width(self) -> int:
        """How many folds are enough: figures that differ in fewer than k buckets are equal in several of them."""
        return next(width for width in _WIDTHS if 2 * width >= 3 * self.k or width == BUCKETS)

    @property
    def most_settled(self) -> float:
        """The share of one person that all figures together may settle (`settled`); one group of k settles 1/k."""
        return max(_SETTLED, 2 / self.k)

    @property
    def most_weighed(self) -> float:
        """The same of what a person adds: only almost all of it. One with ten of a group's twenty rows weighs most of

        it from the first answer on, and whose part that is, is what `dominance` asks.
        """
        return _ALMOST_ALL

    def tells(self, left: Floats, held: Floats | None) -> Flags:
        """For each row of `left`: does it rest on too few people? `held`: the same difference of sizes."""
        unequal = np.count_nonzero(left, axis=1)
        found: Flags = (unequal > 0) & (unequal < self.k)
        if held is not None and self.dominance is not None:
            sizes = np.abs(held)
            found |= (unequal > 0) & (_top(sizes, self.dominance.n) > self.dominance.share * sizes.sum(axis=1))
            if self.dominance.p is not None:
                rest = sizes.sum(axis=1) - _top(sizes, 2)
                found |= (unequal > 0) & (rest < self.dominance.p * _top(sizes, 1))
        return found

    def may_tell(self, left: Floats, held: Floats | None) -> Flags:
        """The same of folded rows: false only where `tells` is false of the whole ones.

        Fewer folds than buckets can differ. Where n buckets hold a share s of a whole, the n folds they lie in hold at
        least 2s - 1 of what the folds show, for the rest can take away no more than 1 - s. (Two large ones of opposite
        signs in one fold could hide each other; n is small beside the folds.) Where all but two hold less than p of
        what the largest does, those two hold more than 1 - p of the whole.
        """
        found: Flags = np.count_nonzero(left, axis=1) < self.k
        if held is not None and self.dominance is not None:
            sizes = np.abs(held)
            least = (2 * self.dominance.share - 1) * (1 - _NOISE)
            found |= _top(sizes, self.dominance.n) > least * sizes.sum(axis=1)
            if self.dominance.p is not None:
                found |= _top(sizes, 2) > (1 - 2 * self.dominance.p) * (1 - _NOISE) * sizes.sum(axis=1)
        return found


def folded(rows: Floats, width: int) -> Floats:
    """Every row of buckets as `width` sums of neighbouring ones."""
    if width == BUCKETS:
        return rows
    found: Floats = rows.reshape(len(rows), width, BUCKETS // width).sum(axis=2)
    return found


def is_little(left: Floats, of: Floats) -> Flags:
    """Is no more than half of a figure left? Of a dozen people, some have as many rows as each other by chance."""
    found: Flags = 2 * np.count_nonzero(left, axis=1) <= np.count_nonzero(of)
    return found


def without_noise(left: Floats, of: Floats) -> Floats:
    """What floating point leaves of a difference that is none."""
    left[np.abs(left) <= _NOISE * np.abs(of).sum(axis=1, keepdims=True)] = 0.0
    return left


def _top(sizes: Floats, n: int) -> Floats:
    """The sum of the n largest of each row."""
    if n == 1:
        largest: Floats = sizes.max(axis=1)
        return largest
    rest = max(0, sizes.shape[1] - n)
    top: Floats = np.partition(sizes, rest, axis=1)[:, rest:].sum(axis=1) if rest else sizes.sum(axis=1)
    return top
