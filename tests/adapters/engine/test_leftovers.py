"""A withheld value must not travel behind the NULL that stands for it."""

from __future__ import annotations

import datetime
import decimal
from typing import Any

import numpy
import pyarrow as pa
import pytest

from access_broker.adapters.engine.leftovers import without_leftovers

SECRET = 7_777_777_777_777_777_777


def behind(kind: Any, size: int) -> pa.RecordBatch:
    """Four values of `kind`, every other one withheld, with the secret's bytes left in all four places."""
    left = numpy.full(4 * size, 0xA5, dtype=numpy.uint8)
    column = pa.Array.from_buffers(kind, 4, [pa.py_buffer(bytes([0b0101])), pa.py_buffer(left.tobytes())])
    return pa.RecordBatch.from_arrays([column, pa.array([1, 2, 3, 4])], ["withheld", "whole"])


@pytest.mark.parametrize(
    ("kind", "size"),
    [
        (pa.int8(), 1), (pa.uint16(), 2), (pa.int32(), 4), (pa.int64(), 8), (pa.uint64(), 8), (pa.float32(), 4),
        (pa.float64(), 8), (pa.date32(), 4), (pa.time64("us"), 8), (pa.timestamp("us"), 8), (pa.decimal128(38, 2), 16),
        (pa.bool_(), 1),
    ],
)  # fmt: skip
def test_nothing_is_left_behind_a_null(kind: Any, size: int) -> None:
    batch = behind(kind, size)
    clean = without_leftovers(batch)
    clean.validate()
    assert clean.column(0).null_count == 2
    assert clean.column(0).is_valid().to_pylist() == [True, False, True, False]
    raw = clean.column(0).buffers()[1].to_pybytes()
    if kind == pa.bool_():
        assert raw[0] & 0b1010 == 0
    else:
        assert raw[size : 2 * size] == raw[3 * size : 4 * size] == bytes(size)
        assert raw[:size] == raw[2 * size : 3 * size] == b"\xa5" * size
    assert clean.column(1).equals(batch.column(1))


@pytest.mark.parametrize(
    "values",
    [
        [None, "one", None, "دو"],
        [b"x", None],
        [datetime.date(2024, 1, 1), None],
        [decimal.Decimal("1.25"), None, decimal.Decimal("-3.50")],
        [[1, None], None, []],
        [None, None],
        [True, None, False],
    ],
)
def test_what_is_there_stays(values: list[Any]) -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(values)], ["a"])
    assert without_leftovers(batch).column(0).to_pylist() == values
    assert without_leftovers(batch).schema == batch.schema
    part = batch.slice(1)
    assert without_leftovers(part).column(0).to_pylist() == values[1:]


def test_text_that_a_null_still_points_at_is_gone() -> None:
    offsets = pa.py_buffer(numpy.array([0, 6, 9], dtype=numpy.int32).tobytes())
    column = pa.Array.from_buffers(pa.string(), 2, [pa.py_buffer(b"\x02"), offsets, pa.py_buffer(b"secretyes")])
    clean = without_leftovers(pa.RecordBatch.from_arrays([column], ["a"]))
    assert clean.column(0).to_pylist() == [None, "yes"]
    assert b"secret" not in clean.serialize().to_pybytes()


def test_a_batch_without_nulls_is_the_same_batch() -> None:
    batch = pa.RecordBatch.from_arrays([pa.array([SECRET])], ["a"])
    assert without_leftovers(batch) is batch
