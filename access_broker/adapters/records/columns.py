"""What the tables are made of: the metadata, instants in UTC, enumerations as the words people read, usual columns."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Column, DateTime, Dialect, Enum, ForeignKey, Integer, MetaData, Text
from sqlalchemy.types import TypeDecorator

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)
SERIAL = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER PRIMARY KEY is SQLite's own row number


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware in, aware and UTC out; a naive one is refused, because nobody knows which hour it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc  # SQLite keeps no offset

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Leaf(TypeDecorator[Any]):
    """A value that is read whole, as JSON. Its arrays are tuples to us: a domain value is immutable."""

    impl = JSON
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return frozen(value)


def frozen(value: Any) -> Any:
    """JSON knows lists only; here they are tuples."""
    return tuple(frozen(v) for v in value) if isinstance(value, list) else value


def words(values: type[StrEnum]) -> Enum:
    """A text column that holds the values of `values` and, by a CHECK of the database, nothing else."""
    return Enum(
        values,
        values_callable=lambda members: [m.value for m in members],
        native_enum=False,
        create_constraint=True,
        validate_strings=True,
        length=32,
    )


def id_key() -> Column[str]:
    return Column("id", Text, primary_key=True)


def text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False)


def whole(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False)


def instant(name: str) -> Column[datetime]:
    return Column(name, UtcDateTime, nullable=False)


def leaf(name: str) -> Column[Any]:
    return Column(name, Leaf, nullable=False)


def word(name: str, values: type[StrEnum], *, key: bool = False) -> Column[Any]:
    return Column(name, words(values), primary_key=key, nullable=False)


def refers(name: str, to: str, *, key: bool = False) -> Column[str]:
    """A reference to the `id` of the table `to`."""
    return Column(name, Text, ForeignKey(f"{to}.id"), primary_key=key, nullable=False)


def place(name: str = "position") -> Column[int]:
    """The part of a key that counts within its parent."""
    return Column(name, Integer, primary_key=True, autoincrement=False)
