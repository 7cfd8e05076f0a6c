"""OPA as the reference, the embedded evaluator beside it, and the good facts both start from."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from access_broker.adapters.policy import EmbeddedPolicy, OpaError, OpaPolicy, OpaServer, find_opa, policy_dir

Facts = dict[str, Any]


@pytest.fixture(scope="session")
def opa_program() -> Path:
    """These tests are worth nothing without OPA, so its absence is a failure that says how to mend it."""
    try:
        return find_opa()
    except OpaError as error:
        pytest.fail(str(error))


@pytest.fixture(scope="session")
def embedded() -> Iterator[EmbeddedPolicy]:
    with EmbeddedPolicy(timeout=20) as policy:
        yield policy


@pytest.fixture(scope="session")
def opa(opa_program: Path) -> Iterator[OpaPolicy]:
    with OpaServer(executable=opa_program) as server, OpaPolicy(server.host, server.port, timeout=20) as policy:
        yield policy


@pytest.fixture(scope="session")
def rego(opa_program: Path) -> dict[str, Any]:
    """What the test modules know, as OPA reads it: the good facts, and every case of every truth table."""
    tables = {
        "facts": (
            "{name: data.testing[name] | some name in ['access', 'login', 'spawn', 'activation', 'acts',"
            " 'violations', 'exits', 'release', 'signals', 'votes', 'recording']}"
        ),
        "cases": (
            "{name: {'entrypoint': tests.entrypoint, 'cases': tests.cases} |"
            " some name, tests in data; tests.cases; tests.entrypoint}"
        ),
    }
    query = "{" + ", ".join(f"'{name}': {table}" for name, table in tables.items()) + "}"
    done = subprocess.run(
        [opa_program, "eval", "--format=raw", "--data", policy_dir(), query.replace("'", '"')],
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.fixture(scope="session")
def good_facts(rego: dict[str, Any]) -> dict[str, Facts]:
    """One good set of facts for each entrypoint. Copy before changing."""
    return rego["facts"]
