"""DuckDB's own locks, and what its types become on the way. No process walls here: these tests run unconfined."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date, datetime, time
from decimal import Decimal

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from access_broker.adapters.engine import database
from access_broker.adapters.engine.database import Fault
from access_broker.adapters.engine.limits import FRAME_BYTES, ROW_BYTES, Limits


@pytest.fixture
def copy(published, tmp_path):
    """A writable copy, so that only DuckDB's settings protect it."""
    path = tmp_path / "C-1.duckdb"
    shutil.copy(published, path)
    path.chmod(0o644)
    return path


@pytest.fixture
def locked(copy):
    with database.connect() as connection:
        database.open_published(connection, str(copy), Limits())
        yield connection


def overwrite(path) -> str:
    return f"COPY (SELECT 'x') TO '{path}' (FORMAT csv, USE_TMP_FILE false)"


def test_without_the_locks_a_read_only_connection_destroys_its_file(copy):
    before = hashlib.sha256(copy.read_bytes()).digest()
    with duckdb.connect(str(copy), read_only=True) as connection:
        connection.execute(overwrite(copy))
    assert hashlib.sha256(copy.read_bytes()).digest() != before


@pytest.mark.parametrize(
    "statement",
    [
        "COPY (SELECT 'x') TO '{path}' (FORMAT csv, USE_TMP_FILE false)",
        "COPY (SELECT 'x') TO '{path}.wal' (FORMAT csv, USE_TMP_FILE false)",
        "WITH x AS (COPY (SELECT 1) TO '{path}' (FORMAT csv, USE_TMP_FILE false)) SELECT 1",
        "SELECT * FROM read_blob('{path}')",
        "SELECT * FROM read_duckdb('{path}', table_name = 'visits')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "ATTACH '{path}' AS again (READ_ONLY)",
        "ATTACH '{path}.new' AS other",
        "CREATE TABLE published.main.mine (a INTEGER)",
        "DELETE FROM visits",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET memory_limit = '100GB'",
        "SET TimeZone = 'Asia/Tehran'",
        "RESET disabled_filesystems",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "PRAGMA enable_profiling",
        "EXPORT DATABASE '{path}.dir'",
    ],
)
def test_the_locks_hold(locked, copy, statement):
    before = hashlib.sha256(copy.read_bytes()).digest()
    with pytest.raises(duckdb.Error):
        locked.execute(statement.format(path=copy)).fetchall()
    assert hashlib.sha256(copy.read_bytes()).digest() == before
    assert [p.name for p in copy.parent.iterdir()] == [copy.name]


@pytest.mark.parametrize(
    "statement", ["SELECT 1; SELECT 2", "CREATE TEMP TABLE t (a INTEGER)", "SET VARIABLE a = 1", ""]
)
def test_only_one_select_is_streamed(locked, statement):
    with pytest.raises(PermissionError):
        database.stream(locked, statement)


def test_the_plan_names_tables_of_the_published_catalogue(locked):
    assert '"path":["published","main","visits"]' in database.plan(locked, "SELECT count(*) FROM visits")
    assert '"error":true' in database.plan(locked, "SELECT nothing FROM visits")


def test_what_the_engine_cannot_write_as_a_plan_is_still_json(locked):
    assert json.loads(database.plan(locked, "SELECT " + "9" * 44))["error_type"] == "not implemented"


EVERY_TYPE = """SELECT sum(i) AS huge, count(*) AS n, avg(i) AS mean, sum(i::DECIMAL(10, 2)) AS money,
    bool_or(i = 1) AS flag,
    max(DATE '2024-02-29') AS day, max(TIMESTAMP '2024-02-29 10:00:00') AS moment,
    max(TIMESTAMPTZ '2024-02-29 10:00:00+03:30') AS instant, max(TIME '10:00:00') AS clock, max('متن') AS text,
    list(i ORDER BY i) AS items, [sum(i)] AS huge_items, max(TIMESTAMP '2024-01-02' - TIMESTAMP '2024-01-01') AS gap,
    max('b'::ENUM ('a', 'b')) AS choice, NULL AS nothing, sum(i) FILTER (i > 5) AS empty, max('101'::BIT) AS bits,
    {'a': sum(i)} AS record FROM (VALUES (1), (2), (NULL)) v(i)"""


