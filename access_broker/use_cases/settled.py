"""How much of each person's own share all figures told settle together: the defence against reconstruction.

Whoever has many figures solves them for single people. How near that comes to one of them does not depend on what
their values are, only on who was in which figure: it is the length of the person's own direction, as far as it lies in
what the figures span (the *leverage* of least squares; 1 when the value follows exactly, 1/m for one of m people in one
figure). Over all people it adds up to the number of independent figures. So figures that follow from others are free,
and a new one is not told once it would settle too much of anybody.

People who add unlike much are looked at twice: as who is in a figure, and as what they add, visits say. By the second,
somebody who is in many figures is told of as soon as one visit of theirs would follow exactly.

As refusals follow from who is in a figure and never from what they add, they tell nothing about values (simulatable
auditing: Kenthapadi, Mishra, Nissim, PODS 2005). Least squares is the attack meant; what else is known of the values,
as that they are 0 or 1, can carry further.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from access_broker.use_cases.directions import (
    LITTLE_LEFT,
    Directions,
    InTime,
    Rough,
    all_in,
    for_ever,
    large_first,
    of_different_people,
)
from access_broker.use_cases.figures import SLOTS, Floats, Vector, slots

_INDEPENDENT = 1e-4  # least part of a figure, by length, that the others do not have
_MOST = SLOTS // 4  # directions
_LITTLE = 1 / 500
_LITTLE_WEIGHED = 1e-5  # of somebody with very many rows the last step to what follows exactly is not larger
_FURTHER = 1.5
_LARGE = 2 * SLOTS  # people beyond whom many share a slot
_MOST_OF_LARGE = SLOTS // 16
_MORE = 64
_AT_ONCE = 256  # figures


@dataclass(frozen=True)
class SettledMark:
    """What `Settled.back_to` goes back to. Rows of a table before `used` are never changed."""

    table: Rough
    used: int
    settled: Floats
    people: int


@dataclass(frozen=True)
class _Looked:
    """What it would be `then`, had these figures been added to what it was `before`. They go by their identity."""

    before: SettledMark
    figures: dict[int, Vector]
    then: SettledMark

    def holds(self, table: Rough, used: int, figures: Sequence[Vector]) -> bool:
        unchanged = self.before.table is table and self.before.used == used
        return unchanged and self.figures.keys() <= {id(figure) for figure in figures}


@dataclass(frozen=True)
class _Limit:
    """Of what is settled of anybody, and on average of those in a figure; a step of a `little` may go on a while.

    A figure over many people adds little to each: it may go on where narrow ones must end.
    """

    most: float
    on_average: float
    little: float

    def is_passed(self, settled: Floats, direction: Rough, figure: Rough) -> bool:
        more = direction * direction
        after = settled + more
        if ((after > self.most) & (more > self.little)).any() or (after > self.most * _FURTHER).any():
            return True
        return self.on_average < 1 and bool(after[figure != 0].mean() > self.on_average)


class Settled:
    """The independent figures told, as directions at right angles over SLOTS slots of people.

    `weighed`: of what people add, else of who is there. Exact up to some thousand people. Of many more, a slot stands
    for several, and what is settled of it for more than of any of them; for those the widest directions are forgotten
    when there are too many (see `_take_apart`).
    """

    def __init__(self, *, weighed: bool = False) -> None:
        self._sketch, self._little = (_weighed, _LITTLE_WEIGHED) if weighed else (_sketch, _LITTLE)
        self._table: Rough = np.zeros((0, SLOTS), dtype=np.float32)
        self._used = 0
        self._settled: Floats = np.zeros(SLOTS)
        self._people = 0
        self._looked: _Looked | None = None  # what is looked at is mostly told right after

    def mark(self) -> SettledMark:
        return SettledMark(self._table, self._used, self._settled.copy(), self._people)

    def back_to(self, mark: SettledMark) -> None:
        self._table, self._used, self._people = mark.table, mark.used, mark.people
        self._settled = mark.settled.copy()

    def add(self, figures: Sequence[Vector]) -> None:
        looked, self._looked = self._looked, None
        if looked is not None and looked.holds(self._table, self._used, figures):
            self.back_to(looked.then)
            figures_left = [figure for figure in figures if id(figure) not in looked.figures]
        else:
            figures_left = list(figures)
        if figures_left:
            self._take(figures_left, None)
        self._people = max(self._people, len(all_in(figures)))
        if self._people > _LARGE and self._used > _MOST_OF_LARGE:
            self._forget_widest()

    def beyond(
        self, figures: Sequence[Vector], most: float, in_time: InTime = for_ever, *, on_average: float = 1.0
    ) -> list[int]:
        """Places of those figures that would settle more than `most` of anybody, or more than that `on_average` of the

        people who are in one: as few as will do, smaller ones first. Changes nothing.
        """
        before = self.mark()
        limit = _Limit(most, on_average, self._little)
        try:
            refused = self._take(figures, limit, in_time)
            then = self.mark()
        finally:
            self.back_to(before)
        left = set(refused)
        told = {id(figure): figure for place, figure in enumerate(figures) if place not in left}
        self._looked = _Looked(before, told, then)
        return refused

    def _take(self, figures: Sequence[Vector], limit: _Limit | None, in_time: InTime = for_ever) -> list[int]:
        if max(self._people, len(all_in(figures))) > _LARGE:
            return self._take_apart(figures, limit, in_time)
        refused, order = [], large_first(figures)
        for start in range(0, len(order), _AT_ONCE):
            some = order[start : start + _AT_ONCE]
            refused += [some[place] for place in self._take_some([figures[p] for p in some], limit, in_time)]
        return refused

    def _take_some(self, figures: Sequence[Vector], limit: _Limit | None, in_time: InTime) -> list[int]:
        """One after the other."""
        refused, sketches = [], np.array([self._sketch(figure) for figure in figures])
        lengths = np.linalg.norm(sketches, axis=1)
        taken = Directions(self._rest(sketches, lengths))
        for place, length in enumerate(lengths):
            in_time()
            own, size = taken.left_of(place)
            if size <= _INDEPENDENT * length:
                continue
            if limit is not None and (self._used == _MOST or limit.is_passed(self._settled, own, sketches[place])):
                refused.append(place)
            elif self._used < _MOST:
                self._append(own)
                taken.take(place, own, size)
        return refused

    def _take_apart(self, figures: Sequence[Vector], limit: _Limit | None, in_time: InTime) -> list[int]:
        """Of very many people: groups of one answer that share nobody as if each stood alone beside what was told.

        A slot stands for several people there. Added up, the groups would be held against one person who is in one of
        them, so the most that any of them settles counts. Groups that share people are looked at one after the other.
        """
        refused: list[int] = []
        for layer in of_different_people(figures, in_time):
            refused += [layer[place] for place in self._take_layer([figures[p] for p in layer], limit, in_time)]
        return refused

    def _take_layer(self, figures: Sequence[Vector], limit: _Limit | None, in_time: InTime) -> list[int]:
        """Only the narrowest are kept as directions."""
        more: Rough = np.zeros(SLOTS, dtype=np.float32)
        narrow: list[tuple[float, Rough, float]] = []
        refused = []
        for start in range(0, len(figures), _AT_ONCE):
            in_time()
            part = figures[start : start + _AT_ONCE]
            sketches = np.array([self._sketch(figure) for figure in part])
            lengths = np.linalg.norm(sketches, axis=1)
            rest = self._rest(sketches, lengths)
            sizes = np.linalg.norm(rest, axis=1)
            for place in np.flatnonzero(sizes > _INDEPENDENT * lengths):
                own = rest[place] / sizes[place]
                if limit is not None and limit.is_passed(self._settled, own, sketches[place]):
                    refused.append(start + int(place))
                    continue
                np.maximum(more, own * own, out=more)
                narrow.append((float(np.abs(own).max()), rest[place], float(lengths[place])))
            narrow = sorted(narrow, key=lambda one: -one[0])[: _MOST_OF_LARGE // 2]
        settled = self._settled + more
        self._append_all([(own, length) for _, own, length in narrow])
        self._settled = settled
        return refused

    def _append_all(self, figures: list[tuple[Rough, float]]) -> None:
        """At right angles to each other too: in one slot there are several people, some of another group."""
        taken = Directions(np.array([own for own, _ in figures], dtype=np.float32).reshape(-1, SLOTS))
        for place, (_, length) in enumerate(figures):
            own, size = taken.left_of(place)
            if size > _INDEPENDENT * length:
                self._append(own)
                taken.take(place, own, size)

    def _rest(self, sketches: Rough, lengths: Rough) -> Rough:
        """What of each the others do not have; where that is little, once more for what floating point leaves."""
        table = self._table[: self._used]
        rest: Rough = np.subtract(sketches, (sketches @ table.T) @ table, dtype=np.float32)
        little = np.linalg.norm(rest, axis=1) < LITTLE_LEFT * lengths
        rest[little] -= (rest[little] @ table.T) @ table
        return rest

    def _append(self, direction: Rough) -> None:
        if self._used == len(self._table):
            self._table = np.vstack([self._table, np.zeros((max(_MORE, self._used // 2), SLOTS), np.float32)])
        self._table[self._used] = direction
        self._used += 1
        self._settled += direction * direction

    def _forget_widest(self) -> None:
        told = self._table[: self._used]
        narrow = np.sort(np.argsort(-np.abs(told).max(axis=1), kind="stable")[: self._used // 2])
        self._table, self._used = told[narrow], len(narrow)
        self._settled = (self._table.astype(np.float64) ** 2).sum(axis=0)


def _sketch(figure: Vector) -> Rough:
    slot, sign = slots(figure.people)
    return np.bincount(slot, weights=sign, minlength=SLOTS).astype(np.float32)


def _weighed(figure: Vector) -> Rough:
    """By how much the largest adds: only directions count, and the numbers of a join with itself are huge."""
    if figure.adds is None:
        return _sketch(figure)
    slot, sign = slots(figure.people)
    return np.bincount(slot, weights=sign * figure.adds / np.abs(figure.adds).max(), minlength=SLOTS).astype(np.float32)
