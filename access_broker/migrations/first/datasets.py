"""Datasets with their parts, and problems with their resource lists. First revision."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.types import words


def create() -> None:
    op.create_table(
        "datasets",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("steward", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fa", sa.Text(), nullable=False),
        sa.Column("sovereignty", words("sovereignty", "sovereign", "non_sovereign", "undetermined"), nullable=False),
        sa.Column("synthetic", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["organisations.id"]),
        sa.ForeignKeyConstraint(["steward"], ["people.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "dataset_sources",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("kind", words("sourcekind", "csv", "parquet", "sql"), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.id"]),
        sa.PrimaryKeyConstraint("dataset", "position"),
    )
    op.create_table(
        "dataset_tables",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.id"]),
        sa.PrimaryKeyConstraint("dataset", "position"),
        sa.UniqueConstraint("dataset", "id"),
    )
    op.create_table(
        "dataset_columns",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("table_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "data_class",
            words("dataclass", "public", "organisational", "personal", "sensitive", "direct_identifier"),
            nullable=False,
        ),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fa", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dataset", "table_id"], ["dataset_tables.dataset", "dataset_tables.id"]),
        sa.PrimaryKeyConstraint("dataset", "table_id", "position"),
        sa.UniqueConstraint("dataset", "table_id", "id"),
    )
    op.create_table(
        "dataset_joins",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("left_dataset", sa.Text(), nullable=False),
        sa.Column("left_table", sa.Text(), nullable=False),
        sa.Column("left_column", sa.Text(), nullable=False),
        sa.Column("right_dataset", sa.Text(), nullable=False),
        sa.Column("right_table", sa.Text(), nullable=False),
        sa.Column("right_column", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.id"]),
        sa.PrimaryKeyConstraint("dataset", "position"),
    )
    op.create_table(
        "problems",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("title_fa", sa.Text(), nullable=False),
        sa.Column("origin", words("origin", "government", "private", "citizen"), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "problem_resources",
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["dataset"], ["datasets.id"]),
        sa.ForeignKeyConstraint(["problem"], ["problems.id"]),
        sa.PrimaryKeyConstraint("problem", "position"),
        sa.UniqueConstraint("problem", "dataset"),
    )
