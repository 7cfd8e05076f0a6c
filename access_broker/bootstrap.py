"""Builds each process from its parts: the only file that imports everything. Tests call the same functions."""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from fastapi import FastAPI

from access_broker.adapters.budget import SqliteBudget
from access_broker.adapters.engine.limits import Limits, PoolSettings
from access_broker.adapters.engine.pool import WorkerPool
from access_broker.adapters.passwords import Argon2Passwords
from access_broker.adapters.policy import EmbeddedPolicy, OpaPolicy, policy_dir
from access_broker.adapters.records import GroupCommitAudit, SqlRecords, verify
from access_broker.adapters.scenario_file import read_scenario
from access_broker.adapters.sentences import sentence
from access_broker.adapters.state_dir import StateDir
from access_broker.api.app import create_api
from access_broker.api.services import Extras
from access_broker.domain.decisions import Refused
from access_broker.gateway.reconcile import Reconciler
from access_broker.gateway.server import FlightSqlServer
from access_broker.publish.service import PublicationRunner
from access_broker.use_cases.ports import PolicyEngine
from access_broker.use_cases.run_query import QueryGate

_FIRST_UID = 700_000
_UIDS = 200_000
STATEMENT_SECONDS = 30.0
PUBLISH_EVERY_SECONDS = 0.3


def now() -> datetime:
    return datetime.now(UTC)


def build_policy(opa_port: int | None) -> PolicyEngine:
    """The embedded evaluator, or the OPA server at 127.0.0.1:`opa_port`."""
    return OpaPolicy("127.0.0.1", opa_port) if opa_port else EmbeddedPolicy(policy_dir())


def build_broker(state: StateDir, policy: PolicyEngine) -> FastAPI:
    """Records, committees and REST. Holds neither data nor Docker."""
    records = SqlRecords(state.records_url, "broker", state=state.keys)
    extras = Extras(read_scenario=read_scenario, verify_audit=lambda: verify(state.records_url, state=state.keys))
    return create_api(records, policy, now, Argon2Passwords(), sentence, state.operator_secret(), extras)


@dataclass
class Gateway:
    """The data door with what keeps it honest; `close` ends streams, workers and threads."""

    server: FlightSqlServer
    engine: WorkerPool
    audit: GroupCommitAudit
    reconciler: Reconciler

    def close(self) -> None:
        self.server.stop()
        self.reconciler.stop()
        self.engine.close()
        self.audit.close()


def build_gateway(state: StateDir, policy: PolicyEngine, port: int) -> Gateway:
    """The Flight SQL door over workers. Writes audit records and its own budget, nothing else."""
    records = SqlRecords(state.records_url, "gateway", state=state.keys)
    settings = PoolSettings(
        limits=Limits(statement_seconds=STATEMENT_SECONDS),
        allow_missing_walls=os.environ.get("AMANAT_ALLOW_MISSING_WALLS") == "1",
    )
    engine = WorkerPool(settings, uid_of if os.geteuid() == 0 else None)
    audit = GroupCommitAudit(records)
    gate = QueryGate(records, policy, engine, audit, SqliteBudget(state.budget), now)
    server = FlightSqlServer(f"grpc://127.0.0.1:{port}", gate, describe)
    reconciler = Reconciler(records, engine, now)
    reconciler.start()
    return Gateway(server, engine, audit, reconciler)


def describe(refused: Refused, language: str) -> str:
    return sentence(refused.reason, refused.detail, language)


def build_publisher(state: StateDir) -> tuple[SqlRecords, PublicationRunner]:
    """Raw sources in, published files out. Has no door."""
    records = SqlRecords(state.records_url, "publisher", state=state.keys)
    key = state.publisher_key()
    runner = PublicationRunner(
        directory=state.published,
        private=state.publisher_private,
        secret_of=lambda contract: hmac.digest(key, contract.encode(), "sha256"),
        uid_for=uid_of if os.geteuid() == 0 else None,
    )
    return records, runner


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
