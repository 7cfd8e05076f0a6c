from __future__ import annotations

import pyarrow as pa
import pytest

from access_broker.domain.decisions import Refused
from access_broker.gateway import type_info
from access_broker.gateway.messages import make
from access_broker.gateway.sql_info import SCHEMA, SqlInfo, check_transaction, is_public

SPECIFIED = {*range(10), 100, 101, *range(500, 577)}
TEXTS = {0, 1, 2, 6, 7, 504, 513, 514, 529, 530, 531}
LISTS = {508, 509, 510, 511, 512}
NUMBERS = {8, 100, 101, 503, 505, 507, 522, 525, 526, 528, 533, 534, 535, 538, 540, 562, 564, *range(567, 572)}
LARGE = {*range(541, 556), 557, 558, 559, 560, 561}
MAPS = {517}


def member(info: int) -> str:
    for name, ids in (
        ("string_value", TEXTS),
        ("string_list", LISTS),
        ("int32_bitmask", NUMBERS),
        ("bigint_value", LARGE),
        ("int32_to_int32_list_map", MAPS),
    ):
        if info in ids:
            return name
    return "bool_value"


@pytest.fixture
def info() -> SqlInfo:
    return SqlInfo(largest_statement=20_000, most_statements=64)


def test_every_id_of_the_specification_is_answered_in_its_own_member(info: SqlInfo) -> None:
    table = info.table([])
    table.validate(full=True)
    assert set(table["info_name"].to_pylist()) == SPECIFIED
    union = table["value"].combine_chunks()
    union = union.chunk(0) if isinstance(union, pa.ChunkedArray) else union
    for row, name in enumerate(table["info_name"].to_pylist()):
        assert union.type.field(union.type_codes[row].as_py()).name == member(name), name


def test_the_schema_is_the_one_the_go_driver_reads(info: SqlInfo) -> None:
    assert info.table([0]).schema.equals(SCHEMA)
    union = SCHEMA.field("value").type
    assert str(union.mode) == "dense"
    assert [(f.name, str(f.type), f.nullable) for f in union] == [
        ("string_value", "string", False),
        ("bool_value", "bool", False),
        ("bigint_value", "int64", False),
        ("int32_bitmask", "int32", False),
        ("string_list", "list<item: string>", False),
        ("int32_to_int32_list_map", "map<int32, list<item: int32>>", False),
    ]


def test_what_is_asked_for_is_answered_once_and_in_order(info: SqlInfo) -> None:
    table = info.table([557, 0, 4711, 3, 0])
    assert table.to_pylist() == [
        {"info_name": 557, "value": 20_000},
        {"info_name": 0, "value": "Amanat"},
        {"info_name": 3, "value": True},
    ]
    assert info.table([4711]).num_rows == 0


def test_only_the_question_for_transactions_is_public() -> None:
    assert is_public([8])
    assert not is_public([8, 0])
    assert not is_public([1])
    assert not is_public([])


def test_a_transaction_is_one_of_ours_or_none() -> None:
    check_transaction(make("CommandStatementQuery"))
    check_transaction(make("CommandStatementQuery", transaction_id=b"reads"))
    with pytest.raises(Refused, match=r"\[AMANAT:TOKEN_NOT_VALID\]"):
        check_transaction(make("CommandStatementQuery", transaction_id=b"theirs"))


def test_types_are_listed_by_number_then_name() -> None:
    table = type_info.type_info_table(make("CommandGetXdbcTypeInfo"))
    assert table.schema.equals(type_info.SCHEMA)
    order = [(r["data_type"], r["type_name"]) for r in table.to_pylist()]
    assert order == sorted(order)
    assert len(order) == len(set(order)) == 13


def test_one_type_can_be_asked_for() -> None:
    rows = type_info.type_info_table(make("CommandGetXdbcTypeInfo", data_type=93)).to_pylist()
    assert [(r["type_name"], r["sql_data_type"], r["datetime_subcode"]) for r in rows] == [("TIMESTAMP", 9, 3)]
    assert type_info.type_info_table(make("CommandGetXdbcTypeInfo", data_type=0)).num_rows == 0
