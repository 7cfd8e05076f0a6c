"""Streams that are left, cancelled, crowded out or cut off by the server's end."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import adbc_driver_flightsql.dbapi as adbc
import pyarrow as pa
import pyarrow.flight as flight
import pytest

from access_broker.gateway.handles import Shared, Slots
from access_broker.gateway.hang_up import hang_up
from access_broker.gateway.messages import make, unwrap
from access_broker.gateway.server import FlightSqlServer

from .conftest import AUTHORIZATION, Bare, command
from .fake_service import FakeService

WIDE = pa.table({"s": ["x" * 1000] * 500})  # half a megabyte


def wait_for(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.005)
    return False


def all_closed(service: FakeService, number: int = 1) -> bool:
    return wait_for(lambda: [a.closed for a in service.answers] == [1] * number)


@pytest.fixture
def counted(service: FakeService) -> list[int]:
    """`endless` delivers half a megabyte again and again, and counts."""
    service.extra["endless"] = WIDE
    count = [0]
    batches = service._batches

    def counting(sql: str, table: Any) -> Iterator[Any]:
        for batch in batches(sql, table):
            count[0] += 1
            yield batch

    service._batches = counting  # type: ignore[method-assign]
    return count


def open_endless(client: Bare) -> Any:
    ticket = client.info("CommandStatementQuery", query="endless").endpoints[0].ticket
    reader = client.client.do_get(ticket, client.options)
    reader.read_chunk()
    return reader


def test_a_reader_who_stops_early_closes_the_answer(cursor: Any, service: FakeService, counted: list[int]) -> None:
    reader = cursor.execute("endless").fetch_record_batch()
    assert reader.read_next_batch().num_rows == 500
    reader.close()
    cursor.close()
    assert all_closed(service)


def test_a_bare_reader_who_cancels_closes_the_answer(
    bare: Callable[..., Bare], service: FakeService, counted: list[int]
) -> None:
    reader = open_endless(bare())
    reader.cancel()
    assert all_closed(service)


def test_a_slow_reader_holds_the_stream_back(
    bare: Callable[..., Bare], service: FakeService, counted: list[int]
) -> None:
    reader = open_endless(bare())
    time.sleep(0.5)  # at memory speed this would be thousands of batches
    read = counted[0]
    assert read < 100
    for _ in range(read + 20):
        reader.read_chunk()
    assert counted[0] > read
    reader.cancel()
    assert all_closed(service)


def test_a_client_that_dies_closes_the_answer(door: FlightSqlServer, service: FakeService, counted: list[int]) -> None:
    script = (
        "import adbc_driver_flightsql.dbapi as adbc, time\n"
        f"c = adbc.connect('grpc://127.0.0.1:{door.port}', db_kwargs={{'{AUTHORIZATION}': 'Bearer sara'}})\n"
        "k = c.cursor(); r = k.execute('endless').fetch_record_batch(); r.read_next_batch()\n"
        "print('read', flush=True); time.sleep(60)\n"
    )
    client = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert client.stdout is not None
    assert client.stdout.readline() == "read\n"
    client.kill()
    client.wait()
    client.stdout.close()
    assert all_closed(service)


def test_a_statement_that_computes_hears_of_the_caller_leaving(
    connect: Callable[..., Any], service: FakeService
) -> None:
    with connect() as connection, connection.cursor() as cursor:
        threading.Timer(0.2, cursor.adbc_cancel).start()
        with pytest.raises(adbc.Error):
            cursor.execute("compute").fetchall()
    assert wait_for(lambda: bool(service.seen))
    assert service.answers == []


@pytest.mark.parametrize("action", ["CancelQuery", "CancelFlightInfo"])
def test_cancelling_by_action(bare: Callable[..., Bare], service: FakeService, action: str) -> None:
    client = bare()
    info = client.info("CommandStatementQuery", query="compute")
    seen: list[BaseException] = []

    def read() -> None:
        try:
            client.read(info.endpoints[0].ticket)
        except flight.FlightError as error:
            seen.append(error)

    reading = threading.Thread(target=read)
    reading.start()
    assert wait_for(lambda: bool(service.seen))
    if action == "CancelQuery":
        body = command("ActionCancelQueryRequest", info=info.serialize()).command
        assert unwrap(bare().act(action, body)[0])[1].result == 1
    else:
        body = make("CancelFlightInfoRequest", info=info.serialize()).SerializeToString()
        assert bare().act(action, body) == [b"\x08\x01"]
    reading.join(10)
    assert [type(e) for e in seen] == [flight.FlightCancelledError]
    assert "[AMANAT:CANCELLED]" in str(seen[0])
    with pytest.raises(flight.FlightCancelledError, match=r"\[AMANAT:CANCELLED\]"):
        client.read(info.endpoints[0].ticket)


def test_the_door_takes_so_many_at_once(make_door: Callable[..., FlightSqlServer], service: FakeService) -> None:
    door = make_door(shared=Shared(slots=Slots(total=3, per_owner=2)))
    sara, omid, other = (Bare(door.port, t) for t in ("sara", "omid", "sara-c2"))
    reading = [hold(c) for c in (sara, sara, omid)]
    assert wait_for(lambda: len(service.seen) == 3)
    for crowded in (sara, other):
        with pytest.raises(flight.FlightUnavailableError, match=r"\[AMANAT:BUSY\]"):
            crowded.sql("select 1")
    service.hold.set()
    for thread in reading:
        thread.join(10)
    assert other.sql("select 1").num_rows == 1
    for client in (sara, omid, other):
        client.client.close()


def hold(client: Bare) -> threading.Thread:
    """A statement that runs until the service's `hold` is set. Announced first: describing takes a place, too."""
    ticket = client.info("CommandStatementQuery", query="compute").endpoints[0].ticket
    thread = threading.Thread(target=client.read, args=(ticket,))
    thread.start()
    return thread


