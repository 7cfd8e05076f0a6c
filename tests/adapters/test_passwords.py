"""Sign-in passwords."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from access_broker.adapters.passwords import (
    LONGEST,
    Argon2Passwords,
    hash_password,
    needs_rehash,
    verify_password,
)

PASSWORD = "گذرواژهٔ خوب ۱۲۳"


@pytest.fixture(scope="module")
def stored() -> str:
    return hash_password(PASSWORD)


def test_the_right_password_and_no_other(stored: str) -> None:
    assert verify_password(stored, PASSWORD)
    for wrong in ("", PASSWORD + " ", "nobody signs in with this", "\ud800", "x" * (LONGEST + 1)):
        assert not verify_password(stored, wrong)


def test_a_hash_is_argon2id_and_salted(stored: str) -> None:
    assert stored.startswith("$argon2id$")
    assert hash_password(PASSWORD) != stored


@pytest.mark.parametrize("stored", [None, "", "x", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA"])
def test_who_has_no_password_cannot_sign_in(stored: str | None) -> None:
    assert not verify_password(stored, "")
    assert not verify_password(stored, "nobody signs in with this")


@pytest.mark.parametrize("password", ["", "x" * (LONGEST + 1), "\ud800"])
def test_what_is_no_password_is_not_hashed(password: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        hash_password(password)


def test_an_older_hash_is_to_be_renewed(stored: str) -> None:
    assert not needs_rehash(stored)
    assert needs_rehash(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD))


def test_as_the_use_cases_ask_for_it(stored: str) -> None:
    passwords = Argon2Passwords()
    assert passwords.verify(stored, PASSWORD)
    assert passwords.verify(passwords.hash("another"), "another")
