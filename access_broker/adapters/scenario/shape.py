"""Checks the values against the JSON Schema and says each violation as one fault."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from access_broker.adapters.scenario.faults import Faults, Path
from access_broker.adapters.scenario.schema import scenario_schema

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

Told = tuple[Path, str, dict[str, Any]]
_UNREADABLE = ("INVISIBLE_CHARACTER", "TAG_NOT_ALLOWED")  # what such a value is not says nothing more


@dataclass(frozen=True)
class _Violation:
    """What the validator found: `keyword` of `schema`, with `limit` as its value, forbids `value`."""

    path: Path
    keyword: str
    limit: Any
    value: Any
    schema: Any


Teller = Callable[[_Violation], Iterator[Told]]

_PATTERN_CODES = {
    "id": "BAD_ID",
    "stable id": "BAD_STABLE_ID",
    "text": "BAD_TEXT",
    "digest": "BAD_DIGEST",
    "rule": "BAD_RULE",
}
_TYPES = {
    "string": ("text", "متن"),
    "integer": ("a whole number", "عدد درست"),
    "number": ("a number", "عدد"),
    "boolean": ("true or false", "true یا false"),
    "array": ("a list", "فهرست"),
    "object": ("a map of fields", "نگاشتی از فیلدها"),
    "null": ("nothing", "هیچ"),
}


def check_shape(value: Any, faults: Faults) -> None:
    """Add a fault for everything the schema forbids, except where the text itself is already faulty."""
    for error in _validator().iter_errors(value):
        violation = _violation(error)
        for path, code, detail in _TELLERS[violation.keyword](violation):
            if not faults.are_at(path, *_UNREADABLE):
                faults.add(path, code, **detail)


@cache
def _validator() -> Draft202012Validator:
    """Imported at the first use: every part of the system imports this file, and only the broker checks a scenario.

    Where the package `rfc3987_syntax` is installed, jsonschema has it compile a grammar for seconds. It is for a format
    that no schema here names, so it is passed over.
    """
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
    from jsonschema import Draft202012Validator

    return Draft202012Validator(scenario_schema())


def _violation(error: ValidationError) -> _Violation:
    path: tuple[Any, ...] = tuple(error.absolute_path)
    if "propertyNames" in error.absolute_schema_path:
        path = (*path, error.instance)
    return _Violation(path, str(error.validator), error.validator_value, error.instance, error.schema)


def _missing(v: _Violation) -> Iterator[Told]:
    for name in v.limit:
        if name not in v.value:
            yield v.path, "MISSING_FIELD", {"field": name}


def _unknown(v: _Violation) -> Iterator[Told]:
    known = v.schema["properties"]
    for name in v.value:
        if name not in known:
            yield (*v.path, name), "UNKNOWN_FIELD", {"field": name, "known": list(known)}


def _type(v: _Violation) -> Iterator[Told]:
    names = v.limit if isinstance(v.limit, list) else [v.limit]
    english, persian = (" or ".join(_TYPES[n][0] for n in names), " یا ".join(_TYPES[n][1] for n in names))
    yield v.path, "WRONG_TYPE", {"value": _shown(v.value), "expected": english, "expected_fa": persian}


def _shown(value: Any) -> str:
    """How a misplaced value is shown: a whole map would say nothing."""
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    return json.dumps(value, ensure_ascii=False)


def _enum(v: _Violation) -> Iterator[Told]:
    choices = [choice for choice in v.limit if choice is not None]
    yield v.path, "NOT_ONE_OF", {"value": _shown(v.value), "choices": choices}


def _pattern(v: _Violation) -> Iterator[Told]:
    title = v.schema["title"]
    yield v.path, _PATTERN_CODES.get(title, "BAD_REFERENCE"), {"value": _shown(v.value), "form": title}


def _limit(code: str) -> Teller:
    return lambda v: iter([(v.path, code, {"value": _shown(v.value), "limit": v.limit})])


def _too_few(v: _Violation) -> Iterator[Told]:
    yield v.path, "EMPTY" if v.limit == 1 else "WRONG_LENGTH", {"limit": v.limit}


_TELLERS: dict[str, Teller] = {
    "additionalProperties": _unknown,
    "enum": _enum,
    "exclusiveMinimum": _limit("NOT_ABOVE"),
    "maxItems": _limit("WRONG_LENGTH"),
    "maxLength": _limit("TOO_LONG"),
    "maximum": _limit("TOO_HIGH"),
    "minItems": _too_few,
    "minLength": _too_few,
    "minProperties": _too_few,
    "minimum": _limit("TOO_LOW"),
    "pattern": _pattern,
    "required": _missing,
    "type": _type,
    "uniqueItems": _limit("REPEATED"),
}
