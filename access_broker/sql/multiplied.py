"""The two arguments of a covariance, a correlation or a slope: which of them may be multiplied with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from access_broker.domain.footprint import Use
from access_broker.sql.branches import BRANCHES
from access_broker.sql.relations import BaseColumn, Value
from access_broker.sql.scopes import Frame

if TYPE_CHECKING:
    from access_broker.domain.catalogue import GrantedTable

Pair = list[tuple[exp.Expr, Value]]


class Multiplied(NamedTuple):
    """What nobody may have a large part of: see `Cell`."""

    weights: list[exp.Expr]
    summed: list[exp.Expr]


class Multiplying:
    """Mixed into the analyser."""

    if TYPE_CHECKING:

        def touch(self, value: Value, use: Use, function: str = "") -> None: ...
        def touch_rows(self, sources: frozenset[str], use: Use, function: str = "") -> None: ...
        def presence_of(self, argument: exp.Expr, rows: Frame) -> list[exp.Expr]: ...
        def is_hidden(self, column: BaseColumn) -> bool: ...
        def table_of(self, column: BaseColumn) -> GrantedTable: ...

    def pair(self, name: str, pair: Pair, rows: Frame, regions: list[exp.Expr], multiplied: Multiplied) -> None:
        """It counts where both are there. One that anybody may know is what the other is weighed by."""
        there = [present for argument, _ in pair for present in self.presence_of(argument, rows)]
        regions += [exp.and_(*there)] if there else []
        if self._of_two_lists(*(value for _, value in pair)):
            self.touch_rows(rows.sources, Use.TRANSFORM, name)
        for argument, value in pair:
            known = not value.released and (value.is_count or not all(map(self.is_hidden, value.columns)))
            if known:  # beside another such one as well: that may be of one person only
                multiplied.weights.append(argument)
            elif value.summed:  # who has many rows, which may be known, has a large sum of what nobody knows
                multiplied.summed.append(argument)
            mixed = known and len(value.columns) > 1  # what is known is behind what is not, or behind a second one
            chosen = argument.find(exp.Coalesce, *BRANCHES) is not None  # of whom, among those who have the other?
            if mixed or chosen:
                self.touch(value, Use.TRANSFORM, name)
                self.touch_rows(rows.sources, Use.TRANSFORM, name)

    def _of_two_lists(self, one: Value, other: Value) -> bool:
        """Is the same thing taken of two lists of each person's rows? Where nobody has a row more in the one, both are

        the same for everybody, and a slope of 1 would say so.
        """
        pairs = ((a, b) for a in _made_of(one) for b in _made_of(other))
        tables = ((a, b, self.table_of(a).key == self.table_of(b).key) for a, b in pairs)
        return any(same and a.column == b.column and a.source != b.source for a, b, same in tables)


def _made_of(value: Value) -> list[BaseColumn]:
    """A count is made of rows, which are named like a column that no table has."""
    return sorted(value.columns) or [BaseColumn(source, "*") for source in sorted(value.rows)]
