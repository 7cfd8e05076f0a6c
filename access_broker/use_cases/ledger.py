"""The memory of one contract: every figure it was ever told, and what a new one would tell together with those.

Figures are compared as vectors over people (see `figures`). A new one is not told when what is left of it, after
taking away what was told before, rests on 1 to k-1 people: one figure, the sum or the difference of two, any choice of
the groups of one answer, two figures and such a choice, or any whole multiples of the latest answers with few groups
and of whole answers. An answer stands there also as the sum of its groups, for totals are compared with margins. This
finds these combinations and no others: auditing exact answers in full is not feasible (docs/disclosure.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from access_broker.domain.contracts import Dominance
from access_broker.use_cases.figures import BUCKETS, Flags, Floats, Vector, Whole, total
from access_broker.use_cases.span import Span, solver_of

MAX_VECTORS = 20_000
"""Figures of one kind that a contract's memory holds, at some 10 kB each."""

_PAIRED = 4_000  # the latest figures, among which sums and differences of two are looked for
_ANSWERS = 1_000  # the latest answers, whose groups are put together in every way
_NESTED = 2_000  # the latest pairs of which one lies in the other
_LOOKED_AT = (
    4  # buckets, and one more for every four people of k: in at least one of them nobody differs, nearly surely
)
_NEIGHBOURS = 64
_SOLVED = 256  # groups of one answer up to which any choice of them is looked for; beyond, only all of them together
_CHUNK = 1_024
_FEW = 4  # groups of an answer up to which each takes part in combinations of many; beyond, only their sum
_COMBINED = 192
_COARSE = 64
_NOISE = 1e-9


class MemoryFull(Exception):  # noqa: N818 - turned into a refusal
    """No more figures can be kept for this contract."""


@dataclass(frozen=True)
class Rule:
    """What the contract's terms ask: at least `k` people, and no `dominance` in any difference."""

    k: int
    dominance: Dominance | None = None

    def tells(self, left: Floats, held: Floats | None) -> Flags:
        """For each row of `left`: does it rest on too few people? `held`: the same difference of sizes."""
        unequal = np.count_nonzero(left, axis=1)
        found: Flags = (unequal > 0) & (unequal < self.k)
        if held is not None and self.dominance is not None:
            sizes = np.abs(held)
            whole = sizes.sum(axis=1)
            rest = BUCKETS - min(self.dominance.n, BUCKETS)
            one = self.dominance.n == 1
            top = sizes.max(axis=1) if one else np.partition(sizes, rest, axis=1)[:, rest:].sum(axis=1)
            found |= (unequal > 0) & (whole > 0) & (top > self.dominance.share * whole)
        return found


@dataclass
class _Answer:
    """The figures of one answer, by their places; `solver` finds the groups that make up a figure."""

    places: tuple[int, ...]
    whole: int
    solver: Floats | None = None


@dataclass(frozen=True)
class Told:
    """What `Kind.add` has added, for the store: new vectors in order, and the answer's places among all."""

    vectors: tuple[Vector, ...]
    places: tuple[int, ...]


