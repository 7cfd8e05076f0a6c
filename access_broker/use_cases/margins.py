"""Is a figure, or the difference of two, made up of some groups of one answer, but for few people?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from access_broker.use_cases.figures import Floats, Vector, Whole
from access_broker.use_cases.rule import Rule, folded, without_noise
from access_broker.use_cases.shelf import Shelf
from access_broker.use_cases.span import solver_of


@dataclass
class Targets:
    """What groups are looked for in: rows of `sums`, `plus` ones, less `minus` ones where there are any.

    `folds`, `held`: of `sums` and of `sizes`, in as many folds as the rule asks for.
    """

    sums: Floats
    sizes: Floats | None
    folds: Floats
    held: Floats | None
    plus: Whole
    minus: Whole | None = None

    def part(self, of: Floats, rows: Whole | slice) -> Floats:
        whole = of[self.plus[rows]]
        return whole if self.minus is None else whole - of[self.minus[rows]]

    @cached_property
    def own_folds(self) -> Floats:
        return self.part(self.folds, slice(None))

    @cached_property
    def own_held(self) -> Floats | None:
        return None if self.held is None else self.part(self.held, slice(None))


@dataclass
class Groups:
    """The groups of one answer: `places` among the rows of `sums` and `sizes`, which are looked at for few of them."""

    sums: Floats
    sizes: Floats | None
    places: Whole
    folds: Floats
    held: Floats | None
    solver: Floats


def targets_of(sums: Floats, sizes: Floats | None, rule: Rule, plus: Whole, minus: Whole | None = None) -> Targets:
    held = None if sizes is None else folded(sizes, rule.width)
    return Targets(sums, sizes, folded(sums, rule.width), held, plus, minus)


def groups_of(parts: Sequence[Vector], rule: Rule) -> Groups:
    """Of an answer that is not on the shelf yet."""
    sums, sizes = stacked(parts, rule)
    held = None if sizes is None else folded(sizes, rule.width)
    return Groups(sums, sizes, np.arange(len(parts)), folded(sums, rule.width), held, solver_of(sums))


def stacked(parts: Sequence[Vector], rule: Rule) -> tuple[Floats, Floats | None]:
    """Their sums, and their sizes where all have some and somebody asks."""
    sizes = [part.sizes for part in parts if part.sizes is not None]
    sized = rule.dominance is not None and len(sizes) == len(parts)
    return np.array([part.sums for part in parts]), np.array(sizes) if sized else None


def earlier_targets(shelf: Shelf, nested: Sequence[tuple[int, int]], rule: Rule) -> list[Targets]:
    """Every figure told, then the differences of those that lie in each other."""
    sized = rule.dominance is not None
    sizes, held = (shelf.sizes, shelf.held(rule.width)) if sized else (None, None)
    single = Targets(shelf.sums, sizes, shelf.folds(rule.width), held, np.arange(len(shelf)))
    if not nested:
        return [single]
    pairs = np.array(nested, dtype=np.int64)
    return [single, Targets(shelf.sums, sizes, single.folds, held, pairs[:, 0], pairs[:, 1])]


def explained(targets: Targets, groups: Groups, rule: Rule) -> tuple[Whole, Floats]:
    """(the targets that are made of groups but for too few people, which groups each is made of)."""
    shares = targets.sums @ groups.solver
    chosen = (targets.part(shares, slice(None)) > 0.5).astype(np.float64)
    sized = targets.own_held is not None and groups.held is not None
    left = targets.own_folds - chosen @ groups.folds
    held = targets.own_held - chosen @ groups.held if sized else None  # type: ignore[operator]
    rows = np.flatnonzero(chosen.any(axis=1) & rule.may_tell(left, held))
    if not len(rows):
        return rows, chosen[:0]
    chosen = chosen[rows]
    rest = None
    if sized and targets.sizes is not None and groups.sizes is not None:
        whole = targets.part(targets.sizes, rows)
        rest = without_noise(whole - chosen @ groups.sizes[groups.places], whole)
    told = rule.tells(targets.part(targets.sums, rows) - chosen @ groups.sums[groups.places], rest)
    return rows[told], chosen[told]
