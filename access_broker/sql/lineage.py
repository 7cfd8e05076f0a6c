"""Which published columns a column of a narrowed statement comes from, through the subqueries it was carried out of."""

from __future__ import annotations

from sqlglot import exp

from access_broker.domain.catalogue import GrantedTable
from access_broker.sql.scopes import items_of

ENTITY = "__ek"
"""How the columns begin that say whose row it is, in every subquery of people's rows."""
Base = tuple[GrantedTable, str]
"""A published table and the physical name of one of its columns."""


NUMBERS = frozenset(
    """
    TINYINT SMALLINT INTEGER BIGINT HUGEINT UTINYINT USMALLINT UINTEGER UBIGINT UHUGEINT FLOAT DOUBLE DECIMAL
    """.split()
)


def carries_people(query: exp.Expr) -> bool:
    """Does it say whose its rows are? One that does not tells of nobody."""
    return isinstance(query, exp.Select) and any(e.alias_or_name.startswith(ENTITY) for e in query.expressions)


class Lineage:
    """`select`: a narrowed SELECT. `tables`: published tables by their physical names."""

    def __init__(self, select: exp.Select, tables: dict[str, GrantedTable]) -> None:
        self._tables = tables
        self._items = items_of(select)

    def of(self, column: exp.Expr) -> list[Base]:
        """Every published column that `column` is computed from; none when it has been released on the way."""
        found = []
        for leaf in column.find_all(exp.Column):
            found += self._leaf(leaf)
        return found

    def is_number(self, column: exp.Expr) -> bool:
        """False for text and dates, and for what is computed from them. What was counted on the way is a number."""
        types = [table.column(name) for table, name in self.of(column)]
        return all(granted is not None and granted.type.split("(")[0] in NUMBERS for granted in types)

    def tells_of_days(self, column: exp.Expr) -> bool:
        """Is a day or a moment among what it is computed from?"""
        types = [table.column(name) for table, name in self.of(column)]
        return any(granted is not None and granted.type.startswith(("DATE", "TIMESTAMP")) for granted in types)

    def labels(self, column: exp.Expr) -> list[str]:
        """Names for what is measured, whatever it is called in the statement; entity keys name nobody's property."""
        names = {f"{table.key}.{name}" for table, name in self.of(column) if name not in _keys_of(table)}
        return sorted(names) or ["derived"]

    def label(self, column: exp.Expr) -> str:
        """One name for all of it."""
        return ",".join(self.labels(column))

    def made_by(self, column: exp.Column) -> tuple[exp.Select, exp.Expr] | None:
        """The subquery that computes `column`, and as what; None for a column of a table, or of no such subquery."""
        inner = self._inner(column)
        if inner is None or self._table(inner) is not None:
            return None
        found = _named(inner, column.name)
        return None if found is None else (inner, found.unalias())

    def _leaf(self, leaf: exp.Column) -> list[Base]:
        inner = self._inner(leaf)
        found = None if inner is None else _named(inner, leaf.name)
        if inner is None or found is None:
            return []
        base = self._table(inner)
        if base is not None:
            return [(base, c.name) for c in found.find_all(exp.Column)]
        return Lineage(inner, self._tables).of(found)

    def _inner(self, column: exp.Column) -> exp.Select | None:
        item = self._items.get(column.table)
        inner = item.this if isinstance(item, exp.Subquery) else None
        while isinstance(inner, exp.Subquery):
            inner = inner.this
        return inner if isinstance(inner, exp.Select) else None

    def _table(self, select: exp.Select) -> GrantedTable | None:
        """The published table a narrowed source reads: it alone names a table."""
        from_ = select.args.get("from_")
        return self._tables.get(from_.this.name) if from_ and isinstance(from_.this, exp.Table) else None


def _named(select: exp.Select, name: str) -> exp.Expr | None:
    return next((e for e in select.expressions if e.alias_or_name == name), None)


def _keys_of(table: GrantedTable) -> set[str | None]:
    return {table.entity, table.entity_physical}
