"""What one contract sees: the granted tables and columns, with where they stand in its published file."""

from __future__ import annotations

from dataclasses import dataclass

from access_broker.domain.datasets import Mode


@dataclass(frozen=True)
class GrantedColumn:
    """`name` is what people type (folded for comparison), `id` the stable id and the physical column name.

    `unique`: no value stands in two rows of the published table, so that joining on it multiplies nothing.
    """

    id: str
    name: str
    type: str
    mode: Mode
    unique: bool = False


@dataclass(frozen=True)
class GrantedTable:
    """One table of the published file.

    `table` is the stable id, `name` what people type, `physical` its name in the file. `entity`: the id of the entity
    column, granted or not, None for open tables. `entity_physical`: the hidden column with the contract's entity
    integers. `entity_unique`: one row per entity, then counting entities is counting rows.
    """

    dataset: str
    table: str
    name: str
    physical: str
    columns: tuple[GrantedColumn, ...]
    entity: str | None = None
    entity_physical: str | None = None
    entity_unique: bool = False
    rows: int = 0

    @property
    def key(self) -> str:
        return f"{self.dataset}.{self.table}"

    def column(self, column_id: str) -> GrantedColumn | None:
        return next((c for c in self.columns if c.id == column_id), None)


@dataclass(frozen=True)
class Catalogue:
    """`joins`: unordered pairs of `dataset.table.column` that may be equated across sources."""

    tables: tuple[GrantedTable, ...]
    joins: frozenset[frozenset[str]] = frozenset()

    def table(self, key: str) -> GrantedTable | None:
        return next((t for t in self.tables if t.key == key), None)


@dataclass(frozen=True)
class Publication:
    """One published file of a contract: immutable, replaced whole, deleted at a cut."""

    contract: str
    version: int
    path: str
    sha256: str
    catalogue: Catalogue
