"""A gate with real workers, real door and records in memory, for benches that set limits of their own."""

from __future__ import annotations

import math
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as flight_sql

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from access_broker.adapters.engine.limits import Limits, PoolSettings  # noqa: E402 - the root must be importable first
from access_broker.adapters.engine.pool import WorkerPool  # noqa: E402
from access_broker.adapters.ledger import SqliteLedger  # noqa: E402
from access_broker.bootstrap import describe  # noqa: E402
from access_broker.gateway.server import FlightSqlServer  # noqa: E402
from tests.support.inside import Inside, new_gate  # noqa: E402

AUTHORIZATION = "adbc.flight.sql.authorization_header"
PEOPLE = """
organisations:
  - {id: ito, family: ito, names: {en: ITO, fa: سازمان}}
  - {id: owner, family: government, names: {en: Owner, fa: مالک}}
  - {id: lab, family: private, legal_id: "99000000007", names: {en: Laboratory, fa: آزمایشگاه}}
people:
  - {id: analyst, organisation: lab, roles: [executor], names: {en: Ava Analyst, fa: آوا تحلیلگر}}
  - {id: chair, organisation: ito, names: {en: Cyrus Chair, fa: سیروس رئیسی}}
  - {id: assessor, organisation: ito, names: {en: Arman Assessor, fa: آرمان ارزیاب}}
  - {id: steward, organisation: owner, roles: [steward], names: {en: Sima Steward, fa: سیما امینی}}
committees:
  monitoring: [{seat: 1, person: chair}]
  qualification: [{seat: 1, person: assessor}]
"""
CONTRACT = """
  - id: {id}
    problem: bench
    executor: lab
    owner: owner
    type: development_company
    purpose: bench
    level: personal
    start: today
    end: today+90d
    people: [analyst]
    terms: {terms}
    scope: {scope}
    signatures: [government, executor]
    ito_approved: true
    approvals: [{{committee: qualification, person: assessor}}, {{committee: monitoring, person: chair}}]
    guarantees: [{{kind: nda, expires: today+180d}}, {{kind: non_publication, expires: today+180d}}]
    acknowledged: all
"""


def problem(*datasets: str) -> str:
    resources = ", ".join(datasets)
    return f"""
problems:
  - {{id: bench, owner: owner, titles: {{en: Bench, fa: آزمون}}, resources: [{resources}], approved: true}}
"""


@dataclass(frozen=True)
class Door:
    """An open door: calling it with a contract connects its analyst by ADBC."""

    uri: str

    def __call__(self, contract: str) -> Any:
        options = {AUTHORIZATION: f"Bearer analyst@{contract}"}
        return flight_sql.connect(self.uri, db_kwargs=options, autocommit=True)


@contextmanager
def doors(house: Inside, folder: Path, limits: Limits) -> Iterator[Door]:
    """Opens the door."""
    pool = WorkerPool(PoolSettings(limits=limits))
    house.close()
    house.engine = pool
    house.gate = new_gate(house, SqliteLedger(folder / "bench-ledger.sqlite"))
    server = FlightSqlServer("grpc://127.0.0.1:0", house.gate, describe)
    try:
        yield Door(f"grpc://127.0.0.1:{server.port}")
    finally:
        server.stop()
        pool.close()


def milliseconds(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def side_by_side(rounds: int, *works: Callable[[], Any]) -> list[float]:
    """The median time of each, measured in turns so that what else happens on the machine meets them all; one unasked
    round goes before. Each round begins with another one, for who comes next pays for what the last has left behind.
    """
    for work in works:
        work()
    taken: list[list[float]] = [[] for _ in works]
    for number in range(rounds):
        for place in range(len(works)):
            turn = (number + place) % len(works)
            taken[turn].append(milliseconds(works[turn]))
    return [statistics.median(times) for times in taken]


def geometric_mean(ratios: list[float]) -> float:
    return math.exp(statistics.fmean(math.log(r) for r in ratios))
