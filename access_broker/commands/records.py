"""load, token, passwd, the committee's acts, audit verify."""

from __future__ import annotations

import getpass
import json
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from access_broker.adapters.state_dir import StateDir
from access_broker.commands.broker import Broker
from access_broker.commands.days import last_second
from access_broker.commands.output import note, out, say, stop

_PATHS = {"warn": "warnings", "suspend": "suspensions", "cut": "cuts", "lift": "lifts"}
_PUBLISH_SECONDS = 900


def load(scenario: Path, state: Path) -> None:
    """Bring a scenario into being; returns when all it granted can be queried."""
    try:
        text = scenario.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        stop(f"{scenario}: {error}")
    to = Broker(state)
    report = to.operator("POST", "/load", {"text": text, "base": str(scenario.resolve().parent)})
    for kind, count in sorted(report["created"].items()):
        note(f"{kind}: {count}")
    for contract in report["contracts"]:
        note(f"contract {contract['contract']}: {contract['state']}")
        for missing in contract["missing"]:
            note(f"  {missing['detail']}")
    _await_publications(to, {c["contract"] for c in report["contracts"]})


def _await_publications(to: Broker, contracts: set[str]) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    publish = _publisher(to) if to.direct else lambda: time.sleep(0.2)
    deadline = time.monotonic() + _PUBLISH_SECONDS
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("publishing", total=None)
        while True:
            wanted = [p for p in to.operator("GET", "/publications") if p["contract"] in contracts]
            done = [p for p in wanted if p["state"] != "pending"]
            progress.update(task, total=len(wanted), completed=len(done))
            if len(done) == len(wanted):
                break
            if time.monotonic() > deadline:
                stop("publishing takes too long; see the publisher's log in the state folder")
            publish()
    failures = [p for p in wanted if p["state"] == "failed"]
    for failure in failures:
        note(f"contract {failure['contract']}: [AMANAT:NOT_PUBLISHED] {failure['failure']}")
    if failures:
        stop("not everything could be published", 1)


def _publisher(to: Broker) -> Any:
    from access_broker import bootstrap

    records, runner = bootstrap.build_publisher(to.state)
    runner.start(records)
    return lambda: runner.step(records, bootstrap.now())


def token(person: str, contract: str | None, state: Path) -> None:
    to = Broker(state)
    out(to.token(person, contract))


def passwd(person: str, state: Path) -> None:
    if sys.stdin.isatty():
        password = getpass.getpass()
        if getpass.getpass() != password:
            stop("the two passwords differ; nothing was changed")
    else:
        password = sys.stdin.readline().rstrip("\n")
    to = Broker(state)
    to.operator("POST", "/passwords", {"person": person, "password": password})
    say("cli.password_set", person=person)


def set_disabled(person: str, disabled: bool, state: Path) -> None:
    """As the owner of the machine. Tokens of before stay dead when the person is let in again."""
    to = Broker(state)
    shut = to.operator("POST", f"/people/{quote(person, safe='')}/disabled", {"disabled": disabled})
    if shut["disabled"]:
        say("cli.person_disabled", person=person, tokens=shut["tokens"])
    else:
        say("cli.person_enabled", person=person)


def act(
    name: str,
    contract: str,
    by: str,
    ground: str,
    decision: str | None,
    state: Path,
    violation: int | None = None,
    text: str | None = None,
    cure: str | None = None,
) -> None:
    """One of the Monitoring Committee's acts, as `by`. `text`, `cure`: of a warning, its last day to mend it."""
    body: dict[str, Any] = {"ground": ground, "decision": decision, "violation": violation}
    if name == "warn":
        body |= {"text": text or "", "cure_by": last_second(cure).isoformat() if cure else None}
    to = Broker(state)
    taken = to.person(by, "POST", f"/contracts/{contract}/{_PATHS[name]}", body)
    shown = {"contract": contract, "act": name, "committed_at": taken["committed_at"]}
    out(json.dumps(shown))


def acknowledge_warning(contract: str, number: int, by: str, state: Path) -> None:
    to = Broker(state)
    to.person(by, "POST", f"/contracts/{contract}/warnings/{number}/acknowledgement")
    say("cli.acknowledged", contract=contract, number=number)


def audit_verify(state: Path, as_json: bool) -> None:
    """Works while a system runs and when none does: it only reads."""
    from access_broker.adapters.records import verify

    folder = StateDir.at(state)
    found = verify(folder.records_url, state=folder.audit_keys)
    result = {"ok": found.ok, "records": found.records, "first_broken": found.first_broken}
    if as_json:
        out(json.dumps(result))
    elif found.ok:
        out(f"the chain holds: {found.records} records")
    else:
        out(f"the chain is broken at position {found.first_broken}")
    if not found.ok:
        raise SystemExit(1)
