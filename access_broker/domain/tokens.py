"""Bearer tokens. Only the digest is ever stored; the token itself is printed once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

PREFIX = "amt_"


class Door(StrEnum):
    """The door a token is for; at any other it is worth nothing."""

    LOCAL = "local"
    SANDBOX = "sandbox"


@dataclass(frozen=True)
class Token:
    """`contract` None: REST only, with the person's seats and roles. `generation`: of the contract when issued."""

    digest: str
    person: str
    contract: str | None
    door: Door
    generation: int
    issued_at: datetime
    expires_at: datetime
    address: str | None = None  # a sandbox token is worth something from its own address only
    revoked: bool = False


def new_token() -> str:
    """256 random bits with a prefix that secret scanners can look for."""
    return PREFIX + secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """SHA-256: the token is 256 random bits, so a slow hash would add nothing but latency."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
