"""Reading the target of a request line so that nobody after the guard can read it differently.

The proxy, the hub and Jupyter each decode addresses with code of their own. A target passes only in the one spelling
on which all of them agree; it is then forwarded byte for byte, so what was decided on is what arrives.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_to_bytes

from hub.guard.refusal import NOT_PLAIN, TurnedAway

_LONGEST_PATH = 2048
_LONGEST_QUERY = 4096
# Absent on purpose: ; (path parameters), \ (a slash to some), and everything that would have to be encoded.
_SEGMENT = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,=:@]|%[0-9A-F]{2})+", re.ASCII)
_QUERY = re.compile(r"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*", re.ASCII)
_ENCODED = re.compile(r"%([0-9A-F]{2})", re.ASCII)
# An encoded letter, digit, dot or dash has a plainer spelling; the others would mean something if decoded once more.
_NEVER_ENCODED = frozenset(b"-._~/\\%;?#\x7f") | frozenset(range(0x20)) | frozenset(b"0123456789")
_NEVER_ENCODED |= frozenset(range(ord("A"), ord("Z") + 1)) | frozenset(range(ord("a"), ord("z") + 1))
# Access tokens in an address end up in histories and logs.
_SECRETS = frozenset({"token", "access_token", "api_token", "password"})


@dataclass(frozen=True)
class Target:
    """`raw`: as it came, path and query; it is what is forwarded. `path`: decoded, for deciding. `query`: raw; it may
    hold one-time codes, so it is neither logged nor shown."""

    raw: str = field(repr=False)
    path: str
    query: str = field(repr=False)


def read_target(raw: str) -> Target:
    """Raises TurnedAway when the spelling is ambiguous, the form is not `/path?query`, or a secret stands in it."""
    written, mark, query = raw.partition("?")
    if len(written) > _LONGEST_PATH or len(query) > _LONGEST_QUERY or not written.startswith("/"):
        raise TurnedAway(NOT_PLAIN)
    _check_segments(written)
    if mark:
        _check_query(query)
    return Target(raw, _decoded(written), query)


def _check_segments(written: str) -> None:
    """No empty segment but the last, no dots that climb, one spelling for each character."""
    *inner, last = written.split("/")[1:]
    for segment in [*inner, last] if last else inner:
        if not _SEGMENT.fullmatch(segment) or segment in (".", ".."):
            raise TurnedAway(NOT_PLAIN)
    if any(int(code, 16) in _NEVER_ENCODED for code in _ENCODED.findall(written)):
        raise TurnedAway(NOT_PLAIN)


def _check_query(query: str) -> None:
    if not _QUERY.fullmatch(query):
        raise TurnedAway(NOT_PLAIN)
    names = {name.lower() for name, value in parse_qsl(query, keep_blank_values=True) if value}
    if names & _SECRETS:
        raise TurnedAway(NOT_PLAIN)


def _decoded(written: str) -> str:
    try:
        path = unquote_to_bytes(written).decode("utf-8")
    except UnicodeDecodeError:
        raise TurnedAway(NOT_PLAIN) from None
    # C1 control characters are letters to UTF-8 and orders to a terminal that shows a log.
    if any("\x80" <= character <= "\x9f" for character in path):
        raise TurnedAway(NOT_PLAIN)
    return path
