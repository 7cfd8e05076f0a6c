"""Guarantees by class, sizes of tables, sovereignty decided anew, promises taken back, visits of ITO, as tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Table, Text

from access_broker.adapters.records.columns import (
    METADATA,
    flag,
    instant,
    leaf,
    place,
    refers,
    text,
    word,
)
from access_broker.domain.dataset_records import RowCount, SovereigntyDecision, TakenBack
from access_broker.domain.datasets import DataClass, Sovereignty
from access_broker.domain.guarantees import GuaranteeDemand
from access_broker.domain.visits import WorkspaceVisit

guarantee_demands = Table(
    "guarantee_demands",
    METADATA,
    word("data_class", DataClass, key=True),
    leaf("kinds"),
    refers("by", "people"),
    instant("at"),
    text("reference"),
)
row_counts = Table(
    "row_counts",
    METADATA,
    refers("dataset", "datasets", key=True),
    Column("table_id", Text, primary_key=True),
    Column("rows", BigInteger, nullable=False),
    flag("is_about"),
    text("sources"),
    instant("at"),
)
sovereignty_decisions = Table(
    "sovereignty_decisions",
    METADATA,
    refers("dataset", "datasets", key=True),
    place("number"),
    word("sovereignty", Sovereignty),
    refers("by", "people"),
    instant("at"),
    text("reference"),
    leaf("suspended"),
)
taken_back = Table(
    "taken_back",
    METADATA,
    refers("problem", "problems", key=True),
    refers("dataset", "datasets", key=True),
    refers("by", "people"),
    instant("at"),
    text("why"),
    leaf("contracts"),
)
workspace_visits = Table(
    "workspace_visits",
    METADATA,
    refers("contract", "contracts", key=True),
    place("number"),
    refers("person", "people"),
    refers("by", "people"),
    instant("at"),
    text("why"),
)

TABLES: dict[type[Any], Table] = {
    GuaranteeDemand: guarantee_demands,
    RowCount: row_counts,
    SovereigntyDecision: sovereignty_decisions,
    TakenBack: taken_back,
    WorkspaceVisit: workspace_visits,
}
