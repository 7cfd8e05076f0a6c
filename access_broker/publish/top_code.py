"""Values that one person holds and nobody comes near, capped before anyone can add them up.

The cap is the k-th person's largest value from above, the floor the k-th person's smallest from below: afterwards at
least k people share the highest value of a column, and at least k the lowest.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from access_broker.publish.plan import ENTITY_COLUMN
from access_broker.publish.sql_text import quote_name


def top_code(con: duckdb.DuckDBPyConnection, relation: str, columns: Sequence[str], k: int) -> int:
    """Cap the numeric `columns` of `relation` in place; return how many values were changed.

    A column of which fewer than `k` people hold a value becomes NULL: there is nobody to share the highest with.
    """
    return sum(_cap(con, relation, quote_name(column), k) for column in columns)


def _cap(con: duckdb.DuckDBPyConnection, relation: str, name: str, k: int) -> int:
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE bounds AS WITH person AS (SELECT min({name}) AS low, max({name}) AS high "
        f"FROM {relation} WHERE {name} IS NOT NULL GROUP BY {ENTITY_COLUMN}) "
        f"SELECT (SELECT high FROM person ORDER BY high DESC LIMIT 1 OFFSET {k - 1}) AS high, "
        f"(SELECT low FROM person ORDER BY low LIMIT 1 OFFSET {k - 1}) AS low"
    )
    # with fewer than 2k people the floor can lie above the cap; then the cap is all there is
    high, low = "(SELECT high FROM bounds)", "(SELECT least(low, high) FROM bounds)"
    capped = f"CASE WHEN {high} IS NULL THEN NULL ELSE greatest(least({name}, {high}), {low}) END"
    row = con.execute(
        f"UPDATE {relation} SET {name} = {capped} WHERE {name} IS NOT NULL AND {name} IS DISTINCT FROM {capped}"
    ).fetchone()
    return int(row[0]) if row else 0