@pytest.fixture
def answer():
    with database.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        with database.stream(connection, EVERY_TYPE) as reader:
            return reader.read_all()


def test_types_that_clients_fail_on_travel_as_others(answer):
    schema = answer.schema
    assert schema.field("huge").type == pa.int64()
    assert schema.field("empty").type == pa.int64()
    assert schema.field("huge_items").type == pa.list_(pa.field("l", pa.int64()))
    assert schema.field("money").type == pa.decimal128(38, 2)
    assert schema.field("instant").type == pa.timestamp("us", tz="UTC")
    assert schema.field("nothing").type == pa.int32()
    assert {schema.field(name).type for name in ("text", "gap", "choice", "bits", "record")} == {pa.string()}


def test_values_arrive_exact(answer):
    row = answer.to_pylist()[0]
    assert (row["huge"], row["n"], row["mean"], row["money"], row["flag"]) == (3, 3, 1.5, Decimal("3.00"), True)
    assert (row["day"], row["moment"], row["clock"]) == (date(2024, 2, 29), datetime(2024, 2, 29, 10), time(10))
    assert row["instant"].isoformat() == "2024-02-29T06:30:00+00:00"
    assert (row["text"], row["items"], row["huge_items"]) == ("متن", [1, 2, None], [3])
    assert (row["gap"], row["choice"], row["nothing"], row["empty"]) == ("1 day", "b", None, None)


def test_pandas_and_polars_read_every_column(answer):
    frame = answer.to_pandas()
    assert frame["huge"].dtype == "int64"
    assert frame["huge"][0] / 2 == 1.5
    assert isinstance(frame["instant"].dtype, pd.DatetimeTZDtype)
    columns = pl.from_arrow(answer)
    assert isinstance(columns, pl.DataFrame)
    assert columns["huge"].dtype == pl.Int64
    assert columns["items"].to_list() == [[1, 2, None]]


def test_a_sum_beyond_64_bits_is_a_value_error_and_never_rounded():
    with database.connect() as connection, pytest.raises(duckdb.Error) as caught:
        database.stream(connection, "SELECT sum(9223372036854775807) FROM range(2)").read_all()
    assert database.classify(caught.value) is Fault.VALUE_ERROR


def test_names_may_repeat_and_order_is_kept():
    with database.connect() as connection:
        sql = 'SELECT i::HUGEINT AS "a""b", i AS "a""b" FROM range(5000) r(i) ORDER BY i DESC'
        table = database.stream(connection, sql).read_all()
    assert table.column_names == ['a"b', 'a"b']
    assert table.column(0).to_pylist() == list(range(4999, -1, -1))


def test_frames_stay_small_whatever_the_rows():
    wide = pa.record_batch({"text": ["x" * size for size in [10] * 1000 + [300_000] * 20 + [10] * 1000]})
    pieces = list(database.frames(wide))
    assert pa.Table.from_batches(pieces).to_pydict() == pa.Table.from_batches([wide]).to_pydict()
    assert max(piece.serialize().size for piece in pieces) < FRAME_BYTES * 1.1
    assert list(database.frames(wide.slice(0, 0))) == []


def test_a_row_no_client_takes_is_a_resource_limit():
    with pytest.raises(MemoryError) as caught:
        list(database.frames(pa.record_batch({"text": ["x" * (ROW_BYTES + 1), "y"]})))
    assert database.classify(caught.value) is Fault.RESOURCE_LIMIT


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("SELECT ('x' || i)::INTEGER FROM range(3) r(i)", Fault.VALUE_ERROR),
        ("SELECT CASE WHEN i > 90000 THEN ('x' || i)::BIGINT ELSE i END FROM range(100000) r(i)", Fault.VALUE_ERROR),
        ("SELECT 9223372036854775807 + i FROM range(3) r(i)", Fault.VALUE_ERROR),
        ("SELECT list(i) FROM range(20000000) r(i)", Fault.RESOURCE_LIMIT),
        ("SELECT nothing", Fault.INTERNAL),
    ],
)
def test_errors_are_told_apart_early_and_in_mid_stream(sql, fault):
    with database.connect() as connection:
        connection.execute("SET memory_limit = '50MB'")
        with pytest.raises((duckdb.Error, OSError)) as caught:
            database.stream(connection, sql).read_all()
    assert database.classify(caught.value) is fault
