"""The gate in this process over really published files: real policies, analysis, narrowing and plan check.

Only the walls around a worker and the records on disk are missing, so that thousands of statements can be asked.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from access_broker.adapters.engine.database import Fault, classify, connect, open_published, plan, stream
from access_broker.adapters.engine.leftovers import without_leftovers
from access_broker.adapters.engine.limits import Limits
from access_broker.adapters.ledger import SqliteLedger
from access_broker.adapters.noise import OpenDpNoise
from access_broker.adapters.noise_book import SqliteNoiseBook
from access_broker.adapters.policy import EmbeddedPolicy, policy_dir
from access_broker.adapters.scenario_file import read_scenario
from access_broker.adapters.sentences import LANGUAGES, sentence
from access_broker.domain.agreement import bound
from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Publication
from access_broker.domain.contracts import Contract, ContractState, Terms
from access_broker.domain.decisions import Refused
from access_broker.domain.tokens import Door
from access_broker.publish.build import publish
from access_broker.use_cases import gate_ports, ports
from access_broker.use_cases.asked import Login
from access_broker.use_cases.noising import Noising
from access_broker.use_cases.run_query import QueryGate
from tests.support.engines import NoProcesses
from tests.support.factories import NOW, give_token
from tests.support.fakes import FixedClock, InMemoryRecords

SECONDS = 5.0  # of the engine for one statement; what takes longer is refused, as at a worker
_EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
_CODES = {
    Fault.VALUE_ERROR: "VALUE_ERROR",
    Fault.RESOURCE_LIMIT: "RESOURCE_LIMIT",
    Fault.INTERRUPTED: "TOO_SLOW",
    Fault.NOT_PUBLISHED: "NOT_PUBLISHED",
    Fault.INTERNAL: "INTERNAL",
}


@cache
def policy() -> EmbeddedPolicy:
    return EmbeddedPolicy(policy_dir(), timeout=30)


@dataclass(frozen=True)
class Given:
    """What one statement brought: a table, or the code and the two sentences of a refusal."""

    sql: str
    table: pa.Table | None
    code: str = ""
    told: tuple[str, ...] = ()

    @property
    def rows(self) -> list[tuple[Any, ...]] | None:
        if self.table is None:
            return None
        return list(zip(*(column.to_pylist() for column in self.table.columns), strict=True))


class Engine(NoProcesses):
    """gate_ports.DataEngine without processes: one locked connection to each published file."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._open: dict[str, Worker] = {}
        self._seconds, self._lock = seconds, threading.Lock()

    @contextmanager
    def get(self, person: str, contract: str, generation: int, publication: Publication) -> Iterator[Worker]:
        with self._lock:
            worker = self._open.get(publication.path)
            if worker is None:
                worker = self._open[publication.path] = Worker(publication.path, self._seconds)
        with worker.lock:
            yield worker

    def close(self) -> None:
        for worker in self._open.values():
            worker.connection.close()


class Answer:
    """gate_ports.Answer, read to its end before the first row of it is given."""

    def __init__(self, table: pa.Table) -> None:
        self._table, self.schema = table, table.schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        yield from self._table.to_batches()

    def close(self) -> None: ...


class Worker:
    """gate_ports.Worker on a connection of this process."""

    def __init__(self, path: str, seconds: float) -> None:
        self.connection = connect()
        open_published(self.connection, path, Limits(memory_mb=512))
        self.lock, self._seconds = threading.RLock(), seconds

    def seconds_left(self) -> float:
        return self._seconds

    def plan(self, sql: str, should_stop: object = None) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(plan(self.connection, sql))
        return found

    def run(self, sql: str, should_stop: object = None) -> Answer:
        watch = threading.Timer(self._seconds, self.connection.interrupt)
        watch.start()
        try:
            reader = stream(self.connection, sql)
            return Answer(pa.Table.from_batches((without_leftovers(b) for b in reader), reader.schema))
        except (duckdb.Error, OSError, MemoryError, pa.ArrowException) as error:
            raise Refused(_CODES[classify(error)]) from error
        finally:
            watch.cancel()

    def kill(self) -> None: ...


class Audit:
    def record(self, event: AuditEvent) -> int:
        return 1

    def post(self, event: AuditEvent) -> None: ...


