"""What a failure of the database means, in the language of the ports. No text of the engine leaves by a refusal."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError, StatementError

from access_broker.domain.decisions import Refused
from access_broker.use_cases.ports import Unavailable

RECORDS = "RECORDS_UNAVAILABLE"
AUDIT = "AUDIT_UNAVAILABLE"


@contextmanager
def spoken(code: str = RECORDS) -> Iterator[None]:
    """Turns whatever the database raises inside into Refused (the value is at fault) or Unavailable(code)."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, psycopg.Error, UnicodeEncodeError) as error:
        raise meaning(error, code) from error


def meaning(error: Exception, code: str) -> Refused | Unavailable:
    """NOT_PERMITTED: the role may not. CONFLICT / INVALID: the value breaks a constraint. Else the code given."""
    cause = getattr(error, "orig", None) or error
    if _is_forbidden(cause):
        return Refused("NOT_PERMITTED")
    if code == AUDIT:
        return Unavailable(code, str(cause))
    if isinstance(error, IntegrityError):
        return Refused("CONFLICT" if _is_taken(cause) else "INVALID")
    if isinstance(error, DataError | UnicodeEncodeError) or _is_unstorable(error):
        return Refused("INVALID")
    return Unavailable(code, str(cause))


def is_lost_connection(error: Exception) -> bool:
    return isinstance(error, DBAPIError) and error.connection_invalidated


def _is_unstorable(error: Exception) -> bool:
    """A value that could not even be bound, such as an instant without a time zone."""
    return isinstance(error, StatementError) and not isinstance(error, DBAPIError)


def _is_forbidden(cause: object) -> bool:
    if isinstance(cause, psycopg.Error):
        return cause.sqlstate == "42501"
    return getattr(cause, "sqlite_errorcode", None) == sqlite3.SQLITE_AUTH


def _is_taken(cause: object) -> bool:
    """A key that exists already, or a trigger that guards a record which may not change."""
    if isinstance(cause, psycopg.Error):
        return cause.sqlstate in ("23505", "23000")
    return getattr(cause, "sqlite_errorname", "") in (
        "SQLITE_CONSTRAINT_PRIMARYKEY",
        "SQLITE_CONSTRAINT_UNIQUE",
        "SQLITE_CONSTRAINT_TRIGGER",
    )
