"""Types of the first revision, spelt out, so that a later change of the tables does not change the past."""

from __future__ import annotations

import sqlalchemy as sa

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def words(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
