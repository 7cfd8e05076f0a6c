"""Choosing executors, acceptance and leaving, from the command line: every one a REST request of a person."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from access_broker.commands.requests import contract_path, get, post


def accept(contract: str, by: str, decision: str | None, state: Path) -> None:
    post(f"{contract_path(contract)}/acceptance", by, {"decision": decision}, state)


def award(problem: str, by: str, executor: str, decision: str | None, state: Path) -> None:
    post(f"{_problem(problem)}/awards", by, {"executor": executor, "decision": decision}, state)


def share(problem: str, by: str, dataset: str, decision: str | None, state: Path) -> None:
    post(f"{_problem(problem)}/shared-datasets", by, {"dataset": dataset, "decision": decision}, state)


def exclusivity(problem: str, by: str, state: Path) -> None:
    get(f"{_problem(problem)}/exclusivity", by, state)


def ask(contract: str, by: str, kind: str, text: str, state: Path) -> None:
    post(f"{contract_path(contract)}/exits", by, {"kind": kind, "text": text}, state)


def step(contract: str, by: str, number: int, what: str, body: dict[str, Any], state: Path) -> None:
    """`what`: keys, refusals, failure-report or closing."""
    post(f"{contract_path(contract)}/exits/{number}/{what}", by, body, state)


def show(contract: str, by: str, state: Path) -> None:
    get(f"{contract_path(contract)}/exits", by, state)


def certificate(contract: str, by: str, number: int, state: Path) -> None:
    get(f"{contract_path(contract)}/exits/{number}/certificate", by, state)


def _problem(problem: str) -> str:
    return f"/problems/{quote(problem, safe='')}"
