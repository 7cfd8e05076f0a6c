"""Answer mode `rounded`: counts to the nearest five, measures to three significant digits.

The same cell gives the same rounded value in whatever words it is asked. Rounding slows reconstruction, it does not
stop it (docs/threat-model.md); it is a term of the contract, not a guarantee.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from access_broker.sql.parse import DIALECT

COUNT_BASE = 5
DIGITS = 3
_COUNTS = frozenset({"count", "count_star", "count_if"})
_COUNT = f"CAST(ROUND(x / {COUNT_BASE}.0) * {COUNT_BASE} AS BIGINT)"
_MEASURE = (
    f"CASE WHEN x = 0 THEN 0 ELSE ROUND(CAST(x AS DOUBLE), CAST({DIGITS - 1} - FLOOR(LOG10(ABS(x))) AS INTEGER)) END"
)


def rounded(node: exp.Expr, function: str) -> exp.Expr:
    """`node`, an aggregate call, wrapped so that only its rounded value exists outside."""
    template = sqlglot.parse_one(_COUNT if function in _COUNTS else _MEASURE, dialect=DIALECT)
    return template.transform(lambda n: node.copy() if isinstance(n, exp.Column) and n.name == "x" else n)
