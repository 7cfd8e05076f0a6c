"""A request of a person to the broker, its answer printed as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

from access_broker.commands.broker import Broker
from access_broker.commands.output import out


def get(path: str, by: str, state: Path) -> None:
    out(json.dumps(Broker(state).person(by, "GET", path)))


def post(path: str, by: str, body: dict[str, Any] | None, state: Path) -> None:
    """Prints what is on record then."""
    out(json.dumps(Broker(state).person(by, "POST", path, body)))


def contract_path(contract: str) -> str:
    """Where a contract is, below the prefix of the API."""
    return f"/contracts/{quote(contract, safe='')}"
