"""DuckDB as the worker holds it: opened read-only, locked down, and asked for Arrow that every client can read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum

import duckdb
import pyarrow as pa
from duckdb import DuckDBPyConnection, DuckDBPyRelation
from duckdb.sqltypes import DuckDBPyType

from access_broker.adapters.engine.limits import FRAME_BYTES, ROW_BYTES, Limits

CATALOGUE = "published"
"""Name of the one attached database: the engine's plan calls a table `published.main.TABLE`."""

_SETTINGS = {
    "threads": "1",  # with the line below: connecting starts no thread, which no wall raised later would bind
    "async_threads": "0",
    "temp_directory": "",  # a spill directory would be readable and writable by SQL
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "allow_unsigned_extensions": "false",
    "allow_persistent_secrets": "false",
    "python_enable_replacements": "false",
    "enable_external_file_cache": "false",
    "max_expression_depth": "500",
    "pivot_limit": "1000",
}
_LOCKS = (
    "SET streaming_buffer_size='2MB'",  # how far the engine runs ahead of a reader: as fast as 10 MB, first rows sooner
    "SET TimeZone='UTC'",
    "SET enable_external_access=false",
    "SET disabled_filesystems='LocalFileSystem'",  # without it the open file itself stays readable and writable by SQL
    "SET lock_configuration=true",
)

_CASTS = {
    "hugeint": "BIGINT",
    "uhugeint": "BIGINT",
    "null": "INTEGER",
    "time_ns": "TIME",
    "interval": "VARCHAR",
    "enum": "VARCHAR",
    "bit": "VARCHAR",
    "bignum": "VARCHAR",
    "time with time zone": "VARCHAR",
    "union": "VARCHAR",
    "variant": "VARCHAR",
    "geometry": "VARCHAR",
}
"""DuckDB type → what travels instead, because a client fails on it or gets something worse.

Whole numbers beyond 64 bits (a sum of integers is a HUGEINT) would arrive as Decimal objects: they travel as 64-bit
integers, exact, and a value that does not fit is a VALUE_ERROR, never a rounded number. polars reads no
month-day-nano interval, pandas no union; enums would need dictionary messages.
"""


class Fault(StrEnum):
    """What went wrong with a statement, as far as the pool needs to know."""

    VALUE_ERROR = "value_error"
    RESOURCE_LIMIT = "resource_limit"
    INTERRUPTED = "interrupted"
    NOT_PUBLISHED = "not_published"
    INTERNAL = "internal"


_FAULTS = {
    "Conversion Error": Fault.VALUE_ERROR,
    "Out of Range Error": Fault.VALUE_ERROR,
    "Invalid Input Error": Fault.VALUE_ERROR,
    "Out of Memory Error": Fault.RESOURCE_LIMIT,
    "INTERRUPT Error": Fault.INTERRUPTED,
}
_RESOURCE_SIGNS = ("Arrow Appender", "bad_alloc", "Failed to allocate", "failed to allocate", "malloc of size")


def classify(error: BaseException) -> Fault:
    """The kind of an error from the engine. Once rows flow it arrives as OSError, so its text is all there is."""
    text = str(error)
    if isinstance(error, MemoryError) or any(sign in text for sign in _RESOURCE_SIGNS):
        return Fault.RESOURCE_LIMIT
    return _FAULTS.get(text.split(":", 1)[0].strip(), Fault.INTERNAL)


def connect() -> DuckDBPyConnection:
    """DuckDB with nothing in it, before the walls: it reads the machine's limits under /proc and /sys, or aborts."""
    return duckdb.connect(":memory:", config=_SETTINGS)  # type: ignore[arg-type]


