"""Committees vote: motions, votes, recusals, and seats of one organisation.

Seat 6 of the Monitoring and seat 4 of the Qualification Committee are the organisation's concerned; those who hold one
hold that of their own organisation. A vote stands as it was given, and a motion that was decided stays decided.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.guards import guard
from access_broker.migrations.first.types import words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_OWN_SEATS = (("monitoring", 6), ("qualification", 4))


def upgrade() -> None:
    _give_seats_an_organisation()
    op.create_table(
        "motions",
        sa.Column("id", sa.Text(), primary_key=True, nullable=False),
        _committee(),
        sa.Column(
            "subject",
            words(
                "subject",
                *("approve_contract", "sovereignty", "approve_problem", "cut_on_repetition", "ratify_suspension"),
                *("lift", "appeal", "share_dataset", "award", "accept", "exit", "close_failure", "guarantees"),
            ),
            nullable=False,
        ),
        *(_text(name) for name in ("about", "text", "digest", "opened_by")),
        sa.Column("opened_at", _INSTANT, nullable=False),
        sa.Column("way", words("way", "balloted", "recorded"), nullable=False),
        sa.Column("state", words("motionstate", "open", "carried", "lost", "withdrawn", "lapsed"), nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("closed_at", _INSTANT, nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        *(sa.Column(name, sa.JSON(), nullable=False) for name in ("counted", "refused", "reasons", "barred")),
        _text("outcome"),
    )
    op.create_table(
        "votes",
        _motion(),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=False),
        sa.Column("choice", words("choice", "for", "against", "abstain"), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        _text("opinion"),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.Column("refused", sa.JSON(), nullable=False),
    )
    op.create_table(
        "recusals",
        _motion(),
        sa.Column("person", sa.Text(), sa.ForeignKey("people.id"), primary_key=True, nullable=False),
        _text("reason"),
        sa.Column("at", _INSTANT, nullable=False),
    )
    for table in ("votes", "recusals"):
        guard(table, "UPDATE", "TRUE")
    for table in ("motions", "votes", "recusals"):
        guard(table, "DELETE", "TRUE")
    guard(
        "motions",
        "UPDATE",
        "NEW.id <> OLD.id OR NEW.digest <> OLD.digest OR NEW.outcome <> OLD.outcome OR OLD.state <> 'open'",
    )


def downgrade() -> None:
    """What was decided is evidence: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")


def _give_seats_an_organisation() -> None:
    """Made anew, because a key cannot be widened in place everywhere."""
    seats = sa.text(
        "SELECT seats.*, people.organisation AS organisation FROM seats JOIN people ON people.id = seats.person"
    ).columns(valid_from=_INSTANT, valid_to=_INSTANT)
    rows: list[dict[str, Any]] = [dict(row._mapping) for row in op.get_bind().execute(seats)]
    op.drop_table("seats")
    made = op.create_table(
        "seats",
        _committee(key=True),
        sa.Column("number", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        sa.Column("organisation", sa.Text(), primary_key=True, nullable=False),
        sa.Column("person", sa.Text(), sa.ForeignKey("people.id"), primary_key=True, nullable=False),
        sa.Column("valid_from", _INSTANT, nullable=True),
        sa.Column("valid_to", _INSTANT, nullable=True),
    )
    for row in rows:
        if (row["committee"], row["number"]) not in _OWN_SEATS:
            row["organisation"] = ""
    if rows:
        op.bulk_insert(made, rows)


def _committee(key: bool = False) -> sa.Column[Any]:
    return sa.Column("committee", words("committee", "monitoring", "qualification"), primary_key=key, nullable=False)


def _motion() -> sa.Column[str]:
    return sa.Column("motion", sa.Text(), sa.ForeignKey("motions.id"), primary_key=True, nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)
