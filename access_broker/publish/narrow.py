"""From a source table to what the contract may see of it: filtered, masked, keys replaced, everything else left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from access_broker.domain.contracts import Terms
from access_broker.domain.datasets import ColumnRef, Mode, RareValues
from access_broker.publish.domains import EntityDomain
from access_broker.publish.entities import KeyColumn, key_sql
from access_broker.publish.filters import predicate_sql
from access_broker.publish.masks import mask_sql
from access_broker.publish.plan import ENTITY_COLUMN, PlannedColumn, PlannedTable
from access_broker.publish.rare import Guarded, RareOutcome, treat_rare
from access_broker.publish.refusals import invalid
from access_broker.publish.sql_text import quote_name
from access_broker.publish.top_code import top_code
from access_broker.publish.types import has_endless, is_day, is_numeric, published_type

_ROW = "r"


@contextmanager
def refusing_misfits(place: str) -> Iterator[None]:
    """A filter or mask that does not fit the values is the description's fault; disk and memory are ours."""
    try:
        yield
    except (duckdb.DataError, duckdb.ProgrammingError):
        raise invalid(place, "values_do_not_fit") from None


@dataclass(frozen=True)
class OpenTable:
    """A planned table whose source lies in the workshop. `types` by column id, `rows`: the row filter as SQL."""

    planned: PlannedTable
    types: dict[str, str]
    rows: str

    @property
    def relation(self) -> str:
        return f"{self.planned.source} AS {_ROW}"

    def key_columns(self, domain: EntityDomain) -> list[KeyColumn]:
        """Every column of this table from which people of `domain` come into the file."""
        mine = [c.column.id for c in self.planned.columns if c.domain == domain]
        if self.planned.entity == domain and self.planned.table.entity is not None:
            mine.append(self.planned.table.entity)
        return [KeyColumn(self.relation, _column(c), self.rows) for c in dict.fromkeys(mine)]


def open_table(con: duckdb.DuckDBPyConnection, planned: PlannedTable) -> OpenTable:
    """Refuses INVALID for a row filter outside the allow-list and for a granted column of a type no file may hold."""
    types = {row[0]: row[1] for row in con.execute(f"DESCRIBE {planned.source}").fetchall()}
    for column in planned.columns:
        if column.domain is None and column.grant.mask is None and published_type(types[column.column.id]) is None:
            raise invalid(str(column.ref), "type_not_published")
    rows = predicate_sql(planned.row_filter, planned.table, planned.key, _ROW) if planned.row_filter else "TRUE"
    return OpenTable(planned, types, rows)


def rows_without_entity(con: duckdb.DuckDBPyConnection, table: OpenTable) -> int:
    """Rows that name nobody: they cannot count towards k, so they are not published."""
    entity = table.planned.table.entity
    if entity is None:
        return 0
    sql = f"SELECT count(*) FROM {table.relation} WHERE {table.rows} AND {key_sql(_column(entity))} IS NULL"
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0


def narrow(
    con: duckdb.DuckDBPyConnection, table: OpenTable, numbers: dict[EntityDomain, str], terms: Terms
) -> tuple[str, RareOutcome, int]:
    """Create the narrowed relation; return its name, what became of rare values, and how many were capped.

    It is a table only where values are still to be changed. Otherwise a view: the rows then go from the source to the
    file in one go.
    """
    name = f"narrowed_{table.planned.physical}"
    of_people = table.planned.entity is not None
    changes = of_people and (terms.rare_values is not RareValues.KEEP or terms.top_code)
    con.execute(f"CREATE {'TABLE' if changes else 'VIEW'} {name} AS {_select(table, numbers)}")
    if not changes:
        return name, RareOutcome(), 0
    types = {row[0]: row[1] for row in con.execute(f"DESCRIBE {name}").fetchall()}
    guarded = [
        Guarded(c.column.id, types[c.column.id] == "VARCHAR") for c in table.planned.columns if _needs_k(table, c)
    ]
    rare = treat_rare(con, name, guarded, terms.k, terms.rare_values)
    measured = [c.column.id for c in table.planned.columns if c.grant.mode is Mode.AGGREGATE]
    capped = [c for c in measured if is_numeric(types[c])] if terms.top_code else []
    return name, rare, top_code(con, name, capped, terms.k)  # last: dropped rows leave fewer people


def _select(table: OpenTable, numbers: dict[EntityDomain, str]) -> str:
    chosen: list[str] = []
    joins: list[str] = []
    if table.planned.entity is not None and table.planned.table.entity is not None:
        # an inner join: a row that names nobody stays out
        joins.append(
            f"JOIN {numbers[table.planned.entity]} AS e ON e.key = {key_sql(_column(table.planned.table.entity))}"
        )
        chosen.append(f"e.number AS {ENTITY_COLUMN}")
    for position, column in enumerate(table.planned.columns):
        if column.domain is not None and column.column.id != table.planned.table.entity:
            key = key_sql(_column(column.column.id))
            joins.append(f"LEFT JOIN {numbers[column.domain]} AS k{position} ON k{position}.key = {key}")
        chosen.append(f"{_value(table, column, position)} AS {quote_name(column.column.id)}")
    return f"SELECT {', '.join(chosen)} FROM {table.relation} {' '.join(joins)} WHERE {table.rows}"


def _value(table: OpenTable, column: PlannedColumn, position: int) -> str:
    if column.domain is not None:
        return "e.number" if column.column.id == table.planned.table.entity else f"k{position}.number"
    source, type_name = _column(column.column.id), table.types[column.column.id]
    if table.planned.entity is not None and column.grant.mode is not Mode.RAW and has_endless(type_name):
        # one such value would be the sum, the mean and the largest of everybody's, and so be seen in them
        is_there = f"year({source}) BETWEEN 1 AND 9999" if is_day(type_name) else f"isfinite({source})"
        source = f"CASE WHEN {is_there} THEN {source} END"
    if column.grant.mask is not None:
        return mask_sql(column.grant.mask, source, type_name, str(column.ref))
    return f"CAST({source} AS {published_type(type_name)})"


def _needs_k(table: OpenTable, column: PlannedColumn) -> bool:
    """Values people group by. A token of the entity key itself is one per person by design and says nothing else."""
    if column.grant.mask is not None and column.grant.mask.template == "token":
        return not _names_entity(table, column.ref)
    return column.grant.mode in (Mode.DIMENSION, Mode.MASK)


def _names_entity(table: OpenTable, ref: ColumnRef) -> bool:
    return table.planned.entity is not None and ref in table.planned.entity


def _column(column_id: str) -> str:
    return f"{_ROW}.{quote_name(column_id)}"
