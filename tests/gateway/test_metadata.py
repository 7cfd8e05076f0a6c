from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_broker.gateway.messages import make
from access_broker.gateway.metadata import COMMANDS, _like, _tokens, metadata_schema, metadata_table

from .fake_service import CATALOGUE

TEXT, TEXT_NULL = ("string", False), ("string", True)
ANNOUNCED = {
    "CommandGetCatalogs": [("catalog_name", *TEXT)],
    "CommandGetDbSchemas": [("catalog_name", *TEXT_NULL), ("db_schema_name", *TEXT)],
    "CommandGetTables": [
        ("catalog_name", *TEXT_NULL),
        ("db_schema_name", *TEXT_NULL),
        ("table_name", *TEXT),
        ("table_type", *TEXT),
    ],
    "CommandGetTableTypes": [("table_type", *TEXT)],
    "CommandGetPrimaryKeys": [
        ("catalog_name", *TEXT_NULL),
        ("db_schema_name", *TEXT_NULL),
        ("table_name", *TEXT),
        ("column_name", *TEXT),
        ("key_sequence", "int32", False),
        ("key_name", *TEXT_NULL),
    ],
}
FOREIGN = [
    ("pk_catalog_name", *TEXT_NULL),
    ("pk_db_schema_name", *TEXT_NULL),
    ("pk_table_name", *TEXT),
    ("pk_column_name", *TEXT),
    ("fk_catalog_name", *TEXT_NULL),
    ("fk_db_schema_name", *TEXT_NULL),
    ("fk_table_name", *TEXT),
    ("fk_column_name", *TEXT),
    ("key_sequence", "int32", False),
    ("fk_key_name", *TEXT_NULL),
    ("pk_key_name", *TEXT_NULL),
    ("update_rule", "uint8", False),
    ("delete_rule", "uint8", False),
]


def ask(name: str, **fields: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = metadata_table(name, make(name, **fields), CATALOGUE).to_pylist()
    return rows


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_keeps_the_schema_of_the_specification(name: str) -> None:
    schema = metadata_schema(name, make(name))
    assert [(f.name, str(f.type), f.nullable) for f in schema] == ANNOUNCED.get(name, FOREIGN)
    assert metadata_table(name, make(name), CATALOGUE).schema.equals(schema, check_metadata=True)


def test_datasets_are_schemas_of_the_unnamed_catalog() -> None:
    assert ask("CommandGetCatalogs") == []
    rows = [{"catalog_name": None, "db_schema_name": d} for d in ("census", "health")]
    assert ask("CommandGetDbSchemas") == ask("CommandGetDbSchemas", catalog="") == rows
    assert ask("CommandGetDbSchemas", catalog="memory") == ask("CommandGetTables", catalog="memory") == []
    assert ask("CommandGetDbSchemas", db_schema_filter_pattern="H%") == rows[1:]


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({}, ["citizens", "visits"]),
        ({"table_name_filter_pattern": "VISITS"}, ["visits"]),
        ({"table_name_filter_pattern": "%s"}, ["citizens", "visits"]),
        ({"table_name_filter_pattern": "_isits"}, ["visits"]),
        ({"table_name_filter_pattern": "\\_isits"}, []),
        ({"table_name_filter_pattern": ""}, []),
        ({"db_schema_filter_pattern": "census"}, ["citizens"]),
        ({"db_schema_filter_pattern": "secret"}, []),
        ({"table_types": ["TABLE", "VIEW"]}, ["citizens", "visits"]),
        ({"table_types": ["VIEW"]}, []),
    ],
)
def test_tables_are_found_by_pattern(fields: dict[str, Any], names: list[str]) -> None:
    assert [r["table_name"] for r in ask("CommandGetTables", **fields)] == names


def test_a_table_carries_the_schema_of_its_granted_columns() -> None:
    row = ask("CommandGetTables", include_schema=True, table_name_filter_pattern="visits")[0]
    schema = pa.ipc.read_schema(pa.py_buffer(row["table_schema"]))
    assert schema.names == ["visit_id", "cost", "day"]
    assert schema.types == [pa.int64(), pa.decimal128(10, 2), pa.date32()]
    assert schema.field("day").metadata[b"ARROW:FLIGHT:SQL:TYPE_NAME"] == b"DATE"
    assert not any(b"REMARKS" in f.metadata for f in schema)


def test_names_are_compared_as_people_see_them() -> None:
    tokens = list(_tokens("کد%"))
    assert _like("کد ملی", tokens)
    assert not _like("نام", tokens)


@given(st.text("ab%_", max_size=12), st.text("ab", max_size=12))
def test_like_is_like(pattern: str, text: str) -> None:
    expression = "".join({"%": ".*", "_": "."}.get(c, c) for c in pattern)
    assert _like(text, list(_tokens(pattern))) == bool(re.fullmatch(expression, text))


def test_a_pattern_of_many_wildcards_ends() -> None:
    assert not _like("a" * 60, list(_tokens("%a" * 5000 + "b")))
