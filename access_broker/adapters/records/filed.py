"""What is filed, as rows: each class of `domain` that is a `Filed` has a table whose columns are its fields."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from access_broker.adapters.records import filed_clauses, filed_exits, filed_oversight, filed_reports, filed_votes
from access_broker.adapters.records.transaction import Transaction
from access_broker.domain.filed import AnyFiled, Filed

TABLES: dict[type[Any], Table] = {
    **filed_votes.TABLES,
    **filed_oversight.TABLES,
    **filed_reports.TABLES,
    **filed_exits.TABLES,
    **filed_clauses.TABLES,
}


def load_filed(tx: Transaction, kind: type[AnyFiled], having: dict[str, Any]) -> list[AnyFiled]:
    """Those whose fields have these values, in the order of their keys."""
    table = TABLES[kind]
    query = select(table).order_by(*(table.c[name] for name in kind.KEY))
    for name, value in having.items():
        query = query.where(table.c[name] == value)
    return [kind(**row._mapping) for row in tx.rows(query)]


def save_filed(tx: Transaction, thing: Filed) -> None:
    tx.upsert(TABLES[type(thing)], vars(thing))