class Budget:
    def spent(self, contract: str, day: str) -> int:
        return 0

    def spend(self, contract: str, day: str, limit: int) -> None: ...

    def fine(self, contract: str, day: str, queries: int, limit: int) -> None: ...

    def spend_rows(self, contract: str, day: str, rows: int, limit: int) -> None: ...


class Inside:
    """A scenario file with its contracts, or `only` some, in force and published."""

    def __init__(self, scenario: Path, folder: Path, only: Sequence[str] = ()) -> None:
        told = read_scenario(scenario.read_text(), scenario.parent, NOW)
        self.clock = FixedClock(NOW)
        self.records = InMemoryRecords(self.clock)
        self.folder, self._datasets = folder, told.datasets
        with self.records.write() as writer:
            for organisation in told.organisations:
                writer.save_organisation(organisation, _EVENT)
            for person in told.people:
                writer.save_person(person, _EVENT)
            for seat in told.seats:
                writer.save_seat(seat, _EVENT)
            for dataset in told.datasets:
                writer.save_dataset(dataset, _EVENT)
            for problem in told.problems:
                writer.save_problem(problem, _EVENT)
        self._planned = {p.contract.id: p.contract for p in told.contracts if not p.acts}
        for id in self._planned if not only else [id for id in only if id in self._planned]:
            self.lend_named(id)
        self._own = Engine()
        self.engine: gate_ports.DataEngine = self._own
        self.gate = new_gate(self, SqliteLedger(folder / "ledger.sqlite"))

    def lend_named(self, id: str) -> int:
        """Put a contract of the file in force; how many rows were published."""
        self.lend(self._planned[id])
        with self.records.read() as reader:
            published = reader.publication(id)
        return sum(table.rows for table in published.catalogue.tables) if published else 0

    def lend(self, contract: Contract) -> None:
        """Put a contract in force: published, with the token `PERSON@CONTRACT` for each of its people."""
        contract = bound(replace(contract, state=ContractState.ACTIVE, generation=1))
        made = publish(
            contract,
            self._datasets,
            self.folder / "published",
            lambda id: hashlib.sha256(id.encode()).digest(),
            None,
            private=self.folder / "private",
        )
        with self.records.write() as writer:
            writer.save_contract(contract, _EVENT)
            writer.save_publication(made, _EVENT)
        for person in contract.people:
            give_token(self.records, f"{person}@{contract.id}", person, contract)

    def contract(self, id: str) -> Contract:
        with self.records.read() as reader:
            found = reader.contract(id)
        assert found
        return found

    def also(self, id: str, like: str, **terms: Any) -> None:
        """Another contract with the same scope under other terms."""
        model = self.contract(like)
        changed: Terms = replace(model.terms, **terms)
        self.lend(replace(model, id=id, terms=changed))

    def login(self, contract: str, person: str = "analyst") -> Login:
        return self.gate.login(f"{person}@{contract}", "127.0.0.1", Door.LOCAL)

    def ask(self, contract: str, sql: str, parameters: tuple[Any, ...] | None = None, person: str = "analyst") -> Given:
        try:
            delivery = self.gate.run(self.login(contract, person), sql, parameters, lambda: False)
            return Given(sql, pa.Table.from_batches(delivery.batches(), delivery.schema))
        except Refused as refused:
            told = tuple(sentence(refused.reason, refused.detail, language) for language in LANGUAGES)
            return Given(sql, None, refused.reason.code, told)

    def close(self) -> None:
        self._own.close()


def new_gate(
    house: Inside,
    ledger: gate_ports.Ledger,
    budget: gate_ports.Budget | None = None,
    audit: ports.AuditLog | None = None,
    decider: ports.PolicyEngine | None = None,
    noise: gate_ports.Noise | None = None,
) -> QueryGate:
    """A gate over the house's records and files; it counts and records nothing unless it is given where."""
    return QueryGate(
        house.records,
        decider or policy(),
        house.engine,
        audit or Audit(),
        budget or Budget(),
        ledger,
        Noising(noise or OpenDpNoise(), SqliteNoiseBook(house.folder / "noise.sqlite")),
        house.clock,
    )
