"""How the rows of a SELECT come together: ON and WHERE, what an outer join pads, what a group has one row of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Use
from access_broker.sql.constants import fixed_by, is_padded
from access_broker.sql.relations import BaseColumn, Relation, Value
from access_broker.sql.scopes import Frame, conjuncts, has_aggregate, has_window, strip


class Joining:
    """Mixed into the analyser; needs what `Sources` and `Values` know."""

    if TYPE_CHECKING:

        def condition(self, node: exp.Expr, frame: Frame) -> None: ...
        def touch_rows(self, sources: frozenset[str], use: Use, function: str = "") -> None: ...
        def is_entity(self, column: BaseColumn) -> bool: ...
        def is_of_people(self, relation: Relation) -> bool: ...
        def multiplies(self, frame: Frame) -> bool: ...
        def single_rows(self, frame: Frame, fixed: frozenset[str] = frozenset()) -> frozenset[str]: ...
        def tied(self, frame: Frame, fixed: frozenset[str] = frozenset()) -> frozenset[str]: ...
        def _equality(self, node: exp.EQ, frame: Frame, *, restricts: bool, ties: bool) -> bool: ...

    def rows_phase(self, node: exp.Select, frame: Frame) -> None:
        """Everything that decides which rows there are, before groups."""
        info = frame.info
        info.fixed, info.padded = self._fixed_by_groups(node, frame)
        joins = node.args.get("joins") or []
        frame.nullable -= {join.this.alias_or_name for join in joins if _pads_nobody(join, frame)}
        frame.chosen = self._chosen(joins, frame)
        frame.nobodys = self._keeps_nobody(node, frame)
        for join in joins:
            if join.args.get("on"):
                self._joined(join, frame)
        if node.args.get("where"):
            self._conditions(node.args["where"].this, frame, restricts=True, ties=True)
        if self.multiplies(frame):
            self.touch_rows(frame.sources, Use.CROSS)
        info.single_rows, info.tied = self.single_rows(frame), self.tied(frame)
        info.single_in_group, info.tied_in_group = self.single_rows(frame, info.fixed), self.tied(frame, info.fixed)
        info.attributes = _attributes(frame)
        if node.args.get("sample"):
            self.touch_rows(frame.sources, Use.ROWS)

    def _joined(self, join: exp.Join, frame: Frame) -> None:
        """ON of one join. What an outer join pads with NULL may depend on the joined item and on equalities with it,

        not on the people it is padded for: that would be a FILTER whose complement nobody counts.
        """
        side, own = (join.side or "").upper(), join.this.alias_or_name
        self._conditions(join.args["on"], frame, restricts=not side, ties=side in ("", "LEFT"))
        for part in conjuncts(join.args["on"]) if side and not _pads_nobody(join, frame) else ():
            tables = {c.table for c in part.find_all(exp.Column)}
            plain = isinstance(part, exp.EQ) and all(isinstance(strip(e), exp.Column) for e in (part.left, part.right))
            if tables != {own} and not (plain and own in tables and side == "LEFT"):
                self.touch_rows(frame.sources, Use.CROSS)

    def _keeps_nobody(self, node: exp.Select, frame: Frame) -> bool:
        """Do the joins, one after the other, keep rows beside which no person need stand?"""
        free = {a: r.nobodys or not self.is_of_people(r) for a, r in frame.info.relations.items()}
        if not free:
            return False
        kept = free[next(iter(free))]
        for join in node.args.get("joins") or []:
            own, side = free[join.this.alias_or_name], (join.side or "").upper()
            kept = {"": kept and own, "LEFT": kept, "RIGHT": own, "FULL": kept or own}[side]
        return kept

    def _chosen(self, joins: list[exp.Join], frame: Frame) -> set[str]:
        """What is nobody's and padded by more than keys of whole tables: a FILTER whose complement nobody counts."""
        padded = {a for a in frame.nullable if not self.is_of_people(frame.info.relations[a])}
        outer = [join for join in joins if join.side]
        parts = [part for join in outer if join.args.get("on") for part in conjuncts(join.args["on"])]
        items = [join.this for join in joins] + [join.parent.args["from_"].this for join in outer[:1] if join.parent]
        whole = all(isinstance(item, exp.Table) for item in items if item.alias_or_name in padded)
        return set() if whole and all(_is_of_columns(part, frame) for part in parts) else padded

    def _fixed_by_groups(self, node: exp.Select, frame: Frame) -> tuple[frozenset[str], bool]:
        """(aliases of constants that a group has one row of, whether each row of theirs is a group or an empty one).

        What stands beside one row of constants is people by a condition, as with a WHERE: none of them is multiplied.
        """
        keys = node.args["group"].expressions if node.args.get("group") else []
        if any(isinstance(k, exp.Column) and self._is_entity_of(k, frame) for k in map(strip, keys)):
            return frozenset(), False
        found = fixed_by(keys, frame.info.relations)
        return found, bool(found) and frame.outer is None and is_padded(node, found)

    def _is_entity_of(self, column: exp.Column, frame: Frame) -> bool:
        relation = frame.info.relations.get(column.table)
        value = relation.outputs.get(column.name) if relation else None
        return bool(value and value.plain and self.is_entity(value.plain))

    def _conditions(self, node: exp.Expr, frame: Frame, *, restricts: bool, ties: bool) -> None:
        """`restricts`: rows that fail are gone, not padded. `ties`: entities held equal here are equal in every row."""
        if has_aggregate(node) or has_window(node):
            raise Refused("NOT_SUPPORTED", name="WHERE")
        for part in conjuncts(node):
            if not (isinstance(part, exp.EQ) and self._equality(part, frame, restricts=restricts, ties=ties)):
                self.condition(part, frame)


def _attributes(frame: Frame) -> frozenset[str]:
    """Padded items of the same person as an item that is there in every row, and in one row only."""
    if frame.loosely_tied:
        return frozenset()
    there = frame.info.single_rows - frame.nullable
    beside = {a for one, other in frame.ties for a, b in ((one, other), (other, one)) if b in there}
    return frozenset(beside & frame.nullable)


def _is_of_columns(part: exp.Expr, frame: Frame) -> bool:
    """An equality of two items' columns as their tables have them."""
    sides = [strip(side) for side in (part.left, part.right)] if isinstance(part, exp.EQ) else []
    columns = [side for side in sides if isinstance(side, exp.Column)]
    relations = [frame.info.relations.get(column.table) for column in columns]
    values = [r.outputs.get(c.name, Value()) if r else Value() for r, c in zip(relations, columns, strict=True)]
    two = len(columns) == 2 and columns[0].table != columns[1].table
    return two and all(value.plain is not None and not value.chosen for value in values)


def _pads_nobody(join: exp.Join, frame: Frame) -> bool:
    """A LEFT JOIN to constants only, each row of which is a group: one without a match holds nobody's row at all."""
    aliases = list(frame.info.relations)
    others = [(j.side or "").upper() for j in (join.parent.args["joins"] if join.parent else [])]
    if "RIGHT" in others or "FULL" in others:
        return False
    return (join.side or "").upper() == "LEFT" and set(aliases[: aliases.index(join.this.alias_or_name)]) <= (
        frame.info.fixed
    )
