"""The scope of a contract: which columns it may read, and how."""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from access_broker.adapters.scenario.masks import MASKS, read_mask
from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.domain.contracts import ColumnGrant, TableGrant
from access_broker.domain.datasets import Column, DataClass, Dataset, Mode, Table
from access_broker.domain.text import fold

_COUNTED = frozenset({Mode.AGGREGATE, Mode.DIMENSION, Mode.JOIN})
_OF_PEOPLE = frozenset({DataClass.PERSONAL, DataClass.SENSITIVE, DataClass.DIRECT_IDENTIFIER})
_TESTS = frozenset(
    {exp.And, exp.Or, exp.Not, exp.Paren, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.In, exp.Between}
    | {exp.Like, exp.Is}
)
_OPERANDS = frozenset({exp.Column, exp.Identifier, exp.Literal, exp.Neg, exp.Boolean, exp.Null, exp.Cast, exp.DataType})


def read_scope(part: Part, datasets: dict[str, Dataset], reading: Reading) -> tuple[TableGrant, ...]:
    """The granted tables. A table or column set to `deny` is not named at all: denied is absent."""
    grants = []
    for name, granted in part.entries():
        table = _find(name, granted, datasets, reading)
        if table is not None and isinstance(granted.value, dict):
            grants.append(_table_grant(name, granted, table, reading))
    return tuple(grant for grant in grants if grant.columns)


def _find(name: str, granted: Part, datasets: dict[str, Dataset], reading: Reading) -> Table | None:
    if reading.faults.are_at(granted.path):
        return None
    dataset_id, table_id = name.split(".")
    if dataset_id not in reading.places["dataset"]:
        reading.faults.add(granted.path, "UNKNOWN_REFERENCE", kind="dataset", id=dataset_id)
        return None
    dataset = datasets.get(dataset_id)
    table = dataset.table(table_id) if dataset else None
    if table is None:
        reading.faults.add(granted.path, "UNKNOWN_REFERENCE", kind="table", id=name)
    return table


def _table_grant(name: str, granted: Part, table: Table, reading: Reading) -> TableGrant:
    columns = {column.id: column for column in table.columns}
    grants = []
    for id, part in granted.at("columns").entries():
        if id in columns:
            grants.append(_column_grant(columns[id], part, table, reading))
        elif not reading.faults.are_at(part.path):
            reading.faults.add(part.path, "UNKNOWN_REFERENCE", kind="column", id=f"{name}.{id}")
    row_filter = granted.text("row_filter") or None
    if row_filter and not _is_condition(row_filter, table):
        reading.faults.add((*granted.path, "row_filter"), "ROW_FILTER")
    dataset, table_id = name.split(".")
    return TableGrant(dataset, table_id, tuple(g for g in grants if g.mode is not Mode.DENY), row_filter)


def _column_grant(column: Column, part: Part, table: Table, reading: Reading) -> ColumnGrant:
    short = Part({"mode": part.value}, part.path) if isinstance(part.value, str) else part
    mode = short.choice("mode", Mode, Mode.DENY)
    if mode is Mode.MASK and "mask" not in short:
        reading.faults.add(part.path, "MASK_WITHOUT_TEMPLATE", templates=list(MASKS))
    if mode is not Mode.MASK and "mask" in short and short.text("mode") in set(Mode):
        reading.faults.add(part.path, "TEMPLATE_WITHOUT_MASK", mode=mode)
    if mode in _COUNTED and table.entity is None and column.data_class in _OF_PEOPLE:
        # On an open table nothing is counted, so these modes would only look like protection.
        reading.faults.add(part.path, "COUNTED_WITHOUT_ENTITY", mode=mode, data_class=column.data_class)
    return ColumnGrant(column.id, mode, read_mask(short.at("mask")) if mode is Mode.MASK else None)


def _is_condition(text: str, table: Table) -> bool:
    """One condition made of what the publisher knows to print, over columns the table is described with."""
    try:
        parsed = sqlglot.parse(text, dialect="duckdb")
    except (sqlglot.errors.SqlglotError, RecursionError):
        return False
    condition = parsed[0] if len(parsed) == 1 else None
    if condition is None or type(condition) not in _TESTS:
        return False
    names = {fold(column.name) for column in table.columns} | {column.id for column in table.columns}
    nodes = list(condition.walk())
    known = all(type(node) in _TESTS | _OPERANDS for node in nodes)
    return known and all(not node.table and fold(node.name) in names for node in nodes if isinstance(node, exp.Column))
