"""The memory of one contract: every figure it was ever told, and what a new one would tell together with those.

Figures are compared as vectors over people (see `figures`). A new one is not told when what is left of it, after
taking away what was told before, rests on 1 to k-1 people: one figure or a multiple of it, the sum or the difference
of two (`pairs`), any choice of the groups of one answer, two figures and such a choice (`margins`), or any whole
multiples of the latest answers with few groups and of whole answers (`span`), or of the figures most like it, be they
groups of large answers or of its own (`alike`). Its own multiples are looked at too:
where everybody has two rows, a figure over rows is twice the one over people. An answer stands there also as the sum
of its groups, for totals are compared with margins. Nor is it told when all together would settle too much of anybody
(`settled`), of who is there or, where people add unlike much, of what they add.
This finds these combinations and no others: auditing exact answers in full is not feasible (docs/disclosure.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from access_broker.use_cases.alike import made_of_alike
from access_broker.use_cases.directions import InTime
from access_broker.use_cases.figures import Flags, Floats, Vector, Whole, total
from access_broker.use_cases.margins import Groups, Targets, earlier_targets, explained, groups_of, stacked, targets_of
from access_broker.use_cases.pairs import PAIRED, beside_multiples, beside_one, beside_two
from access_broker.use_cases.rule import Rule
from access_broker.use_cases.settled import Settled, SettledMark
from access_broker.use_cases.shelf import Shelf
from access_broker.use_cases.span import Span, solver_of

MAX_VECTORS = 20_000
"""Figures of one kind that a contract's memory holds, at some 10 kB each."""

_ANSWERS = 1_000  # the latest answers, whose groups are put together in every way
_ANSWERS_OF_TWO = 128  # of them, those in which differences of two figures are looked for
_NESTED = 2_000  # the latest pairs of which one lies in the other
_NEIGHBOURS = 64  # the latest figures around or within one, of which differences are taken
_LOOKED_AT = 1 << 16  # differences of two figures, times answers they are looked for in, if that allows more neighbours
_SOLVED = 256  # groups of one answer up to which any choice of them is looked for; beyond, only all of them together
_FEW = 4  # groups of an answer up to which each takes part in combinations of many; beyond, only their sum
_COMBINED = 192
_MORE = 256  # figures that are added at once


class MemoryFull(Exception):  # noqa: N818 - turned into a refusal
    """No more figures can be kept for this contract."""


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


@dataclass(frozen=True)
class Mark:
    """What `Kind.back_to` goes back to."""

    vectors: int
    answers: int
    nested: int
    settled: SettledMark
    weighed: SettledMark | None


