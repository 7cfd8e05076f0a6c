from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest

from access_broker.gateway.arrow_types import arrow_type, catalogue_field, plain_batch, plain_schema, sql_name

TYPES = (
    "BOOLEAN TINYINT SMALLINT INTEGER BIGINT UTINYINT USMALLINT UINTEGER UBIGINT HUGEINT UHUGEINT FLOAT DOUBLE "
    "DECIMAL(10,2) DECIMAL(38,0) VARCHAR BLOB DATE TIME TIMESTAMP TIMESTAMP_S TIMESTAMP_MS TIMESTAMP_NS INTERVAL UUID "
    "JSON BIT"
).split()


@pytest.mark.parametrize("sql_type", TYPES)
def test_the_catalogue_tells_the_type_the_engine_delivers(sql_type: str) -> None:
    with duckdb.connect() as engine:
        relation = engine.sql(f"select null::{sql_type} as x")
        assert arrow_type(str(relation.types[0])) == relation.to_arrow_table().schema.field("x").type


def test_time_zones_and_lists() -> None:
    assert arrow_type("TIMESTAMP WITH TIME ZONE") == pa.timestamp("us", tz="UTC")
    assert arrow_type("integer[]") == pa.list_(pa.int32())
    assert arrow_type("VARCHAR[3]") == pa.list_(pa.string())
    assert arrow_type("ENUM('a', 'b')") == pa.string()
    assert arrow_type("STRUCT(a INTEGER)") == pa.string()


@pytest.mark.parametrize(
    ("arrow", "name"),
    [
        (pa.int64(), "BIGINT"),
        (pa.string(), "VARCHAR"),
        (pa.decimal128(12, 3), "DECIMAL(12,3)"),
        (pa.timestamp("us", tz="Asia/Tehran"), "TIMESTAMP WITH TIME ZONE"),
        (pa.timestamp("us"), "TIMESTAMP"),
        (pa.list_(pa.date32()), "DATE[]"),
        (pa.struct([pa.field("a", pa.int8())]), "STRUCT"),
        (pa.month_day_nano_interval(), "INTERVAL"),
        (pa.null(), "VARCHAR"),
    ],
)
def test_the_sql_name_of_an_answers_column(arrow: pa.DataType, name: str) -> None:
    assert sql_name(arrow) == name


def test_a_catalogue_field_says_where_it_stands_how_it_may_be_used_and_nothing_more() -> None:
    field = catalogue_field("cost", "DECIMAL(10,2)", "visits", "health", "aggregate")
    facts = {k.decode().removeprefix("ARROW:FLIGHT:SQL:"): v.decode() for k, v in field.metadata.items()}
    assert facts == {
        "TYPE_NAME": "DECIMAL(10,2)",
        "PRECISION": "10",
        "SCALE": "2",
        "IS_AUTO_INCREMENT": "0",
        "IS_CASE_SENSITIVE": "0",
        "IS_READ_ONLY": "1",
        "IS_SEARCHABLE": "1",
        "DB_SCHEMA_NAME": "health",
        "TABLE_NAME": "visits",
        "REMARKS": "aggregate",
    }


def test_types_that_some_clients_cannot_read_are_replaced() -> None:
    batch = pa.record_batch(
        {
            "enum": pa.array(["a", None, "a"]).dictionary_encode(),
            "view": pa.array(["x" * 40, "y", None], pa.string_view()),
            "bytes": pa.array([b"1", b"2", b"3"], pa.binary_view()),
            "list": pa.array([["a"], [], None], pa.list_(pa.string_view())),
            "n": pa.array([1, 2, 3]),
        }
    )
    schema = plain_schema(batch.schema)
    assert schema.types == [pa.string(), pa.string(), pa.binary(), pa.list_(pa.string()), pa.int64()]
    plain = plain_batch(batch, schema)
    assert plain.schema.types == schema.types
    assert plain.to_pylist() == batch.to_pylist()
    assert schema.field("enum").metadata[b"ARROW:FLIGHT:SQL:TYPE_NAME"] == b"VARCHAR"


def test_a_plain_batch_is_passed_on_as_it_is() -> None:
    batch = pa.record_batch({"n": [1, 2]})
    assert plain_batch(batch, plain_schema(batch.schema)) is batch
