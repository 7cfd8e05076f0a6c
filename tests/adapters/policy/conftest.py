from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from access_broker.adapters.policy import OpaServer

Facts = dict[str, Any]

CLEAN = '{"allow": true, "reasons": []}'


def write_policy(directory: Path, decision: str, package: str = "login") -> Path:
    """A directory with one policy whose `decision` is the given Rego; returns the directory."""
    folder = directory / package
    folder.mkdir(parents=True, exist_ok=True)
    text = f"package {package}\n\nimport rego.v1\n\n{decision}\n"
    (folder / f"{package}.rego").write_text(text, "utf-8")
    return directory


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    """A policy that allows when it is told so, and is undefined otherwise."""
    return write_policy(tmp_path, f"decision := {CLEAN} if input.good == true")


@pytest.fixture(scope="module")
def server() -> Iterator[OpaServer]:
    with OpaServer() as running:
        yield running
