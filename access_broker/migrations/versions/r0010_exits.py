"""Awards, acceptances, exits; a contract may give market access, and then names the one it follows.

What was accepted stays accepted, and an exit that is closed or refused stays so, whoever writes past our code.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.guards import guard
from access_broker.migrations.first.types import words

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("contracts", sa.Column("follows", sa.Text(), nullable=True))
    op.create_table("awards", _key("problem", "problems"), _key("executor", "organisations"), *_decided())
    op.create_table("sharings", _key("problem", "problems"), _key("dataset", "datasets"), *_decided())
    op.create_table("acceptances", _key("contract", "contracts"), *_decided())
    op.create_table("openings", _key("problem", "problems"), _key("after", "contracts"), _instant("at"))
    _create_exits()
    for change in ("UPDATE", "DELETE"):
        guard("acceptances", change, "TRUE")
    guard("exits", "UPDATE", "OLD.state IN ('closed', 'refused')")


def _create_exits() -> None:
    op.create_table(
        "exits",
        *_of_contract(),
        sa.Column("kind", words("exitkind", "success", "failure", "voluntary", "termination"), nullable=False),
        _text("text"),
        _text("asked_by"),
        _instant("asked_at"),
        sa.Column("state", words("exitstate", "asked", "one_approval", "closing", "closed", "refused"), nullable=False),
        sa.Column("ended_at", _INSTANT, nullable=True),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("certificate", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
    )
    op.create_table(
        "exit_keys",
        *_of_contract(),
        sa.Column("committee", words("committee", "monitoring", "qualification"), primary_key=True, nullable=False),
        _text("person"),
        _text("decision"),
        sa.Column("approved", sa.Boolean(), nullable=False),
        _instant("at"),
        _text("text"),
    )
    op.create_table("failure_reports", *_of_contract(), _text("text"), _text("by"), _instant("at"))


def downgrade() -> None:
    """What was decided is evidence: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")


def _of_contract() -> tuple[sa.Column[str], sa.Column[int]]:
    number = sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False)
    return _key("contract", "contracts"), number


def _decided() -> tuple[sa.Column[str], sa.Column[str], sa.Column[object]]:
    return _text("decision"), _text("by"), _instant("at")


def _key(name: str, to: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), sa.ForeignKey(f"{to}.id"), primary_key=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, _INSTANT, nullable=False)
