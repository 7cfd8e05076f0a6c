"""Words of people that go on record: bounded, and readable as they stand."""

from __future__ import annotations

from access_broker.domain.decisions import Refused
from access_broker.domain.text import misleading_character

LONGEST = 10_000


def said(text: str, where: str, rule: str, *, most: int = LONGEST, needed: bool = True) -> str:
    """The text without space around it. Raises Refused INVALID, naming `where`.

    For an empty one that is `needed`, one longer than `most`, and for characters that hide or turn the text around.
    """
    plain = text.strip()
    if (needed and not plain) or len(plain) > most:
        raise Refused("INVALID", rule, where=where)
    if (character := misleading_character(plain)) is not None:
        raise Refused("INVALID", rule, where=where, why=character)
    return plain
