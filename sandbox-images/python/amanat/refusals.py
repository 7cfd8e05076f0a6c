"""The sentence of a refusal, taken out of what drivers and libraries wrap around it."""

from __future__ import annotations

import re

_REFUSAL = re.compile(r"\u2068?\[AMANAT:[A-Z_]+\].*", re.DOTALL)  # in Persian the head is isolated
_WRAPPING = re.compile(r"\. (?:Detail|gRPC client debug context): |; Execute| ?\((?:[A-Z][A-Za-z]+); [A-Z]|\n\[SQL: ")


class Refused(Exception):  # noqa: N818  # it is an answer, not a fault
    """A refusal as text: code, rule and what to do next."""


def sentence(error: BaseException) -> str:
    """The refusal inside `error`, whichever library raised it; empty when there is none."""
    found = _REFUSAL.search(str(error))
    if not found:
        return ""
    text = found.group()
    wrapped = _WRAPPING.search(text)
    return (text[: wrapped.start()] if wrapped else text).strip()
