"""Motions of the committees: putting one, voting, standing back, reading the minutes. Everything prints JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from access_broker.commands.broker import Broker
from access_broker.commands.output import out, stop
from access_broker.commands.requests import get, post


def put(about: str, by: str, committee: str, subject: str, seen: str, text: str, outcome: str, state: Path) -> None:
    """Without `seen` the digest of what would be voted on is printed, for whoever then reads and names it."""
    if not seen:
        asked = urlencode({"subject": subject, "about": about})
        get(f"/motions/matter?{asked}", by, state)
        return
    body = {"committee": committee, "subject": subject, "about": about, "seen": seen, "text": text, "outcome": outcome}
    post("/motions", by, body, state)


def vote(
    id: str, by: str, seen: str, choice: str, opinion: str, findings: list[str], refused: list[str], state: Path
) -> None:
    """`findings`: as `point=words`."""
    parted = [finding.partition("=") for finding in findings]
    if not all(equals for _, equals, _ in parted):
        stop("a finding is written as POINT=WHAT WAS FOUND", 2)
    found = {point.strip(): words for point, _, words in parted}
    body = {"choice": choice, "seen": seen, "opinion": opinion, "findings": found, "refused": refused}
    send(id, by, "votes", body, state)


def send(id: str, by: str, what: str, body: dict[str, Any] | None, state: Path) -> None:
    """`what`: votes, recusals or withdrawal. Prints the motion as it stands then."""
    post(f"{_path(id)}/{what}", by, body, state)


def show(id: str | None, by: str, state: Path) -> None:
    get(_path(id) if id else "/motions", by, state)


def minutes(id: str, by: str, state: Path) -> None:
    out(json.dumps(Broker(state).person(by, "GET", f"{_path(id)}/minutes"), ensure_ascii=False))


def _path(id: str) -> str:
    return f"/motions/{quote(id, safe='')}"
