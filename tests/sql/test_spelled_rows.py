"""Lists of constants written as UNION ALL are the VALUES that they list; anything else stays a union."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.sql.parse import parse
from tests.support.sample import is_as_ungated

LABELS = "SELECT 'F' AS code, 'Women' AS label UNION ALL SELECT 'M', 'Men'"
COUNTED = "SELECT l.label, count(*) FROM citizens c JOIN {} l ON l.code = c.gender GROUP BY l.label"


@pytest.mark.parametrize(
    "sql",
    [
        COUNTED.format(f"({LABELS})"),
        f"WITH labels AS ({LABELS}) " + COUNTED.format("labels"),
        "WITH labels(code, label) AS (SELECT 'F', 'Women' UNION ALL SELECT 'M', 'Men') " + COUNTED.format("labels"),
        COUNTED.format(f"({LABELS.replace('UNION ALL', 'UNION')})"),
        "SELECT s.since, count(*) FROM citizens c JOIN (SELECT 'F' AS code, DATE '1980-01-01' AS since UNION ALL"
        " SELECT 'M', DATE '1970-01-01') s ON s.code = c.gender GROUP BY 1",
        'SELECT x."Code X", x.n FROM (SELECT 1 AS "Code X", -1 AS n UNION ALL SELECT 2, -2 UNION ALL SELECT 2, -2) x',
    ],
)
def test_a_list_of_labels_is_joined(sql: str) -> None:
    assert is_as_ungated(sql)
    assert parse(sql).tree.find(exp.Values) is not None


@pytest.mark.parametrize(
    "rows",
    [
        "SELECT 1 AS a UNION ALL SELECT 2.5",
        "SELECT 1 AS a UNION ALL SELECT '2'",
        "SELECT 1 AS a UNION SELECT 1",
        "SELECT 1 AS a UNION SELECT 01",
        "SELECT 0 AS a UNION SELECT -0",
        "SELECT DATE '2024-01-01' AS a UNION SELECT DATE '2024-1-1'",
        "SELECT 1 AS a UNION ALL SELECT 2 LIMIT 1",
        "SELECT 1 AS a UNION ALL SELECT 1 UNION SELECT 1",
        "SELECT 1 AS a UNION ALL SELECT max(population) FROM provinces",
    ],
)
def test_what_is_no_such_list_stays_a_union(rows: str) -> None:
    sql = f"SELECT x.a FROM ({rows}) x"
    assert parse(sql).tree.find(exp.Values) is None
    assert is_as_ungated(sql)
