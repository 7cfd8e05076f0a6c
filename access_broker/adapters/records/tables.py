"""The tables of what was agreed, in the order in which they depend on each other.

The parts of a dataset or contract are rows of their own, so that a steward or auditor can ask about them in SQL;
JSON is used only for leaves that are read whole (terms, mask arguments, the catalogue of a publication).
`position` keeps the order of a tuple. The UNIQUE constraints are walls: a column granted twice in two modes would
leave it to chance which one holds.
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, ForeignKey, ForeignKeyConstraint, Integer, Table, Text, UniqueConstraint

from access_broker.adapters.records.columns import (
    METADATA,
    UtcDateTime,
    flag,
    id_key,
    instant,
    place,
    refers,
    text,
    whole,
    word,
)
from access_broker.domain.clauses import ClauseKind
from access_broker.domain.contracts import ContractState, ContractType, Level, Signatory
from access_broker.domain.datasets import DataClass, Mode, SourceKind, Sovereignty
from access_broker.domain.people import Committee, Family, Role
from access_broker.domain.problems import Origin

organisations = Table(
    "organisations",
    METADATA,
    id_key(),
    word("family", Family),
    text("name_en"),
    text("name_fa"),
    Column("legal_id", Text),
)
people = Table(
    "people",
    METADATA,
    id_key(),
    refers("organisation", "organisations"),
    word("family", Family),
    text("name_en"),
    text("name_fa"),
    flag("disabled"),
    text("language"),
)
people_roles = Table("people_roles", METADATA, refers("person", "people", key=True), word("role", Role, key=True))
passwords = Table("passwords", METADATA, refers("person", "people", key=True), text("hash"))
seats = Table(
    "seats",
    METADATA,
    word("committee", Committee, key=True),
    place("number"),
    Column("organisation", Text, primary_key=True),  # empty for a common seat: a key holds no NULL
    refers("person", "people", key=True),
    Column("valid_from", UtcDateTime),
    Column("valid_to", UtcDateTime),
)

datasets = Table(
    "datasets",
    METADATA,
    id_key(),
    refers("owner", "organisations"),
    refers("steward", "people"),
    text("title_en"),
    text("title_fa"),
    word("sovereignty", Sovereignty),
    Column("synthetic", JSON, nullable=False),
)
dataset_sources = Table(
    "dataset_sources",
    METADATA,
    refers("dataset", "datasets", key=True),
    place(),
    word("kind", SourceKind),
    text("path"),
    text("sha256"),
    Column("table_id", Text),
)
dataset_tables = Table(
    "dataset_tables",
    METADATA,
    refers("dataset", "datasets", key=True),
    place(),
    text("id"),
    text("name"),
    Column("entity", Text),
    UniqueConstraint("dataset", "id"),
)
dataset_columns = Table(
    "dataset_columns",
    METADATA,
    Column("dataset", Text, primary_key=True),
    Column("table_id", Text, primary_key=True),
    place(),
    text("id"),
    text("name"),
    word("data_class", DataClass),
    text("title_en"),
    text("title_fa"),
    ForeignKeyConstraint(["dataset", "table_id"], ["dataset_tables.dataset", "dataset_tables.id"]),
    UniqueConstraint("dataset", "table_id", "id"),
)
dataset_joins = Table(
    "dataset_joins",
    METADATA,
    refers("dataset", "datasets", key=True),
    place(),
    *(text(f"{side}_{part}") for side in ("left", "right") for part in ("dataset", "table", "column")),
)

problems = Table(
    "problems",
    METADATA,
    id_key(),
    text("owner"),  # an organisation, or a citizen for a problem of that origin: hence no foreign key
    text("title_en"),
    text("title_fa"),
    word("origin", Origin),
    flag("approved"),
)
problem_resources = Table(
    "problem_resources",
    METADATA,
    refers("problem", "problems", key=True),
    place(),
    refers("dataset", "datasets"),
    UniqueConstraint("problem", "dataset"),
)

contracts = Table(
    "contracts",
    METADATA,
    id_key(),
    refers("problem", "problems"),
    refers("executor", "organisations"),
    refers("owner", "organisations"),
    word("type", ContractType),
    text("purpose"),
    word("level", Level),
    instant("starts_at"),
    instant("ends_at"),
    Column("terms", JSON, nullable=False),
    Column("report_every_days", Integer),
    Column("legal_access_level_ref", Text),
    word("state", ContractState),
    whole("generation"),
    Column("follows", Text),  # a contract; no foreign key, which SQLite adds to no table that is there
)
contract_people = Table(
    "contract_people",
    METADATA,
    refers("contract", "contracts", key=True),
    place(),
    refers("person", "people"),
    UniqueConstraint("contract", "person"),
)
contract_acknowledgements = Table(
    "contract_acknowledgements",
    METADATA,
    refers("contract", "contracts", key=True),
    place(),
    refers("person", "people"),
    UniqueConstraint("contract", "person"),
)
contract_clauses = Table(
    "contract_clauses",
    METADATA,
    refers("contract", "contracts", key=True),
    place(),
    word("kind", ClauseKind),
    text("text_en"),
    text("text_fa"),
    UniqueConstraint("contract", "kind"),
)
contract_tables = Table(
    "contract_tables",
    METADATA,
    refers("contract", "contracts", key=True),
    place(),
    refers("dataset", "datasets"),
    text("table_id"),
    Column("row_filter", Text),
    UniqueConstraint("contract", "dataset", "table_id"),
)
contract_columns = Table(
    "contract_columns",
    METADATA,
    Column("contract", Text, primary_key=True),
    Column("dataset", Text, primary_key=True),
    Column("table_id", Text, primary_key=True),
    place(),
    text("column_id"),
    word("mode", Mode),
    Column("mask_template", Text),
    Column("mask_arguments", JSON(none_as_null=True)),
    ForeignKeyConstraint(
        ["contract", "dataset", "table_id"],
        ["contract_tables.contract", "contract_tables.dataset", "contract_tables.table_id"],
    ),
    UniqueConstraint("contract", "dataset", "table_id", "column_id"),
)
contract_signatures = Table(
    "contract_signatures",
    METADATA,
    refers("contract", "contracts", key=True),
    place(),
    word("signatory", Signatory),
    Column("person", Text, ForeignKey("people.id")),
    Column("at", UtcDateTime),
    text("digest"),
    UniqueConstraint("contract", "signatory"),
)
contract_approvals = Table(
    "contract_approvals",
    METADATA,
    refers("contract", "contracts", key=True),
    place(),
    word("committee", Committee),
    refers("person", "people"),
    text("decision"),
    instant("at"),
    text("digest"),
)
contract_consents = Table(
    "contract_consents",
    METADATA,
    refers("contract", "contracts", key=True),
    place(),
    refers("dataset", "datasets"),
    refers("person", "people"),
    instant("at"),
    text("digest"),
    UniqueConstraint("contract", "dataset"),
)
contract_guarantees = Table(
    "contract_guarantees",
    METADATA,
    refers("contract", "contracts", key=True),
    place(),
    text("kind"),
    instant("expires_at"),
)
