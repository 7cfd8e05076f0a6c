"""What only the container itself can show, taken while it stands: processes, log, settings without secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from hub.engine import Absent, Engine, EngineAway

REMOVED = "(removed)"
_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|COOKIE|CREDENTIAL|_KEY\Z", re.IGNORECASE)
_LEAST = 8  # characters; anything shorter would also strike out ordinary words
_LINES, _WIDTH = 20, 300


def look_at(engine: Engine, sandbox: str) -> dict[str, bytes]:
    """Every view of the container that can be had, as files by name; what cannot is left out."""
    seen = {}
    for name, take in OF_CONTAINER.items():
        with suppress(EngineAway):
            seen[name] = take(engine, sandbox)
    return seen


def as_json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"


def without_secrets(inspected: Mapping[str, Any]) -> dict[str, Any]:
    """What Docker tells of a container, without the values of secret variables, wherever else they may stand in it."""
    pairs = _variables(inspected)
    text = json.dumps(dict(inspected))
    for value in _secrets(pairs):
        text = text.replace(json.dumps(value)[1:-1], REMOVED)
    cleaned: dict[str, Any] = json.loads(text)
    if pairs:
        cleaned["Config"]["Env"] = [f"{name}={REMOVED if _SECRET.search(name) else value}" for name, value in pairs]
    return cleaned


def last_words(engine: Engine, sandbox: str, inspected: Mapping[str, Any]) -> list[str]:
    """The last lines of its log, for the operator: short, printable, without secrets. Raises EngineAway."""
    text = engine.log(sandbox, _LINES).decode(errors="replace")
    for value in _secrets(_variables(inspected)):
        text = text.replace(value, REMOVED)
    return [
        "".join(c if c.isprintable() else "?" for c in line)[:_WIDTH]
        for line in text.split("\n")[-_LINES - 1 :]
        if line
    ]


def _variables(inspected: Mapping[str, Any]) -> list[tuple[str, str]]:
    environment = (inspected.get("Config") or {}).get("Env") or []
    parted = (str(entry).partition("=") for entry in environment)
    return [(name, value) for name, _, value in parted]


def _secrets(variables: list[tuple[str, str]]) -> list[str]:
    """The longest first, so that one inside another leaves nothing of the longer."""
    values = {value for name, value in variables if _SECRET.search(name) and len(value) >= _LEAST}
    return sorted(values, key=len, reverse=True)


def _settings(engine: Engine, sandbox: str) -> bytes:
    known = engine.inspect(sandbox)
    if known is None:
        raise Absent("Docker knows no such container.")
    return as_json(without_secrets(known))


OF_CONTAINER: Mapping[str, Callable[[Engine, str], bytes]] = {
    "processes.json": lambda engine, sandbox: as_json(engine.processes(sandbox)),
    "container.log": lambda engine, sandbox: engine.log(sandbox),
    "inspect.json": _settings,
}
"""Name of the file → what it holds. Each raises EngineAway; Absent when there is no container."""
