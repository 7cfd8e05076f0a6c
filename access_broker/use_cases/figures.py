"""Figures as vectors over people: what each person adds, folded into few enough numbers to be kept and compared.

A vector has one number for each of BUCKETS buckets of people: the sum of what they add, each times a random factor of
the person's own. Vectors add up as the figures do. Where two differ, at least one person of that bucket differs, so
counting unequal buckets never counts too many people; it counts too few only where two of them share a bucket.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

BUCKETS = 512
SLOTS = 8192
"""Finer buckets, of which only is known who is there: who lies in whom, and how much of each is settled."""

FACTORS = 1 << 15
"""Factors are whole and at most this, so that sums over millions of rows stay exact in floating point."""

_EXACT = 2.0**53

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Vector:
    """One figure of one group. `people`: who is in it. `sizes`: by bucket, how much they add in absolute terms;

    None where nobody asks who holds most of it. `adds`: what each of them adds, in their order; None where all add one.
    """

    people: BitMap
    sums: Floats
    sizes: Floats | None = None
    adds: Floats | None = None

    @property
    def key(self) -> bytes:
        """Equal for the same people who add the same."""
        return self.sums.tobytes()

    @property
    def is_even(self) -> bool:
        """Do all add the same?"""
        return self.adds is None or bool((self.adds == self.adds[0]).all())

    @cached_property
    def there(self) -> NDArray[np.uint64]:
        """A bit for each slot that one of the people is in."""
        slot, _ = slots(self.people)
        flags = np.zeros(SLOTS, dtype=bool)
        flags[slot] = True
        return np.packbits(flags).view(np.uint64)


def places(people: Whole) -> tuple[Whole, Floats]:
    """(bucket, factor) of each person. The numbers of people are random to everyone outside, and so are these."""
    mixed = _mixed(people)
    bucket = (mixed % np.uint64(BUCKETS)).astype(np.int64)
    factor = ((mixed >> np.uint64(32)) % np.uint64(FACTORS)).astype(np.float64) + 1.0
    return bucket, np.where(mixed >> np.uint64(63), factor, -factor)


def slots(people: BitMap) -> tuple[Whole, Floats]:
    """(slot, sign) of each person; independent of buckets and factors."""
    mixed = _mixed(numbers(people) + (1 << 32))
    return (mixed % np.uint64(SLOTS)).astype(np.int64), np.where(mixed >> np.uint64(63), 1.0, -1.0)


class Rows:
    """Rows of (group, person), a person once in a group, sorted by group once for everything asked of them.

    Raises OverflowError for numbers of people beyond 32 bits.
    """

    def __init__(self, groups: Whole, people: Whole, number: int) -> None:
        if people.size and not 0 <= int(people.min()) <= int(people.max()) < 1 << 32:
            raise OverflowError("a person's number")
        self.number = number
        narrow = groups.astype(np.uint16) if number <= 1 << 16 else groups  # sorted in one pass
        self._order: NDArray[np.intp] = np.argsort(narrow, kind="stable")
        self.groups = groups[self._order]
        self.people = people[self._order].astype(np.uint32)
        bucket, self._factor = places(self.people.astype(np.int64))
        self._at = self.groups * BUCKETS + bucket
        self._members: list[BitMap] | None = None

    def sorted(self, column: Floats) -> Floats:
        """A column of the rows as they came, in the order they have here."""
        return column[self._order]

    def counts(self, there: Flags) -> Whole:
        """How many people each group has where `there`."""
        return np.bincount(self.groups[there], minlength=self.number)

    def are_exact(self, adds: Floats) -> bool:
        """Can all that is told of them be added up without a rounding, in whatever order? Else what two equal figures

        leave of each other would be noise in every bucket, as of many people.
        """
        size = np.abs(adds)
        if size.sum() * FACTORS < _EXACT:
            return True
        by_bucket = np.bincount(self._at % BUCKETS, weights=size, minlength=BUCKETS)
        return bool(by_bucket.max() * FACTORS < _EXACT)

    def vectors(self, adds: Floats, sizes: Floats | None) -> list[Vector | None]:
        """One for each group; None where nobody adds anything."""
        sums = self._folded(adds * self._factor)
        held = None if sizes is None else self._folded(sizes)
        each = self._each(adds)
        return [
            Vector(members, sums[group].copy(), None if held is None else held[group].copy(), each[group])
            if members
            else None
            for group, members in enumerate(self._people(adds != 0))
        ]

    def dominated(self, values: Floats, n: int, share: float) -> Flags:
        """Which groups have `n` people who together hold more than `share` of the sum of `values`."""
        found = np.zeros(self.number, dtype=bool)
        for group, own in enumerate(np.split(values, self._cuts(self.groups))):
            if own.size:
                most = own.max() if n == 1 else np.partition(own, max(0, own.size - n))[-n:].sum()
                found[group] = most > share * own.sum()
        return found

    def estimated(self, values: Floats, p: float) -> Flags:
        """In which groups all but the two largest together hold less than `p` of what the largest holds."""
        found = np.zeros(self.number, dtype=bool)
        for group, own in enumerate(np.split(values, self._cuts(self.groups))):
            if own.size:
                two = np.partition(own, max(0, own.size - 2))[-2:]
                found[group] = two.max() > 0 and own.sum() - two.sum() < p * two.max()
        return found

    def _folded(self, column: Floats) -> Floats:
        length = self.number * BUCKETS
        folded = np.bincount(self._at, weights=column, minlength=length).astype(np.float64)
        return folded.reshape(self.number, BUCKETS)

    def _people(self, there: Flags) -> list[BitMap]:
        if not there.all():
            return self._sets(self.groups[there], self.people[there])
        if self._members is None:
            self._members = self._sets(self.groups, self.people)
        return self._members

    def _each(self, adds: Floats) -> list[Floats] | list[None]:
        """What everybody adds, by group, people in the order of their numbers."""
        there = adds != 0
        if (adds[there] == 1).all():
            return [None] * self.number
        order = np.lexsort((self.people[there], self.groups[there]))
        return np.split(adds[there][order], self._cuts(self.groups[there]))[: self.number]

    def _sets(self, groups: Whole, people: NDArray[np.uint32]) -> list[BitMap]:
        return [BitMap(part) for part in np.split(people, self._cuts(groups))][: self.number]

    def _cuts(self, groups: Whole) -> NDArray[np.intp]:
        return np.searchsorted(groups, np.arange(1, self.number))


def total(parts: Sequence[Vector]) -> Vector:
    """All of them together."""
    sizes = [p.sizes for p in parts]
    known = [s for s in sizes if s is not None]
    people = BitMap.union(*(p.people for p in parts))
    return Vector(
        people,
        np.sum([p.sums for p in parts], axis=0),
        np.sum(known, axis=0) if len(known) == len(parts) else None,
        _added(parts, len(people)),
    )


def _added(parts: Sequence[Vector], together: int) -> Floats | None:
    if together == sum(len(part.people) for part in parts) and all(part.adds is None for part in parts):
        return None
    people = np.concatenate([numbers(part.people) for part in parts])
    adds = [np.ones(len(part.people)) if part.adds is None else part.adds for part in parts]
    _, places = np.unique(people, return_inverse=True)
    added: Floats = np.bincount(places, weights=np.concatenate(adds), minlength=together).astype(np.float64)
    return added


def numbers(people: BitMap) -> Whole:
    """In ascending order; an array at once, not number by number."""
    return np.array(people.to_array(), dtype=np.int64)


def _mixed(of: Whole) -> NDArray[np.uint64]:
    """Splitmix64: the same on every machine and with every engine, for what it gives is kept for months."""
    x: Any = of.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(0x632BE59BD9B4E019)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = x ^ (x >> np.uint64(31))
    return mixed
