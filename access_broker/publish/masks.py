"""Mask templates and the SQL the publisher owns for each. The policy names a template; nobody sends SQL.

What comes out never holds the value that went in: a band or a prefix so fine that it would is refused. How fine a
column's values are is read from its type; whole amounts in a type with decimals need a wider band that suits them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from access_broker.domain.datasets import MaskTemplate
from access_broker.publish.keyed import hmac_sql
from access_broker.publish.refusals import invalid
from access_broker.publish.sql_text import quote_text
from access_broker.publish.types import INTEGERS, decimal_scale, published_type

TOKEN_KEY = "mask_token"  # noqa: S105 - the name of a connection variable, not a secret
_TOKEN_LENGTH = 16
_DATE_PARTS = ("year", "quarter", "month")
_TEXT_LIKE = INTEGERS | {"VARCHAR"}
_LEAST_IN_BAND = 5
"""Steps of the column that a band must hold: five years, half a degree in tenths. With hardly more than one, nearly

every value would have a band of its own.
"""
_FINEST_REAL = 0.01  # of FLOAT and DOUBLE, which have no finest step: as an amount of money


def mask_sql(mask: MaskTemplate, column: str, type_name: str, place: str) -> str:
    """SQL that stands for `column` (an SQL expression of DuckDB type `type_name`).

    Refuses INVALID at `place` (`dataset.table.column`) for an unknown template, a missing, unknown or repeated
    argument, and for a type the template has no meaning for.
    """
    known = _TEMPLATES.get(mask.template)
    if known is None:
        raise invalid(place, "mask_unknown")
    build, names = known
    if sorted(name for name, _ in mask.arguments) != sorted(names):
        raise invalid(place, "mask_arguments")
    return build(column, type_name, dict(mask.arguments), place)


def _fixed(column: str, type_name: str, arguments: dict[str, Any], place: str) -> str:
    """One constant for everybody, NULLs included: who has no value is then hidden too."""
    value = arguments["value"]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, str) and "\0" not in value:
        return f"CAST({quote_text(value)} AS VARCHAR)"
    if isinstance(value, (int, float)) and math.isfinite(value):
        return f"CAST({value!r} AS {'BIGINT' if isinstance(value, int) else 'DOUBLE'})"
    raise invalid(place, "mask_value")


def _token(column: str, type_name: str, arguments: dict[str, Any], place: str) -> str:
    """A pseudonym that is the same wherever the value stands in this contract, and unlike in every other contract."""
    return f"left({hmac_sql(TOKEN_KEY, f'CAST({column} AS VARCHAR)')}, {_TOKEN_LENGTH})"


def _date(column: str, type_name: str, arguments: dict[str, Any], place: str) -> str:
    part = arguments["to"]
    if part not in _DATE_PARTS:
        raise invalid(place, "mask_date_part")
    if not type_name.startswith(("DATE", "TIMESTAMP")):
        raise invalid(place, "mask_type")
    return f"CAST(date_trunc('{part}', CAST({column} AS DATE)) AS DATE)"


def _band(column: str, type_name: str, arguments: dict[str, Any], place: str) -> str:
    """Lower bound of the band. Integer division `//` is exact only for integers and would keep every decimal digit."""
    width, scale = arguments["width"], decimal_scale(type_name)
    if isinstance(width, bool) or not isinstance(width, (int, float)) or not math.isfinite(width):
        raise invalid(place, "mask_width")
    if type_name not in INTEGERS | {"FLOAT", "DOUBLE"} and scale is None:
        raise invalid(place, "mask_type")
    finest = _FINEST_REAL if type_name in ("FLOAT", "DOUBLE") else 10.0 ** -(scale or 0)
    if width / finest < _LEAST_IN_BAND:
        raise invalid(place, "mask_width")
    return f"floor({column} / {width!r}) * {width!r}"


def _prefix(column: str, type_name: str, arguments: dict[str, Any], place: str) -> str:
    """The first characters; a value not longer than the prefix becomes NULL, else it would come out whole."""
    length = arguments["length"]
    if isinstance(length, bool) or not isinstance(length, int) or length < 1:
        raise invalid(place, "mask_length")
    if type_name not in _TEXT_LIKE and published_type(type_name) != "VARCHAR":
        raise invalid(place, "mask_type")
    text = f"CAST({column} AS VARCHAR)"
    return f"CASE WHEN length({text}) > {length} THEN left({text}, {length}) END"


def _null(column: str, type_name: str, arguments: dict[str, Any], place: str) -> str:
    return f"CAST(NULL AS {published_type(type_name) or 'VARCHAR'})"


_Build = Callable[[str, str, dict[str, Any], str], str]
_TEMPLATES: dict[str, tuple[_Build, tuple[str, ...]]] = {
    "fixed": (_fixed, ("value",)),
    "token": (_token, ()),
    "date": (_date, ("to",)),
    "band": (_band, ("width",)),
    "prefix": (_prefix, ("length",)),
    "null": (_null, ()),
}
