"""`like: OTHER`: a contract takes from another of the file what it does not say itself.

Terms and scope are merged field by field, so that one column can be changed; a column's grant is replaced whole. The
keys of a contract are never taken over: an approval is given to one contract, by name.
"""

from __future__ import annotations

from typing import Any

from access_broker.adapters.scenario.faults import Faults, Path
from access_broker.adapters.scenario.parts import Part
from access_broker.adapters.scenario.reading import Reading

_OWN = frozenset(
    {"id", "like", "follows", "signatures", "ito_approved", "approvals", "consents", "guarantees"}
    | {"acknowledged", "activate", "acts"}
)
_MERGED_LEVELS = {"terms": 1, "clauses": 1, "scope": 3}  # terms.k · scope.table.columns.column


def inherited_contracts(document: Part, reading: Reading) -> list[Part]:
    """The contracts with what they inherit filled in, each with its place; origins are noted in the faults."""
    parts = {part.path: part for part in document.at("contracts").items() if reading.is_first("contract", part)}
    inheritance = _Inheritance(parts, reading)
    return [inheritance.complete(path, ()) for path in parts]


class _Inheritance:
    def __init__(self, parts: dict[Path, Part], reading: Reading) -> None:
        self.parts = parts
        self.reading = reading
        self.done: dict[Path, Part] = {}

    def complete(self, path: Path, followed: tuple[Path, ...]) -> Part:
        if path not in self.done:
            self.done[path] = self._complete(self.parts[path], (*followed, path))
        return self.done[path]

    def _complete(self, part: Part, followed: tuple[Path, ...]) -> Part:
        base = self.reading.places["contract"].get(self.reading.reference("contract", part.at("like")))
        if not isinstance(part.value, dict) or base is None:
            return part
        if base in followed:
            self.reading.faults.add((*part.path, "like"), "LIKE_CYCLE")
            return part
        taken = {key: value for key, value in self._value(base, followed).items() if key not in _OWN}
        return Part(self._merge(taken, base, part.value, part.path), part.path)

    def _value(self, base: Path, followed: tuple[Path, ...]) -> dict[str, Any]:
        value = self.complete(base, followed).value
        return value if isinstance(value, dict) else {}

    def _merge(self, taken: dict[str, Any], base: Path, own: dict[str, Any], path: Path) -> dict[str, Any]:
        out = dict(own)
        for key, value in taken.items():
            here, there = (*path, key), (*base, key)
            out[key] = merged(value, there, own, key, here, _MERGED_LEVELS.get(key, 0), self.reading.faults)
        return out


def merged(value: Any, there: Path, own: dict[str, Any], key: str, here: Path, levels: int, faults: Faults) -> Any:
    """`own[key]` over the inherited `value`, `levels` maps deep; what is inherited keeps its old place."""
    if key not in own:
        faults.origins[here] = there
        return value
    if not levels or not isinstance(value, dict) or not isinstance(own[key], dict):
        return own[key]
    out = dict(own[key])
    for name, inner in value.items():
        out[name] = merged(inner, (*there, name), own[key], name, (*here, name), levels - 1, faults)
    return out
