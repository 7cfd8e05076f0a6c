"""What this machine has of the things the system uses, and how to get what it lacks."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from access_broker.commands import sandboxes
from access_broker.commands.finding import Finding
from access_broker.commands.parts import DEFAULT_PORT_BASE


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
    yield web_finding()
    yield from sandboxes.findings()


def web_finding() -> Finding:
    """The proxy in front of the hub is a Node program; without it there is no web half."""
    from hub.proxy import proxy_command

    remedy = "Run scripts/node.sh; without it there is no hub and no console, the data door and REST run."
    return Finding(
        "Node and the web proxy (for hub and console)", proxy_command(DEFAULT_PORT_BASE) is not None, False, remedy
    )


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
