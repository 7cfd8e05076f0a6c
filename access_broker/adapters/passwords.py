"""Sign-in passwords: argon2id, with the memory-hard defaults of RFC 9106 that the library keeps up to date."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from access_broker.use_cases.people import Passwords

_HASHER = PasswordHasher()
LONGEST = 1024
"""Characters of a password; more is nobody's memory but somebody's attempt to keep the server busy."""


def hash_password(password: str) -> str:
    """The encoded hash, salt and parameters included. ValueError for an empty password or one longer than LONGEST."""
    if not 0 < len(password) <= LONGEST:
        raise ValueError("a password has between 1 and 1024 characters")
    return _HASHER.hash(password)


def verify_password(stored: str | None, password: str) -> bool:
    """False for a wrong password, a hash that is none, and a person without one, who is not answered faster."""
    if len(password) > LONGEST:
        return False
    try:
        return _HASHER.verify(_nobody() if stored is None else stored, password) and stored is not None
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def needs_rehash(stored: str) -> bool:
    """True when the parameters have moved on: hash again at the next successful sign-in."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    return _HASHER.hash("nobody signs in with this")


class Argon2Passwords(Passwords):
    """The two functions as the use-cases ask for them."""

    def __init__(self) -> None:
        super().__init__(hash_password, verify_password)
