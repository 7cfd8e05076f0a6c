"""Unions in the order of an expression: what the engine gives for them on the raw tables."""

from __future__ import annotations

import pytest

from tests.support.sample import is_as_ungated, narrowed

BOTH = "SELECT gender, count(*) AS n FROM citizens GROUP BY 1 UNION ALL SELECT 'all', count(*) FROM citizens"


@pytest.mark.parametrize(
    "sql",
    [
        f"{BOTH} ORDER BY CASE WHEN gender = 'all' THEN 0 ELSE 1 END, gender",
        f"{BOTH} ORDER BY gender = 'all', n DESC LIMIT 2",
        f"{BOTH} ORDER BY count(*) DESC",
        f"WITH a AS ({BOTH}) SELECT * FROM a UNION SELECT 'x', 5 ORDER BY -n",
        f"SELECT n FROM ({BOTH} ORDER BY -n LIMIT 1)",
        f"({BOTH} ORDER BY 2 LIMIT 1) UNION ALL (SELECT 'x', 1 LIMIT 1) ORDER BY n / 10",
        "SELECT upper(gender), 1 FROM citizens GROUP BY 1 UNION ALL SELECT 'all', 2 ORDER BY upper(gender)",
        "SELECT province FROM provinces EXCEPT SELECT 'Azua' ORDER BY length(province) DESC, province",
    ],
)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql, ordered=True)


def test_the_answer_has_the_askers_names() -> None:
    sql = "SELECT gender AS \"Who\", count(*) FROM citizens GROUP BY 1 UNION ALL SELECT 'x', 1 ORDER BY \"Who\" = 'x'"
    assert narrowed(sql).output_names == ["Who", "count(*)"]
