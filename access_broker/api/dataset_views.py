"""Datasets and granted tables as they go out: what there is, and how a contract lets it be used. Never a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel

from access_broker.domain.contracts import TableGrant
from access_broker.domain.dataset_records import RowCount
from access_broker.domain.datasets import Dataset, Mode, Table


class ColumnView(BaseModel):
    """`mode`: how the column may be used under this contract."""

    column: str
    name: str
    title_en: str
    title_fa: str
    mode: str


class GrantedTableView(BaseModel):
    """What may be asked of one table: exactly these columns. `protected`: its rows belong to people, counted by k."""

    dataset: str
    table: str
    name: str
    protected: bool
    columns: list[ColumnView]

    @classmethod
    def of(cls, grant: TableGrant, table: Table) -> Self:
        modes = {granted.column: granted.mode for granted in grant.columns if granted.mode is not Mode.DENY}
        columns = [
            ColumnView(column=c.id, name=c.name, title_en=c.title_en, title_fa=c.title_fa, mode=modes[c.id].value)
            for c in table.columns
            if c.id in modes
        ]
        protected = table.entity is not None
        return cls(dataset=grant.dataset, table=table.id, name=table.name, protected=protected, columns=columns)


class DescribedColumn(BaseModel):
    column: str
    name: str
    title_en: str
    title_fa: str
    data_class: str
    synthetic: bool


class DescribedTable(BaseModel):
    """`rows`: how many there are; of a table of people about so many. Null as long as nobody has counted."""

    table: str
    name: str
    rows: int | None
    rows_about: bool
    columns: list[DescribedColumn]


class DatasetView(BaseModel):
    """The public description of a dataset (S1-P2-R1): what there is, not where it lies, and no rows."""

    dataset: str
    owner: str
    steward: str
    title_en: str
    title_fa: str
    sovereignty: str
    tables: list[DescribedTable]
    joins: list[tuple[str, str]]

    @classmethod
    def of(cls, dataset: Dataset, counts: Iterable[RowCount] = ()) -> Self:
        counted = {count.table_id: count for count in counts if count.dataset == dataset.id}
        return cls(
            dataset=dataset.id,
            owner=dataset.owner,
            steward=dataset.steward,
            title_en=dataset.title_en,
            title_fa=dataset.title_fa,
            sovereignty=dataset.sovereignty.value,
            tables=[_described(dataset, table, counted.get(table.id)) for table in dataset.tables],
            joins=[(str(join.left), str(join.right)) for join in dataset.joins],
        )


def _described(dataset: Dataset, table: Table, count: RowCount | None) -> DescribedTable:
    columns = [
        DescribedColumn(
            column=column.id,
            name=column.name,
            title_en=column.title_en,
            title_fa=column.title_fa,
            data_class=column.data_class.value,
            synthetic=f"{table.id}.{column.id}" in dataset.synthetic,
        )
        for column in table.columns
    ]
    rows, about = (count.rows, count.is_about) if count else (None, False)
    return DescribedTable(table=table.id, name=table.name, rows=rows, rows_about=about, columns=columns)
