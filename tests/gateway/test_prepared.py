"""Prepared statements over the wire, with stock ADBC and with the bare client."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.flight as flight
import pytest

from .conftest import Bare, command


def test_a_prepared_statement_is_bound_anew(cursor: Any) -> None:
    assert [cursor.execute("select ?", (n,)).fetchall() for n in (1, 2, "x")] == [[(1,)], [(2,)], [("x",)]]


def test_a_ticket_keeps_the_parameters_it_was_given_for(bare: Callable[..., Bare]) -> None:
    client = bare()
    handle = client.prepare("select ?")
    client.bind(handle, pa.record_batch({"a": [1]}))
    first = client.info("CommandPreparedStatementQuery", prepared_statement_handle=handle)
    client.bind(handle, pa.record_batch({"a": [2]}))
    second = client.info("CommandPreparedStatementQuery", prepared_statement_handle=handle)
    assert [client.read(i.endpoints[0].ticket).to_pylist() for i in (first, second)] == [[{"p0": 1}], [{"p0": 2}]]


@pytest.mark.parametrize(
    "batch",
    [
        pa.record_batch({"a": [1, 2]}),
        pa.record_batch({"a": pa.array([], pa.int64())}),
        pa.record_batch({"a": [[1]]}),
        pa.record_batch({"a": [b"raw"]}),
        pa.record_batch({"a": pa.array([1_700_000_000_000_000_001], pa.timestamp("ns"))}),
    ],
)
def test_other_than_one_plain_row_is_refused(bare: Callable[..., Bare], batch: Any) -> None:
    client = bare()
    handle = client.prepare("select ?")
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:BAD_PARAMETERS\]"):
        client.bind(handle, batch)


def test_two_batches_of_one_row_are_two_rows(bare: Callable[..., Bare]) -> None:
    client = bare()
    handle = client.prepare("select ?")
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:BAD_PARAMETERS\]"):
        client.bind(handle, *[pa.record_batch({"a": [1]})] * 2)


def test_parameters_that_never_came_are_missed(bare: Callable[..., Bare]) -> None:
    client = bare()
    handle = client.prepare("select ?")
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:BAD_PARAMETERS\]"):
        client.info("CommandPreparedStatementQuery", prepared_statement_handle=handle)


def test_a_closed_statement_is_gone(bare: Callable[..., Bare]) -> None:
    client = bare()
    handle = client.prepare("select 1")
    body = command("ActionClosePreparedStatementRequest", prepared_statement_handle=handle).command
    assert client.act("ClosePreparedStatement", body) == client.act("ClosePreparedStatement", body) == []
    with pytest.raises(flight.FlightUnauthenticatedError, match=r"\[AMANAT:TOKEN_NOT_VALID\]"):
        client.info("CommandPreparedStatementQuery", prepared_statement_handle=handle)
