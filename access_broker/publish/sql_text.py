"""Names and literals as SQL text. Everything that reaches a statement as text and not as a parameter passes here."""

from __future__ import annotations


def quote_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def quote_text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
