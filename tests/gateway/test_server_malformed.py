"""Bytes nobody meant to send: each is answered with a code, and the door stands afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.flight as flight
import pytest

from access_broker.gateway.actions import ACTIONS
from access_broker.gateway.messages import make, wrap

from .conftest import Bare, assert_clean, command
from .fake_service import FakeService

GOOD = [
    wrap(make("CommandStatementQuery", query="select 1")),
    wrap(make("CommandGetTables", catalog="", table_types=["table"], include_schema=True)),
    wrap(make("CommandGetSqlInfo", info=[0, 1, 500])),
    wrap(make("CommandPreparedStatementQuery", prepared_statement_handle=b"0123456789abcdef")),
    wrap(make("TicketStatementQuery", statement_handle=b"0123456789abcdef")),
    wrap(make("ActionCreatePreparedStatementRequest", query="select 1")),
    wrap(make("ActionCancelQueryRequest", info=b"\x0a\x04oops")),
    b'{"sql": "select 1", "parameters": [1]}',
]


def malformed() -> Iterator[bytes]:
    dice = random.Random(20260321)
    for _ in range(80):
        yield dice.randbytes(dice.randrange(80))
    for body in GOOD:
        for _ in range(15):
            at = dice.randrange(len(body))
            yield dice.choice([body[:at], body[:at] + dice.randbytes(3) + body[at + 3 :], body[at:], body + body[:at]])


BODIES = list(malformed())


def answered(attempt: Callable[[], Any]) -> None:
    """An answer is fine: some mutations mean something. An error must be one of ours."""
    try:
        attempt()
    except (flight.FlightError, pa.ArrowInvalid) as error:
        text = str(error).partition(" Detail: Python exception: pyarrow.lib.ArrowInvalid")[0]
        assert text.startswith("[AMANAT:"), text
        assert "[AMANAT:INTERNAL]" not in text, text
        assert_clean(text)


def test_there_are_enough_of_them() -> None:
    assert len(set(BODIES)) >= 190


@pytest.mark.parametrize("door_of", ["descriptor", "schema", "ticket", "put"])
def test_malformed_commands(bare: Callable[..., Bare], door_of: str) -> None:
    client = bare()
    row = pa.record_batch({"a": [1]})
    for body in BODIES:
        descriptor = flight.FlightDescriptor.for_command(body)
        attempts: dict[str, Callable[[], Any]] = {
            "descriptor": lambda d=descriptor: client.client.get_flight_info(d, client.options),
            "schema": lambda d=descriptor: client.client.get_schema(d, client.options),
            "ticket": lambda b=body: client.read(flight.Ticket(b)),
            "put": lambda d=descriptor: client.put(d, row),
        }
        answered(attempts[door_of])
    assert client.sql("select 1").num_rows == 1


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_malformed_actions(bare: Callable[..., Bare], action: str) -> None:
    client = bare()
    for body in BODIES[::3]:
        answered(lambda b=body: client.act(action, b))  # type: ignore[misc]
    assert client.sql("select 1").num_rows == 1


@pytest.mark.parametrize("name", ["", "\x00", "CreatePreparedStatement ", "ش" * 100])
def test_malformed_action_names(bare: Callable[..., Bare], name: str) -> None:
    answered(lambda: bare().act(name, b""))


@pytest.mark.parametrize("path", [[], ["citizens"], ["", "../.."]])
def test_paths_are_not_commands(bare: Callable[..., Bare], path: list[Any]) -> None:
    client = bare()
    descriptor = flight.FlightDescriptor.for_path(*path)
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:INVALID\]"):
        client.client.get_flight_info(descriptor, client.options)
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:INVALID\]"):
        client.put(descriptor, pa.record_batch({"a": [1]}))


def test_headers_of_any_shape(bare: Callable[..., Bare], service: FakeService) -> None:
    client = bare()
    for value in (b"", b"Bearer", b"Bearer  ", b"Bearer a b", b"\xd8\xb4", b"Bearer " + b"x" * 5000, b"Digest x=1"):
        client.options = flight.FlightCallOptions(headers=[(b"authorization", value)], timeout=20)
        with pytest.raises(Exception, match=r".") as caught:
            client.sql("select 1")
        for inside in ("Traceback", 'File "'):
            assert inside not in str(caught.value)
    binary = [(b"authorization", b"Bearer sara"), (b"authorization-bin", b"\x00\xff"), (b"accept-language", b"q=;,")]
    client.options = flight.FlightCallOptions(headers=binary, timeout=20)
    assert client.sql("select 1").num_rows == 1


def test_a_command_meant_for_another_place(bare: Callable[..., Bare]) -> None:
    client = bare()
    for name in ("TicketStatementQuery", "ActionBeginTransactionRequest", "DoPutPreparedStatementResult"):
        with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:NOT_SUPPORTED\]"):
            client.info(name)
    for name in ("CommandStatementQuery", "CommandPreparedStatementQuery", "ActionCancelQueryRequest"):
        with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:NOT_SUPPORTED\]"):
            client.read(flight.Ticket(command(name).command))
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:NOT_SUPPORTED\]"):
        client.put(command("CommandGetTables"), pa.record_batch({"a": [1]}))
