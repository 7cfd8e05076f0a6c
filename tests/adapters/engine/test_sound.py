"""What a worker sends is believed only after a look: nothing of our own memory may leave with it."""

from __future__ import annotations

from typing import Any

import numpy
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_broker.adapters.engine.sound import check_sound


def batch_of(offsets: list[int], data: bytes, kind: Any = None) -> pa.RecordBatch:
    """As a worker would send it: whole on the outside, with these offsets and bytes put in the place of good ones."""
    rows = len(offsets) - 1
    good = pa.array([b"~" * len(data), *[b""] * (rows - 1)], pa.binary()).cast(kind or pa.string())
    sent = pa.RecordBatch.from_arrays([good], names=["a"])
    told = sent.serialize().to_pybytes()
    placed = numpy.array([0, *[len(data)] * rows], dtype="<i4").tobytes()
    assert told.count(placed) == 1
    told = told.replace(placed, numpy.array(offsets, dtype="<i4").tobytes())
    return pa.ipc.read_record_batch(told.replace(b"~" * len(data), data) if data else told, sent.schema)


@pytest.mark.parametrize("kind", [pa.string(), pa.binary()])
@pytest.mark.parametrize(
    "offsets",
    [[0, 2, 7], [0, 5, 2], [-1, 2, 4], [0, 9, 4], [3, 2, 4, 1], [0, 2**31 - 1, 4], [5, 6, 7]],
    ids=str,
)
def test_offsets_outside_their_buffer_or_out_of_order_are_refused(kind: Any, offsets: list[int]) -> None:
    with pytest.raises(pa.ArrowException):
        check_sound(batch_of(offsets, b"abcd", kind))


@pytest.mark.parametrize("data", [b"\xff\xfe\xfd\xfc", "یک".encode()])
def test_text_that_is_none_or_is_cut_within_a_letter_is_refused(data: bytes) -> None:
    with pytest.raises(pa.ArrowException):
        check_sound(batch_of([0, 1, 4], data))


@given(st.lists(st.one_of(st.none(), st.text(), st.text(alphabet="abc"))), st.integers(0, 3))
def test_honest_text_is_sound_wherever_a_batch_is_sliced(texts: list[str | None], start: int) -> None:
    batch = pa.RecordBatch.from_arrays([pa.array(texts, pa.string())], names=["a"]).slice(start)
    check_sound(batch)
    sent = pa.ipc.read_record_batch(batch.serialize(), batch.schema)
    check_sound(sent)
    assert sent.to_pydict() == batch.to_pydict()


@given(st.lists(st.integers(-3, 9), min_size=3, max_size=6), st.binary(min_size=3, max_size=6))
def test_what_is_believed_would_be_believed_by_arrow_too(offsets: list[int], data: bytes) -> None:
    batch = batch_of(offsets, data)
    try:
        check_sound(batch)
    except pa.ArrowException:
        return
    batch.validate(full=True)


def test_other_kinds_are_looked_at_value_by_value() -> None:
    lists = pa.array([[1], [2, 3]], pa.list_(pa.int32()))
    broken = pa.Array.from_buffers(
        lists.type, 2, [None, pa.py_buffer(numpy.array([0, 7, 3], dtype="<i4"))], children=[lists.values]
    )
    with pytest.raises(pa.ArrowException):
        check_sound(pa.RecordBatch.from_arrays([broken], names=["a"]))
