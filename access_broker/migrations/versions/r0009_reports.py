"""Reports, statements of use, notices, signals, working weeks and closures."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.guards import guard
from access_broker.migrations.first.types import SERIAL, words

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "working_weeks",
        _text("organisation"),
        _whole("number"),
        sa.Column("days_off", sa.JSON(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        _text("declared_by"),
        _instant("declared_at"),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.id"]),
        sa.PrimaryKeyConstraint("organisation", "number"),
    )
    op.create_table(
        "closures",
        _text("organisation"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("name"),
        _text("declared_by"),
        _instant("declared_at"),
        sa.PrimaryKeyConstraint("organisation", "day"),
    )
    op.create_table(
        "reports",
        _text("contract"),
        sa.Column("kind", words("reportkind", "periodic", "narrative"), nullable=False),
        _whole("number"),
        _instant("due_at"),
        _instant("overdue_at", nullable=True),
        _text("text"),
        _text("digest"),
        _text("filed_by", nullable=True),
        _instant("filed_at", nullable=True),
        _text("seen_by", nullable=True),
        _instant("seen_at", nullable=True),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.PrimaryKeyConstraint("contract", "kind", "number"),
    )
    guard("reports", "UPDATE", "OLD.filed_at IS NOT NULL AND NEW.digest <> OLD.digest")
    _counted()


def _counted() -> None:
    op.create_table(
        "activity_reports",
        _text("contract"),
        sa.Column("span", words("span", "week", "month"), nullable=False),
        _whole("number"),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("from_position", SERIAL, nullable=False),
        sa.Column("to_position", SERIAL, nullable=False),
        _text("head_hash"),
        sa.Column("days", sa.JSON(), nullable=False),
        _instant("made_at"),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.PrimaryKeyConstraint("contract", "span", "number"),
    )
    op.create_table(
        "expiry_notices",
        _text("contract"),
        _whole("days"),
        _instant("ends_at"),
        _instant("at"),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.PrimaryKeyConstraint("contract", "days"),
    )
    kinds = words("signalkind", "refusals", "below_k", "probing", "budget", "odd_hours", "egress")
    op.create_table(
        "signals",
        _text("contract"),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("window", sa.Date(), nullable=False),
        _text("about"),
        _whole("count"),
        _whole("threshold"),
        _text("rule"),
        _instant("at"),
        _text("decided_by", nullable=True),
        _instant("decided_at", nullable=True),
        _text("why"),
        _text("violation", nullable=True),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.PrimaryKeyConstraint("contract", "kind", "window"),
    )


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _instant(name: str, *, nullable: bool = False) -> sa.Column[datetime]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def downgrade() -> None:
    """What was decided is evidence: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")
