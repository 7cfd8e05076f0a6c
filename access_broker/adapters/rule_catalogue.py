"""Reads the rule catalogue, `access_broker/rules/*.yaml`; the names of the files put the directive in its order."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import yaml

from access_broker.domain.rules import Clause, Force, Pending, Reach, Rule

_RULES = Path(__file__).resolve().parent.parent / "rules"
_OF_RULE = frozenset({"id", "force", "reach", "en", "fa", "by", "clauses"})
_OF_CLAUSE = frozenset({"en", "fa", "tests", *(pending.value for pending in Pending)})


@lru_cache(maxsize=1)
def rule_catalogue() -> tuple[Rule, ...]:
    """Every rule in the order of the directive. Raises ValueError for a catalogue that contradicts itself."""
    return read_rules(_RULES)


def read_rules(folder: Path) -> tuple[Rule, ...]:
    """The rules that the YAML files of a folder tell. Raises ValueError, naming rule and fault."""
    rules = tuple(rule for path in sorted(folder.glob("*.yaml")) for rule in _read_file(path))
    ids = [rule.id for rule in rules]
    twice = {id for id in ids if ids.count(id) > 1}
    if not rules or twice:
        raise ValueError(f"rules told twice: {sorted(twice)}" if twice else f"no rules in {folder}")
    return rules


def _read_file(path: Path) -> Iterator[Rule]:
    for entry in yaml.safe_load(path.read_text(encoding="utf-8")):
        yield _rule(entry)


def _rule(entry: dict[str, Any]) -> Rule:
    id = str(entry.get("id"))
    _check_members(id, entry, _OF_RULE)
    clauses = entry.get("clauses", [])
    return Rule(
        id,
        Force(entry["force"]),
        Reach(entry["reach"]),
        _text(id, entry, "en"),
        _text(id, entry, "fa"),
        tuple(entry.get("by", ())),
        tuple(_clause(f"{id} {letter}", clause) for letter, clause in zip(ascii_lowercase, clauses, strict=False)),
    )


def _clause(id: str, entry: dict[str, Any]) -> Clause:
    _check_members(id, entry, _OF_CLAUSE)
    told = [pending for pending in Pending if pending.value in entry]
    if len(told) > 1:
        raise ValueError(f"{id}: one reason why no test proves it is enough")
    pending = told[0] if told else None
    missing = entry[pending.value] if pending else None
    tests = tuple(entry.get("tests", ()))
    return Clause(id, _text(id, entry, "en"), _text(id, entry, "fa"), tests, pending, missing or "")


def _check_members(id: str, entry: dict[str, Any], known: frozenset[str]) -> None:
    if not entry.keys() <= known:
        raise ValueError(f"{id}: unknown members {sorted(entry.keys() - known)}")


def _text(id: str, entry: dict[str, Any], language: str) -> str:
    text = entry.get(language)
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{id}: no text in {language}")
    return text.strip()
