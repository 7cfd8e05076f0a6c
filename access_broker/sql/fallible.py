"""Calls in a bound plan that the engine may find impossible once a row needs them, and that no TRY catches.

Conversions of its own, and parts that a length of time or a time of day does not have: `dayofweek(INTERVAL '1' DAY)`
binds, and is an error in the row that gets there.
"""

from __future__ import annotations

import math
from typing import Any

_DIGITS = {
    "BOOLEAN": 1,
    "TINYINT": 3,
    "UTINYINT": 3,
    "SMALLINT": 5,
    "USMALLINT": 5,
    "INTEGER": 10,
    "UINTEGER": 10,
    "BIGINT": 19,
    "UBIGINT": 20,
    "HUGEINT": 28,
}
_CLOCK = frozenset("hour hours minute minutes second seconds millisecond microsecond epoch".split())
_CALENDAR = frozenset("year years month months day days dayofmonth quarter decade century millennium".split())
_PARTS = (
    _CLOCK
    | _CALENDAR
    | frozenset(
        """
    dayofweek weekday dow isodow dayofyear doy week weeks weekofyear yearweek isoyear era timezone julian dayname
    monthname last_day
    """.split()
    )
)
_PARTS_OF = {"TIME": _CLOCK, "INTERVAL": _CLOCK | _CALENDAR, "DATE": _PARTS - {"timezone"}}
"""Of any other type the engine says so before a row is read."""
_NAME_THEIR_PART = frozenset({"date_part", "datepart", "date_diff", "datediff"})


def may_fail(name: str, node: dict[str, Any]) -> bool:
    """Of a call to `name`. A conversion that was asked for gives NULL where there is none."""
    if name != "__cast":
        return _has_no_such_part(name, node)
    is_tried = (node.get("function_data") or {}).get("try_cast") is True
    return not is_tried and (_reads_text(node) or _narrows(node) or _is_none(node))


def _has_no_such_part(name: str, node: dict[str, Any]) -> bool:
    children = node.get("children") or [{}]
    kinds = {_type_of(child) for child in children}
    named = children[0].get("value") or {}
    part = str(named.get("value")).lower() if name in _NAME_THEIR_PART else name
    if name not in _NAME_THEIR_PART | _PARTS:
        return False
    return any(part not in _PARTS_OF.get(kind, _PARTS) for kind in kinds)


def _type_of(node: dict[str, Any]) -> str:
    found = node.get("return_type") or (node.get("value") or {}).get("type") or {}
    return str(found.get("id"))


def _reads_text(node: dict[str, Any]) -> bool:
    """A conversion from text that is not a constant of the statement."""
    children = node.get("children") or [{}]
    target, source = node.get("return_type") or {}, children[0].get("return_type") or {}
    computed = children[0].get("expression_class") != "BOUND_CONSTANT"
    return computed and source.get("id") == "VARCHAR" and target.get("id") != "VARCHAR"


def _narrows(node: dict[str, Any]) -> bool:
    """A conversion to a decimal with too few places before its point, of what is no constant."""
    children = node.get("children") or [{}]
    target, source = node.get("return_type") or {}, children[0].get("return_type") or {}
    if target.get("id") != "DECIMAL" or children[0].get("expression_class") == "BOUND_CONSTANT":
        return False
    return _places(target) < _places(source)


def _is_none(node: dict[str, Any]) -> bool:
    """A conversion that the engine binds and does not have, a number to a date say: it fails once a row needs it."""
    first = (node.get("children") or [{}])[0]
    families = {_family(_type_of(first)), _family(_type_of(node))} - {""}
    return len(families) > 1


def _family(kind: str) -> str:
    """Types within one are converted into each other; "" is converted into any, or is looked at elsewhere."""
    if kind in _DIGITS or kind in ("DECIMAL", "FLOAT", "DOUBLE"):
        return "number"
    return "moment" if kind == "DATE" or kind.startswith("TIMESTAMP") else kind if kind in ("TIME", "INTERVAL") else ""


def _places(kind: dict[str, Any]) -> float:
    """Digits before the point. A sum of whole numbers is a HUGEINT of no more than these."""
    if kind.get("id") == "DECIMAL":
        told = kind.get("type_info") or {}
        return float(told.get("width", 0)) - float(told.get("scale", 0))
    return _DIGITS.get(str(kind.get("id")), math.inf)
