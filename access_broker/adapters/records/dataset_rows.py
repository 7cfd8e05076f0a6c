"""Datasets with their sources, tables, columns and joins as rows, and problems with their resource lists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, delete

from access_broker.adapters.records import tables as t
from access_broker.adapters.records.transaction import Children, Transaction, load
from access_broker.domain.datasets import Column, ColumnRef, Dataset, Join, Source, Table
from access_broker.domain.problems import Problem


def load_datasets(tx: Transaction, id: str | None = None) -> list[Dataset]:
    children = Children(tx, "dataset", id)
    sources, tables, joins = children(t.dataset_sources), children(t.dataset_tables), children(t.dataset_joins)
    columns = children(t.dataset_columns, "table_id")
    return [
        Dataset(
            **{**row._mapping, "synthetic": tuple(row.synthetic)},
            sources=tuple(Source(s.kind, s.path, s.sha256, s.table_id) for s in sources.get(row.id, ())),
            tables=tuple(_table(table, columns.get((row.id, table.id), [])) for table in tables.get(row.id, ())),
            joins=tuple(_join(join) for join in joins.get(row.id, ())),
        )
        for row in load(tx, t.datasets, "id", id)
    ]


def _table(row: Row[Any], columns: list[Row[Any]]) -> Table:
    return Table(row.id, row.name, tuple(_column(c) for c in columns), row.entity)


def _column(row: Row[Any]) -> Column:
    return Column(row.id, row.name, row.data_class, row.title_en, row.title_fa)


def _join(row: Row[Any]) -> Join:
    return Join(
        ColumnRef(row.left_dataset, row.left_table, row.left_column),
        ColumnRef(row.right_dataset, row.right_table, row.right_column),
    )


def save_dataset(tx: Transaction, dataset: Dataset) -> None:
    row = dict(vars(dataset))
    sources, tables, joins = row.pop("sources"), row.pop("tables"), row.pop("joins")
    tx.upsert(t.datasets, {**row, "synthetic": list(dataset.synthetic)})
    tx.run(delete(t.dataset_columns).where(t.dataset_columns.c.dataset == dataset.id))
    tx.replace(t.dataset_sources, "dataset", dataset.id, [_source_row(n, s) for n, s in enumerate(sources)])
    tx.replace(t.dataset_tables, "dataset", dataset.id, [_table_row(n, table) for n, table in enumerate(tables)])
    tx.replace(t.dataset_columns, "dataset", dataset.id, _column_rows(dataset))
    tx.replace(t.dataset_joins, "dataset", dataset.id, [_join_row(n, join) for n, join in enumerate(joins)])


def _source_row(position: int, source: Source) -> dict[str, Any]:
    row = {"position": position, **vars(source)}
    row["table_id"] = row.pop("table")
    return row


def _table_row(position: int, table: Table) -> dict[str, Any]:
    return {"position": position, "id": table.id, "name": table.name, "entity": table.entity}


def _column_rows(dataset: Dataset) -> list[dict[str, Any]]:
    return [
        {"table_id": table.id, "position": position, **vars(column)}
        for table in dataset.tables
        for position, column in enumerate(table.columns)
    ]


def _join_row(position: int, join: Join) -> dict[str, Any]:
    sides = (("left", join.left), ("right", join.right))
    return {"position": position} | {
        f"{side}_{part}": value for side, ref in sides for part, value in vars(ref).items()
    }


def load_problems(tx: Transaction, id: str | None = None) -> list[Problem]:
    resources = Children(tx, "problem", id)(t.problem_resources)
    return [
        Problem(**row._mapping, resources=tuple(r.dataset for r in resources.get(row.id, ())))
        for row in load(tx, t.problems, "id", id)
    ]


def save_problem(tx: Transaction, problem: Problem) -> None:
    row = dict(vars(problem))
    resources = row.pop("resources")
    tx.upsert(t.problems, row)
    rows = [{"position": n, "dataset": dataset} for n, dataset in enumerate(resources)]
    tx.replace(t.problem_resources, "problem", problem.id, rows)