@dataclass
class Kind:
    """All figures of one kind in one entity domain."""

    vectors: list[Vector] = field(default_factory=list)
    answers: list[_Answer] = field(default_factory=list)
    _known: dict[bytes, int] = field(default_factory=dict)
    _made_of: set[tuple[int, ...]] = field(default_factory=set)
    _nested: list[tuple[int, int]] = field(default_factory=list)
    _span: Span = field(default_factory=lambda: Span(_COMBINED))
    _members: Whole = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    _coarse: Floats = field(default_factory=lambda: np.zeros((0, _COARSE)))
    _sums: Floats = field(default_factory=lambda: np.zeros((0, BUCKETS)))
    _sizes: Floats = field(default_factory=lambda: np.zeros((0, BUCKETS)))

    # --- changing -----------------------------------------------------------------------------------------------

    def mark(self) -> tuple[int, int, int]:
        return len(self.vectors), len(self.answers), len(self._nested)

    def back_to(self, mark: tuple[int, int, int]) -> None:
        """Forget what was added since."""
        for vector in self.vectors[mark[0] :]:
            del self._known[vector.key]
        for answer in self.answers[mark[1] :]:
            self._made_of.discard(answer.places)
        del self.vectors[mark[0] :], self.answers[mark[1] :], self._nested[mark[2] :]
        if self._span.forget(mark[0]):
            for answer in self.answers[-2 * _COMBINED :]:
                self._widen(answer)

    def add(self, groups: Sequence[Vector]) -> Told | None:
        """Remember the figures of one answer; None when all this was known. Raises MemoryFull."""
        first = len(self.vectors)
        places = tuple(self._place(vector, first) for vector in groups)
        whole = self._place(total(groups), first) if len(set(places)) > 1 else places[0]
        known = places in self._made_of or (len(places) == 1 and places[0] < first)
        if known and len(self.vectors) == first:
            return None
        self._remember(_Answer(places, whole))
        return Told(tuple(self.vectors[first:]), places)

    def restore(self, told: Told, *, nest: bool = True) -> None:
        """Add what the store has kept of an earlier `add`. `nest`: look for figures that lie in each other."""
        first = len(self.vectors) if nest else 0
        for vector in told.vectors:
            self._place(vector, first)
        several = len(set(told.places)) > 1
        whole = self._place(total([self.vectors[p] for p in told.places]), first) if several else told.places[0]
        self._remember(_Answer(told.places, whole))

    def _remember(self, answer: _Answer) -> None:
        self._made_of.add(answer.places)
        self.answers.append(answer)
        self._widen(answer)

    def _widen(self, answer: _Answer) -> None:
        for place in answer.places if len(answer.places) <= _FEW else (answer.whole,):
            self._span.add(place, self._sums[place])

    def _place(self, vector: Vector, first: int) -> int:
        """`first`: it is looked for what it lies in, or what in it, before this; in one answer there is no such."""
        key = vector.key
        if key in self._known:
            return self._known[key]
        place = len(self.vectors)
        if place >= MAX_VECTORS:
            raise MemoryFull
        if place >= len(self._sums):
            more = np.zeros((max(256, len(self._sums)), BUCKETS))
            self._sums, self._sizes = np.vstack([self._sums, more]), np.vstack([self._sizes, more])
            self._members = np.concatenate([self._members, np.zeros(len(more), dtype=np.int64)])
            self._coarse = np.vstack([self._coarse, np.zeros((len(more), _COARSE))])
        self._members[place] = len(vector.people)
        self._coarse[place] = _folded(vector.sums[None, :])[0]
        self._sums[place] = vector.sums
        self._sizes[place] = 0.0 if vector.sizes is None else vector.sizes
        self._nested += [(place, inner) for inner in self._within(vector, 1, first)[-_NEIGHBOURS:]]
        self._nested += [(outer, place) for outer in self._around(vector, 1, first)[-_NEIGHBOURS:]]
        self.vectors.append(vector)
        self._known[key] = place
        return place

    # --- asking -------------------------------------------------------------------------------------------------

    def knows(self, vector: Vector) -> bool:
        return vector.key in self._known

    def tells_too_much(self, new: Vector, rule: Rule) -> bool:
        """Would `new` tell of too few people together with what was told before?"""
        if self.knows(new) or not self.vectors:
            return False
        return (
            self._with_one(new, rule)
            or self._with_two(new, rule)
            or self._with_answers(new, rule)
            or bool(rule.tells(self._span.left_of(new.sums)[None, :], None).any())
        )

    def told_by(self, groups: Mapping[int, Vector], fresh: set[int], rule: Rule) -> list[set[int]]:
        """Groups of one answer, some of them `fresh`, that together with one or two earlier figures tell too much."""
        names, parts = list(groups), list(groups.values())
        if len(parts) > _SOLVED or not self.vectors:
            return []
        sums, sizes, solver = _stacked(parts, rule)
        all_found: list[set[int]] = []
        for targets, held in self._earlier(rule):
            chosen, found = _explained(targets, held, sums, sizes, solver, rule)
            for row in np.flatnonzero(found):
                together = {names[i] for i in np.flatnonzero(chosen[row])}
                if together & fresh:
                    all_found.append(together)
        return all_found

    def _with_one(self, new: Vector, rule: Rule) -> bool:
        sizes = new.sizes if rule.dominance is not None else None
        for rows in _chunks(len(self.vectors)):
            left = self._sums[rows] - new.sums
            held = None if sizes is None else _without_noise(self._sizes[rows] - sizes, self._sizes[rows])
            if rule.tells(left, held).any():
                return True
        return False

    def _with_two(self, new: Vector, rule: Rule) -> bool:
        """new = A + B or A - B, but for few: in most buckets exactly, so B is found by what A lacks in one of them."""
        first = max(0, len(self.vectors) - _PAIRED)
        count = len(self.vectors) - first
        stored = self._sums[first : first + count]
        coarse, mine = self._coarse[first : first + count], _folded(new.sums[None, :])[0]
        pairs: set[tuple[int, int, int]] = set()
        near: set[int] = set()
        busiest = np.argsort(-np.abs(mine))[: _LOOKED_AT + rule.k // 4]
        for bucket in busiest[mine[busiest] != 0]:
            column = coarse[:, bucket]
            order = np.argsort(column)
            for sign in (1, -1):  # B = new - A, and B = A - new
                wanted = sign * (mine[bucket] - column)
                start = np.searchsorted(column[order], wanted, "left")
                stop = np.searchsorted(column[order], wanted, "right")
                for a in np.flatnonzero((stop > start) & (wanted != 0)):
                    pairs.update((int(a), int(b), sign) for b in order[start[a] : stop[a]][:64])
            near.update(np.flatnonzero(column == mine[bucket]).tolist())
        if self._differences(new, stored, coarse, sorted(near), rule):
            return True
        found = sorted(pairs)
        for rows in _chunks(len(found)):
            part = np.array(found[rows], dtype=np.int64)
            signs = part[:, 2:3]
            left = new.sums - stored[part[:, 0]] - signs * stored[part[:, 1]]
            if rule.tells(left, None).any():
                return True
        return False

    def _differences(self, new: Vector, stored: Floats, coarse: Floats, near: list[int], rule: Rule) -> bool:
        """`near`: figures that equal `new` in a bucket. What they lack or have beyond it may have been told."""
        for a in near:
            rest = new.sums - stored[a]
            if not rest.any():
                continue
            folded = _folded(rest[None, :])
            for sign in (1.0, -1.0):
                alike = np.flatnonzero(np.count_nonzero(coarse - sign * folded, axis=1) < rule.k)
                if len(alike) and rule.tells(stored[alike] - sign * rest, None).any():
                    return True
        return False

    def _with_answers(self, new: Vector, rule: Rule) -> bool:
        """The new figure, or what an earlier one around it or within it leaves, made up of groups of one answer."""
        everything = len(self.vectors)
        around, within = self._around(new, rule.k, everything), self._within(new, rule.k, everything)
        others = np.array([*around, *within], dtype=np.int64)
        signs = np.array([1.0] * len(around) + [-1.0] * len(within))[:, None]
        targets = np.vstack([new.sums[None, :], signs * (self._sums[others] - new.sums)])
        held: Floats | None = None
        if new.sizes is not None and rule.dominance is not None:
            held = np.vstack([new.sizes[None, :], signs * (self._sizes[others] - new.sizes)])
        for answer in self.answers[-_ANSWERS:]:
            if not 1 < len(answer.places) <= _SOLVED:
                continue
            if answer.solver is None:
                answer.solver = solver_of(self._sums[list(answer.places)])
            sums, sizes = self._sums[list(answer.places)], self._sizes[list(answer.places)]
            _, found = _explained(targets, held, sums, sizes, answer.solver, rule)
            if found.any():
                return True
        return False

    def _earlier(self, rule: Rule) -> Iterator[tuple[Floats, Floats | None]]:
        """Every figure told, then the differences of those that lie in each other."""
        sized = rule.dominance is not None
        for rows in _chunks(len(self.vectors)):
            yield self._sums[rows], self._sizes[rows] if sized else None
        nested = np.array(self._nested[-_NESTED:], dtype=np.int64).reshape(-1, 2)
        for rows in _chunks(len(nested)):
            outer, inner = nested[rows, 0], nested[rows, 1]
            held = self._sizes[outer] - self._sizes[inner] if sized else None
            yield self._sums[outer] - self._sums[inner], held

    def _around(self, vector: Vector, slack: int, end: int) -> list[int]:
        """Figures before `end` that have all of this one's people, but for fewer than `slack`."""
        size = len(vector.people)
        start = max(0, end - _PAIRED)
        large = (np.flatnonzero(self._members[start:end] > size - slack) + start).tolist()
        return [p for p in large if size - self._common(vector, p) < slack][-_NESTED:]

    def _within(self, vector: Vector, slack: int, end: int) -> list[int]:
        start = max(0, end - _PAIRED)
        small = (np.flatnonzero(self._members[start:end] < len(vector.people) + slack) + start).tolist()
        return [p for p in small if self._members[p] - self._common(vector, p) < slack][-_NESTED:]

    def _common(self, vector: Vector, place: int) -> int:
        return vector.people.intersection_cardinality(self.vectors[place].people)


def _stacked(parts: Sequence[Vector], rule: Rule) -> tuple[Floats, Floats | None, Floats]:
    sums = np.array([part.sums for part in parts])
    sizes = [part.sizes for part in parts if part.sizes is not None]
    sized = rule.dominance is not None and len(sizes) == len(parts)
    return sums, np.array(sizes) if sized else None, solver_of(sums)


def _explained(
    targets: Floats, held: Floats | None, sums: Floats, sizes: Floats | None, solver: Floats, rule: Rule
) -> tuple[Floats, Flags]:
    """(which groups each target is made of, as near as can be; whether what is then left tells of too few people)."""
    chosen = (targets @ solver > 0.5).astype(np.float64)
    left = targets - chosen @ sums
    rest = _without_noise(held - chosen @ sizes, held) if held is not None and sizes is not None else None
    return chosen, rule.tells(left, rest) & chosen.any(axis=1)


def _without_noise(left: Floats, of: Floats) -> Floats:
    """What floating point leaves of a difference that is none."""
    left[np.abs(left) <= _NOISE * np.abs(of).sum(axis=1, keepdims=True)] = 0.0
    return left


def _folded(sums: Floats) -> Floats:
    folded: Floats = sums.reshape(len(sums), _COARSE, -1).sum(axis=2)
    return folded


def _chunks(length: int) -> Iterator[slice]:
    for start in range(0, length, _CHUNK):
        yield slice(start, min(start + _CHUNK, length))
