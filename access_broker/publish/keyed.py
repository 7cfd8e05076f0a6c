"""Keyed digests computed inside DuckDB, without the key ever standing in SQL text.

DuckDB has SHA-256 but no HMAC, so the two nested hashes of RFC 2104 are written out. The padded keys travel as bound
parameters into variables of the connection: a statement log, an error message or a stored view then shows only their
names.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable

import duckdb

SecretOf = Callable[[str], bytes]
"""Contract id → the secret of that contract; two contracts never share one, else their pseudonyms could be matched."""

_BLOCK = 64  # bytes of a SHA-256 block
_LEAST_SECRET = 16


def secret_for(contract: str, secret_of: SecretOf) -> bytes:
    """Raises ValueError for a secret under 16 bytes: its pseudonyms could be undone by trying every key."""
    secret = secret_of(contract)
    if len(secret) < _LEAST_SECRET:
        raise ValueError("the secret of a contract needs at least 16 bytes")
    return secret


def bind_key(con: duckdb.DuckDBPyConnection, name: str, secret: bytes, purpose: str) -> None:
    """Make the key for one purpose known to `con` as `name`; keys of two purposes say nothing about each other."""
    padded = hmac.digest(secret, purpose.encode(), "sha256").ljust(_BLOCK, b"\0")
    for side, pad in (("inner", 0x36), ("outer", 0x5C)):
        con.execute(f"SET VARIABLE {name}_{side} = ?::BLOB", [bytes(byte ^ pad for byte in padded)])


def hmac_sql(name: str, text: str) -> str:
    """SQL for the HMAC-SHA-256 of the text expression `text`, 64 hex characters; NULL stays NULL."""
    inner = f"sha256(getvariable('{name}_inner') || encode({text}))"
    return f"sha256(getvariable('{name}_outer') || unhex({inner}))"
