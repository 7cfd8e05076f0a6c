"""Triggers of the first revision: what stays true even when a statement did not come from our own code.

The audit and the acts only grow, each audit record at the next position and on the hash of the one before. A
contract's generation never falls and a cut or an end is never taken back; nor is the revocation of a token; and
nothing is published for a contract that was cut or ended.
"""

from __future__ import annotations

from alembic import op

_ZEROS = "0" * 64
_FROZEN = ("audit", "audit_checkpoints", "acts")
_RESURRECTS = (
    "NEW.id <> OLD.id OR NEW.generation < OLD.generation OR (OLD.state IN ('cut', 'ended') AND NEW.state <> OLD.state)"
)
_LAST = "SELECT position FROM audit ORDER BY position DESC LIMIT 1"
_OUT_OF_ORDER = (
    f"NEW.position <> COALESCE(({_LAST}), 0) + 1"
    f" OR NEW.previous <> COALESCE((SELECT hash FROM audit ORDER BY position DESC LIMIT 1), '{_ZEROS}')"
)
_STRAY_CHECKPOINT = (
    "EXISTS (SELECT 1 FROM audit_checkpoints WHERE position >= NEW.position)"
    " OR NOT EXISTS (SELECT 1 FROM audit WHERE position = NEW.position AND hash = NEW.hash)"
)
_OVER = "EXISTS (SELECT 1 FROM contracts WHERE id = NEW.contract AND state IN ('cut', 'ended'))"

_GUARDS = (
    *((table, change, "TRUE") for table in _FROZEN for change in ("UPDATE", "DELETE")),
    ("audit", "INSERT", _OUT_OF_ORDER),
    ("audit_checkpoints", "INSERT", _STRAY_CHECKPOINT),
    ("contracts", "UPDATE", _RESURRECTS),
    ("contracts", "DELETE", "TRUE"),
    ("tokens", "UPDATE", "NEW.digest <> OLD.digest OR (OLD.revoked AND NOT NEW.revoked)"),
    ("publications", "INSERT", _OVER),
    ("publications", "UPDATE", _OVER),
)
"""Table, change, and the condition under which the change is refused."""


def create() -> None:
    for table, change, condition in _GUARDS:
        guard(table, change, condition)
    if _is_on_postgres():
        for table in (*_FROZEN, "contracts"):
            _refuse_truncate(table)


def guard(table: str, change: str, condition: str) -> None:
    """A trigger that refuses a change of a row; for later revisions too, since it has nothing to do with what is here.

    `change`: INSERT, UPDATE or DELETE; `condition`: in SQL, over NEW and OLD.
    """
    create_on = _create_on_postgres if _is_on_postgres() else _create_on_sqlite
    create_on(table, change, condition)


def _is_on_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _create_on_sqlite(table: str, change: str, condition: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_guard_{change.lower()} BEFORE {change} ON {table} WHEN {condition}"
        f" BEGIN SELECT RAISE(ABORT, '{table} may not be changed in this way'); END"
    )


def _create_on_postgres(table: str, change: str, condition: str) -> None:
    """A function for each: the WHEN of a trigger may not look at other rows there."""
    name = f"{table}_guard_{change.lower()}"
    row = "OLD" if change == "DELETE" else "NEW"
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {condition} THEN"
        f" RAISE EXCEPTION '{table} may not be changed in this way' USING ERRCODE = '23000'; END IF;"
        f" RETURN {row}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {change} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _refuse_truncate(table: str) -> None:
    op.execute(
        f"CREATE TRIGGER {table}_guard_truncate BEFORE TRUNCATE ON {table}"
        f" FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard_delete()"
    )
