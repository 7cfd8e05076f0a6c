"""Sandboxes: who works where, under which contract, with which token."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.guards import guard
from access_broker.migrations.first.types import words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_UNFINISHED = sa.text("state <> 'ended'")


def upgrade() -> None:
    op.create_table(
        "sandboxes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", words("sandboxstate", "starting", "running", "ended"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "why",
            words("sandboxend", "stopped", "failed", "culled", "cut", "lost", "system", "replaced"),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.ForeignKeyConstraint(["token"], ["tokens.digest"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for columns in (["slot"], ["person", "contract"]):
        op.create_index(
            op.f(f"ix_sandboxes_{'_'.join(columns)}"),
            "sandboxes",
            columns,
            unique=True,
            sqlite_where=_UNFINISHED,
            postgresql_where=_UNFINISHED,
        )
    guard("sandboxes", "UPDATE", "NEW.id <> OLD.id OR OLD.state = 'ended'")


def downgrade() -> None:
    """Who worked where is evidence, too."""
    raise NotImplementedError("the records of sandboxes cannot be undone")
