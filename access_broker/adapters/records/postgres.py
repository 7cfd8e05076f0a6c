"""Connections to PostgreSQL: as the group role of the process, with a time limit on both sides of the wire."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import URL, Connection

from access_broker.adapters.records.roles import DbRole

CHAIN_LOCK = 0x616D616E6174  # "amanat"; writers queue here, so that the audit chain has one end
_GRACE = 0.5


class PatientConnection(psycopg.Connection[Any]):
    """The server's own timeouts are silent when the server is: a frozen one would hold a thread for ever."""

    patience = 5.0

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.patience + _GRACE if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.close()  # its answer may still come, and would be read as that of the next statement
            raise


class Opener:
    """Opens connections for one role; `patience` in seconds."""

    def __init__(self, url: URL, role: DbRole, patience: float) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._patience = patience
        limit = int(patience * 1000)
        settings = [f"lock_timeout={limit}", f"statement_timeout={limit}", "timezone=UTC"]
        if role is not DbRole.BROKER:
            settings.append(f"role={role.group}")
        self._options = " ".join(f"-c {setting}" for setting in settings)

    def connect(self) -> PatientConnection:
        connection = PatientConnection.connect(
            self._conninfo,
            options=self._options,
            connect_timeout=max(2, int(self._patience)),
            client_encoding="utf-8",
        )
        connection.patience = self._patience
        return connection

    def alone(self) -> PatientConnection:
        """For single statements: each is a transaction of its own."""
        connection = self.connect()
        connection.autocommit = True
        return connection

    def check(self, connection: Any, record: Any, _proxy: Any) -> None:
        """A stale connection is found by its first statement; asking beforehand would double the wait."""

    def begin(self, connection: Connection, *, writing: bool) -> None:
        """Read committed for a writer: the snapshot must be taken after the lock, not while queueing for it."""
        if writing:
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({CHAIN_LOCK})")
        else:
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
