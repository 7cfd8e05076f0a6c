"""The records: people, datasets, contracts, what happens under them, the audit chain, and the guards over it."""

from __future__ import annotations

from access_broker.migrations.first import contracts, datasets, guards, journal, people

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    for part in (people, datasets, contracts, journal, guards):
        part.create()


def downgrade() -> None:
    """Evidence is not taken down. Whoever must go back restores a backup."""
    raise NotImplementedError("the first revision of the records cannot be undone")
