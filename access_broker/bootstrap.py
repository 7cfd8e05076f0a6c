"""Builds each process from its parts: the only file that imports everything. Tests call the same functions."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI

from access_broker.adapters.budget import SqliteBudget, spent_in
from access_broker.adapters.dataset_file import read_dataset
from access_broker.adapters.engine.limits import Limits, PoolSettings
from access_broker.adapters.engine.pool import WorkerPool
from access_broker.adapters.ledger import SqliteLedger
from access_broker.adapters.noise import OpenDpNoise
from access_broker.adapters.noise_book import SqliteNoiseBook, epsilon_spent_in
from access_broker.adapters.passwords import Argon2Passwords
from access_broker.adapters.periodic import Periodic
from access_broker.adapters.policy import EmbeddedPolicy, OpaPolicy, RememberedPolicy, policy_dir
from access_broker.adapters.records import GroupCommitAudit, SqlRecords, verify
from access_broker.adapters.scenario_file import read_scenario
from access_broker.adapters.sentences import sentence
from access_broker.adapters.state_dir import StateDir
from access_broker.api.app import create_api
from access_broker.api.clerk import Clerk
from access_broker.api.oversight_clerk import OversightClerk
from access_broker.api.rounds import Rounds
from access_broker.api.services import Extras, Secrets, Services
from access_broker.console.health import answering
from access_broker.console.here import PREFIX
from access_broker.console.hub_sign_in import HubSignIn
from access_broker.console.router import create_console
from access_broker.domain.decisions import Refused
from access_broker.domain.sandboxes import SLOTS, pool_of
from access_broker.gateway.acknowledge import Acknowledger
from access_broker.gateway.handles import Shared
from access_broker.gateway.reconcile import Reconciler
from access_broker.gateway.server import FlightSqlServer
from access_broker.publish.counting import RowCounter
from access_broker.publish.service import PublicationRunner
from access_broker.use_cases.noising import Noising
from access_broker.use_cases.ports import PolicyEngine
from access_broker.use_cases.run_query import QueryGate
from access_broker.use_cases.sandboxes import Room

_FIRST_UID = 700_000
_UIDS = 200_000
STATEMENT_SECONDS = 30.0
MEMORY_OF_A_SANDBOX = 512 << 20  # bytes; its limit is twice that, but few work at it at the same time
PUBLISH_EVERY_SECONDS = 0.3


def now() -> datetime:
    return datetime.now(UTC)


def build_policy(opa_port: int | None, opa_host: str = "127.0.0.1") -> PolicyEngine:
    """The embedded evaluator, or the OPA server at `opa_host`:`opa_port`."""
    return OpaPolicy(opa_host, opa_port) if opa_port else EmbeddedPolicy(policy_dir())


def build_broker(
    state: StateDir, policy: PolicyEngine, pool: str | None = None, hub_port: int | None = None
) -> FastAPI:
    """Records, committees and REST. Holds neither data nor Docker.

    `pool`: where sandboxes may stand; without one every spawn is refused. Raises ValueError for one that is no pool.
    `hub_port`: where people sign in for the console; without one there is no console.
    """
    records = SqlRecords(state.records_url, "broker", state=state.audit_keys)
    extras = Extras(
        read_scenario=read_scenario,
        verify_audit=lambda: verify(state.records_url, state=state.audit_keys),
        installs=(build_console(state, hub_port),) if hub_port else (),
        room=room_in(pool),
        read_dataset=lambda text, of, known, at: read_dataset(text, state.sources_of(of), known, at),
        spent=lambda contract, day: spent_in(state.budget, contract, day),
        epsilon_spent=lambda contract: epsilon_spent_in(state.noise_book, contract),
    )
    secrets = Secrets(state.operator_secret(), state.secret("hub"), state.secret("guard"))
    return create_api(records, policy, now, Argon2Passwords(), sentence, secrets, extras)


def build_console(state: StateDir, hub_port: int) -> Callable[[FastAPI], None]:
    """The pages below /services/console, for people who have signed in at the hub on 127.0.0.1:`hub_port`."""
    from hub.settings import Ports  # here: where the web half does not run, its package need not be there

    ports = Ports.of_hub(hub_port)
    parts = {"gateway": ports.gateway, "guard": ports.guard, "proxy": ports.proxy, "hub": ports.hub}
    addresses = {name: ("127.0.0.1", port) for name, port in parts.items()}
    hub = HubSignIn(f"http://127.0.0.1:{hub_port}/hub/api", state.secret("console"), f"{PREFIX}/")
    return create_console(hub, lambda: answering(addresses))


def build_clerks(broker: FastAPI) -> list[Periodic]:
    """Who looks at the calendar for a broker that runs; not started yet."""
    services: Services = broker.state.services
    return [
        Clerk(services.records, now, services.announce),
        OversightClerk(services.records, services.policy, now, services.announce),
        Rounds(services.records, services.policy, now, services.announce),
    ]


def room_in(pool: str | None) -> Room | None:
    """The pool with as many places as this machine has memory for; None for a system that runs without sandboxes."""
    if not pool or os.environ.get("AMANAT_SANDBOXES") == "off":
        return None
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return Room(pool_of(pool), min(SLOTS, max(1, memory // MEMORY_OF_A_SANDBOX)))


@dataclass
class Gateway:
    """The data doors with what keeps them honest; `close` ends streams, workers and threads."""

    doors: tuple[FlightSqlServer, ...]
    engine: WorkerPool
    audit: GroupCommitAudit
    ledger: SqliteLedger
    book: SqliteNoiseBook
    reconciler: Reconciler
    acknowledger: Acknowledger

    def close(self) -> None:
        with ThreadPoolExecutor() as at_once:  # one after the other, patience with their clients would add up
            list(at_once.map(FlightSqlServer.stop, self.doors))
        self.reconciler.stop()
        self.acknowledger.stop()
        self.engine.close()
        self.ledger.close()
        self.book.close()
        self.audit.close()


def build_gateway(state: StateDir, policy: PolicyEngine, port: int, inner: str | None = None) -> Gateway:
    """The Flight SQL door over workers. Writes audit records, its own budget and its ledger, nothing else.

    `inner`: the address where sandboxes reach it, at the same port. Raises pyarrow.ArrowException when that is not an
    address of this machine, or the port is taken.
    """
    records = SqlRecords(state.records_url, "gateway", state=state.audit_keys)
    settings = PoolSettings(
        limits=Limits(statement_seconds=STATEMENT_SECONDS),
        allow_missing_walls=os.environ.get("AMANAT_ALLOW_MISSING_WALLS") == "1",
    )
    with ExitStack() as undo:
        engine = WorkerPool(settings, uid_of if os.geteuid() == 0 else None)
        undo.callback(engine.close)
        audit = GroupCommitAudit(records)
        undo.callback(audit.close)
        ledger = SqliteLedger(state.ledger)
        undo.callback(ledger.close)
        book = SqliteNoiseBook(state.noise_book)
        undo.callback(book.close)
        decider, budget = RememberedPolicy(policy), SqliteBudget(state.budget)
        gate = QueryGate(records, decider, engine, audit, budget, ledger, Noising(OpenDpNoise(), book), now)
        doors = _doors(gate, port, inner)
        undo.pop_all()
    reconciler = Reconciler(records, engine, now)
    reconciler.start()
    acknowledger = Acknowledger(records, engine, audit, now, gate.running.of, reconciler.killed)
    acknowledger.start()
    return Gateway(doors, engine, audit, ledger, book, reconciler, acknowledger)


def _doors(gate: QueryGate, port: int, inner: str | None) -> tuple[FlightSqlServer, ...]:
    """The same gate behind each, and one count of what runs: a limit that every door had to itself would be none."""
    shared = Shared()
    outer = FlightSqlServer(f"grpc://127.0.0.1:{port}", gate, describe, shared)
    if inner is None:
        return (outer,)
    try:
        return outer, FlightSqlServer(f"grpc://{inner}:{outer.port}", gate, describe, shared)
    except BaseException:
        outer.stop()
        raise


def describe(refused: Refused, language: str) -> str:
    return sentence(refused.reason, refused.detail, language)


def build_publisher(state: StateDir) -> tuple[SqlRecords, PublicationRunner]:
    """Raw sources in, published files out. Has no door."""
    records = SqlRecords(state.records_url, "publisher", state=state.audit_keys)
    key = state.publisher_key()
    runner = PublicationRunner(
        directory=state.published,
        private=state.publisher_private,
        secret_of=lambda contract: hmac.digest(key, contract.encode(), "sha256"),
        uid_for=uid_of if os.geteuid() == 0 else None,
    )
    return records, runner


def build_row_counter(state: StateDir) -> RowCounter:
    """Counts what stewards have registered, where the publisher reads it."""
    return RowCounter(state.publisher_private)


def uid_of(contract: str) -> int:
    """The system user id that reads a contract's published file, and no other contract's (short of a collision,

    which Landlock then still keeps apart).
    """
    return _FIRST_UID + int.from_bytes(hashlib.sha256(contract.encode()).digest()[:4]) % _UIDS


def publish_until(stop: threading.Event, step: Callable[[], object]) -> None:
    """The publisher's loop."""
    while not stop.is_set():
        step()
        stop.wait(PUBLISH_EVERY_SECONDS)
