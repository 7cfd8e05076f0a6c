"""Contracts state their clauses; what a class of data asks for, how large tables are, and what became of promises.

Contracts on record keep the text they were signed with: they hold no clauses.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.types import words

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "contract_clauses",
        _refers("contract", "contracts", key=True),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            words("clausekind", "governance", "upkeep", "cooperation", "competitor_entry", "anti_monopoly"),
            nullable=False,
        ),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("text_fa", sa.Text(), nullable=False),
        sa.UniqueConstraint("contract", "kind"),
    )
    op.create_table(
        "guarantee_demands",
        sa.Column(
            "data_class",
            words("dataclass", "public", "organisational", "personal", "sensitive", "direct_identifier"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("kinds", sa.JSON(), nullable=False),
        *_by_whom(),
        sa.Column("reference", sa.Text(), nullable=False),
    )
    op.create_table(
        "row_counts",
        _refers("dataset", "datasets", key=True),
        sa.Column("table_id", sa.Text(), primary_key=True, nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("is_about", sa.Boolean(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
    )
    op.create_table(
        "sovereignty_decisions",
        _refers("dataset", "datasets", key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("sovereignty", words("sovereignty", "sovereign", "non_sovereign", "undetermined"), nullable=False),
        *_by_whom(),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("suspended", sa.JSON(), nullable=False),
    )
    op.create_table(
        "taken_back",
        _refers("problem", "problems", key=True),
        _refers("dataset", "datasets", key=True),
        *_by_whom(),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("contracts", sa.JSON(), nullable=False),
    )
    op.create_table(
        "workspace_visits",
        _refers("contract", "contracts", key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        _refers("person", "people"),
        *_by_whom(),
        sa.Column("why", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """What was decided is evidence: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")


def _refers(name: str, to: str, *, key: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), sa.ForeignKey(f"{to}.id"), primary_key=key, nullable=False)


def _by_whom() -> tuple[sa.Column[str], sa.Column[object]]:
    return _refers("by", "people"), sa.Column("at", _INSTANT, nullable=False)
