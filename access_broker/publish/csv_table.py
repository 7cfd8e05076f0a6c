"""CSV in UTF-8 with a header, read as text first and typed only where no character would be lost.

A type is given to a column when every one of its values is written exactly as that type writes it. One `0012` or
`+98` in a column of digits therefore leaves the whole column text, and identifiers keep their zeros.
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from access_broker.publish.sql_text import quote_text

_SEPARATORS = ",;\t|"
_LONGEST_HEADER = 1 << 20
_FIRST_ROWS = 2000
_Test = tuple[str, str, str, bool]
_WRITTEN_AS = (
    ("BIGINT", "0|-?[1-9][0-9]{0,17}", False),
    ("DOUBLE", r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?", False),
    ("DATE", "[0-9]{4}-[0-9]{2}-[0-9]{2}", True),
    ("TIMESTAMP", r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?", True),
    ("BOOLEAN", "true|false|TRUE|FALSE|True|False", False),
)
"""Type, how its values are written, and whether writing alone does not prove the value (there is no 30 February)."""


def load_csv(con: duckdb.DuckDBPyConnection, path: Path, raw: str) -> list[str]:
    """Make the table `raw` with columns `c0`, `c1`, … in `con`; return the header as it stands in the file.

    Raises duckdb.Error, csv.Error or UnicodeDecodeError for a file of any other form. Nothing is guessed from a sample
    of rows: a guess that holds for the first thousand may tear the next one in the middle.
    """
    separator, header = _header(path)
    names = [f"c{i}" for i in range(len(header))]
    columns = ", ".join(f"{name}: 'VARCHAR'" for name in names)
    con.execute(
        f"CREATE TABLE {raw}_text AS SELECT * FROM read_csv({quote_text(str(path))}, auto_detect = false, "
        f"columns = {{{columns}}}, header = true, delim = {quote_text(separator)}, quote = '\"', escape = '\"', "
        "comment = '', encoding = 'utf-8', compression = 'none', strict_mode = true, null_padding = false)"
    )
    types = _types(con, f"{raw}_text", names)
    typed = ", ".join(f"CAST({name} AS {type_name}) AS {name}" for name, type_name in zip(names, types, strict=True))
    con.execute(f"CREATE TABLE {raw} AS SELECT {typed} FROM {raw}_text")
    con.execute(f"DROP TABLE {raw}_text")
    return header


def _header(path: Path) -> tuple[str, list[str]]:
    """The separator, which is the one that splits the first line into most parts, and the names it separates.

    The engine would quietly rename columns that differ in case only, so the header is not left to it.
    """
    with open(path, encoding="utf-8-sig", newline="") as file:
        first = file.readline(_LONGEST_HEADER)
        separator = max(_SEPARATORS, key=lambda s: len(next(csv.reader([first], delimiter=s), [])))
        file.seek(0)
        return separator, next(csv.reader(file, delimiter=separator, strict=True), [])


def _types(con: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> list[str]:
    """The first type that every value of a column is written as; a column without any value stays text."""
    tests = [(name, *written) for name in names for written in _WRITTEN_AS]
    # most types are out after a few rows; only the others are worth a look at every row
    tests = [test for test, holds in _tried(con, f"(FROM {table} LIMIT {_FIRST_ROWS})", tests) if holds is not False]
    tests = [test for test, holds in _tried(con, table, tests) if holds]
    return [next((type_name for n, type_name, *_ in tests if n == name), "VARCHAR") for name in names]


def _tried(con: duckdb.DuckDBPyConnection, rows: str, tests: list[_Test]) -> list[tuple[_Test, bool | None]]:
    """Each test with whether all values in `rows` pass it; None where there is no value."""
    terms = ", ".join(
        f"bool_and(regexp_full_match({name}, {quote_text(written)})"
        + (f" AND try_cast({name} AS {type_name}) IS NOT NULL)" if proved else ")")
        + f" FILTER (WHERE {name} IS NOT NULL)"
        for name, type_name, written, proved in tests
    )
    flags = con.execute(f"SELECT {terms or 'NULL'} FROM {rows}").fetchone() or ()
    return list(zip(tests, flags, strict=False))
