"""Contracts with their parts. First revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.types import words


def create() -> None:
    op.create_table(
        "contracts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("executor", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("type", words("contracttype", "ppp", "development_company", "spin_off", "licence"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("level", words("level", "open", "organisational", "personal"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("report_every_days", sa.Integer(), nullable=True),
        sa.Column("legal_access_level_ref", sa.Text(), nullable=True),
        sa.Column("state", words("contractstate", "drafted", "active", "suspended", "cut", "ended"), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("ito_approved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["executor"], ["organisations.id"]),
        sa.ForeignKeyConstraint(["owner"], ["organisations.id"]),
        sa.ForeignKeyConstraint(["problem"], ["problems.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "contract_people",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("contract", "position"),
        sa.UniqueConstraint("contract", "person"),
    )
    op.create_table(
        "contract_acknowledgements",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("contract", "position"),
        sa.UniqueConstraint("contract", "person"),
    )
    op.create_table(
        "contract_tables",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Text(), nullable=False),
        sa.Column("row_filter", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.id"]),
        sa.PrimaryKeyConstraint("contract", "position"),
        sa.UniqueConstraint("contract", "dataset", "table_id"),
    )
    op.create_table(
        "contract_columns",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("column_id", sa.Text(), nullable=False),
        sa.Column("mode", words("mode", "raw", "dimension", "aggregate", "join", "mask", "deny"), nullable=False),
        sa.Column("mask_template", sa.Text(), nullable=True),
        sa.Column("mask_arguments", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contract", "dataset", "table_id"],
            ["contract_tables.contract", "contract_tables.dataset", "contract_tables.table_id"],
        ),
        sa.PrimaryKeyConstraint("contract", "dataset", "table_id", "position"),
        sa.UniqueConstraint("contract", "dataset", "table_id", "column_id"),
    )
    op.create_table(
        "contract_signatures",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("signatory", words("signatory", "government", "executor"), nullable=False),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.PrimaryKeyConstraint("contract", "position"),
        sa.UniqueConstraint("contract", "signatory"),
    )
    op.create_table(
        "contract_approvals",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("committee", words("committee", "monitoring", "qualification"), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.ForeignKeyConstraint(["person"], ["people.id"]),
        sa.PrimaryKeyConstraint("contract", "position"),
    )
    op.create_table(
        "contract_guarantees",
        sa.Column("contract", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["contract"], ["contracts.id"]),
        sa.PrimaryKeyConstraint("contract", "position"),
    )
