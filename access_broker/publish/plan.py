"""What is to be published, checked before any source is opened: contract scope against the datasets' descriptions.

Only what the scope names exists from here on. A table of which nothing is granted does not appear, not even its rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from access_broker.domain.contracts import ColumnGrant, Contract, TableGrant
from access_broker.domain.datasets import Column, ColumnRef, Dataset, Mode, Table
from access_broker.domain.text import fold, is_stable_id
from access_broker.publish.domains import EntityDomain, entity_domains
from access_broker.publish.refusals import invalid

ENTITY_COLUMN = "__ek"


@dataclass(frozen=True)
class PlannedColumn:
    """`domain` is set when the values are replaced by the numbers of that entity domain."""

    column: Column
    grant: ColumnGrant
    ref: ColumnRef
    domain: EntityDomain | None

    @property
    def shown_as(self) -> object:
        """Two columns can be equated in the file only when their values were treated alike."""
        return self.domain or self.grant.mask


@dataclass(frozen=True)
class PlannedTable:
    """`source` and `physical`: names of the table in the workshop and in the published file."""

    dataset: str
    table: Table
    source: str
    physical: str
    row_filter: str | None
    columns: tuple[PlannedColumn, ...]
    entity: EntityDomain | None

    @property
    def key(self) -> str:
        return f"{self.dataset}.{self.table.id}"

    def domains(self) -> list[EntityDomain]:
        """Every entity domain whose numbers this table needs."""
        return [d for d in (self.entity, *(c.domain for c in self.columns)) if d is not None]


@dataclass(frozen=True)
class Plan:
    datasets: tuple[Dataset, ...]
    tables: tuple[PlannedTable, ...]
    domains: dict[ColumnRef, EntityDomain]

    def joins(self) -> frozenset[frozenset[str]]:
        """Declared joins of which both sides are published in a form that can be equated."""
        granted = {c.ref: c for t in self.tables for c in t.columns}
        pairs = [(j.left, j.right) for d in self.datasets for j in d.joins]
        return frozenset(
            frozenset((str(left), str(right)))
            for left, right in pairs
            if left in granted and right in granted and granted[left].shown_as == granted[right].shown_as
        )


def plan(contract: Contract, datasets: Iterable[Dataset]) -> Plan:
    """Refuses INVALID with the place for a scope or a description that cannot be published as it stands."""
    known = {d.id: d for d in datasets}
    grants = [g for g in contract.scope if any(c.mode is not Mode.DENY for c in g.columns)]
    if not grants:
        raise invalid(contract.id, "empty_scope")
    if len({(g.dataset, g.table) for g in grants}) < len(grants):
        raise invalid(contract.id, "table_granted_twice")
    used = tuple(known[i] for i in dict.fromkeys(g.dataset for g in grants) if i in known)
    domains = entity_domains(used)
    tables = [_planned_table(number, grant, known, domains) for number, grant in enumerate(grants, 1)]
    return Plan(used, tuple(tables), domains)


def _planned_table(
    number: int, grant: TableGrant, known: dict[str, Dataset], domains: dict[ColumnRef, EntityDomain]
) -> PlannedTable:
    place = f"{grant.dataset}.{grant.table}"
    dataset = known.get(grant.dataset)
    table = dataset.table(grant.table) if dataset else None
    if table is None:
        raise invalid(place, "not_described")
    _check_description(place, table)
    if len({c.column for c in grant.columns}) < len(grant.columns):
        raise invalid(place, "column_granted_twice")
    modes = {c.column: c for c in grant.columns if c.mode is not Mode.DENY}
    for missing in modes.keys() - {c.id for c in table.columns}:
        raise invalid(f"{place}.{missing}", "not_described")
    # the order of the description, not of the contract: `SELECT *` then reads like the steward's own table
    columns = tuple(_planned_column(grant, c, modes[c.id], domains) for c in table.columns if c.id in modes)
    entity = domains[ColumnRef(grant.dataset, table.id, table.entity)] if table.entity else None
    return PlannedTable(grant.dataset, table, f"source_{number}", f"t{number}", grant.row_filter, columns, entity)


def _planned_column(
    grant: TableGrant, column: Column, column_grant: ColumnGrant, domains: dict[ColumnRef, EntityDomain]
) -> PlannedColumn:
    ref = ColumnRef(grant.dataset, grant.table, column.id)
    if (column_grant.mode is Mode.MASK) != (column_grant.mask is not None):
        raise invalid(str(ref), "mask_and_mode_differ")
    return PlannedColumn(column, column_grant, ref, domains.get(ref) if column_grant.mode is Mode.JOIN else None)


def _check_description(place: str, table: Table) -> None:
    """Ids become column names of the file; a name that looks like another would be read for it."""
    ids = [c.id for c in table.columns]
    if not all(is_stable_id(i) for i in ids) or len(set(ids)) < len(ids):
        raise invalid(place, "column_ids")
    if len({fold(c.name) for c in table.columns}) < len(ids):
        raise invalid(place, "columns_fold_alike")
    if table.entity is not None and table.entity not in ids:
        raise invalid(f"{place}.{table.entity}", "not_described")
