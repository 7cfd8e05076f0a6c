"""The SQL types of the door for JDBC and ODBC tools (GetXdbcTypeInfo). Numbers are those of the JDBC specification."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

_NULLABLE, _SEARCHABLE_BASIC, _SEARCHABLE_FULL = 1, 2, 3
_DATETIME = 9

SCHEMA = pa.schema(
    [
        pa.field("type_name", pa.string(), False),
        pa.field("data_type", pa.int32(), False),
        pa.field("column_size", pa.int32()),
        pa.field("literal_prefix", pa.string()),
        pa.field("literal_suffix", pa.string()),
        pa.field("create_params", pa.list_(pa.field("item", pa.string(), False))),
        pa.field("nullable", pa.int32(), False),
        pa.field("case_sensitive", pa.bool_(), False),
        pa.field("searchable", pa.int32(), False),
        pa.field("unsigned_attribute", pa.bool_()),
        pa.field("fixed_prec_scale", pa.bool_(), False),
        pa.field("auto_increment", pa.bool_()),
        pa.field("local_type_name", pa.string()),
        pa.field("minimum_scale", pa.int32()),
        pa.field("maximum_scale", pa.int32()),
        pa.field("sql_data_type", pa.int32(), False),
        pa.field("datetime_subcode", pa.int32()),
        pa.field("num_prec_radix", pa.int32()),
        pa.field("interval_precision", pa.int32()),
    ]
)

# name, JDBC number, size, quoted literal?, radix, datetime subcode
_TYPES: tuple[tuple[str, int, int, bool, int | None, int | None], ...] = (
    ("BOOLEAN", -7, 1, False, None, None),
    ("TINYINT", -6, 3, False, 10, None),
    ("BIGINT", -5, 19, False, 10, None),
    ("BLOB", -3, 2**31 - 1, True, None, None),
    ("DECIMAL", 3, 38, False, 10, None),
    ("INTEGER", 4, 10, False, 10, None),
    ("SMALLINT", 5, 5, False, 10, None),
    ("FLOAT", 7, 24, False, 2, None),
    ("DOUBLE", 8, 53, False, 2, None),
    ("VARCHAR", 12, 2**31 - 1, True, None, None),
    ("DATE", 91, 10, True, None, 1),
    ("TIME", 92, 15, True, None, 2),
    ("TIMESTAMP", 93, 26, True, None, 3),
)


def type_info_table(message: Any) -> Any:
    """All types, or those of the one JDBC number asked for; ordered by number, then name."""
    rows = [_row(*t) for t in _TYPES if not message.HasField("data_type") or t[1] == message.data_type]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def _row(name: str, number: int, size: int, quoted: bool, radix: int | None, subcode: int | None) -> dict[str, Any]:
    return {
        "type_name": name,
        "data_type": number,
        "column_size": size,
        "literal_prefix": "'" if quoted else None,
        "literal_suffix": "'" if quoted else None,
        "create_params": ["precision", "scale"] if name == "DECIMAL" else None,
        "nullable": _NULLABLE,
        "case_sensitive": name == "VARCHAR",
        "searchable": _SEARCHABLE_FULL if name == "VARCHAR" else _SEARCHABLE_BASIC,
        "unsigned_attribute": False if radix else None,
        "fixed_prec_scale": False,
        "auto_increment": False if radix else None,
        "local_type_name": name,
        "minimum_scale": 0 if name == "DECIMAL" else None,
        "maximum_scale": 38 if name == "DECIMAL" else None,
        "sql_data_type": number if subcode is None else _DATETIME,
        "datetime_subcode": subcode,
        "num_prec_radix": radix,
        "interval_precision": None,
    }
