"""The finished file as a stranger would find it: what is in it, and that nothing else is."""

from __future__ import annotations

from pathlib import Path

import duckdb

from access_broker.domain.decisions import Refused

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "temp_directory": "",
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
}
_NOTHING_ELSE = (
    "SELECT count(*) FROM duckdb_views() WHERE NOT internal",
    "SELECT count(*) FROM duckdb_functions() WHERE NOT internal",
    "SELECT count(*) FROM duckdb_types() WHERE NOT internal",
    "SELECT count(*) FROM duckdb_sequences()",
    "SELECT count(*) FROM duckdb_indexes()",
    "SELECT count(*) FROM duckdb_schemas() WHERE NOT internal AND schema_name <> 'main'",
    "SELECT count(*) FROM duckdb_tables() WHERE comment IS NOT NULL OR schema_name <> 'main'",
    "SELECT count(*) FROM duckdb_columns() WHERE NOT internal AND (comment IS NOT NULL OR column_default IS NOT NULL)",
)

Tables = dict[str, dict[str, str]]
"""Table → column → DuckDB type."""


def inspect(path: Path, expected: dict[str, tuple[str, ...]]) -> Tables:
    """The tables of the file with their types. Refuses INTERNAL unless they are exactly `expected` and all there is."""
    with duckdb.connect(str(path), read_only=True, config=_CONFIG) as con:
        listed = con.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY column_index"
        ).fetchall()
        beside = [row for sql in _NOTHING_ELSE if (row := con.execute(sql).fetchone()) and row[0]]
    tables: Tables = {}
    for table, column, type_name in listed:
        tables.setdefault(table, {})[column] = type_name
    if beside or {name: tuple(columns) for name, columns in tables.items()} != expected:
        raise Refused("INTERNAL", why="published_file_differs")
    return tables
