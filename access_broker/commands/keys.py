"""The keys of a contract: what it has and lacks, and giving them; and warnings taken back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from access_broker.commands.broker import Broker
from access_broker.commands.days import last_second
from access_broker.commands.output import out
from access_broker.commands.requests import contract_path, post


def show(contract: str, by: str, state: Path) -> None:
    """The keys as JSON, with `digest`: whoever gives one names it, as a sign of having read this very text."""
    to, path = Broker(state), contract_path(contract)
    told = to.person(by, "GET", path)
    missing = to.person(by, "GET", f"{path}/missing-keys") if told["history"] and told["state"] == "drafted" else None
    out(json.dumps({"digest": told["digest"], "state": told["state"], "keys": told["history"], "missing": missing}))


def give(what: str, contract: str, by: str, body: dict[str, Any], state: Path) -> None:
    """`what`: approvals, signatures, consents or guarantees. Prints the keys the contract has then."""
    post(f"{contract_path(contract)}/{what}", by, body, state)


def guarantee(contract: str, by: str, kind: str, until: str, state: Path) -> None:
    """`until`: its last day, in the calendar and the words of scenario files."""
    give("guarantees", contract, by, {"kind": kind, "expires_at": last_second(until).isoformat()}, state)


def withdraw(contract: str, by: str, number: int, reason: str, state: Path) -> None:
    post(f"{contract_path(contract)}/warnings/{number}/withdrawal", by, {"reason": reason}, state)
