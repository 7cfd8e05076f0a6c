"""Declared joins that lead round in a circle, over all datasets of a document."""

from __future__ import annotations

from collections.abc import Iterable

from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.domain.datasets import ColumnRef, Join, closing_joins


class Circles:
    """Remembers the joins read so far; one that closes a circle is a fault where it stands."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._before: list[Join] = []

    def without(self, joins: Iterable[tuple[Join, Part]]) -> tuple[Join, ...]:
        """The joins that close no circle, in their order."""
        return tuple(join for join, row in joins if self._goes_on(join, row))

    def _goes_on(self, join: Join, row: Part) -> bool:
        if not closing_joins([*self._before, join]):
            self._before.append(join)
            return True
        way = ", ".join(map(str, _way(self._before, join.left, join.right)))
        self._reading.faults.add(row.path, "JOIN_CYCLE", left=str(join.left), right=str(join.right), way=way)
        return False


def _way(joins: list[Join], start: ColumnRef, end: ColumnRef) -> list[ColumnRef]:
    """The columns between two that are equated already; there is one way, since there was no circle before."""
    ways: list[list[ColumnRef]] = [[start]]
    for way in ways:
        for left, right in [(j.left, j.right) for j in joins] + [(j.right, j.left) for j in joins]:
            if left == way[-1] and right not in way:
                if right == end:
                    return way[1:]
                ways.append([*way, right])
    return []
