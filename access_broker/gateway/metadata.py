"""The catalogue commands of Flight SQL: datasets are schemas, granted tables are tables, and nothing else exists.

There is one unnamed catalog: `catalog_name` is NULL everywhere, and a request for a catalog with a name finds nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from access_broker.domain.catalogue import Catalogue, GrantedTable
from access_broker.domain.text import fold
from access_broker.gateway.arrow_types import catalogue_field

TABLE_TYPE = "table"
"""Lower case, as SQLAlchemy's ADBC dialect looks for it."""


def _schema(*columns: str) -> Any:
    """`name type`, with `?` after a type that may be NULL."""
    types = {"text": pa.string(), "int32": pa.int32(), "uint8": pa.uint8(), "bytes": pa.binary()}
    fields = []
    for column in columns:
        name, kind = column.split()
        fields.append(pa.field(name, types[kind.rstrip("?")], kind.endswith("?")))
    return pa.schema(fields)


_CATALOGS = _schema("catalog_name text")
_DB_SCHEMAS = _schema("catalog_name text?", "db_schema_name text")
_TABLES = _schema("catalog_name text?", "db_schema_name text?", "table_name text", "table_type text")
_TABLES_WITH_SCHEMA = _TABLES.append(pa.field("table_schema", pa.binary(), False))
_TABLE_TYPES = _schema("table_type text")
_PRIMARY_KEYS = _schema(
    "catalog_name text?",
    "db_schema_name text?",
    "table_name text",
    "column_name text",
    "key_sequence int32",
    "key_name text?",
)
_FOREIGN_KEYS = _schema(
    "pk_catalog_name text?",
    "pk_db_schema_name text?",
    "pk_table_name text",
    "pk_column_name text",
    "fk_catalog_name text?",
    "fk_db_schema_name text?",
    "fk_table_name text",
    "fk_column_name text",
    "key_sequence int32",
    "fk_key_name text?",
    "pk_key_name text?",
    "update_rule uint8",
    "delete_rule uint8",
)
_SCHEMAS = {
    "CommandGetCatalogs": _CATALOGS,
    "CommandGetDbSchemas": _DB_SCHEMAS,
    "CommandGetTables": _TABLES,
    "CommandGetTableTypes": _TABLE_TYPES,
    "CommandGetPrimaryKeys": _PRIMARY_KEYS,
    "CommandGetExportedKeys": _FOREIGN_KEYS,
    "CommandGetImportedKeys": _FOREIGN_KEYS,
    "CommandGetCrossReference": _FOREIGN_KEYS,
}
COMMANDS = frozenset(_SCHEMAS)


def metadata_schema(name: str, message: Any) -> Any:
    """The schema the specification announces for this command."""
    if name == "CommandGetTables" and message.include_schema:
        return _TABLES_WITH_SCHEMA
    return _SCHEMAS[name]


def metadata_table(name: str, message: Any, catalogue: Catalogue) -> Any:
    """The rows of a catalogue command, in the order the specification asks for. Keys are never told: no rows."""
    rows: list[dict[str, Any]] = []
    if name == "CommandGetDbSchemas":
        rows = _db_schema_rows(message, catalogue)
    elif name == "CommandGetTables":
        rows = _table_rows(message, catalogue)
    elif name == "CommandGetTableTypes":
        rows = [{"table_type": TABLE_TYPE}]
    return pa.Table.from_pylist(rows, schema=metadata_schema(name, message))


def _db_schema_rows(message: Any, catalogue: Catalogue) -> list[dict[str, Any]]:
    if not _is_our_catalog(message):
        return []
    matches = _filter(message, "db_schema_filter_pattern")
    return [{"db_schema_name": d} for d in sorted({t.dataset for t in catalogue.tables}) if matches(d)]


def _table_rows(message: Any, catalogue: Catalogue) -> list[dict[str, Any]]:
    types = {t.casefold() for t in message.table_types}
    if not _is_our_catalog(message) or (types and TABLE_TYPE not in types):
        return []
    of_dataset = _filter(message, "db_schema_filter_pattern")
    of_name = _filter(message, "table_name_filter_pattern")
    found = [t for t in catalogue.tables if of_dataset(t.dataset) and of_name(t.name)]
    return [_table_row(t, message.include_schema) for t in sorted(found, key=lambda t: (t.dataset, t.name))]


def _table_row(table: GrantedTable, include_schema: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"db_schema_name": table.dataset, "table_name": table.name, "table_type": TABLE_TYPE}
    if include_schema:
        fields = [catalogue_field(c.name, c.type, table.name, table.dataset, c.mode) for c in table.columns]
        row["table_schema"] = pa.schema(fields).serialize().to_pybytes()
    return row


def _is_our_catalog(message: Any) -> bool:
    return not message.HasField("catalog") or message.catalog == ""


def _filter(message: Any, field: str) -> Callable[[str], bool]:
    if not message.HasField(field):
        return lambda _: True
    pattern = list(_tokens(fold(getattr(message, field))))
    return lambda name: _like(fold(name), pattern)


_ANY, _ONE = object(), object()


def _tokens(pattern: str) -> Iterator[Any]:
    """Letters, `_ONE` for `_`, `_ANY` for `%`; a backslash takes the next letter as it is."""
    letters = iter(pattern)
    for letter in letters:
        if letter == "\\":
            yield next(letters, letter)
        else:
            yield {"%": _ANY, "_": _ONE}.get(letter, letter)


def _like(text: str, pattern: list[Any]) -> bool:
    """LIKE without backtracking over more than the last `%`: a regular expression of many `.*` would run for ever."""
    at = token = 0
    resume: tuple[int, int] | None = None
    while at < len(text):
        if token < len(pattern) and pattern[token] is _ANY:
            resume, token = (at, token), token + 1
        elif token < len(pattern) and pattern[token] in (_ONE, text[at]):
            at, token = at + 1, token + 1
        elif resume is not None:
            resume = (resume[0] + 1, resume[1])
            at, token = resume[0], resume[1] + 1
        else:
            return False
    return all(t is _ANY for t in pattern[token:])
