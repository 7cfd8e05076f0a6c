"""Indexes of the audit chain: searching it, and finding who acknowledged the end of a contract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_ACKNOWLEDGEMENTS = sa.text("kind = 'end.acknowledged'")


def upgrade() -> None:
    for name in ("kind", "actor", "subject"):
        op.create_index(op.f(f"ix_audit_{name}_position"), "audit", [name, "position"])
    op.create_index(op.f("ix_audit_at"), "audit", ["at"])
    op.create_index(
        "ix_audit_acknowledgements",
        "audit",
        ["subject"],
        sqlite_where=_ACKNOWLEDGEMENTS,
        postgresql_where=_ACKNOWLEDGEMENTS,
    )


def downgrade() -> None:
    """Indexes could go, but what they stand on cannot: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")
