"""A door on a free port with a fake service behind it, and the clients people really use in front."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as adbc
import pyarrow.flight as flight
import pytest

from access_broker.gateway import server as server_module
from access_broker.gateway.messages import make, unwrap, wrap
from access_broker.gateway.server import FlightSqlServer

from .fake_service import SECRET, FakeService, describe

AUTHORIZATION = "adbc.flight.sql.authorization_header"
HEADER = "adbc.flight.sql.rpc.call_header."
PACKAGE = str(Path(server_module.__file__).parent)


@pytest.fixture(autouse=True)
def traceback_limit() -> Iterator[None]:
    """The door hides tracebacks in its whole process; the other tests of this one want theirs."""
    before = getattr(sys, "tracebacklimit", None)
    yield
    if before is None:
        sys.__dict__.pop("tracebacklimit", None)
    else:
        sys.tracebacklimit = before


@pytest.fixture
def service() -> FakeService:
    return FakeService()


@pytest.fixture
def make_door(service: FakeService) -> Iterator[Callable[..., FlightSqlServer]]:
    doors: list[FlightSqlServer] = []

    def new(**options: Any) -> FlightSqlServer:
        doors.append(FlightSqlServer("grpc://127.0.0.1:0", service, describe, **options))
        return doors[-1]

    yield new
    for door in doors:
        if not door._closing.is_set():
            assert door.stop(), "a request was still under way when its test had ended"


@pytest.fixture
def door(make_door: Callable[..., FlightSqlServer]) -> FlightSqlServer:
    return make_door()


class Bare:
    """pyarrow's Flight client with a token; `refusal` gives the text of the error an action ends with."""

    def __init__(self, port: int, token: str | None = "sara", language: str = "") -> None:
        self.client = flight.connect(f"grpc://127.0.0.1:{port}")
        headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
        if language:
            headers.append((b"accept-language", language.encode()))
        self.options = flight.FlightCallOptions(headers=headers, timeout=20)

    def info(self, name: str, **fields: Any) -> Any:
        return self.client.get_flight_info(command(name, **fields), self.options)

    def read(self, ticket: Any) -> Any:
        return self.client.do_get(ticket, self.options).read_all()

    def answer(self, name: str, **fields: Any) -> Any:
        return self.read(self.info(name, **fields).endpoints[0].ticket)

    def sql(self, text: str) -> Any:
        return self.answer("CommandStatementQuery", query=text)

    def act(self, name: str, body: bytes) -> list[bytes]:
        return [r.body.to_pybytes() for r in self.client.do_action(flight.Action(name, body), self.options)]

    def explain(self, sql: str, parameters: list[Any] | None = None) -> Any:
        request = json.dumps({"sql": sql, "parameters": parameters}, ensure_ascii=False)
        (body,) = self.act("amanat.explain", request.encode())
        return json.loads(body)

    def prepare(self, sql: str) -> bytes:
        request = command("ActionCreatePreparedStatementRequest", query=sql).command
        _, result = unwrap(self.act("CreatePreparedStatement", request)[0])
        assert result.HasField("is_update")
        assert not result.is_update
        handle: bytes = result.prepared_statement_handle
        return handle

    def bind(self, handle: bytes, *batches: Any) -> None:
        self.put(command("CommandPreparedStatementQuery", prepared_statement_handle=handle), *batches)

    def put(self, descriptor: Any, *batches: Any) -> None:
        writer, reader = self.client.do_put(descriptor, batches[0].schema, self.options)
        with writer:
            for batch in batches:
                writer.write_batch(batch)
            writer.done_writing()
            reader.read()


def command(name: str, **fields: Any) -> Any:
    return flight.FlightDescriptor.for_command(wrap(make(name, **fields)))


@pytest.fixture
def bare(door: FlightSqlServer) -> Iterator[Callable[..., Bare]]:
    opened: list[Bare] = []

    def new(token: str | None = "sara", language: str = "") -> Bare:
        opened.append(Bare(door.port, token, language))
        return opened[-1]

    yield new
    for client in opened:
        client.client.close()


@pytest.fixture
def connect(door: FlightSqlServer) -> Callable[..., Any]:
    """`with connect() as connection` with stock ADBC, defaults and all."""

    def new(token: str | None = "sara", headers: dict[str, str] | None = None, **options: Any) -> Any:
        kwargs = {HEADER + k: v for k, v in (headers or {}).items()}
        if token is not None:
            kwargs[AUTHORIZATION] = f"Bearer {token}"
        return adbc.connect(f"grpc://127.0.0.1:{door.port}", db_kwargs=kwargs, **options)

    return new


@pytest.fixture
def cursor(connect: Callable[..., Any]) -> Iterator[Any]:
    with connect() as connection, closing(connection.cursor()) as cursor:
        yield cursor


def assert_clean(text: str) -> None:
    """Nothing of our insides, and a code to look up."""
    assert "[AMANAT:" in text
    assert_silent(text)


def assert_silent(text: str) -> None:
    for inside in (SECRET, "Traceback", 'File "', PACKAGE, ".py", "RuntimeError", "duckdb"):
        assert inside not in text, text
