"""Which groups of one answer are left out, so that the rest may be told."""

from __future__ import annotations

import numpy as np

from access_broker.use_cases.directions import InTime, for_ever
from access_broker.use_cases.figures import Vector, total
from access_broker.use_cases.ledger import Kind
from access_broker.use_cases.remainders import tells_by_remainder
from access_broker.use_cases.rule import Rule


def left_out(kind: Kind, groups: dict[int, Vector], rule: Rule, in_time: InTime = for_ever) -> list[int]:
    """As few groups as will do, the smallest of those that are new."""
    fresh = {group for group, vector in groups.items() if not kind.knows(vector)}
    new = sorted(fresh)
    out = _named(new, kind.tell_too_much([groups[group] for group in new], rule)) if new else []
    if rule.of_rows:
        out += [group for group in new if group not in out and tells_by_remainder(groups[group], rule.k)]
    left = {group: vector for group, vector in groups.items() if group not in out}
    out += _too_alike(left, rule, in_time)
    for test in (kind.made_of_alike, kind.beyond):
        rest = [group for group in new if group not in out]
        if rest:
            out += [rest[place] for place in test([groups[group] for group in rest], rule, in_time)]
    while fresh := fresh - set(out):
        in_time()
        left = {group: vector for group, vector in groups.items() if group not in out}
        conflicts = kind.told_by(left, fresh, rule)
        if not conflicts and len(left) > 1 and kind.tells_too_much(total(list(left.values())), rule):
            conflicts = [set(left)]
        if not conflicts:
            break
        for together in conflicts:
            if not together & set(out):
                out.append(min(together & fresh, key=lambda group: (len(groups[group].people), group)))
    return out


def _named(groups: list[int], flags: np.ndarray) -> list[int]:
    return [group for group, flag in zip(groups, flags, strict=True) if flag]


def _too_alike(groups: dict[int, Vector], rule: Rule, in_time: InTime) -> list[int]:
    """Groups of one answer share no row, but may share people, and differ in few of them."""
    names = list(groups)
    if sum(len(v.people) for v in groups.values()) == len(total(list(groups.values())).people if names else ()):
        return []
    sums, out = np.array([groups[name].sums for name in names]), []
    for place, name in enumerate(names[1:], 1):
        in_time()
        if rule.tells(sums[:place] - sums[place], None).any():
            out.append(name)
    return out
