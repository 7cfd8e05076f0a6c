"""Keys hold the digest of the text they were given for; signatures say by whom and when; stewards consent to lending;
a withdrawn warning says by whom, when and why.

The keys on record were given for the text on record, because a draft that was changed lost its keys. So they are bound
to its digest, computed as it was when this revision was written.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from alembic import op

from access_broker.migrations.first.types import words

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INSTANT = sa.DateTime(timezone=True)
_TEXT = (
    "id",
    "problem",
    "executor",
    "owner",
    "type",
    "purpose",
    "level",
    "report_every_days",
    "legal_access_level_ref",
)
_AGGREGATES = (
    "amanat_percentile avg corr count count_if count_star covar_pop covar_samp regr_slope stddev_pop stddev_samp sum"
    " var_pop var_samp"
)
_USUAL: dict[str, Any] = {
    "k": 10,
    "max_rows": 1000,
    "daily_queries": 1000,
    "aggregates": _AGGREGATES.split(),
    "dominance": None,
    "differencing": "off",
    "answer_mode": "rounded",
    "epsilon": None,
    "clip": [],
    "rare_values": "generalise",
    "top_code": False,
    "signals": [],
}
_USUAL_EPSILON = {"rows_per_person": 5, "groups_per_person": 3}


def upgrade() -> None:
    contracts = _read("SELECT * FROM contracts", starts_at=_INSTANT, ends_at=_INSTANT, terms=sa.JSON())
    digests = {contract["id"]: _digest(contract) for contract in contracts}
    signed = _read("SELECT contract, signatory FROM contract_signatures ORDER BY contract, position")
    signed += [{"contract": contract["id"], "signatory": "ito"} for contract in contracts if contract["ito_approved"]]
    approved = _read("SELECT * FROM contract_approvals", at=_INSTANT)
    op.drop_table("contract_signatures")
    op.drop_table("contract_approvals")
    op.drop_column("contracts", "ito_approved")
    _make_tables()
    empty = {"person": None, "at": None}
    _insert("contract_signatures", [{**empty, **row, "position": n} for n, row in enumerate(signed)], digests)
    _insert("contract_approvals", approved, digests)
    op.add_column("warnings", sa.Column("withdrawn_by", sa.Text(), nullable=True))
    op.add_column("warnings", sa.Column("withdrawn_at", _INSTANT, nullable=True))
    op.add_column("warnings", sa.Column("withdrawn_why", sa.Text(), nullable=True))


def downgrade() -> None:
    """Who gave which key for which text cannot be forgotten again: whoever must go back restores a backup."""
    raise NotImplementedError("the records are not taken down")


def _make_tables() -> None:
    _create_of_contract(
        "contract_signatures",
        sa.Column("signatory", words("signatory", "government", "executor", "ito"), nullable=False),
        sa.Column("person", sa.Text(), sa.ForeignKey("people.id"), nullable=True),
        sa.Column("at", _INSTANT, nullable=True),
        sa.UniqueConstraint("contract", "signatory"),
    )
    _create_of_contract(
        "contract_approvals",
        sa.Column("committee", words("committee", "monitoring", "qualification"), nullable=False),
        sa.Column("person", sa.Text(), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
    )
    _create_of_contract(
        "contract_consents",
        sa.Column("dataset", sa.Text(), sa.ForeignKey("datasets.id"), nullable=False),
        sa.Column("person", sa.Text(), sa.ForeignKey("people.id"), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.UniqueConstraint("contract", "dataset"),
    )


def _create_of_contract(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("contract", sa.Text(), sa.ForeignKey("contracts.id"), primary_key=True, nullable=False),
        sa.Column("position", sa.Integer(), primary_key=True, autoincrement=False, nullable=False),
        *columns,
        sa.Column("digest", sa.Text(), nullable=False),
    )


def _read(query: str, **types: Any) -> list[dict[str, Any]]:
    rows = op.get_bind().execute(sa.text(query).columns(**types) if types else sa.text(query))
    return [dict(row._mapping) for row in rows]


def _insert(name: str, rows: list[dict[str, Any]], digests: dict[str, str]) -> None:
    if rows:
        columns = [sa.column(key, _INSTANT if key == "at" else None) for key in (*rows[0], "digest")]
        op.bulk_insert(sa.table(name, *columns), [{**row, "digest": digests[row["contract"]]} for row in rows])


def _digest(contract: dict[str, Any]) -> str:
    told = {name: contract[name] for name in _TEXT}
    for name in ("starts_at", "ends_at"):
        told[name] = _instant(contract[name])
    told["terms"] = _unusual(contract["terms"], _USUAL)
    if told["terms"].get("epsilon"):
        told["terms"]["epsilon"] = _unusual(told["terms"]["epsilon"], _USUAL_EPSILON)
    told["people"] = [row["person"] for row in _parts("contract_people", contract["id"])]
    told["scope"] = [
        [table["dataset"], table["table_id"], table["row_filter"], _columns(table)]
        for table in _parts("contract_tables", contract["id"])
    ]
    return sha256(json.dumps(told, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def _columns(table: dict[str, Any]) -> list[list[Any]]:
    rows = _parts("contract_columns", table["contract"], mask_arguments=sa.JSON(none_as_null=True))
    mine = [row for row in rows if (row["dataset"], row["table_id"]) == (table["dataset"], table["table_id"])]
    return [
        [
            row["column_id"],
            row["mode"],
            row["mask_template"],
            (row["mask_arguments"] or []) if row["mask_template"] else None,
        ]
        for row in mine
    ]


def _parts(table: str, contract: str, **types: Any) -> list[dict[str, Any]]:
    query = sa.text(f"SELECT * FROM {table} WHERE contract = :contract ORDER BY position")
    rows = op.get_bind().execute(query.columns(**types) if types else query, {"contract": contract})
    return [dict(row._mapping) for row in rows]


def _instant(at: datetime) -> str:
    return (at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)).isoformat()


def _unusual(said: dict[str, Any], usual: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if name not in usual or value != usual[name]}
