"""Terms of contracts limit rows per day and even out answer times; those agreed before ask for neither."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CONTRACTS = sa.table("contracts", sa.column("id", sa.String), sa.column("terms", sa.JSON))
_NEITHER = {"daily_rows": None, "answer_ms": 0}


def upgrade() -> None:
    connection = op.get_bind()
    for id_, terms in connection.execute(sa.select(_CONTRACTS.c.id, _CONTRACTS.c.terms)).all():
        connection.execute(_CONTRACTS.update().where(_CONTRACTS.c.id == id_).values(terms={**_NEITHER, **terms}))


def downgrade() -> None:
    """What was agreed cannot be taken back out of the terms: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")
