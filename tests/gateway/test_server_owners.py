"""What the door hands out belongs to one person and contract; who is nobody gets nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.flight as flight
import pytest

from .conftest import Bare, command
from .fake_service import FakeService


@pytest.mark.parametrize("thief", ["omid", "sara-c2"])
def test_what_was_handed_to_one_is_worth_nothing_to_another(bare: Callable[..., Bare], thief: str) -> None:
    mine, theirs = bare("sara"), bare(thief)
    info = mine.info("CommandStatementQuery", query="select 1")
    handle = mine.prepare("select ?")
    stolen = {"prepared_statement_handle": handle}
    row = pa.record_batch({"a": [1]})
    cancel = command("ActionCancelQueryRequest", info=info.serialize()).command
    attempts: list[Callable[[], Any]] = [
        lambda: theirs.read(info.endpoints[0].ticket),
        lambda: theirs.info("CommandPreparedStatementQuery", **stolen),
        lambda: theirs.act("CancelQuery", cancel),
        lambda: theirs.bind(handle, row),
    ]
    for attempt in attempts:
        with pytest.raises(flight.FlightUnauthenticatedError, match=r"\[AMANAT:TOKEN_NOT_VALID\]"):
            attempt()
    theirs.act("ClosePreparedStatement", command("ActionClosePreparedStatementRequest", **stolen).command)
    mine.bind(handle, row)  # it still stands
    assert mine.read(info.endpoints[0].ticket).num_rows == 1
    assert bare("sara-again").read(info.endpoints[0].ticket).num_rows == 1, "another token of the same login may"


def test_a_token_withdrawn_ends_what_was_begun_with_it(bare: Callable[..., Bare], service: FakeService) -> None:
    client = bare()
    ticket = client.info("CommandStatementQuery", query="select 1").endpoints[0].ticket
    handle = client.prepare("select 1")
    del service.logins["sara"]
    with pytest.raises(flight.FlightUnauthenticatedError, match=r"\[AMANAT:TOKEN_NOT_VALID\]"):
        client.read(ticket)
    closing = command("ActionClosePreparedStatementRequest", prepared_statement_handle=handle).command
    assert client.act("ClosePreparedStatement", closing) == []
    assert len(client.act("CloseSession", b"")) == 1


def test_strangers_learn_one_thing_and_no_other(bare: Callable[..., Bare]) -> None:
    stranger = bare(None)
    assert stranger.answer("CommandGetSqlInfo", info=[8]).to_pylist() == [{"info_name": 8, "value": 1}]
    attempts: list[Callable[[], Any]] = [
        lambda: stranger.info("CommandGetSqlInfo"),
        lambda: stranger.info("CommandGetSqlInfo", info=[8, 1]),
        lambda: stranger.read(flight.Ticket(command("CommandGetSqlInfo", info=[0]).command)),
        lambda: stranger.info("CommandGetTables"),
        lambda: stranger.read(flight.Ticket(command("CommandGetTables").command)),
        lambda: stranger.sql("select 1"),
        lambda: stranger.client.get_flight_info(flight.FlightDescriptor.for_path("x"), stranger.options),
        lambda: stranger.read(flight.Ticket(b"nonsense")),
        lambda: stranger.act("no such action", b""),
        lambda: stranger.act("BeginTransaction", b"nonsense"),
        lambda: stranger.act("amanat.explain", b"nonsense"),
        lambda: list(stranger.client.list_actions(stranger.options)),
        lambda: list(stranger.client.list_flights(b"", stranger.options)),
        lambda: stranger.put(command("CommandStatementUpdate", query="drop"), pa.record_batch({"a": [1]})),
    ]
    for attempt in attempts:
        with pytest.raises(flight.FlightUnauthenticatedError, match=r"\[AMANAT:NO_TOKEN\]"):
            attempt()
