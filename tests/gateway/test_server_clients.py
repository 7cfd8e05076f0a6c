"""The clients people really use, unchanged and with their defaults. Warnings are errors here."""

from __future__ import annotations

import datetime
import decimal
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from access_broker.domain.tokens import Door

from .conftest import Bare, command
from .fake_service import SMALL, FakeService

ROWS = [(1, "آرش")]


def test_adbc_reads_rows_tables_and_streams(cursor: Any) -> None:
    assert cursor.execute("select 1").fetchall() == ROWS
    assert cursor.execute("select 1").fetch_arrow_table().to_pylist() == SMALL.to_pylist()
    assert cursor.execute("rows 5").fetch_record_batch().read_all().num_rows == 5
    assert [c[0] for c in cursor.description] == ["n", "name"]


def test_adbc_without_transactions_of_its_own(connect: Callable[..., Any]) -> None:
    with connect(autocommit=True) as connection, connection.cursor() as cursor:
        assert cursor.execute("select 1").fetchall() == ROWS


def test_commit_and_rollback_have_nothing_to_do(connect: Callable[..., Any]) -> None:
    with connect() as connection, connection.cursor() as cursor:
        cursor.execute("select 1").fetchall()
        connection.commit()
        cursor.execute("select 1").fetchall()
        connection.rollback()
        assert cursor.execute("select 1").fetchall() == ROWS


@pytest.mark.parametrize(
    "values",
    [
        (1,),
        (None,),
        (True, 2.5, "سلام'--"),
        (decimal.Decimal("12.50"), datetime.date(2026, 3, 21), datetime.time(8, 30)),
        (datetime.datetime(2026, 3, 21, 12, 0, 0, 5),),
    ],
)
def test_adbc_binds_a_row_of_parameters(cursor: Any, service: FakeService, values: tuple[Any, ...]) -> None:
    text = "select " + ", ".join("?" * len(values))
    assert cursor.execute(text, values).fetchall() == [values]
    assert service.seen[-1] == (text, values)
    assert service.described == [(text, values)], "a statement is not judged before its parameters are there"


def test_execute_schema_runs_nothing(cursor: Any, service: FakeService, bare: Callable[..., Bare]) -> None:
    assert cursor.adbc_execute_schema("select 1").names == ["n", "name"]
    client = bare()
    asked = client.client.get_schema(command("CommandStatementQuery", query="select 1"), client.options)
    assert asked.schema.field("n").metadata[b"ARROW:FLIGHT:SQL:TYPE_NAME"] == b"BIGINT"
    handle = client.prepare("select 1")
    asked = client.client.get_schema(
        command("CommandPreparedStatementQuery", prepared_statement_handle=handle), client.options
    )
    assert asked.schema.names == ["n", "name"]
    assert service.answers == []


def test_adbc_explores_the_catalogue(connect: Callable[..., Any]) -> None:
    with connect() as connection:
        assert connection.adbc_get_info()["vendor_name"] == "Amanat"
        assert connection.adbc_get_table_types() == ["table"]
        schema = connection.adbc_get_table_schema("visits", db_schema_filter="health")
        assert schema.types == [pa.int64(), pa.decimal128(10, 2), pa.date32()]
        catalogs = connection.adbc_get_objects().read_all().to_pylist()
    found = {
        (c["catalog_name"], s["db_schema_name"], t["table_name"], k["column_name"], k["xdbc_type_name"], k["remarks"])
        for c in catalogs
        for s in c["catalog_db_schemas"]
        for t in s["db_schema_tables"]
        for k in t["table_columns"]
    }
    assert found == {
        ("", "health", "visits", "visit_id", "BIGINT", None),
        ("", "health", "visits", "cost", "DECIMAL(10,2)", None),
        ("", "health", "visits", "day", "DATE", None),
        ("", "census", "citizens", "شهر", "VARCHAR", None),
        ("", "census", "citizens", "age", "INTEGER", None),
    }


@pytest.mark.parametrize("depth", ["catalogs", "db_schemas", "tables", "columns", "all"])
def test_adbc_get_objects_at_every_depth(connect: Callable[..., Any], depth: str) -> None:
    with connect() as connection:
        objects = connection.adbc_get_objects(depth=depth, db_schema_filter="health").read_all()
    assert ("visits" in str(objects.to_pylist())) == (depth in ("tables", "columns", "all"))
    assert "citizens" not in str(objects.to_pylist())


