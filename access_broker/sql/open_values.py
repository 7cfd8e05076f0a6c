"""What everybody may read, in an aggregate over rows of people.

The least population of the provinces that the ill live in says whether one of them lives in the smallest province, and
a sum of known numbers, different enough, says how many of each it was made of. Where the group has one row of the open
table, both are known beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access_broker.sql.arguments import measured_in
from access_broker.sql.relations import BaseColumn, BaseTable, Value
from access_broker.sql.scopes import Frame, equated_with


class OpenValues:
    """Mixed into the analyser."""

    bases: list[BaseTable]

    if TYPE_CHECKING:

        def is_entity(self, column: BaseColumn) -> bool: ...

    def shows_open_values(self, call: exp.Expr, frame: Frame) -> bool:
        """Does it measure values of an open table, or of released figures, of which a group has several rows?"""
        if isinstance(call, exp.Count | exp.CountIf) and not isinstance(call.this, exp.Distinct):
            return False
        if not any(base.source in frame.sources and base.table.entity for base in self.bases):
            return False
        loose = [column for column in _measured(call) if self._is_open(column, frame)]
        return bool(loose) and not {column.table for column in loose} <= self._one_row_in_group(frame)

    def is_known_of_group(self, node: exp.Expr, frame: Frame) -> bool:
        """Is it one open value, the same whoever the group is of? Then it is told as it is, in every answer mode."""
        if not isinstance(node, exp.Min | exp.Max | exp.Avg) or not isinstance(node.this, exp.Column):
            return False
        return self._is_open(node.this, frame) and node.this.table in self._one_row_in_group(frame)

    def _is_open(self, column: exp.Column, frame: Frame) -> bool:
        value = frame.info.relations[column.table].outputs.get(column.name, Value())
        people = {base.source for base in self.bases if base.table.entity}
        return not value.rows and not any(own.source in people for own in value.columns)

    @staticmethod
    def _one_row_in_group(frame: Frame) -> set[str]:
        """The aliases of which every row of a group has the same row: its key is a key of the group, or equals one."""
        grouped = {value.plain for value in (frame.groups or {}).values() if value.plain and not value.padded}
        relations = frame.info.relations
        keys = {(a, name) for a, r in relations.items() for name, v in r.outputs.items() if v.plain in grouped}
        equated = equated_with(keys, frame)
        own = {alias: {name for a, name in equated if a == alias} for alias in relations}
        return {a for a, r in relations.items() if r.single or any(key <= own[a] for key in r.keys)} | frame.info.fixed


def _measured(call: exp.Expr) -> list[exp.Column]:
    return [column for part in call.iter_expressions() for column in measured_in(part)]
