"""Who may touch which table. One list, from which SQLite's authorizer and PostgreSQL's grants are both made.

On PostgreSQL a role is a wall: give the process a login that is a member of its role only (`migrations.grants`).
SQLite knows no users, so there the authorizer guards against a wrong or injected statement, not against foreign code
running inside the process; file permissions and the separation of processes have to do that.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from enum import StrEnum

_INSERT, _ALL = frozenset({"INSERT"}), frozenset({"INSERT", "UPDATE", "DELETE"})
_AUDIT = {"audit": _INSERT, "audit_checkpoints": _INSERT}
_COUNTS = {"row_counts": _INSERT | {"UPDATE"}, "stamp": _INSERT | {"UPDATE"}}


class DbRole(StrEnum):
    """The database role of a process; `broker` owns everything."""

    BROKER = "broker"
    GATEWAY = "gateway"
    PUBLISHER = "publisher"
    AUDITOR = "auditor"

    @property
    def group(self) -> str:
        """The PostgreSQL group role."""
        return f"amanat_{self.value}"


WRITABLE: dict[DbRole, dict[str, frozenset[str]]] = {
    DbRole.GATEWAY: _AUDIT,
    DbRole.PUBLISHER: {**_AUDIT, "publications": _ALL, "publication_failures": _ALL, **_COUNTS},
    DbRole.AUDITOR: {},
}
"""Role → table → what it may do beside reading. What is not named here is refused by the database itself."""

SECRET = frozenset({"passwords"})
"""Tables that only the broker may read: a password hash is nobody else's business."""

_HARMLESS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_RECURSIVE})
_WRITES = {sqlite3.SQLITE_INSERT: "INSERT", sqlite3.SQLITE_UPDATE: "UPDATE", sqlite3.SQLITE_DELETE: "DELETE"}
_READABLE = frozenset({"read_uncommitted", "table_info", "table_xinfo"})  # pragmas, without a new value
Authorizer = Callable[[int, str | None, str | None, str | None, str | None], int]


def authorizer(role: DbRole) -> Authorizer:
    """What `sqlite3.Connection.set_authorizer` asks while a statement is compiled; anything unnamed is denied."""
    writable = WRITABLE[role]

    def may(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> bool:
        if action in _HARMLESS:
            return True
        if action == sqlite3.SQLITE_READ:
            return first not in SECRET
        if action in _WRITES:
            return _WRITES[action] in writable.get(first or "", ())
        if action == sqlite3.SQLITE_FUNCTION:
            return second != "load_extension"
        return action == sqlite3.SQLITE_PRAGMA and (first == "busy_timeout" or (first in _READABLE and second is None))

    return lambda *asked: sqlite3.SQLITE_OK if may(*asked) else sqlite3.SQLITE_DENY
