"""A refusal reaches its reader whole, wherever it happens and whatever he reads with."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any

import adbc_driver_flightsql.dbapi as adbc
import pyarrow as pa
import pyarrow.flight as flight
import pytest

from access_broker.gateway.server import FlightSqlServer

from .conftest import Bare, assert_clean, command
from .fake_service import SENTENCES, FakeService

GRANT = "[AMANAT:NOT_GRANTED] (S3-P5) Ask your data steward for it."


@pytest.mark.filterwarnings("ignore:A adbc_driver_manager.dbapi.Connection:ResourceWarning")  # the driver's own
@pytest.mark.parametrize("token", [None, "unknown"])
def test_connecting_with_defaults_says_what_ails_the_token(connect: Callable[..., Any], token: str | None) -> None:
    code = "NO_TOKEN" if token is None else "TOKEN_NOT_VALID"
    with pytest.raises(adbc.Error, match=rf"\[AMANAT:{code}\] \(F-2\) Ask your data steward") as caught:
        connect(token)
    assert_clean(str(caught.value))
    del caught
    gc.collect()


@pytest.mark.parametrize("token", [None, "unknown"])
def test_without_transactions_the_first_statement_says_it(connect: Callable[..., Any], token: str | None) -> None:
    code = "NO_TOKEN" if token is None else "TOKEN_NOT_VALID"
    with (
        connect(token, autocommit=True) as connection,
        connection.cursor() as cursor,
        pytest.raises(adbc.ProgrammingError, match=rf"\[AMANAT:{code}\]"),
    ):
        cursor.execute("select 1")


@pytest.mark.parametrize("where", ["describe", "run", "stream"])
def test_adbc_shows_a_refusal_whole(cursor: Any, where: str) -> None:
    with pytest.raises(adbc.ProgrammingError) as caught:
        cursor.execute(f"refuse {where} NOT_GRANTED S3-P5").fetch_arrow_table()
    assert GRANT in str(caught.value)
    assert_clean(str(caught.value))


def test_a_record_batch_reader_shows_it_too(cursor: Any) -> None:
    reader = cursor.execute("refuse stream CONTRACT_CUT F-13").fetch_record_batch()
    with pytest.raises(OSError, match=r"\[AMANAT:CONTRACT_CUT\] \(F-13\)"):
        reader.read_all()


@pytest.mark.parametrize("where", ["describe", "run", "stream", "explain"])
def test_the_bare_client_shows_it_whole(bare: Callable[..., Bare], where: str) -> None:
    client = bare()
    text = f"refuse {where} NOT_GRANTED S3-P5"
    with pytest.raises(flight.FlightUnauthorizedError) as caught:
        client.explain(text) if where == "explain" else client.sql(text)
    assert str(caught.value).startswith(GRANT)


def test_get_schema_shows_it_as_an_error_of_the_asker(bare: Callable[..., Bare]) -> None:
    client = bare()
    with pytest.raises(pa.ArrowInvalid) as caught:
        client.client.get_schema(
            command("CommandStatementQuery", query="refuse describe NOT_GRANTED S3-P5"), client.options
        )
    assert str(caught.value).startswith(GRANT)
    for inside in ("Traceback", 'File "'):
        assert inside not in str(caught.value)


def test_what_is_down_is_said_to_be_down(cursor: Any) -> None:
    with pytest.raises(adbc.OperationalError, match=r"\[AMANAT:AUDIT_UNAVAILABLE\]") as caught:
        cursor.execute("unavailable run AUDIT_UNAVAILABLE").fetchall()
    assert_clean(str(caught.value))


@pytest.mark.parametrize(
    ("token", "asked", "language"),
    [("sara", "", "en"), ("fatemeh", "", "fa"), ("fatemeh", "en", "en"), ("sara", "fa-IR", "fa"), (None, "fa", "fa")],
)
def test_the_sentence_is_in_the_readers_language(
    bare: Callable[..., Bare], token: str | None, asked: str, language: str
) -> None:
    with pytest.raises(flight.FlightError) as caught:
        bare(token, asked).sql("refuse describe NOT_GRANTED")
    assert SENTENCES[language] in str(caught.value)


def test_adbc_can_ask_for_a_language(connect: Callable[..., Any]) -> None:
    with connect(headers={"accept-language": "fa"}) as connection, connection.cursor() as cursor:
        with pytest.raises(adbc.ProgrammingError, match=SENTENCES["fa"]):
            cursor.execute("refuse describe NOT_GRANTED")
        with pytest.raises(adbc.ProgrammingError, match=SENTENCES["fa"]):
            cursor.execute("refuse stream NOT_GRANTED").fetchall()


def test_a_name_and_password_are_turned_away_politely(door: FlightSqlServer) -> None:
    basic = flight.FlightCallOptions(headers=[(b"authorization", b"Basic c2FyYTpzZWNyZXQ")])
    with flight.connect(f"grpc://127.0.0.1:{door.port}") as client:
        with pytest.raises(flight.FlightUnauthenticatedError, match=r"^\[AMANAT:NO_TOKEN\]") as caught:
            client.authenticate_basic_token("sara", "secret")
        assert_clean(str(caught.value))
        with pytest.raises(flight.FlightUnauthenticatedError, match=r"^\[AMANAT:NO_TOKEN\]"):
            client.get_flight_info(command("CommandStatementQuery", query="select 1"), basic)


NOT_A_QUERY = {
    "CommandStatementUpdate": {"query": "drop table citizens"},
    "CommandPreparedStatementUpdate": {"prepared_statement_handle": b"x"},
    "CommandStatementIngest": {"table": "citizens"},
}


@pytest.mark.parametrize("name", sorted(NOT_A_QUERY))
def test_writing_is_not_asking(bare: Callable[..., Bare], name: str) -> None:
    client = bare()
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:NOT_A_QUERY\]"):
        client.info(name, **NOT_A_QUERY[name])
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:NOT_A_QUERY\]"):
        client.put(command(name, **NOT_A_QUERY[name]), pa.record_batch({"a": [1]}))


def test_adbc_cannot_write_either(cursor: Any, service: FakeService) -> None:
    with pytest.raises(adbc.ProgrammingError, match=r"\[AMANAT:NOT_A_QUERY\]"):
        cursor.adbc_ingest("stolen", pa.table({"a": [1]}))
    with pytest.raises(adbc.ProgrammingError, match=r"\[AMANAT:NOT_A_QUERY\]"):
        cursor.executemany("insert into t values (?)", [(1,), (2,)])
    assert service.seen == []


@pytest.mark.parametrize("action", ["BeginSavepoint", "SetSessionOptions", "RenewFlightEndpoint", "healthcheck", ""])
def test_actions_we_do_not_have(bare: Callable[..., Bare], action: str) -> None:
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:NOT_SUPPORTED\]"):
        bare().act(action, b"")


def test_do_exchange_is_not_for_us(bare: Callable[..., Bare]) -> None:
    client = bare()
    writer, reader = client.client.do_exchange(command("CommandGetCatalogs"), client.options)
    writer.done_writing()
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:NOT_SUPPORTED\]"):
        reader.read_chunk()


LARGE = "select '" + "ش" * 10_000 + "'"  # two bytes a letter
TOO_LARGE: dict[str, Callable[[Bare], Any]] = {
    "statement": lambda c: c.sql(LARGE),
    "prepared": lambda c: c.prepare(LARGE),
    "prepared with parameters": lambda c: c.prepare(LARGE + "?"),
    "parameters": lambda c: c.bind(c.prepare("select ?"), pa.record_batch({"a": [LARGE]})),
    "explained": lambda c: c.explain(LARGE),
    "explained parameters": lambda c: c.explain("select ?", [LARGE]),
    "explained beyond reading": lambda c: c.act("amanat.explain", b"[" * 100_000),
    "command": lambda c: c.sql("x" * 70_000),
    "ticket": lambda c: c.read(flight.Ticket(b"x" * 70_000)),
}


@pytest.mark.parametrize("how", sorted(TOO_LARGE))
def test_a_statement_too_large_is_not_looked_at(bare: Callable[..., Bare], service: FakeService, how: str) -> None:
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:TOO_COMPLEX\]"):
        TOO_LARGE[how](bare())
    assert service.described == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "INVALID"),
        (b"\xff", "INVALID"),
        (b"[1]", "INVALID"),
        (b'{"sql": 1}', "INVALID"),
        (b"[" * 50_000, "INVALID"),
        (b'{"sql": "s", "parameters": 1}', "BAD_PARAMETERS"),
        (b'{"sql": "s", "parameters": [[1]]}', "BAD_PARAMETERS"),
        (b'{"sql": "\\ud800"}', "BAD_TEXT"),
        (b'{"sql": "s", "parameters": ["\\udfff"]}', "BAD_TEXT"),
    ],
)
def test_explain_takes_what_it_can_read(bare: Callable[..., Bare], body: bytes, code: str) -> None:
    with pytest.raises(flight.FlightUnauthorizedError, match=rf"\[AMANAT:{code}\]"):
        bare().act("amanat.explain", body)


def test_a_statement_just_small_enough_is(bare: Callable[..., Bare]) -> None:
    assert bare().sql("select 1 --".ljust(20_000, "x")).num_rows == 1


def test_a_publication_between_announcement_and_reading(bare: Callable[..., Bare], service: FakeService) -> None:
    client = bare()
    ticket = client.info("CommandStatementQuery", query="select 1").endpoints[0].ticket
    service.extra["select 1"] = pa.table({"n": ["text now"], "name": ["x"]})
    with pytest.raises(flight.FlightUnauthorizedError, match=r"\[AMANAT:CONFLICT\]"):
        client.read(ticket)
    assert [a.closed for a in service.answers] == [1]
