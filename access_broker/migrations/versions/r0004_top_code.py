"""Terms of contracts say whether publishing caps figures; those agreed before do not ask for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CONTRACTS = sa.table("contracts", sa.column("id", sa.String), sa.column("terms", sa.JSON))


def upgrade() -> None:
    connection = op.get_bind()
    for id_, terms in connection.execute(sa.select(_CONTRACTS.c.id, _CONTRACTS.c.terms)).all():
        added = _CONTRACTS.update().where(_CONTRACTS.c.id == id_).values(terms={"top_code": False, **terms})
        connection.execute(added)


def downgrade() -> None:
    """What was agreed cannot be taken back out of the terms: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")
