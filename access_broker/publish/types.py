"""Which DuckDB types may stand in a published file, and as what."""

from __future__ import annotations

import re

INTEGERS = frozenset(
    {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"}
)
_AS_THEY_ARE = INTEGERS | {"BOOLEAN", "FLOAT", "DOUBLE", "VARCHAR", "DATE", "TIME", "TIMESTAMP"}
_AS_TEXT = re.compile(r"UUID|JSON|ENUM\(.*\)", re.DOTALL)
_AS_TIMESTAMP = frozenset({"TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"})
_ENDLESS = frozenset({"FLOAT", "DOUBLE", "DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"}) | _AS_TIMESTAMP
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")


def decimal_scale(type_name: str) -> int | None:
    """Digits after the point of a DECIMAL, None for every other type."""
    match = _DECIMAL.fullmatch(type_name)
    return int(match[2]) if match else None


def is_numeric(type_name: str) -> bool:
    """Numbers that can be compared and capped."""
    return type_name in INTEGERS | {"FLOAT", "DOUBLE"} or decimal_scale(type_name) is not None


def has_endless(type_name: str) -> bool:
    """Whether a value may be infinite, or no number at all."""
    return type_name in _ENDLESS


def is_day(type_name: str) -> bool:
    """Days and moments: of all that a calendar of four digits has no name for, an engine's arithmetic may fail."""
    return type_name.startswith(("DATE", "TIMESTAMP"))


def published_type(type_name: str) -> str | None:
    """The type a column gets in the file; None for nested and binary types, which no granted statement could use.

    An ENUM becomes text because its type carries every value of the source, those of filtered rows included.
    """
    if type_name in _AS_THEY_ARE or decimal_scale(type_name) is not None:
        return type_name
    if _AS_TEXT.fullmatch(type_name):
        return "VARCHAR"
    if type_name in _AS_TIMESTAMP or type_name == "TIMESTAMP WITH TIME ZONE":
        return "TIMESTAMP"
    return None
