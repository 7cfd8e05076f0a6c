"""Fixtures that more than one folder of tests shares."""

from __future__ import annotations

import os
from collections.abc import Iterator

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the gateway runs: threads of small matrices wait for each other

import pytest

from access_broker.adapters.policy import EmbeddedPolicy
from tests.support.postgres import postgres_server

__all__ = ["policy", "postgres_server"]


@pytest.fixture(scope="session")
def policy() -> Iterator[EmbeddedPolicy]:
    """The real policies in the embedded evaluator, which remembers nothing from one question to the next."""
    with EmbeddedPolicy(timeout=20) as engine:
        yield engine
