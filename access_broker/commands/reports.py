"""Reports, statements and signals of a contract, and the working days of organisations, as JSON."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from access_broker.commands.broker import Broker
from access_broker.commands.output import out, stop
from access_broker.commands.requests import contract_path, get, post
from access_broker.use_cases.calendar import NoSuchDay, NotADate, parse_date


def file(contract: str, by: str, kind: str, number: int, text: str | None, state: Path) -> None:
    words = text if text is not None else sys.stdin.read()
    post(f"{contract_path(contract)}/reports", by, {"kind": kind, "number": number, "text": words}, state)


def decide(contract: str, by: str, kind: str, day: str, what: tuple[str, dict[str, str]], state: Path) -> None:
    """`what`: the end of the address and the body."""
    path = f"{contract_path(contract)}/signals/{quote(kind, safe='')}/{_day(day)}/{what[0]}"
    post(path, by, what[1], state)


def close(organisation: str | None, day: str, name: str, state: Path) -> None:
    body = {"organisation": organisation, "day": _day(day), "name": name}
    out(json.dumps(Broker(state).operator("POST", "/closures", body)))


def week(organisation: str, off: list[int], since: str, until: str | None, state: Path) -> None:
    body = {"organisation": organisation, "days_off": off, "valid_from": _day(since), "valid_to": until and _day(until)}
    out(json.dumps(Broker(state).operator("POST", "/working-weeks", body)))


def show_days(organisation: str, by: str, count: int, state: Path) -> None:
    path = f"/working-days/{quote(organisation, safe='')}?days={count}"
    get(path, by, state)


def _day(text: str) -> str:
    """In the calendar and the words of scenario files."""
    try:
        return parse_date(text, datetime.now(UTC)).isoformat()
    except (NotADate, NoSuchDay):
        stop(f"{text} is not a day: write today+3d, 2026-11-22 or 1405-09-01", 2)
