"""Makes the database, brings it to the newest revision, and gives every process the login it may use. Idempotent.

The broker owns the tables and nothing beyond them; gateway and publisher may do what `adapters.records.roles` lists.
Only this service can make roles, and it ends before any door opens.
"""

from __future__ import annotations

import psycopg
from keys import password_of
from psycopg import sql

from access_broker.adapters.records.roles import WRITABLE, DbRole
from access_broker.migrations import migrate
from access_broker.migrations.grants import add_login

OWNER = DATABASE = "amanat"
_SUPERUSER = "postgresql://postgres@db/{}?passfile=/keys/setup/pgpass"
_BROKER = f"postgresql://{OWNER}@db/{DATABASE}?passfile=/keys/broker/pgpass"


def main() -> None:
    with psycopg.connect(_SUPERUSER.format("postgres"), autocommit=True) as connection:
        _make_owner(connection)
        _make_groups(connection)
    migrate(_BROKER)
    for role in (DbRole.GATEWAY, DbRole.PUBLISHER):
        add_login(_SUPERUSER.format(DATABASE), role, role.value, password_of(role.value))


def _make_owner(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    owner, password = sql.Identifier(OWNER), sql.Literal(password_of("broker"))
    if not _known(connection, "pg_roles", "rolname", OWNER):
        connection.execute(sql.SQL("CREATE ROLE {}").format(owner))
    connection.execute(sql.SQL("ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEROLE PASSWORD {}").format(owner, password))
    if not _known(connection, "pg_database", "datname", DATABASE):
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), owner))


def _make_groups(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Here and not in `migrate`: on PostgreSQL 15 whoever may create roles may also make themselves the server's."""
    for role in WRITABLE:
        group = sql.Identifier(role.group)
        if not _known(connection, "pg_roles", "rolname", role.group):
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(group))
        connection.execute(sql.SQL("GRANT {} TO {}").format(group, sql.Identifier(OWNER)))


def _known(connection: psycopg.Connection[tuple[object, ...]], catalogue: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(catalogue), sql.Identifier(column))
    return connection.execute(query, (name,)).fetchone() is not None


if __name__ == "__main__":
    main()
