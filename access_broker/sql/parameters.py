"""Parameters and today become literals before anything is analysed: `?` never means a name, nor one text two days."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Sequence
from typing import Any

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from access_broker.domain.decisions import Refused
from access_broker.sql import allowed
from access_broker.sql.scopes import given

_DIALECT = "duckdb"


def numbered(text: str, tokens: Sequence[Token]) -> str:
    """Each `?` as the `$n` it is: in the tree there is no telling which of two stood first in the text.

    Raises Refused BAD_PARAMETERS where both ways of writing stand in one statement.
    """
    places = [token.start for token in tokens if token.token_type is TokenType.PLACEHOLDER]
    signs = (token for token in tokens if token.token_type in (TokenType.PARAMETER, TokenType.VAR))
    if places and any(token.text.startswith("$") for token in signs):
        raise Refused("BAD_PARAMETERS", expected=len(places), given=0)
    parts = [text[start:end] for start, end in zip([0, *(p + 1 for p in places)], [*places, len(text)], strict=True)]
    return parts[0] + "".join(f"${number} {part}" for number, part in enumerate(parts[1:], start=1))


def bind(tree: exp.Query, parameters: Sequence[Any] | None) -> exp.Query:
    """Raises Refused BAD_PARAMETERS where there are not as many as the statement takes, or one has no literal."""
    values = list(parameters or ())
    places = list(tree.find_all(exp.Placeholder, exp.Parameter))
    numbers = [_number(str(place.this or "")) for place in places]
    if not all(numbers) or len(values) != max(numbers, default=0):
        raise Refused("BAD_PARAMETERS", expected=max(numbers, default=0) or len(places), given=len(values))
    for place, number in zip(places, numbers, strict=True):
        place.replace(_literal(values[number - 1]))
    return tree


def bind_today(tree: exp.Query, today: datetime.date | None) -> None:
    """Raises Refused NOT_SUPPORTED where no day was given, or an argument asks for one elsewhere."""
    for place in list(tree.find_all(exp.CurrentDate)):
        if today is None or given(place):
            raise Refused("NOT_SUPPORTED", name="CURRENT_DATE")
        place.replace(_literal(today))


def _number(text: str) -> int:
    """The n of `$n`; 0 for names and whatever else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _literal(value: Any) -> exp.Expr:
    if value is None:
        return exp.null()
    if isinstance(value, bool):
        return exp.Boolean(this=value)
    if isinstance(value, int | decimal.Decimal):
        return _signed(str(value))
    if isinstance(value, float):
        return _signed(repr(value))
    if isinstance(value, str):
        if len(value) > allowed.MAX_LITERAL or "\x00" in value:
            raise Refused("BAD_PARAMETERS")
        return exp.Literal.string(value)
    if isinstance(value, datetime.datetime):
        return exp.cast(exp.Literal.string(value.isoformat(sep=" ")), "TIMESTAMP", dialect=_DIALECT)
    if isinstance(value, datetime.date):
        return exp.cast(exp.Literal.string(value.isoformat()), "DATE", dialect=_DIALECT)
    raise Refused("BAD_PARAMETERS")


def _signed(text: str) -> exp.Expr:
    if "n" in text.lower():  # nan and infinity have no literal
        raise Refused("BAD_PARAMETERS")
    number = exp.Literal.number(text.lstrip("-"))
    return exp.Paren(this=exp.Neg(this=number)) if text.startswith("-") else number
