"""Values held by fewer than k people, taken out before anyone can ask for them.

A small cell that is only withheld when asked for can be had as a difference of larger ones; one that is not in the
file cannot. Dropping rows can make another value rare, so the columns are gone through until nothing changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from access_broker.domain.datasets import RareValues
from access_broker.publish.plan import ENTITY_COLUMN
from access_broker.publish.sql_text import quote_name

OTHER = "other"


@dataclass(frozen=True)
class RareOutcome:
    """`generalised`: values (not rows) that became the rest, over all columns. `dropped`: rows."""

    generalised: int = 0
    dropped: int = 0

    def __add__(self, more: RareOutcome) -> RareOutcome:
        return RareOutcome(self.generalised + more.generalised, self.dropped + more.dropped)


@dataclass(frozen=True)
class Guarded:
    """A column whose values need k people. Text is generalised to `other`, every other type to NULL."""

    name: str
    is_text: bool

    @property
    def rest(self) -> str:
        return f"'{OTHER}'" if self.is_text else "NULL"


def treat_rare(
    con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[Guarded], k: int, policy: RareValues
) -> RareOutcome:
    """Change `relation` in place until each value of `columns` (NULL is one) is held by at least `k` entities."""
    total = RareOutcome()
    if policy is RareValues.KEEP:
        return total
    while True:
        before = total
        for column in columns:
            total += _treat_column(con, relation, column, k, policy)
        if total == before:
            return total


def _treat_column(
    con: duckdb.DuckDBPyConnection, relation: str, column: Guarded, k: int, policy: RareValues
) -> RareOutcome:
    name = quote_name(column.name)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE rare AS SELECT {name} AS value FROM {relation} "
        f"GROUP BY {name} HAVING count(DISTINCT {ENTITY_COLUMN}) < {k}"
    )
    matching = f"EXISTS (SELECT 1 FROM rare WHERE value IS NOT DISTINCT FROM {relation}.{name})"
    mergeable = _count(con, f"SELECT count(*) FROM rare WHERE value IS DISTINCT FROM {column.rest}")
    if policy is RareValues.GENERALISE and mergeable:
        con.execute(f"UPDATE {relation} SET {name} = {column.rest} WHERE {matching}")
        return RareOutcome(generalised=mergeable)
    return RareOutcome(dropped=_count(con, f"DELETE FROM {relation} WHERE {matching}"))


def _count(con: duckdb.DuckDBPyConnection, sql: str) -> int:
    row = con.execute(sql).fetchone()
    return int(row[0]) if row else 0
