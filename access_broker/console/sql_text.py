"""SQL as it may be shown to someone who has to judge it: every token isolated from its neighbours.

Between two Persian names a quote, comma or `>` has no direction of its own, and a browser would show `"سن" > 30` the
other way round: people would approve something else than what runs.
"""

from __future__ import annotations

import re

import sqlglot
from markupsafe import Markup
from sqlglot.errors import SqlglotError

from access_broker.console.wording import visible

_BETWEEN = re.compile(r"(--[^\n]*|/\*.*?\*/|\s+)", re.DOTALL)
"""What stands between tokens: a comment is one piece, so that its words keep their order; it says nothing that runs."""


def shown_sql(text: str) -> Markup:
    """A `<code dir="ltr">` with a `<bdi>` around each token. Text that is no SQL is split at its spaces."""
    inside = Markup("").join(_piece(piece) for piece in _pieces(text))
    return Markup('<code class="sql" dir="ltr">{}</code>').format(inside)


def _pieces(text: str) -> list[str]:
    try:
        tokens = sqlglot.tokenize(text, dialect="duckdb")
    except SqlglotError:
        return _BETWEEN.split(text)
    pieces, at = [], 0
    for token in tokens:
        if token.start < at:  # one that stands for part of another: nothing may be shown twice
            continue
        pieces += [*_BETWEEN.split(text[at : token.start]), text[token.start : token.end + 1]]
        at = token.end + 1
    return [*pieces, *_BETWEEN.split(text[at:])]


def _piece(piece: str) -> Markup:
    if not piece or piece.isspace():
        return Markup("").join(" " if ch in "\r\f\v" else ch for ch in piece)
    return Markup("<bdi>{}</bdi>").format(visible(piece))
