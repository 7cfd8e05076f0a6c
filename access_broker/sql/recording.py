"""What the analyser keeps while it reads: the uses it met, and the tables whose columns it is asked about."""

from __future__ import annotations

from dataclasses import dataclass, field

from access_broker.domain.catalogue import GrantedTable
from access_broker.domain.datasets import Mode
from access_broker.domain.footprint import JoinTouch, Touch, Unknown, Use
from access_broker.sql.identifiers import as_asked
from access_broker.sql.relations import BaseColumn, BaseTable, Relation, Value
from access_broker.sql.scopes import Frame, components


@dataclass
class Recording:
    """Mixed into the analyser. Each use is kept once, in the order in which it was met."""

    bases: list[BaseTable] = field(default_factory=list)
    touches: dict[Touch, None] = field(default_factory=dict)
    joins: dict[JoinTouch, None] = field(default_factory=dict)
    unknowns: list[Unknown] = field(default_factory=list)
    _same_entity: list[tuple[str, str]] = field(default_factory=list)

    def touch(self, value: Value, use: Use, function: str = "") -> None:
        for column in sorted(value.columns):
            self.touches.setdefault(Touch(column.source, column.column, use, function))

    def touch_rows(self, sources: frozenset[str], use: Use, function: str = "") -> None:
        for source in sorted(sources):
            self.touches.setdefault(Touch(source, "*", use, function))

    def join(self, left: BaseColumn, right: BaseColumn, *, restricts: bool) -> None:
        self.joins.setdefault(JoinTouch((left.source, left.column), (right.source, right.column)))
        for side in (left, right):
            self.touches.setdefault(Touch(side.source, side.column, Use.JOIN))
        if restricts and self.is_entity(left) and self.is_entity(right):
            self._same_entity.append((left.source, right.source))

    def unknown(self, table: str, column: str, use: Use) -> None:
        self.unknowns.append(Unknown(as_asked(table), column, use))

    def expose(self, relation: Relation) -> None:
        """The relation's single rows reach the answer (or a place where we stop following them)."""
        relation.closed = True
        self.touch_rows(relation.sources, Use.ROWS)
        for value in relation.outputs.values():
            self.touch(value, Use.PROJECT)
            self.touch_rows(value.rows, Use.ROWS)

    def is_entity(self, column: BaseColumn) -> bool:
        return self.table_of(column).entity == column.column

    def is_numbered(self, column: BaseColumn) -> bool:
        """True for a column published as the numbers of its entities, so that two values are two entities."""
        granted = self.table_of(column).column(column.column)
        return granted is not None and granted.mode is Mode.JOIN

    def is_hidden(self, column: BaseColumn) -> bool:
        """True for a column of whose values nobody is shown one, or those who have one."""
        granted = self.table_of(column).column(column.column)
        return granted is not None and granted.mode is Mode.AGGREGATE

    def type_of(self, column: BaseColumn) -> str:
        """The engine's type of a published column, "" for none."""
        granted = self.table_of(column).column(column.column)
        return granted.type if granted is not None else ""

    def table_of(self, column: BaseColumn) -> GrantedTable:
        return next(b.table for b in self.bases if b.source == column.source)

    def same_entity(self, source: str, other: str) -> bool:
        names = [b.source for b in self.bases]
        return any({source, other} <= part for part in components(names, self._same_entity))

    def table_key(self, frame: Frame) -> str:
        """The table a bare name must have been meant for: the only one there, else nobody can say."""
        tables = [b.table.key for b in self.bases for r in frame.info.relations.values() if b.relation is r]
        return tables[0] if len(tables) == 1 else ""

    def use_column(self, relation: Relation, name: str) -> None:
        for base in self.bases:
            if base.relation is relation:
                base.used.add(name)
