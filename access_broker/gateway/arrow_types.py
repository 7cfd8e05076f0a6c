"""DuckDB's type names and Arrow's types, each seen from the other side, and schemas every client can read."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import pyarrow as pa

_META = "ARROW:FLIGHT:SQL:"
_DECIMAL = re.compile(r"DECIMAL\((\d+), ?(\d+)\)")
_LIST = re.compile(r"(.+)\[\d*\]")

_ARROW_OF: dict[str, Any] = {
    "BOOLEAN": pa.bool_(),
    "TINYINT": pa.int8(),
    "SMALLINT": pa.int16(),
    "INTEGER": pa.int32(),
    "BIGINT": pa.int64(),
    "UTINYINT": pa.uint8(),
    "USMALLINT": pa.uint16(),
    "UINTEGER": pa.uint32(),
    "UBIGINT": pa.uint64(),
    "HUGEINT": pa.decimal128(38, 0),
    "UHUGEINT": pa.decimal128(38, 0),
    "FLOAT": pa.float32(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "BLOB": pa.binary(),
    "DATE": pa.date32(),
    "TIME": pa.time64("us"),
    "TIME WITH TIME ZONE": pa.time64("us"),
    "TIMESTAMP": pa.timestamp("us"),
    "TIMESTAMP_S": pa.timestamp("s"),
    "TIMESTAMP_MS": pa.timestamp("ms"),
    "TIMESTAMP_NS": pa.timestamp("ns"),
    "TIMESTAMP WITH TIME ZONE": pa.timestamp("us", tz="UTC"),
    "INTERVAL": pa.month_day_nano_interval(),
    "UUID": pa.string(),
    "JSON": pa.string(),
    "BIT": pa.binary(),
}
_NAME_OF: dict[Any, str] = {
    arrow: name
    for name, arrow in _ARROW_OF.items()
    if name not in ("UUID", "JSON", "BIT", "HUGEINT", "UHUGEINT", "TIME WITH TIME ZONE")
}


def arrow_type(sql_type: str) -> Any:
    """The Arrow type in which DuckDB delivers a column of `sql_type`; text for what has no simple counterpart.

    This is for the catalogue only. What an answer really holds, its own schema says.
    """
    name = sql_type.strip().upper()
    if match := _DECIMAL.fullmatch(name):
        return pa.decimal128(int(match[1]), int(match[2]))
    if match := _LIST.fullmatch(name):
        return pa.list_(arrow_type(match[1]))
    return _ARROW_OF.get(name, pa.string())


def sql_name(arrow: Any) -> str:
    """DuckDB's name for an Arrow type."""
    if pa.types.is_decimal(arrow):
        return f"DECIMAL({arrow.precision},{arrow.scale})"
    if pa.types.is_timestamp(arrow) and arrow.tz is not None:
        return "TIMESTAMP WITH TIME ZONE"
    if pa.types.is_list(arrow) or pa.types.is_large_list(arrow) or pa.types.is_fixed_size_list(arrow):
        return f"{sql_name(arrow.value_type)}[]"
    if pa.types.is_struct(arrow):
        return "STRUCT"
    return _NAME_OF.get(arrow, "VARCHAR")


def catalogue_field(name: str, sql_type: str, table: str, dataset: str, use: str) -> Any:
    """A column as GetTables shows it: where it stands and, as its remark, how the contract lets it be used.

    SQLAlchemy reads its type from `TYPE_NAME`.
    """
    arrow = arrow_type(sql_type)
    where = {f"{_META}DB_SCHEMA_NAME": dataset, f"{_META}TABLE_NAME": table, f"{_META}REMARKS": use}
    return pa.field(name, arrow, metadata=_facts(arrow, sql_type) | where)


@lru_cache(maxsize=512)
def plain_schema(schema: Any) -> Any:
    """`schema` with only types that every Arrow client reads, and each column's SQL type beside it.

    Dictionaries go because a Flight stream made batch by batch cannot carry them; view types because R's and Java's
    readers have none, and because a slice of a view column still sends all its text.
    """
    fields = []
    for field in schema:
        arrow = _plain_type(field.type)
        fields.append(pa.field(field.name, arrow, field.nullable, _facts(arrow, sql_name(arrow))))
    return pa.schema(fields)


def plain_batch(batch: Any, schema: Any) -> Any:
    """`batch` in the types of `schema`, which is the plain form of its own. Raises pyarrow.ArrowException."""
    if batch.schema.types == schema.types:
        return batch
    return batch.cast(schema)


def _plain_type(arrow: Any) -> Any:
    if pa.types.is_dictionary(arrow):
        return _plain_type(arrow.value_type)
    if pa.types.is_string_view(arrow):
        return pa.string()
    if pa.types.is_binary_view(arrow):
        return pa.binary()
    if pa.types.is_list(arrow):
        return pa.list_(arrow.value_field.with_type(_plain_type(arrow.value_type)))
    if pa.types.is_struct(arrow):
        return pa.struct([f.with_type(_plain_type(f.type)) for f in arrow])
    return arrow


def _facts(arrow: Any, sql_type: str) -> dict[str, str]:
    facts = {
        f"{_META}TYPE_NAME": sql_type,
        f"{_META}IS_AUTO_INCREMENT": "0",
        f"{_META}IS_CASE_SENSITIVE": "1" if pa.types.is_string(arrow) else "0",
        f"{_META}IS_READ_ONLY": "1",
        f"{_META}IS_SEARCHABLE": "1",
    }
    if pa.types.is_decimal(arrow):
        facts |= {f"{_META}PRECISION": str(arrow.precision), f"{_META}SCALE": str(arrow.scale)}
    return facts
