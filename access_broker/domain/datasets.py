"""Datasets as their steward describes them, and the mode in which a contract may read a column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Mode(StrEnum):
    """How a granted column may be used. `DENY` is what everything unnamed gets: the column is absent, not hidden."""

    RAW = "raw"
    DIMENSION = "dimension"
    AGGREGATE = "aggregate"
    JOIN = "join"
    MASK = "mask"
    DENY = "deny"


class DataClass(StrEnum):
    """The steward's tag. An untagged column is denied (S2-C3)."""

    PUBLIC = "public"
    ORGANISATIONAL = "organisational"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"
    DIRECT_IDENTIFIER = "direct_identifier"


class Sovereignty(StrEnum):
    """Decided by the Monitoring Committee only (S1-P4-R4); undetermined is deny."""

    SOVEREIGN = "sovereign"
    NON_SOVEREIGN = "non_sovereign"
    UNDETERMINED = "undetermined"


class SourceKind(StrEnum):
    CSV = "csv"
    PARQUET = "parquet"
    SQL = "sql"


class RareValues(StrEnum):
    """What publishing does with a dimension value held by fewer than k entities."""

    KEEP = "keep"
    GENERALISE = "generalise"
    DROP = "drop"


@dataclass(frozen=True)
class Source:
    """A file of the steward with the digest it was registered under; another digest is refused at publication.

    `table` names the one table a CSV or Parquet file holds; an SQL script makes its own tables.
    """

    kind: SourceKind
    path: str
    sha256: str
    table: str | None = None


@dataclass(frozen=True)
class Column:
    """`id` is the stable ASCII key of policies and files, `name` what people type, unique after `text.fold`."""

    id: str
    name: str
    data_class: DataClass
    title_en: str = ""
    title_fa: str = ""


@dataclass(frozen=True)
class Table:
    """`entity` is the id of the column that names a person (or other unit of protection); None = open table."""

    id: str
    name: str
    columns: tuple[Column, ...]
    entity: str | None = None


@dataclass(frozen=True)
class ColumnRef:
    """A column by stable ids; written `dataset.table.column`."""

    dataset: str
    table: str
    column: str

    def __str__(self) -> str:
        return f"{self.dataset}.{self.table}.{self.column}"

    @classmethod
    def parse(cls, text: str) -> ColumnRef:
        dataset, table, column = text.split(".")
        return cls(dataset, table, column)


@dataclass(frozen=True)
class Join:
    """A declared equi-join. Two protected tables meet on nothing else."""

    left: ColumnRef
    right: ColumnRef


def closing_joins(joins: Iterable[Join]) -> tuple[Join, ...]:
    """The joins whose two columns are already equated by way of those before them: they lead round in a circle.

    A circle says nothing new, and which people stand behind an answer would hang on the way that was taken round it.
    """
    meets: dict[ColumnRef, ColumnRef] = {}

    def root(column: ColumnRef) -> ColumnRef:
        while column in meets:
            column = meets[column]
        return column

    closing = []
    for join in joins:
        left, right = root(join.left), root(join.right)
        if left != right:
            meets[left] = right
        elif join.left != join.right:
            closing.append(join)
    return tuple(closing)


@dataclass(frozen=True)
class Dataset:
    id: str
    owner: str
    steward: str
    title_en: str
    title_fa: str
    sources: tuple[Source, ...]
    tables: tuple[Table, ...]
    joins: tuple[Join, ...] = ()
    sovereignty: Sovereignty = Sovereignty.UNDETERMINED
    synthetic: tuple[str, ...] = ()  # `table.column` ids whose values are invented and say so

    def table(self, table_id: str) -> Table | None:
        return next((t for t in self.tables if t.id == table_id), None)


@dataclass(frozen=True)
class MaskTemplate:
    """A named way to replace a value before anyone sees it. The policy names it, the publisher owns its SQL.

    Templates: `fixed` (value), `token` (keyed pseudonym), `date` (to: year|quarter|month), `band` (width),
    `prefix` (length), `null`.
    """

    template: str
    arguments: tuple[tuple[str, Any], ...] = field(default=())

    def argument(self, name: str, default: Any = None) -> Any:
        return dict(self.arguments).get(name, default)
