"""Violations, suspensions and the way to law; warnings name their violation, cure date and appeal; terms name kinds of
violations that end access at once.

Warnings of before name no violation and no days after which they count as served: they count as they did. Contracts
that are suspended now were suspended before there was a time to ratify that in: they have no record of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.types import words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_CONTRACTS = sa.table("contracts", sa.column("id", sa.String), sa.column("terms", sa.JSON))
_OF_WARNINGS: dict[str, type[sa.Integer] | type[sa.Text] | sa.DateTime] = {
    "violation": sa.Integer,
    "cure_by": _INSTANT,
    "serve_days": sa.Integer,
    "served_at": _INSTANT,
    "appeal_text": sa.Text,
    "appealed_by": sa.Text,
    "appealed_at": _INSTANT,
    "appeal_decision": sa.Text,
    "appeal_decided_by": sa.Text,
    "appeal_decided_at": _INSTANT,
}


def upgrade() -> None:
    for name, kind in _OF_WARNINGS.items():
        op.add_column("warnings", sa.Column(name, kind, nullable=True))
    _make_violations()
    _make_suspensions()
    op.create_table(
        "legal_follow_ups",
        _contract(),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
    )
    connection = op.get_bind()
    for id_, terms in connection.execute(sa.select(_CONTRACTS.c.id, _CONTRACTS.c.terms)).all():
        told = {"protective": [], **terms}
        connection.execute(_CONTRACTS.update().where(_CONTRACTS.c.id == id_).values(terms=told))


def downgrade() -> None:
    """What was decided is evidence: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")


def _make_violations() -> None:
    op.create_table(
        "violations",
        _contract(),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("violation_class", words("violationclass", "protective", "contractual"), nullable=False),
        sa.Column("source", words("violationsource", "person", "signal", "report", "rule"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("discounted_by", sa.Text(), nullable=True),
        sa.Column("discounted_at", _INSTANT, nullable=True),
        sa.Column("discounted_why", sa.Text(), nullable=True),
    )


def _make_suspensions() -> None:
    states = ("provisional", "ratified", "lifted", "cut", "lapsed_lifted", "lapsed_cut", "over")
    op.create_table(
        "suspensions",
        _contract(),
        sa.Column("generation", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("ratify_days", sa.Integer(), nullable=False),
        sa.Column("on_lapse", words("onlapse", "lifted", "cut"), nullable=False),
        sa.Column("violation", sa.Integer(), nullable=True),
        sa.Column("state", words("suspensionstate", *states), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", _INSTANT, nullable=True),
    )


def _contract() -> sa.Column[str]:
    return sa.Column("contract", sa.Text(), sa.ForeignKey("contracts.id"), primary_key=True, nullable=False)
