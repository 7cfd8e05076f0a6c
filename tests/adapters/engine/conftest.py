"""A small published file and pools whose processes never outlive their test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from access_broker.adapters.engine.limits import Limits, PoolSettings
from access_broker.adapters.engine.pool import WorkerPool
from access_broker.domain.catalogue import Catalogue, Publication

WORKER_UID = 654_321
LIMITS = Limits(memory_mb=256, threads=1, statement_seconds=20.0)

MakePool = Callable[..., WorkerPool]


def uid_for(_contract: str) -> int:
    return WORKER_UID


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("published") / "C-1.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE TABLE visits AS SELECT i AS id, (i % 7)::INTEGER AS clinic, 'person ' || i AS name,"
            " (i * 1.25)::DECIMAL(12, 2) AS cost, DATE '2024-01-01' + (i % 365)::INTEGER AS day"
            " FROM range(200000) r(i)"
        )
    path.chmod(0o444)
    return path


@pytest.fixture(scope="session")
def publication(published: Path) -> Publication:
    return Publication("C-1", 1, str(published), "", Catalogue(()))


@pytest.fixture
def make_pool() -> Iterator[MakePool]:
    """Builds pools and closes them. Keyword arguments are PoolSettings'."""
    pools: list[WorkerPool] = []

    def build(**settings: object) -> WorkerPool:
        chosen = PoolSettings(**({"limits": LIMITS} | settings))  # type: ignore[arg-type]
        pools.append(WorkerPool(chosen, uid_for if os.geteuid() == 0 else None))
        return pools[-1]

    yield build
    for pool in pools:
        pool.close()


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    """One for a whole file of tests that leave their worker alive."""
    shared = WorkerPool(PoolSettings(limits=LIMITS), uid_for if os.geteuid() == 0 else None)
    yield shared
    shared.close()
