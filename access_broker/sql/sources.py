"""What stands in FROM, and whether the items stand to each other so that no person is counted more than once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.domain.footprint import Use
from access_broker.domain.text import fold
from access_broker.sql import allowed
from access_broker.sql.constants import series_relation, values_relation
from access_broker.sql.names import Resolved
from access_broker.sql.relations import BaseColumn, BaseTable, Relation, Shape, Value
from access_broker.sql.scopes import Frame, components, equal_columns, from_items
from access_broker.sql.series import series_of

MAX_SOURCES = 16
_JOIN_WORDS = frozenset({"", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS"})


class Sources:
    """Mixed into the analyser."""

    resolved: Resolved
    bases: list[BaseTable]

    if TYPE_CHECKING:

        def query(self, node: exp.Expr, outer: Frame | None) -> Relation: ...
        def touch_rows(self, sources: frozenset[str], use: Use, function: str = "") -> None: ...

    def read_from(self, node: exp.Select, frame: Frame) -> None:
        joins = node.args.get("joins") or []
        for join in joins:
            words = {w.upper() for w in (join.side, join.kind) if w}
            if join.method or not words <= _JOIN_WORDS or join.args.get("using"):
                raise Refused("NOT_SUPPORTED", name=f"{join.method or ''} {join.side} {join.kind} JOIN".strip())
        for place, item in enumerate(from_items(node)):
            alias = item.alias_or_name
            if not alias or alias in frame.info.relations:
                raise Refused("AMBIGUOUS_NAME", name=alias)
            frame.info.relations[alias] = self._item(item)
            side = (joins[place - 1].side or "").upper() if place else ""
            frame.nullable |= {alias} if side in ("LEFT", "FULL") else set()
            frame.nullable |= set(frame.info.relations) - {alias} if side in ("RIGHT", "FULL") else set()
            if len(self.bases) > MAX_SOURCES:
                raise Refused("TOO_COMPLEX", limit=MAX_SOURCES)
        most = math.prod(relation.most for relation in frame.info.relations.values())
        # beside a table's rows every one of them is that many times the work, and how long that takes tells of them
        limit = allowed.MAX_SERIES if frame.sources else allowed.MAX_TOGETHER
        if most > limit:
            raise Refused("TOO_COMPLEX", limit=limit)

    def _item(self, item: exp.Expr) -> Relation:
        columns = item.args["alias"].columns if item.args.get("alias") else []
        if isinstance(item, exp.Values):
            return values_relation(item)
        series = series_of(item.this) if isinstance(item, exp.Table) else None
        if isinstance(item, exp.Table) and series is not None and len(columns) == 1:
            return series_relation(item, series)
        if columns:  # a second set of names for the same columns: nobody could say which one is meant
            raise Refused("NOT_SUPPORTED", name="COLUMN ALIASES")
        if isinstance(item, exp.Table):
            relation = self._base(item)
            if item.args.get("sample"):
                self.touch_rows(relation.sources, Use.ROWS)
            return relation
        if not isinstance(item, exp.Subquery) or not isinstance(item.this, exp.Query):
            raise Refused("NOT_SUPPORTED", name=type(item).__name__)
        relation = self.query(item, None)
        if relation.twice:  # we and the engine might each mean another of the two
            raise Refused("AMBIGUOUS_NAME", name=relation.twice)
        return relation

    def _base(self, node: exp.Table) -> Relation:
        table = self.resolved.tables.get((node.db, node.name))
        if table is None:
            raise Refused("NOT_SUPPORTED", name="TABLE")
        source = f"s{len(self.bases)}"
        outputs = {}
        for column in table.columns:
            own = BaseColumn(source, column.id)
            outputs[fold(column.name)] = Value(frozenset({own}), frozenset(), own, Shape.PLAIN, column.type)
        keys = [frozenset({fold(c.name)}) for c in table.columns if c.unique]
        relation = Relation(outputs, frozenset({source}), keys)
        relation.copies = 1 if table.entity is not None and not table.entity_unique else 0
        self.bases.append(BaseTable(source, node, table, relation))
        return relation

    def multiplies(self, frame: Frame) -> bool:
        """Does some FROM item make several rows of one row of another? Then a sum counts people more than once,

        and how often can be chosen by a condition. Harmless are items of one row, items joined on their own key, and
        items whose rows all belong to the same entity; and within one group, items of which it has one row.
        """
        relations = frame.info.relations
        fixed = frame.info.fixed
        many = {a for a, r in relations.items() if not r.single} - fixed
        starts = components(sorted(many), [t for t in frame.ties if set(t) <= many])
        return len(many) > 1 and not any(self._reached(start | fixed, frame) >= many for start in starts)

    def single_rows(self, frame: Frame, fixed: frozenset[str] = frozenset()) -> frozenset[str]:
        """The items whose every row stands in at most one row of what FROM yields; of one row of `fixed`, if given."""
        many = {a for a, r in frame.info.relations.items() if not r.single} - fixed
        return frozenset(a for a in frame.info.relations if self._reached({a} | fixed, frame) >= many)

    def tied(self, frame: Frame, fixed: frozenset[str] = frozenset()) -> frozenset[str]:
        """Items tied by the numbers of one entity, from which all others are reached without making more rows."""
        many = {a for a, r in frame.info.relations.items() if not r.single} - fixed
        starts = components(sorted(many), [t for t in frame.ties if set(t) <= many])
        found = [s for s in starts if self._reached(s | fixed, frame) >= many]
        return frozenset(found[0]) if found and not frame.loosely_tied else frozenset()

    @staticmethod
    def _reached(start: set[str], frame: Frame) -> set[str]:
        """What can be joined to the rows of `start` without making more of them, key by key."""
        relations, reached = frame.info.relations, set(start)
        pairs = equal_columns(frame)
        while True:
            equated: dict[str, set[str]] = {}
            for (alias, column), (other, _) in pairs:
                if other in reached:
                    equated.setdefault(alias, set()).add(column)
            new = {a for a, c in equated.items() if a not in reached and any(k <= c for k in relations[a].keys)}
            if not new:
                return reached
            reached |= new
