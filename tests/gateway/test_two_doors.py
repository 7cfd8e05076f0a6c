"""One gateway, two doors: for this machine on loopback, for sandboxes on the inner address."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.flight as flight
import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.adapters.state_dir import StateDir
from access_broker.bootstrap import Gateway, build_gateway
from access_broker.domain.contracts import ContractState
from access_broker.domain.tokens import Door, digest_of
from access_broker.gateway.handles import Shared, Slots
from access_broker.gateway.server import FlightSqlServer
from access_broker.migrations import migrate
from tests.adapters.records.world import EVENT, furnish, make_contract, make_token
from tests.support.fakes import ScriptedPolicy

from .conftest import Bare
from .fake_service import FakeService

INNER, SANDBOX, OTHER = "198.19.250.1", "198.19.250.2", "198.19.250.3"
NAMESPACE, HOST_END = "b1test-sandbox", "b1test-host"
CLIENT = """
import json, sys
import pyarrow.flight as flight
address, *tokens = sys.argv[1:]
client, codes = flight.connect(address), {}
for token in tokens:
    headers = [(b"authorization", b"Bearer " + token.encode())]
    try:
        list(client.list_actions(flight.FlightCallOptions(headers=headers, timeout=20)))
        codes[token] = "let in"
    except flight.FlightError as error:
        codes[token] = str(error).split("[AMANAT:")[1].split("]")[0]
print(json.dumps(codes))
"""


@pytest.fixture
def doors(make_door: Callable[..., FlightSqlServer]) -> tuple[FlightSqlServer, FlightSqlServer]:
    shared = Shared(slots=Slots(total=2, per_owner=1))
    return make_door(shared=shared), make_door(shared=shared)


def test_a_limit_is_one_limit_at_both_doors(
    doors: tuple[FlightSqlServer, FlightSqlServer], service: FakeService
) -> None:
    here, there = (Bare(door.port) for door in doors)
    service.extra["wide"] = pa.table({"s": ["x" * 1_000_000] * 30})
    running = here.client.do_get(here.info("CommandStatementQuery", query="wide").endpoints[0].ticket, here.options)
    with pytest.raises(flight.FlightError, match=r"\[AMANAT:BUSY\]"):
        there.info("CommandStatementQuery", query="select 1")
    running.cancel()
    for client in (here, there):
        client.client.close()


def test_what_was_begun_at_one_door_may_end_at_the_other(doors: tuple[FlightSqlServer, FlightSqlServer]) -> None:
    here, there = (Bare(door.port) for door in doors)
    handle = here.prepare("select 1")
    assert there.info("CommandPreparedStatementQuery", prepared_statement_handle=handle).endpoints
    for client in (here, there):
        client.client.close()


@dataclass
class House:
    """A state folder with an active contract P1, and tokens of known texts for it."""

    state: StateDir
    records: SqlRecords

    def give(self, text: str, door: Door, address: str | None = None) -> None:
        with self.records.write() as writer:
            writer.save_token(make_token(digest_of(text), "P1", door=door, address=address), EVENT)

    @contextmanager
    def gateway(self, inner: str | None) -> Iterator[Gateway]:
        gateway = build_gateway(self.state, ScriptedPolicy(), 0, inner)
        try:
            yield gateway
        finally:
            gateway.close()


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setattr("access_broker.bootstrap.now", lambda: make_token().issued_at)
    state = StateDir.at(tmp_path)
    migrate(state.records_url)
    records = SqlRecords(state.records_url)
    furnish(records, make_contract("P1", ContractState.ACTIVE))
    yield House(state, records)
    records.close()


@pytest.fixture
def sandbox() -> Iterator[None]:
    """A network namespace with one cable to this machine, and nothing else: where a sandbox would be."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        pytest.skip("not run: a network namespace needs root and iproute2")
    _ip("netns", "add", NAMESPACE)
    try:
        _ip("link", "add", HOST_END, "type", "veth", "peer", "name", "eth0", "netns", NAMESPACE)
        _ip("address", "add", f"{INNER}/29", "dev", HOST_END)
        _ip("link", "set", HOST_END, "up")
        _ip("-n", NAMESPACE, "address", "add", f"{SANDBOX}/29", "dev", "eth0")
        _ip("-n", NAMESPACE, "link", "set", "eth0", "up")
        yield
    finally:
        _ip("netns", "delete", NAMESPACE)  # and with it both ends of the cable


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def _asked(*command: str) -> dict[str, str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    codes: dict[str, str] = json.loads(done.stdout)
    return codes


def test_a_token_opens_only_the_door_it_is_for(house: House, sandbox: None) -> None:
    house.give("its-own", Door.SANDBOX, SANDBOX)
    house.give("of-another", Door.SANDBOX, OTHER)
    house.give("local", Door.LOCAL)
    tokens = ("its-own", "of-another", "local", "guess")
    with house.gateway(INNER) as gateway:
        port = gateway.doors[0].port
        assert [door.port for door in gateway.doors] == [port, port]
        client = (sys.executable, "-c", CLIENT)
        inside = ("ip", "netns", "exec", NAMESPACE, *client)
        assert _asked(*inside, f"grpc://{INNER}:{port}", *tokens) == {
            "its-own": "let in",
            "of-another": "WRONG_DOOR",
            "local": "WRONG_DOOR",
            "guess": "TOKEN_NOT_VALID",
        }
        assert _asked(*client, f"grpc://127.0.0.1:{port}", *tokens) == {
            "its-own": "WRONG_DOOR",
            "of-another": "WRONG_DOOR",
            "local": "let in",
            "guess": "TOKEN_NOT_VALID",
        }


def test_without_an_inner_address_there_is_one_door(house: House) -> None:
    with house.gateway(None) as gateway:
        assert len(gateway.doors) == 1


def test_an_address_that_is_not_this_machines_is_no_door(house: House) -> None:
    with pytest.raises(pa.ArrowException):
        build_gateway(house.state, ScriptedPolicy(), 0, OTHER)