@pytest.mark.parametrize(
    "name",
    [
        "CommandGetSqlInfo",
        "CommandGetXdbcTypeInfo",
        "CommandGetCatalogs",
        "CommandGetDbSchemas",
        "CommandGetTables",
        "CommandGetTableTypes",
        "CommandGetPrimaryKeys",
        "CommandGetExportedKeys",
        "CommandGetImportedKeys",
        "CommandGetCrossReference",
    ],
)
def test_metadata_arrives_with_the_schema_it_was_announced_with(bare: Callable[..., Bare], name: str) -> None:
    client = bare()
    info = client.info(name)
    assert client.client.get_schema(command(name), client.options).schema.equals(info.schema)
    table = client.read(info.endpoints[0].ticket)
    assert table.schema.equals(info.schema)
    table.validate(full=True)


def test_pandas(connect: Callable[..., Any]) -> None:
    with connect() as connection:
        frame = pd.read_sql("rows 3", connection)
        arrow = pd.read_sql("rows 3", connection, dtype_backend="pyarrow")
    assert frame.to_dict("list") == arrow.to_dict("list") == {"n": [1, 1, 1], "name": ["آرش"] * 3}


def test_polars(connect: Callable[..., Any]) -> None:
    with connect() as connection:
        assert pl.read_database("rows 3", connection).rows() == ROWS * 3
        assert pl.read_database("select ?", connection, execute_options={"parameters": [7]}).rows() == [(7,)]
        batches = list(pl.read_database("rows 3", connection, iter_batches=True, batch_size=1))
    assert sum(b.height for b in batches) == 3


def test_enumerations_arrive_as_text(cursor: Any, service: FakeService) -> None:
    service.extra["rows 2"] = pa.table({"city": pa.array(["یزد", None, "قم"]).dictionary_encode()})
    assert cursor.execute("rows 2").fetchall() == [("یزد",), (None,), ("قم",)] * 2


def test_no_message_is_larger_than_clients_take(bare: Callable[..., Bare], service: FakeService) -> None:
    service.extra["rows 1"] = pa.table({"n": pa.array(range(1_500_000), pa.int64())})
    client = bare()
    ticket = client.info("CommandStatementQuery", query="rows 1").endpoints[0].ticket
    chunks = [c.data for c in client.client.do_get(ticket, client.options)]
    assert sum(c.num_rows for c in chunks) == 1_500_000
    assert max(c.nbytes for c in chunks) < 2 << 20


def test_two_people_at_once_get_their_own_answers(connect: Callable[..., Any], service: FakeService) -> None:
    wrong: list[Any] = []

    def read(token: str, number: int) -> None:
        with connect(token) as connection, closing(connection.cursor()) as cursor:
            for _ in range(15):
                got = cursor.execute("select ?, ?", (token, number)).fetchall()
                if got != [(token, number)]:
                    wrong.append(got)

    threads = [threading.Thread(target=read, args=a) for a in (("sara", 1), ("omid", 2), ("sara-c2", 3))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(service.answers) == 45
    assert all(a.closed == 1 for a in service.answers)


def test_the_service_hears_the_callers_address(cursor: Any, service: FakeService) -> None:
    assert set(service.peers) == {("127.0.0.1", Door.LOCAL)}


def test_actions_are_listed_and_nothing_else_is(bare: Callable[..., Bare]) -> None:
    client = bare()
    assert "amanat.explain" in {a.type for a in client.client.list_actions(client.options)}
    assert list(client.client.list_flights(b"", client.options)) == []
    assert client.act("GetSessionOptions", b"") == [b""]


def test_explain_answers_in_json(bare: Callable[..., Bare], service: FakeService) -> None:
    client = bare()
    assert client.explain("select ? و", [1, "ب", None]) == {
        "verdict": "allow",
        "code": None,
        "sql": "select ? و",
        "parameters": [1, "ب", None],
        "uses": [],
    }
    assert client.explain("select 1")["parameters"] is None
    assert service.answers == []
