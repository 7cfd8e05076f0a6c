from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.flight as flight
import pytest
from hypothesis import given
from hypothesis import strategies as st

from access_broker.domain.decisions import Refused
from access_broker.gateway.arrow_types import plain_schema
from access_broker.gateway.errors import Errors
from access_broker.gateway.handles import Slots
from access_broker.gateway.patience import Taken, Watch
from access_broker.gateway.stream import MESSAGE_BYTES, AnswerStream, slices

from .conftest import assert_clean
from .fake_service import SECRET, Context, FakeAnswer, FakeService, describe

BATCH = pa.record_batch({"n": [1, 2, 3]})


def stream_of(*batches: Any, boom: str = "") -> tuple[AnswerStream, FakeAnswer, Slots]:
    def source() -> Iterator[Any]:
        for batch in batches:
            if isinstance(batch, Exception):
                raise batch
            yield batch

    slots = Slots(5, 5)
    answer = FakeAnswer(FakeService(boom), BATCH.schema, source())
    watch = Watch(Context())
    taken = Taken(answer, watch, slots.take(("sara", "C1")))
    stream = AnswerStream(answer, plain_schema(BATCH.schema), taken, watch, Errors(describe), "en")
    return stream, answer, slots


@given(sizes=st.lists(st.integers(0, 400), max_size=60), limit=st.integers(200, 2000))
def test_slices_are_bounded_and_lose_nothing(sizes: list[int], limit: int) -> None:
    batch = pa.record_batch({"i": pa.array(range(len(sizes)), pa.int64()), "s": ["x" * n for n in sizes]})
    pieces = list(slices(batch, limit))
    assert [r for p in pieces for r in p.to_pylist()] == batch.to_pylist()
    assert all(p.num_rows == 1 or p.nbytes <= limit for p in pieces)
    assert all(p.num_rows for p in pieces)


def test_a_row_no_client_can_take_is_refused_in_words() -> None:
    with pytest.raises(Refused, match=r"\[AMANAT:RESOURCE_LIMIT\]"):
        list(slices(pa.record_batch({"s": ["small", "x" * (4 << 20), "small"]})))


def test_a_large_batch_becomes_messages_of_the_aimed_size() -> None:
    pieces = list(slices(pa.record_batch({"n": pa.array(range(1_000_000), pa.int64())})))
    assert len(pieces) >= 8
    assert max(p.nbytes for p in pieces) <= MESSAGE_BYTES


def test_an_answer_read_to_its_end_is_closed_once() -> None:
    stream, answer, slots = stream_of(BATCH, BATCH.slice(0, 0), BATCH)
    assert [b.num_rows for b in stream] == [3, 3]
    stream.close()
    del stream
    assert (answer.closed, slots.taken()) == (1, 0)


def test_an_answer_nobody_began_to_read_is_closed_too() -> None:
    stream, answer, slots = stream_of(BATCH)
    del stream
    assert (answer.closed, slots.taken()) == (1, 0)


def test_an_answer_left_in_the_middle_is_closed() -> None:
    stream, answer, slots = stream_of(BATCH, BATCH)
    next(stream)
    del stream
    assert (answer.closed, slots.taken()) == (1, 0)


@pytest.mark.parametrize(
    ("fault", "code"),
    [(Refused("CONTRACT_CUT", "F-13"), "CONTRACT_CUT"), (RuntimeError(SECRET), "INTERNAL")],
)
def test_an_error_in_the_middle_reaches_the_client_and_closes(fault: Exception, code: str) -> None:
    stream, answer, slots = stream_of(BATCH, fault, BATCH)
    next(stream)
    with pytest.raises(flight.FlightError, match=rf"\[AMANAT:{code}\]") as caught:
        next(stream)
    assert_clean(str(caught.value))
    assert (answer.closed, slots.taken()) == (1, 0)


def test_a_batch_of_another_schema_is_a_fault_of_ours() -> None:
    stream, answer, _ = stream_of(pa.record_batch({"other": [1]}))
    with pytest.raises(flight.FlightServerError, match=r"\[AMANAT:INTERNAL\]") as caught:
        next(stream)
    assert_clean(str(caught.value))
    assert answer.closed == 1


def test_an_answer_that_does_not_close_frees_its_place_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    stream, answer, slots = stream_of(BATCH, boom="close")
    assert len(list(stream)) == 1
    assert (answer.closed, slots.taken()) == (1, 0)
    assert SECRET in caplog.text
