from __future__ import annotations

import hmac

import pytest

from access_broker.publish.keyed import bind_key, hmac_sql, secret_for
from tests.publish.world import engine

VALUES = ["", "a", "001-0007919-1", "کد ملی", "x" * 300]


def test_is_rfc_2104_hmac_sha256_under_a_key_of_its_purpose() -> None:
    con = engine()
    bind_key(con, "k", b"secret" * 5, "purpose")
    key = hmac.digest(b"secret" * 5, b"purpose", "sha256")
    for value in VALUES:
        (found,) = con.execute(f"SELECT {hmac_sql('k', '?::VARCHAR')}", [value]).fetchone() or ("",)
        assert found == hmac.new(key, value.encode(), "sha256").hexdigest()


def test_null_stays_null_and_the_key_is_not_in_the_text() -> None:
    con = engine()
    bind_key(con, "k", b"secret" * 5, "purpose")
    sql = f"SELECT {hmac_sql('k', 'NULL::VARCHAR')}"
    assert con.execute(sql).fetchone() == (None,)
    assert "secret" not in sql


def test_two_purposes_have_two_keys() -> None:
    con = engine()
    bind_key(con, "a", b"secret" * 5, "token")
    bind_key(con, "b", b"secret" * 5, "entity 1")
    found = con.execute(f"SELECT {hmac_sql('a', 'v')}, {hmac_sql('b', 'v')} FROM (SELECT 'x' AS v)").fetchone()
    assert found is not None
    assert found[0] != found[1]


def test_a_short_secret_is_an_error() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        secret_for("P1", lambda contract: b"short")
