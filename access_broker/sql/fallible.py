"""Calls in a bound plan that the engine may find impossible once a row needs them, and that no TRY catches.

Conversions of its own, and parts that a length of time or a time of day does not have: `dayofweek(INTERVAL '1' DAY)`
binds, and is an error in the row that gets there.
"""

from __future__ import annotations

import math
import re
from datetime import datetime
from typing import Any

from access_broker.sql.plan_shape import called, objects_in

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
_COUNTED = (_CLOCK | _CALENDAR | {"week", "weeks"}) - {"epoch"}
_PARTS_OF = {"TIME": _CLOCK, "INTERVAL": _CLOCK | _CALENDAR, "DATE": _PARTS - {"timezone"}}
"""Of any other type the engine says so before a row is read."""
_NUMBER, _WHOLE_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,9})?"), re.compile("-?[0-9]{1,18}")
_DAY = "(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2})(:(?P<second>[0-9]{2})(\.[0-9]{1,6})?)?"
_MOMENT = re.compile(f"{_DAY}([ T]{_TIME})?")
_WRITTEN = {
    "DATE": re.compile(_DAY),
    "TIME": re.compile(_TIME),
    "TIMESTAMP": _MOMENT,
    "TIMESTAMP WITH TIME ZONE": _MOMENT,
}
_FAR = 10_000
"""Of years, and of days: nobody's data reach the year 10,000, and there are moments until the year 294,246."""
_REACHES_FAR = frozenset({"+", "-", "add", "subtract", "make_date"})
_NAME_THEIR_PART = frozenset({"date_part", "datepart", "date_diff", "datediff"})


def may_fail(name: str, node: dict[str, Any], *, typed: bool = True) -> bool:
    """Of a call to `name`. A conversion that was asked for gives NULL where there is none. `typed`: constants are."""
    if name != "__cast":
        return _has_no_such_part(name, node)
    is_tried = (node.get("function_data") or {}).get("try_cast") is True
    wrong = typed and _is_no_constant_of(node)
    return not is_tried and (wrong or _reads_text(node) or _narrows(node) or _is_none(node))


def _is_no_constant_of(node: dict[str, Any]) -> bool:
    """A constant that is none of the type it is made into: an error, once a row needs it."""
    children = node.get("children") or [{}]
    told = children[0].get("value") or {}
    if children[0].get("expression_class") != "BOUND_CONSTANT" or told.get("is_null") is not False:
        return False
    value, source, target = told.get("value"), told.get("type") or {}, node.get("return_type") or {}
    if source.get("id") == "VARCHAR":
        return not reads_as(str(value), str(target.get("id")))
    if target.get("id") in _DIGITS or target.get("id") == "DECIMAL":
        return not _fits(value, source, target)
    return False


def reads_as(text: str, kind: str) -> bool:
    """Is the constant `text`, as it is written in every program, one of the type? Others are not read as one."""
    if kind in ("VARCHAR", "BOOLEAN"):
        return kind == "VARCHAR" or text in ("true", "false")
    if kind in _DIGITS:
        return _WHOLE_NUMBER.fullmatch(text) is not None and abs(int(text)) < 10 ** (_DIGITS[kind] - 1)
    if kind in ("FLOAT", "DOUBLE") and text.lower() in ("inf", "-inf", "nan", "-nan"):
        return True
    if kind in ("DECIMAL", "FLOAT", "DOUBLE"):
        return _NUMBER.fullmatch(text) is not None
    found = _WRITTEN[kind].fullmatch(text) if kind in _WRITTEN else None
    parts = {name: int(part) for name, part in found.groupdict(default="0").items()} if found else {}
    try:
        return bool(datetime(**({"year": 1, "month": 1, "day": 1} | parts))) and found is not None  # type: ignore[arg-type]
    except ValueError:
        return False


def _fits(value: Any, source: dict[str, Any], target: dict[str, Any]) -> bool:
    """Has the number no more digits before its point than the type has room for?"""
    if isinstance(value, bool) or source.get("id") == target.get("id") != "DECIMAL":
        return True
    if isinstance(value, dict):  # more than 64 bits
        value = int(value.get("upper", 0)) * 2**64 + int(value.get("lower", 0))
    if not isinstance(value, int):
        return _places(target) >= _places(source)
    scale = (source.get("type_info") or {}).get("scale", 0) if source.get("id") == "DECIMAL" else 0
    return bool(abs(value) // 10**scale < 10 ** max(_places(target) - (target.get("id") in _DIGITS), 0))


def _has_no_such_part(name: str, node: dict[str, Any]) -> bool:
    children = node.get("children") or [{}]
    kinds = {type_of(child) for child in children}
    named = children[0].get("value") or {}
    part = str(named.get("value")).lower() if name in _NAME_THEIR_PART else name
    if name not in _NAME_THEIR_PART | _PARTS:
        return False
    known = _PARTS if name in ("date_part", "datepart") or name in _PARTS else _COUNTED
    return part not in known or any(part not in _PARTS_OF.get(kind, known) for kind in kinds)


def type_of(node: dict[str, Any]) -> str:
    """Of an expression of the plan, a constant too."""
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
    return len({_family(type_of(first)), _family(type_of(node))} - {""}) > 1


def leaves_time(plan: dict[str, Any]) -> bool:
    """Is a day reckoned out somewhere in it, and a day made a moment?

    Such a day may lie thousands of years beyond the last moment there is. The one may stand in a query within the
    other, so that both are looked for in the whole of it.
    """
    calls = [one for one in objects_in(plan) if one.get("expression_class") == "BOUND_FUNCTION"]
    return any(map(_reaches_far, calls)) and any(map(_makes_a_moment, calls))


def _makes_a_moment(call: dict[str, Any]) -> bool:
    first = (call.get("children") or [{}])[0]
    return called(call) == "__cast" and type_of(first) == "DATE" and type_of(call).startswith("TIMESTAMP")


def _reaches_far(call: dict[str, Any]) -> bool:
    if type_of(call) != "DATE":
        return False
    children = call.get("children") or [{}]
    if called(call) == "__cast" and type_of(children[0]) == "VARCHAR":
        return not reads_as(str((children[0].get("value") or {}).get("value")), "DATE")
    return called(call) in _REACHES_FAR and not all(map(_is_near, children))


def _is_near(part: dict[str, Any]) -> bool:
    """Of what a day is reckoned from: another day, the part of one, or a small constant."""
    if called(part) == "__cast":
        part = (part.get("children") or [part])[0]
    told = (part.get("value") or {}).get("value")
    return type_of(part) == "DATE" or called(part) in _PARTS or (isinstance(told, int) and abs(told) < _FAR)


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
