"""The memory said plainly: every combination by itself, one figure after the other, as slowly as it comes.

What `ledger` decides of many at once is compared with this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from access_broker.use_cases.figures import Floats, Vector, total
from access_broker.use_cases.rule import Rule, without_noise
from access_broker.use_cases.span import MULTIPLES, Span, solver_of

Sized = tuple[Floats, Floats | None]


class Plain:
    def __init__(self) -> None:
        self.figures: list[Vector] = []
        self.answers: list[list[Vector]] = []
        self.nested: list[tuple[Vector, Vector]] = []
        self.span = Span(192)

    def knows(self, vector: Vector) -> bool:
        return any(vector.key == known.key for known in self.figures)

    def add(self, groups: Sequence[Vector]) -> None:
        before = list(self.figures)
        several = len({v.key for v in groups}) > 1
        whole = total(groups) if several else groups[0]
        for new in [*groups, whole]:
            if not self.knows(new):
                self.nested += [(new, old) for old in before if lies_in(old, new, 1)]
                self.nested += [(old, new) for old in before if lies_in(new, old, 1)]
                self.figures.append(new)
        self.answers.append(list(groups))
        for part in groups if len(groups) <= 4 else [whole]:
            self.span.add(0, part.sums, part.sizes)

    def left_out(self, groups: Mapping[int, Vector], rule: Rule) -> list[int]:
        fresh = {name for name, vector in groups.items() if not self.knows(vector)}
        out = [name for name in sorted(fresh) if self.tells(groups[name], rule)]
        left = [name for name in groups if name not in out]
        for place, name in enumerate(left):
            if any(tells(rule, (groups[other].sums - groups[name].sums, None)) for other in left[:place]):
                out.append(name)
        while fresh := fresh - set(out):
            left = [name for name in groups if name not in out]
            conflicts = self.told_by(left, groups, fresh, rule)
            if not conflicts and len(left) > 1 and self.tells(total([groups[name] for name in left]), rule):
                conflicts = [set(left)]
            if not conflicts:
                break
            for together in conflicts:
                if not together & set(out):
                    out.append(min(together & fresh, key=lambda name: (len(groups[name].people), name)))
        return out

    def tells(self, new: Vector, rule: Rule) -> bool:
        if not self.figures or self.knows(new):
            return False
        return self.tells_beside_two(new, rule) or any(tells(rule, left) for left in self.what_is_left(new, rule))

    def tells_beside_two(self, new: Vector, rule: Rule) -> bool:
        sums = np.array([old.sums for old in self.figures])
        return any(
            bool(rule.tells(new.sums - one - sign * sums, None).any()) for one in sums for sign in (1, -1)
        )  # fmt: skip

    def what_is_left(self, new: Vector, rule: Rule) -> Iterator[Sized]:
        yield from (less(sized(old, rule), sized(new, rule)) for old in self.figures)
        around = [less(sized(old, rule), sized(new, rule)) for old in self.figures if lies_in(new, old, rule.k)]
        within = [less(sized(new, rule), sized(old, rule)) for old in self.figures if lies_in(old, new, rule.k)]
        for groups in self.answers:
            if len(groups) > 1:
                for target in [sized(new, rule), *around, *within]:
                    left, chosen = without_groups(target, groups, rule)
                    if chosen.any():
                        yield left
        for old in self.figures:
            for times in range(2, MULTIPLES + 1):
                for left in (times * new.sums - old.sums, new.sums - times * old.sums):
                    if 2 * np.count_nonzero(left) <= np.count_nonzero(new.sums):
                        yield left, None
        yield from zip(*self.span.left_of(*sized(new, rule)), strict=True)

    def told_by(self, names: list[int], groups: Mapping[int, Vector], fresh: set[int], rule: Rule) -> list[set[int]]:
        found = []
        earlier = [sized(old, rule) for old in self.figures]
        earlier += [less(sized(outer, rule), sized(inner, rule)) for outer, inner in self.nested]
        for target in earlier:
            left, chosen = without_groups(target, [groups[name] for name in names], rule)
            together = {name for name, taken in zip(names, chosen, strict=True) if taken}
            if together & fresh and tells(rule, left):
                found.append(together)
        return found


def sized(vector: Vector, rule: Rule) -> Sized:
    return vector.sums, vector.sizes if rule.dominance else None


def less(one: Sized, other: Sized) -> Sized:
    held = None if one[1] is None or other[1] is None else without_noise((one[1] - other[1])[None], one[1][None])[0]
    return one[0] - other[0], held


def lies_in(one: Vector, other: Vector, slack: int) -> bool:
    return len(one.people - other.people) < slack


def without_groups(target: Sized, groups: Sequence[Vector], rule: Rule) -> tuple[Sized, Floats]:
    """(what is left of it without the groups it is made of, which those are)."""
    sums = np.array([group.sums for group in groups])
    chosen = (target[0] @ solver_of(sums) > 0.5).astype(np.float64)
    sizes = [group.sizes for group in groups if group.sizes is not None]
    held = None
    if target[1] is not None and len(sizes) == len(groups):
        held = without_noise((target[1] - chosen @ np.array(sizes))[None], target[1][None])[0]
    return (target[0] - chosen @ sums, held), chosen


def tells(rule: Rule, left: Sized) -> bool:
    return bool(rule.tells(left[0][None], None if left[1] is None else left[1][None])[0])
