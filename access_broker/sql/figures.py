"""What the aggregates of a SELECT tell, as figures that can be compared with each other.

A figure is described by what a person adds to it, not by who is in it: two sums over the same people differ when one
of them has one visit more.
"""

from __future__ import annotations

from dataclasses import dataclass

from access_broker.sql.auditing import AuditSelect
from access_broker.sql.statement import Statement

ROWS, PEOPLE = "*", "people"
"""The kinds of figures that count rows, and people. Where each has one row, both are the same."""


@dataclass(frozen=True)
class Figure:
    """What one aggregate tells about a group. Figures of the same `kind` can be subtracted from each other.

    `kind`: the columns it measures, or ROWS. `count`, `weight`, `sizes`: places in the audit query's row: how many rows
    of the person take part; what they weigh; the absolute sums of what is measured, which is what dominance is about.
    `distinct`: a person adds one, however many rows. `single`: only where all but fewer than k people have one row, or
    one same small number of rows. `products`, `spreads`: what else dominance is about, the absolute sums of products,
    and of what is told of by how far it lies from the mean: two sums, and of how many rows they are. `unread`: nobody
    knows what it rests on.
    """

    kind: str
    count: int
    weight: int | None = None
    sizes: tuple[int, ...] = ()
    distinct: bool = False
    single: bool = False
    products: tuple[int, ...] = ()
    spreads: tuple[tuple[int, int, int], ...] = ()
    unread: bool = False

    @property
    def counts_rows(self) -> bool:
        return self.kind == ROWS and not self.distinct


@dataclass(frozen=True)
class AuditedCell:
    """One aggregate. `regions`: places of the counts that must each reach k people, or the cell is NULL anyway.

    `partial`: it has a FILTER or a CASE and can be withheld alone, without its group.
    """

    number: int
    partial: bool
    regions: tuple[int, ...]
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class AuditQuery:
    """`keys`: how many columns come first; then the person, then what the figures point to.

    `domain`: whose numbers the person's is; equal numbers of two domains mean nothing.
    """

    select: AuditSelect
    statement: Statement
    domain: str
    k: int
    keys: int
    cells: tuple[AuditedCell, ...]
