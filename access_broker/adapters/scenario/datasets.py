"""Datasets: tables, columns, joins. Their files are the matter of `sources`."""

from __future__ import annotations

from access_broker.adapters.scenario.circles import Circles
from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading
from access_broker.adapters.scenario.sources import read_sources
from access_broker.domain.datasets import Column, ColumnRef, DataClass, Dataset, Join, Sovereignty, Table
from access_broker.domain.people import Person, Role
from access_broker.domain.text import fold


def read_datasets(
    document: Part, reading: Reading, people: tuple[Person, ...], elsewhere: frozenset[ColumnRef] = frozenset()
) -> tuple[Dataset, ...]:
    """Every dataset; joins last, since they may reach into a dataset described further down, or `elsewhere`."""
    parts = [part for part in document.at("datasets").items() if reading.is_first("dataset", part)]
    circles = Circles(reading)
    stewards = {person.id for person in people if Role.STEWARD in person.roles}
    tables = {part.text("id"): _tables(part, reading) for part in parts}
    columns = elsewhere | {
        ColumnRef(dataset, table.id, column.id)
        for dataset, described in tables.items()
        for table in described
        for column in table.columns
    }
    return tuple(_dataset(part, reading, tables[part.text("id")], columns, stewards, circles) for part in parts)


def _dataset(
    part: Part,
    reading: Reading,
    tables: tuple[Table, ...],
    columns: frozenset[ColumnRef],
    stewards: set[str],
    circles: Circles,
) -> Dataset:
    steward = reading.reference("person", part.at("steward"))
    if steward in reading.places["person"] and steward not in stewards:
        reading.faults.add((*part.path, "steward"), "STEWARD_ROLE", id=steward)
    titles = part.at("titles")
    id = part.text("id")
    return Dataset(
        id=id,
        owner=reading.reference("organisation", part.at("owner")),
        steward=steward,
        title_en=titles.text("en"),
        title_fa=titles.text("fa"),
        sources=read_sources(part, tables, reading),
        tables=tables,
        joins=circles.without(_joins(part.at("joins"), id, columns, reading)),
        sovereignty=part.choice("sovereignty", Sovereignty, Sovereignty.UNDETERMINED),
        synthetic=_synthetic(part.at("synthetic"), id, columns, reading),
    )


def _tables(dataset: Part, reading: Reading) -> tuple[Table, ...]:
    tables = tuple(_table(id, part, reading) for id, part in dataset.at("tables").entries())
    _check_names(dataset.at("tables"), {table.id: table.name for table in tables}, reading)
    return tables


def _table(id: str, part: Part, reading: Reading) -> Table:
    columns = tuple(_column(key, column) for key, column in part.at("columns").entries())
    _check_names(part.at("columns"), {column.id: column.name for column in columns}, reading)
    entity = part.text("entity") or None
    if entity and columns and entity not in {column.id for column in columns}:
        reading.faults.add((*part.path, "entity"), "ENTITY_ABSENT", column=entity)
    return Table(id, part.text("name", id), columns, entity)


def _column(id: str, part: Part) -> Column:
    if isinstance(part.value, str):
        part = Part({"class": part.value}, part.path)
    titles = part.at("titles")
    data_class = part.choice("class", DataClass, DataClass.DIRECT_IDENTIFIER)
    return Column(id, part.text("name", id), data_class, titles.text("en"), titles.text("fa"))


def _check_names(parent: Part, names: dict[str, str], reading: Reading) -> None:
    """Two names that look alike would be one name to people and two to a policy."""
    seen: dict[str, str] = {}
    for id, name in names.items():
        path = (*parent.path, id, "name") if "name" in parent.at(id) else (*parent.path, id)
        other = seen.setdefault(fold(name), id)
        if reading.faults.are_at(path):
            continue
        if not fold(name):
            reading.faults.add(path, "NAME_UNREADABLE", name=name)
        elif other != id:
            reading.faults.add(path, "SAME_AFTER_FOLDING", name=name, other=other)


def _joins(rows: Part, dataset: str, columns: frozenset[ColumnRef], reading: Reading) -> list[tuple[Join, Part]]:
    joins: dict[frozenset[ColumnRef], tuple[Join, Part]] = {}
    for row in rows.items():
        sides = [_column_ref(item, dataset, columns, reading) for item in row.items()]
        if len(sides) != 2 or sides[0] is None or sides[1] is None:
            continue
        join = Join(sides[0], sides[1])
        pair = frozenset({join.left, join.right})
        if len(pair) == 1:
            reading.faults.add(row.path, "JOIN_WITH_ITSELF", column=str(join.left))
        elif dataset not in (join.left.dataset, join.right.dataset):
            reading.faults.add(row.path, "JOIN_ELSEWHERE")
        elif pair in joins:
            reading.faults.add(row.path, "JOIN_TWICE", first=reading.faults.line_of(joins[pair][1].path))
        else:
            joins[pair] = (join, row)
    return list(joins.values())


def _synthetic(rows: Part, dataset: str, columns: frozenset[ColumnRef], reading: Reading) -> tuple[str, ...]:
    refs = (_column_ref(item, dataset, columns, reading) for item in rows.items())
    return tuple(f"{ref.table}.{ref.column}" for ref in refs if ref)


def _column_ref(item: Part, dataset: str, columns: frozenset[ColumnRef], reading: Reading) -> ColumnRef | None:
    """`table.column` of this dataset, or `dataset.table.column` of any; None, and a fault, when there is none."""
    if not isinstance(item.value, str) or reading.faults.are_at(item.path):
        return None
    text = item.value if item.value.count(".") == 2 else f"{dataset}.{item.value}"
    ref = ColumnRef.parse(text)
    if ref in columns:
        return ref
    reading.faults.add(item.path, "UNKNOWN_REFERENCE", kind="column", id=text)
    return None
