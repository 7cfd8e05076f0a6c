"""What everybody may read, in an aggregate over rows of people.

The least population of the provinces that the ill live in says whether one of them lives in the smallest province, and
a sum of known numbers, different enough, says how many of each it was made of. Where the group has one row of the open
table, both are known beforehand. And what stands beside nobody is counted beside people: whether it does says that
there is nobody.
"""

from __future__ import annotations

from sqlglot import exp

from access_broker.sql.arguments import measured_in
from access_broker.sql.relations import BaseTable, Relation, Shape, Value
from access_broker.sql.scopes import Frame, equated_with


class OpenValues:
    """Mixed into the analyser."""

    bases: list[BaseTable]

    def shows_open_values(self, call: exp.Expr, frame: Frame) -> bool:
        """Does it measure values of an open table, or of released figures, of which a group has several rows?"""
        if isinstance(call, exp.Count | exp.CountIf) and not isinstance(call.this, exp.Distinct):
            return False
        if not any(base.source in frame.sources and base.table.entity for base in self.bases):
            return False
        columns = _measured(call)
        if isinstance(call, exp.GroupConcat) and not any(self._of_people(column, frame) for column in columns):
            return True  # as long as there are rows, however often it says the same
        loose = [column for column in columns if self._has_open(column, frame)]
        return bool(loose) and not {column.table for column in loose} <= self._one_row_in_group(frame)

    def counts_nobody(self, call: exp.Expr, frame: Frame) -> bool:
        """Does it take rows that an outer join found no person for? It takes none where a column of people is NULL.

        A group with one row of all that is never padded has such a row only if there is nobody in it at all.
        """
        if not self.holds_nobody(frame):
            return False
        columns = _measured(call)
        if columns and all(self._of_people(column, frame) for column in columns):
            return False
        kept = set(frame.info.relations) - frame.nullable
        own = any(frame.info.relations[alias].nobodys for alias in kept)
        return own or not kept or not kept <= self._one_row_in_group(frame)

    def holds_nobody(self, frame: Frame) -> bool:
        """May a row of what FROM yields be of nobody?"""
        relations = frame.info.relations
        people = [alias for alias, relation in relations.items() if self.is_of_people(relation)]
        absent = all(alias in frame.nullable or relations[alias].nobodys for alias in people)
        return bool(people) and frame.nobodys and absent

    def is_known_of_group(self, node: exp.Expr, frame: Frame) -> bool:
        """Is it one open value, the same whoever the group is of? Then it is told as it is, in every answer mode."""
        if not isinstance(node, exp.Min | exp.Max | exp.Avg) or not isinstance(node.this, exp.Column):
            return False
        return self._is_open(node.this, frame) and node.this.table in self._one_row_in_group(frame)

    def is_of_people(self, relation: Relation) -> bool:
        """Do rows of people show in it?"""
        return bool(relation.sources & self._people())

    def _is_open(self, column: exp.Column, frame: Frame) -> bool:
        value = _value_of(column, frame)
        return not value.rows and not self._of_people(column, frame)

    def _has_open(self, column: exp.Column, frame: Frame) -> bool:
        """Is it open, or made of something open: with a column of people, or per person? A constant only counts."""
        value = _value_of(column, frame)
        if value.shape is Shape.CONSTANT and value.released and column.table not in frame.nullable and not value.padded:
            return False
        return value.released or any(own.source not in self._people() for own in value.columns)

    def _of_people(self, column: exp.Column, frame: Frame) -> bool:
        return any(own.source in self._people() for own in _value_of(column, frame).columns)

    def _people(self) -> set[str]:
        return {base.source for base in self.bases if base.table.entity}

    @staticmethod
    def _one_row_in_group(frame: Frame) -> set[str]:
        """The aliases of which every row of a group has the same row: its key is a key of the group, or equals one."""
        grouped = {value.plain for value in (frame.groups or {}).values() if value.plain and not value.padded}
        relations = frame.info.relations
        keys = {(a, name) for a, r in relations.items() for name, v in r.outputs.items() if v.plain in grouped}
        equated = equated_with(keys, frame)
        own = {alias: {name for a, name in equated if a == alias} for alias in relations}
        return {a for a, r in relations.items() if r.single or any(key <= own[a] for key in r.keys)} | frame.info.fixed


def _value_of(column: exp.Column, frame: Frame) -> Value:
    return frame.info.relations[column.table].outputs.get(column.name, Value())


def _measured(call: exp.Expr) -> list[exp.Column]:
    return [column for part in call.iter_expressions() for column in measured_in(part)]
