"""PostgreSQL: a group role for each process, holding exactly what `adapters.records.roles` lists.

`migrate` runs as the owner of the database and makes the groups `amanat_gateway`, `amanat_publisher` and
`amanat_auditor`. For a wall rather than a habit, give each process a login of its own:

    add_login(owner_url, DbRole.GATEWAY, "gateway", password)
    SqlRecords("postgresql://gateway:PASSWORD@HOST/DATABASE", role="gateway")

With the owner's URL, `role="gateway"` still narrows the connection (SET ROLE), which whoever controls the connection
can undo; good enough for one process on one machine, no more.
"""

from __future__ import annotations

from psycopg import sql
from sqlalchemy import URL, Connection, make_url

from access_broker.adapters.records.columns import METADATA
from access_broker.adapters.records.engine import WRITE, open_engine
from access_broker.adapters.records.failures import spoken
from access_broker.adapters.records.roles import SECRET, WRITABLE, DbRole


def grant_roles(connection: Connection) -> None:
    """Makes the group roles where they are missing and sets their rights in this database."""
    for role, writable in WRITABLE.items():
        known = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role.group,)).first()
        if known is None:
            connection.exec_driver_sql(f"CREATE ROLE {role.group} NOLOGIN")
        member = connection.exec_driver_sql("SELECT pg_has_role(%s, 'MEMBER')", (role.group,)).scalar()
        if not member:
            connection.exec_driver_sql(f"GRANT {role.group} TO CURRENT_USER")
        for table in METADATA.tables:
            rights = set(writable.get(table, ())) | (set() if table in SECRET else {"SELECT"})
            connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {role.group}")
            if rights:
                connection.exec_driver_sql(f"GRANT {', '.join(sorted(rights))} ON {table} TO {role.group}")


def add_login(owner_url: str, role: DbRole, name: str, password: str) -> str:
    """Makes a login that may do what `role` may and nothing else (or sets its password); returns its URL.

    `owner_url`: of someone who may create roles. Raises Unavailable or Refused NOT_PERMITTED otherwise.
    """
    login, group = sql.Identifier(name), sql.Identifier(role.group)
    engine = open_engine(owner_url)
    try:
        with spoken(), engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
            known = connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).first()
            verb = sql.SQL("ALTER" if known else "CREATE")
            made = sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(verb, login, sql.Literal(password))
            for statement in (made, sql.SQL("GRANT {} TO {}").format(group, login)):
                connection.exec_driver_sql(statement.as_string().replace("%", "%%"))
    finally:
        engine.dispose()
    owner: URL = make_url(owner_url)
    return owner.set(username=name, password=password).render_as_string(hide_password=False)
