from __future__ import annotations

import pytest
from google.protobuf import any_pb2

from access_broker.domain.decisions import Refused
from access_broker.gateway.messages import PACKAGE, make, read, unwrap, unwrap_as, wrap


def any_of(name: str, value: bytes) -> bytes:
    return any_pb2.Any(type_url=f"type.googleapis.com/{name}", value=value).SerializeToString()


@pytest.mark.parametrize(
    ("name", "fields", "wire"),
    [
        ("CommandStatementQuery", {"query": "ab"}, b"\x0a\x02ab"),
        ("CommandStatementQuery", {"query": "a", "transaction_id": b"t"}, b"\x0a\x01a\x12\x01t"),
        ("TicketStatementQuery", {"statement_handle": b"h"}, b"\x0a\x01h"),
        ("CommandPreparedStatementQuery", {"prepared_statement_handle": b"h"}, b"\x0a\x01h"),
        ("CommandGetSqlInfo", {"info": [1, 300]}, b"\x0a\x03\x01\xac\x02"),
        ("CommandGetXdbcTypeInfo", {"data_type": 0}, b"\x08\x00"),
        ("CommandGetDbSchemas", {"catalog": "", "db_schema_filter_pattern": "d"}, b"\x0a\x00\x12\x01d"),
        (
            "CommandGetTables",
            {"table_name_filter_pattern": "t", "table_types": ["x", "y"], "include_schema": True},
            b"\x1a\x01t\x22\x01x\x22\x01y\x28\x01",
        ),
        ("CommandGetCrossReference", {"pk_table": "p", "fk_table": "f"}, b"\x1a\x01p\x32\x01f"),
        (
            "ActionCreatePreparedStatementResult",
            {"prepared_statement_handle": b"h", "dataset_schema": b"d", "parameter_schema": b"p", "is_update": False},
            b"\x0a\x01h\x12\x01d\x1a\x01p\x20\x00",
        ),
        ("ActionEndTransactionRequest", {"transaction_id": b"t", "action": 2}, b"\x0a\x01t\x10\x02"),
        ("ActionCancelQueryResult", {"result": 1}, b"\x08\x01"),
        ("CommandStatementIngest", {"table": "t"}, b"\x12\x01t"),
    ],
)
def test_the_wire_is_the_one_of_the_specification(name: str, fields: dict[str, object], wire: bytes) -> None:
    assert make(name, **fields).SerializeToString() == wire
    assert unwrap(any_of(f"{PACKAGE}.{name}", wire)) == (name, make(name, **fields))


def test_absent_is_not_empty() -> None:
    absent, empty = make("CommandGetTables"), make("CommandGetTables", catalog="")
    assert not absent.HasField("catalog")
    assert unwrap(wrap(empty))[1].HasField("catalog")


def test_fields_of_a_newer_specification_are_ignored() -> None:
    assert read("CommandStatementQuery", b"\x0a\x01a\xfa\x01\x01z").query == "a"


@pytest.mark.parametrize("body", [b"", b"abc", b"\x0a\xff", b"\x12\x01a"])
def test_what_is_no_message_is_invalid(body: bytes) -> None:
    with pytest.raises(Refused, match=r"\[AMANAT:INVALID\]"):
        unwrap(body)


@pytest.mark.parametrize("value", [b"\x0a\xff", b"\x0a\x01\xff", b"\x0f"])
def test_a_known_name_with_broken_content_is_invalid(value: bytes) -> None:
    with pytest.raises(Refused, match=r"\[AMANAT:INVALID\]"):
        unwrap(any_of(f"{PACKAGE}.CommandStatementQuery", value))


@pytest.mark.parametrize("name", ["google.protobuf.Timestamp", f"{PACKAGE}.CommandStatementSubstraitPlan", "x"])
def test_another_message_is_not_supported(name: str) -> None:
    with pytest.raises(Refused, match=r"\[AMANAT:NOT_SUPPORTED\]"):
        unwrap(any_of(name, b""))


def test_one_message_is_not_taken_for_another() -> None:
    with pytest.raises(Refused, match=r"\[AMANAT:INVALID\]"):
        unwrap_as("ActionCreatePreparedStatementRequest", wrap(make("CommandStatementQuery", query="a")))
