"""UNPIVOT: what the engine gives for it on the raw tables, and small groups left out."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.parse import parse
from access_broker.sql.verify import verify
from tests.support.sample import narrowed, plan, published, rows

_BOTH = (
    "(SELECT disease, count(*) FILTER (gender = 'F') AS f, count(*) FILTER (gender = 'M') AS m FROM citizens"
    " GROUP BY disease)"
)
_REGIONS = (
    "(SELECT region, sum(population) AS people, count(*) AS n, NULL::BIGINT AS none FROM provinces GROUP BY region)"
)


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT disease, gender, n FROM {_BOTH} UNPIVOT (n FOR gender IN (f, m)) ORDER BY 1, 2",
        f"SELECT * FROM {_BOTH} UNPIVOT (n FOR gender IN (f, m)) ORDER BY 1, 2",
        f"SELECT * FROM {_BOTH} UNPIVOT (n FOR gender IN (f AS 'women', m AS men)) ORDER BY 1, 2",
        f"SELECT u.gender, sum(u.n) FROM {_BOTH} UNPIVOT (n FOR gender IN (f, m)) AS u GROUP BY 1 ORDER BY 1",
        f"SELECT * FROM {_BOTH} UNPIVOT (n FOR gender IN (f)) ORDER BY 1",
        f"SELECT * FROM {_BOTH} q UNPIVOT (n FOR f IN (f, m)) AS u WHERE n > 280 ORDER BY 1, 2",
        f"SELECT * FROM {_REGIONS} UNPIVOT (v FOR what IN (people, n, none)) ORDER BY 1, 2",
        f"SELECT * FROM {_REGIONS} UNPIVOT INCLUDE NULLS (v FOR what IN (people, n, none)) ORDER BY 1, 2",
        f"SELECT region, r.v FROM {_REGIONS} UNPIVOT (v FOR what IN (PEOPLE)) AS r ORDER BY 1",
        f"WITH b AS (SELECT * FROM {_BOTH} UNPIVOT (n FOR gender IN (f, m))) SELECT gender, max(n) FROM b"
        " GROUP BY 1 ORDER BY 1",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    statement = narrowed(sql)
    verify(plan(statement.sql), statement)
    cursor = published().cursor()
    cursor.execute("USE raw")
    assert rows(statement) == cursor.execute(sql).fetchall()


def test_small_groups_are_left_out() -> None:
    inner = "(SELECT city, count(*) AS n, count(DISTINCT gender) AS g FROM citizens GROUP BY city)"
    found = rows(narrowed(f"SELECT * FROM {inner} UNPIVOT (v FOR what IN (n, g))"))
    assert {row[1] for row in found} == {"n", "g"}
    assert "Oviedo" not in str(found)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SELECT * FROM (SELECT * FROM t) UNPIVOT (n FOR k IN (f, m))", "NOT_SUPPORTED"),
        ("SELECT * FROM t UNPIVOT (n FOR k IN (f, m))", "NOT_SUPPORTED"),
        ("SELECT * FROM (SELECT a, f FROM t) UNPIVOT (n FOR k IN (f, m))", "NOT_SUPPORTED"),
        ("SELECT * FROM (SELECT a, f FROM t) UNPIVOT (n FOR a IN (f))", "NOT_SUPPORTED"),
        ("SELECT * FROM (SELECT a, f FROM t) UNPIVOT (n FOR k IN (f + 1))", "NOT_SUPPORTED"),
        ("SELECT * FROM (SELECT a, f, m FROM t) UNPIVOT ((n, o) FOR k IN ((f, m)))", "NOT_SUPPORTED"),
        ("SELECT * FROM (SELECT a, f FROM t LIMIT 5) UNPIVOT (n FOR k IN (f))", "NOT_SUPPORTED"),
        (f"SELECT * FROM (SELECT a, f FROM t) UNPIVOT (n FOR k IN ({', '.join(['f'] * 17)}))", "TOO_COMPLEX"),
        ("SELECT * FROM (SELECT a, read_text('x') AS f FROM t) UNPIVOT (n FOR k IN (f))", "FUNCTION_NOT_ALLOWED"),
    ],
)
def test_what_is_still_refused(sql: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        parse(sql)