def open_published(connection: DuckDBPyConnection, path: str, limits: Limits) -> None:
    """Make the file at `path` the only database, read-only, and lock every door of DuckDB's own behind it.

    These settings are the second wall only: DuckDB calls them defence in depth, not a sandbox.
    """
    quoted = path.replace("'", "''")
    opening = (
        f"SET memory_limit='{limits.memory_mb}MiB'",
        f"SET threads={limits.threads}",
        f"ATTACH '{quoted}' AS {CATALOGUE} (READ_ONLY)",
        f"USE {CATALOGUE}",
        "DETACH memory",
    )
    for statement in (*opening, *_LOCKS):
        connection.execute(statement).fetchall()


_NO_JSON = '{"error":true,"error_type":"not implemented"}'


def plan(connection: DuckDBPyConnection, sql: str) -> str:
    """The bound, unoptimised logical plan of `sql` as JSON text; a statement that does not bind says so inside it.

    Of a whole number beyond 128 bits the engine writes an empty text, and for a constant that is no number `NAN`.
    Neither is JSON: both are said in the same way.
    """
    rows = connection.execute("SELECT json_serialize_plan(?, optimize := false)", [sql]).fetchall()
    text = str(rows[0][0])
    return text if _is_json(text) else _NO_JSON


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def stream(connection: DuckDBPyConnection, sql: str) -> pa.RecordBatchReader:
    """Start one SELECT and read it as it is made; nothing is held in memory as a whole."""
    return start(bound(connection, sql))


def bound(connection: DuckDBPyConnection, sql: str) -> DuckDBPyRelation:
    """One SELECT, ready to be started, with its columns as they travel.

    `sql()` runs anything but a SELECT at once, so it must not see anything else.
    """
    statements = connection.extract_statements(sql)
    if len(statements) != 1 or statements[0].type is not duckdb.StatementType.SELECT:
        raise PermissionError("not exactly one SELECT")
    relation = connection.sql(sql)
    casts = [wire_type(t) for t in relation.types]
    if any(casts):
        relation = _with_casts(relation, casts)
    return relation


def start(relation: DuckDBPyRelation) -> pa.RecordBatchReader:
    """Run it and read it as it is made: `execute().to_arrow_reader()` would materialise everything first.

    A relation whose answer was read to its end can be started anew.
    """
    return relation.to_arrow_reader(rows_per_batch(len(relation.columns)))


def wire_type(type_: DuckDBPyType) -> str | None:
    """The SQL type a column of `type_` is cast to before it travels; None when it travels as it is."""
    if type_.id in ("list", "array", "struct", "map"):
        parts = [part for _, part in type_.children if isinstance(part, DuckDBPyType)]
        casts = [wire_type(part) for part in parts]
        if not any(casts):
            return None
        return f"{casts[0]}[]" if type_.id in ("list", "array") else "VARCHAR"
    return _CASTS.get(type_.id)


def _with_casts(relation: DuckDBPyRelation, casts: list[str | None]) -> DuckDBPyRelation:
    """Columns by position, since their names need not be unique."""
    parts = []
    for position, (name, target) in enumerate(zip(relation.columns, casts, strict=True), start=1):
        quoted = name.replace('"', '""')
        parts.append(f'CAST(#{position} AS {target}) AS "{quoted}"' if target else f'#{position} AS "{quoted}"')
    return relation.project(", ".join(parts))


def rows_per_batch(columns: int) -> int:
    """Whole vectors of 2,048 rows that make about one frame at some 12 bytes a value; wider ones are cut later."""
    return max(1, FRAME_BYTES // (12 * 2048 * max(1, columns))) * 2048


def frames(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The rows of `batch` in pieces of about one frame each. Raises MemoryError on a row no client would take."""
    pieces = -(-batch.nbytes // FRAME_BYTES)
    if pieces > 1 and batch.num_rows > 1:
        step = -(-batch.num_rows // pieces)
        for start in range(0, batch.num_rows, step):
            yield from frames(batch.slice(start, step))
    elif batch.nbytes > ROW_BYTES:
        raise MemoryError("one row is larger than a client takes")
    elif batch.num_rows:
        yield batch
