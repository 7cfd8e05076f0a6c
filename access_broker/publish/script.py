"""An SQL script of the steward, run in an engine that has no file system, no extensions and no way to get them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from access_broker.domain.text import fold
from access_broker.publish.refusals import invalid
from access_broker.publish.sql_text import quote_name

_ROWS_AT_A_TIME = 100_000
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoload_known_extensions": False,
    "autoinstall_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,  # else `FROM name` reads variables of this very program
    "temp_directory": "",
    "lock_configuration": True,
}


@dataclass(frozen=True)
class ScriptTable:
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Script:
    """What a script made. Views and temporary tables are its own business."""

    con: duckdb.DuckDBPyConnection
    tables: tuple[ScriptTable, ...]

    def table(self, place: str, name: str) -> ScriptTable | None:
        """The table people call `name`; two that look alike are refused, because nobody could say which is meant."""
        alike = [t for t in self.tables if fold(t.name) == fold(name)]
        if len(alike) > 1:
            raise invalid(place, "tables_fold_alike")
        return alike[0] if alike else None

    def rows(self, table: ScriptTable) -> pa.RecordBatchReader:
        """The rows as a stream, columns called `c0`, `c1`, … in the order of `table.columns`."""
        chosen = ", ".join(f"{quote_name(name)} AS c{i}" for i, name in enumerate(table.columns))
        return self.con.sql(f"SELECT {chosen} FROM main.{quote_name(table.name)}").to_arrow_reader(_ROWS_AT_A_TIME)


@contextmanager
def run_script(text: str) -> Iterator[Script]:
    """Run `text` and yield what it made. duckdb.Error when it does not run."""
    with duckdb.connect(":memory:", config=_CLOSED) as con:
        con.execute(text)
        # the script may have left another schema or database selected
        con.execute("USE memory.main")
        yield Script(con, _tables_of(con))


def _tables_of(con: duckdb.DuckDBPyConnection) -> tuple[ScriptTable, ...]:
    listed = con.execute(
        "SELECT t.table_name, list(c.column_name ORDER BY c.column_index) "
        "FROM duckdb_tables() AS t JOIN duckdb_columns() AS c USING (database_name, schema_name, table_name) "
        "WHERE t.database_name = 'memory' AND t.schema_name = 'main' AND NOT t.temporary GROUP BY t.table_name"
    ).fetchall()
    return tuple(ScriptTable(name, tuple(columns)) for name, columns in listed)