@dataclass
class Kind:
    """All figures of one kind in one entity domain."""

    answers: list[_Answer] = field(default_factory=list)
    settled: Settled = field(default_factory=Settled)
    weighed: Settled | None = None
    """Of what people add; None while all of them have added the same to every figure."""
    _shelf: Shelf = field(default_factory=Shelf)
    _known: dict[bytes, int] = field(default_factory=dict)
    _made_of: set[tuple[int, ...]] = field(default_factory=set)
    _nested: list[tuple[int, int]] = field(default_factory=list)
    _span: Span = field(default_factory=lambda: Span(_COMBINED))

    def __len__(self) -> int:
        return len(self._shelf)

    # --- changing -----------------------------------------------------------------------------------------------

    def mark(self) -> Mark:
        weighed = None if self.weighed is None else self.weighed.mark()
        return Mark(len(self._shelf), len(self.answers), len(self._nested), self.settled.mark(), weighed)

    def back_to(self, mark: Mark) -> None:
        """Forget what was added since."""
        for vector in self._shelf.vectors[mark.vectors :]:
            del self._known[vector.key]
        for answer in self.answers[mark.answers :]:
            self._made_of.discard(answer.places)
        self._shelf.cut(mark.vectors)
        del self.answers[mark.answers :], self._nested[mark.nested :]
        self.settled.back_to(mark.settled)
        if self.weighed is not None and mark.weighed is not None:
            self.weighed.back_to(mark.weighed)
        else:
            self.weighed = None
        if self._span.forget(mark.vectors):
            for answer in self.answers[-2 * _COMBINED :]:
                self._widen(answer)

    def add(self, groups: Sequence[Vector]) -> Told | None:
        """Remember the figures of one answer; None when all this was known. Raises MemoryFull."""
        first = len(self)
        places = tuple(self._place(vector, first) for vector in groups)
        whole = self._place(total(groups), first) if len(set(places)) > 1 else places[0]
        known = places in self._made_of or (len(places) == 1 and places[0] < first)
        if known and len(self) == first:
            return None
        self._remember(_Answer(places, whole), first)
        return Told(tuple(self._shelf.vectors[first:]), places)

    def restore(self, told: Told, *, nest: bool = True) -> None:
        """Add what the store has kept of an earlier `add`. `nest`: look for figures that lie in each other."""
        first = len(self)
        before = first if nest else 0
        for vector in told.vectors:
            self._place(vector, before)
        several = len(set(told.places)) > 1
        vectors = self._shelf.vectors
        whole = self._place(total([vectors[p] for p in told.places]), before) if several else told.places[0]
        self._remember(_Answer(told.places, whole), first)

    def _remember(self, answer: _Answer, first: int) -> None:
        self._made_of.add(answer.places)
        self.answers.append(answer)
        self._widen(answer)
        if first < len(self):
            new = self._shelf.vectors[first:]
            self.settled.add(new)
            weighed = self._weighed(new, first)
            if weighed is not None:
                weighed.add(new)

    def _widen(self, answer: _Answer) -> None:
        for place in answer.places if len(answer.places) <= _FEW else (answer.whole,):
            self._span.add(place, self._shelf.sums[place], self._shelf.sizes[place])

    def _place(self, vector: Vector, first: int) -> int:
        """`first`: it is looked for what it lies in, or what in it, before this; in one answer there is no such."""
        key = vector.key
        if key in self._known:
            return self._known[key]
        place = len(self)
        if place >= MAX_VECTORS:
            raise MemoryFull
        before = range(max(0, first - PAIRED), first)
        self._nested += [(place, inner) for inner in self._shelf.within(vector, 1, before, _NEIGHBOURS)]
        self._nested += [(outer, place) for outer in self._shelf.around(vector, 1, before, _NEIGHBOURS)]
        self._known[key] = self._shelf.put(vector)
        return place

    def _weighed(self, new: Sequence[Vector], first: int) -> Settled | None:
        """From the first figure on to which people add unlike much; of all before it then, those before `first`."""
        if self.weighed is None and not all(vector.is_even for vector in new):
            self.weighed = Settled(weighed=True)
            for start in range(0, first, _MORE):
                self.weighed.add(self._shelf.vectors[start : min(start + _MORE, first)])
        return self.weighed

    # --- asking -------------------------------------------------------------------------------------------------

    def knows(self, vector: Vector) -> bool:
        return vector.key in self._known

    def tells_too_much(self, new: Vector, rule: Rule) -> bool:
        """Would `new` tell of too few people together with what was told before?"""
        return bool(self.tell_too_much([new], rule)[0])

    def tell_too_much(self, figures: Sequence[Vector], rule: Rule) -> Flags:
        """The same of each of many, looked at one beside the other."""
        found = np.zeros(len(figures), dtype=bool)
        asked = np.array([i for i, vector in enumerate(figures) if not self.knows(vector)], dtype=np.int64)
        if not len(asked) or not len(self):
            return found
        for test in (self._beside_one_or_two, self._in_answers, self._combined):
            found[asked] = test([figures[i] for i in asked], rule)
            asked = asked[~found[asked]]
            if not len(asked):
                break
        return found

    def told_by(self, groups: Mapping[int, Vector], fresh: set[int], rule: Rule) -> list[set[int]]:
        """Groups of one answer, some of them `fresh`, that together with one or two earlier figures tell too much."""
        names = list(groups)
        if len(names) > _SOLVED or not len(self):
            return []
        own, all_found = groups_of(list(groups.values()), rule), []
        for targets in earlier_targets(self._shelf, self._nested[-_NESTED:], rule):
            for chosen in explained(targets, own, rule)[1]:
                together = {names[i] for i in np.flatnonzero(chosen)}
                if together & fresh:
                    all_found.append(together)
        return all_found

    def made_of_alike(self, figures: Sequence[Vector], rule: Rule, in_time: InTime) -> list[int]:
        """See `alike`."""
        return made_of_alike(self._shelf, figures, rule, in_time)

    def beyond(self, figures: Sequence[Vector], rule: Rule, in_time: InTime) -> list[int]:
        """Places of those figures that would settle too much of anybody together with what was told before."""
        out = self.settled.beyond(figures, rule.most_settled, in_time)
        weighed = self._weighed(figures, len(self))
        rest = [place for place in range(len(figures)) if place not in out]
        if weighed is not None and rest:
            some = [figures[place] for place in rest]
            beyond = weighed.beyond(some, rule.most_weighed, in_time, on_average=rule.most_settled)
            out += [rest[place] for place in beyond]
        return out

    def _beside_one_or_two(self, figures: Sequence[Vector], rule: Rule) -> Flags:
        sums, sizes = stacked(figures, rule)
        found = beside_one(self._shelf, sums, sizes, rule)
        members = np.array([len(figure.people) for figure in figures])
        found[~found] = beside_multiples(self._shelf, sums[~found], members[~found], rule)
        found[~found] = beside_two(self._shelf, sums[~found], rule)
        return found

    def _combined(self, figures: Sequence[Vector], rule: Rule) -> Flags:
        sums, sizes = stacked(figures, rule)
        held = [None] * len(sums) if sizes is None else sizes
        left = [self._span.left_of(*one) for one in zip(sums, held, strict=True)]
        return np.array([rule.tells(*one).any() for one in left])

    def _in_answers(self, figures: Sequence[Vector], rule: Rule) -> Flags:
        """Each, or what the latest earlier ones around it or within it leave, made up of groups of one answer."""
        sums, sizes = stacked(figures, rule)
        found = np.zeros(len(figures), dtype=bool)
        alone = targets_of(sums, sizes, rule, np.arange(len(figures)))
        for answer in self.answers[-_ANSWERS:]:
            if self._is_looked_in(answer):
                found[explained(alone, self._groups(answer, rule), rule)[0]] = True
        left_over = self._differences(figures, np.flatnonzero(~found).tolist(), sums, sizes, rule)
        if left_over is not None:
            owners, targets = left_over
            for answer in self.answers[-_ANSWERS_OF_TWO:]:
                if self._is_looked_in(answer):
                    found[owners[explained(targets, self._groups(answer, rule), rule)[0]]] = True
        return found

    def _differences(
        self, figures: Sequence[Vector], asked: Sequence[int], sums: Floats, sizes: Floats | None, rule: Rule
    ) -> tuple[Whole, Targets] | None:
        """(whose, what is left) of each new figure and those around it or within it; None where there are none."""
        window = range(max(0, len(self) - PAIRED), len(self))
        answers = max(1, min(len(self.answers), _ANSWERS_OF_TWO))
        most = min(_NESTED, max(_NEIGHBOURS, _LOOKED_AT // (answers * max(1, len(asked)))))
        owners, plus, minus = [], [], []
        for new in asked:
            around = self._shelf.around(figures[new], rule.k, window, most)
            within = self._shelf.within(figures[new], rule.k, window, most)
            own = len(self) + new
            owners += [new] * (len(around) + len(within))
            plus += around + [own] * len(within)
            minus += [own] * len(around) + within
        if not owners:
            return None
        used, places = np.unique([*plus, *minus], return_inverse=True)
        old, fresh = used[used < len(self)], used[used >= len(self)] - len(self)
        both = np.vstack([self._shelf.sums[old], sums[fresh]])
        held = None if sizes is None else np.vstack([self._shelf.sizes[old], sizes[fresh]])
        return np.array(owners), targets_of(both, held, rule, places[: len(plus)], places[len(plus) :])

    @staticmethod
    def _is_looked_in(answer: _Answer) -> bool:
        return 1 < len(answer.places) <= _SOLVED

    def _groups(self, answer: _Answer, rule: Rule) -> Groups:
        places, shelf = np.array(answer.places), self._shelf
        if answer.solver is None:
            answer.solver = solver_of(shelf.sums[places])
        sized = rule.dominance is not None
        sizes, held = (shelf.sizes, shelf.held(rule.width)[places]) if sized else (None, None)
        return Groups(shelf.sums, sizes, places, shelf.folds(rule.width)[places], held, answer.solver)