def test_stopping_ends_streams_with_a_reason(
    make_door: Callable[..., FlightSqlServer], service: FakeService, counted: list[int]
) -> None:
    door = make_door()
    client = Bare(door.port)
    waiting = client.info("CommandStatementQuery", query="select 1").endpoints[0].ticket
    reader = open_endless(client)
    door._closing.set()
    with pytest.raises(flight.FlightUnavailableError, match=r"\[AMANAT:BUSY\]"):
        client.read(waiting)
    with pytest.raises(flight.FlightCancelledError, match=r"\[AMANAT:CANCELLED\]"):
        drain(reader)
    assert all_closed(service)
    client.client.close()


def is_still(counted: list[int]) -> bool:
    before = counted[0]
    time.sleep(0.2)
    return counted[0] == before


def drain(reader: Any) -> None:
    while True:
        reader.read_chunk()


def test_who_neither_reads_nor_leaves_gives_his_place_to_others(
    make_door: Callable[..., FlightSqlServer], service: FakeService, counted: list[int]
) -> None:
    door = make_door(shared=Shared(slots=Slots(total=1, per_owner=1)), patience=0.3)
    idle, other = Bare(door.port), Bare(door.port, "omid")
    reader = open_endless(idle)
    assert all_closed(service)
    assert other.sql("select 1").num_rows == 1
    with pytest.raises(flight.FlightTimedOutError, match=r"\[AMANAT:TOO_SLOW\]"):
        drain(reader)
    idle.client.close()
    other.client.close()


def test_stopping_hangs_up_on_who_does_not_read(
    make_door: Callable[..., FlightSqlServer], service: FakeService, counted: list[int]
) -> None:
    door = make_door()
    client = Bare(door.port)
    reader = open_endless(client)
    assert wait_for(lambda: is_still(counted)), "the stream is full and waits"
    assert door.stop(0.3)
    assert all_closed(service)
    with pytest.raises(flight.FlightError) as caught:
        drain(reader)
    assert "AMANAT" not in str(caught.value), "it did not end of itself"
    client.client.close()


def test_hanging_up_leaves_other_ports_alone(door: FlightSqlServer, make_door: Callable[..., FlightSqlServer]) -> None:
    near, far = Bare(door.port), Bare(make_door().port)
    for client in (near, far):
        assert client.sql("select 1").num_rows == 1
    assert hang_up(door.port) == 1
    assert hang_up(1) == 0
    assert far.sql("select 1").num_rows == 1
    assert wait_for(lambda: can_read(near)), "the door itself still stands, and clients find it again"
    for client in (near, far):
        client.client.close()


def can_read(client: Bare) -> bool:
    try:
        return bool(client.sql("select 1").num_rows == 1)
    except flight.FlightError:
        return False


def test_a_taken_port_is_an_error_at_once(door: FlightSqlServer, service: FakeService) -> None:
    with pytest.raises(pa.ArrowException):
        FlightSqlServer(f"grpc://127.0.0.1:{door.port}", service, lambda refused, language: "")
