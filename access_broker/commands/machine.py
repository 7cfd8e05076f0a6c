"""What this machine has of the things the system uses, and how to get what it lacks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """`essential`: without it queries are refused; otherwise one wall or one choice fewer."""

    what: str
    ok: bool
    essential: bool
    remedy: str = ""


def findings() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding(f"Python {version}", sys.version_info >= (3, 11), True, "Python 3.11 or newer is needed.")
    yield from _walls()
    yield Finding(
        "own user id per contract",
        os.geteuid() == 0,
        False,
        "Run as root, or workers share your user id and only Landlock keeps published files apart.",
    )
    yield _tool("opa", "OPA server (for --policy opa)", "Put `opa` on PATH; until then the embedded evaluator decides.")
    yield _tool("docker", "Docker (for sandboxes)", "Install docker.io; until then use --no-sandboxes.")


def _walls() -> Iterator[Finding]:
    from access_broker.adapters.engine.sandbox import walls_available

    for name, stands in walls_available().items():
        yield Finding(
            f"wall of the query worker: {name}",
            stands,
            name in ("landlock", "network"),
            "Use a kernel from 5.13 on with Landlock enabled, and allow network namespaces to root or to users.",
        )


def _tool(name: str, what: str, remedy: str) -> Finding:
    beside = Path(__file__).parents[2] / ".tools" / "bin" / name
    return Finding(what, bool(shutil.which(name)) or beside.exists(), False, remedy)
