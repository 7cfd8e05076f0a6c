from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from access_broker.publish.filters import predicate_sql
from tests.publish.world import engine, table

TABLE = table("people", "province income born", province="استان")
ROWS = "(VALUES ('Azua', 10, DATE '1990-05-17'), ('it''s', -5, DATE '1951-02-03'), (NULL, NULL, NULL))"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("province = 'Azua'", ["Azua"]),
        ("استان = 'Azua'", ["Azua"]),
        ("\"استان\" = 'Azua' OR income < 0", ["Azua", "it's"]),
        ("PROVINCE == 'it''s'", ["it's"]),
        ("province <> 'Azua'", ["it's"]),
        ("province IN ('Azua', 'x')", ["Azua"]),
        ("province NOT IN ('Azua', 'x')", ["it's"]),
        ("income BETWEEN -10 AND 0", ["it's"]),
        ("income NOT BETWEEN -10 AND 0", ["Azua"]),
        ("income > 0.5 OR province LIKE 'it%'", ["Azua", "it's"]),
        ("province NOT LIKE 'it%'", ["Azua"]),
        ("province IS NULL", [None]),
        ("NOT (province IS NULL) AND income >= 10", ["Azua"]),
        ("province IS NOT NULL", ["Azua", "it's"]),
        ("born < DATE '1960-01-01'", ["it's"]),
        ("born >= '1990-05-17'", ["Azua"]),
        ("income = 10 OR income = -5 AND province = 'x'", ["Azua"]),
        ("(income = 10 OR income = -5) AND province = 'x'", []),
        ("province = 'Azua' -- and a comment", ["Azua"]),
    ],
)
def test_a_filter_means_what_it_says(text: str, kept: list[str | None]) -> None:
    sql = predicate_sql(text, TABLE, "d.people", "r")
    con = engine()
    found = con.execute(f"SELECT province FROM {ROWS} AS r(province, income, born) WHERE {sql}").fetchall()
    assert [row[0] for row in found] == kept


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "province",
        "NOT province",
        "lower(province) = 'x'",
        "province = lower('x')",
        "province ILIKE 'x'",
        "province LIKE 'x' ESCAPE '!'",
        "province LIKE income",
        "province NOT LIKE lower('x')",
        "province SIMILAR TO 'x'",
        "province ~ 'x'",
        "province IN ()",
        "province IN (SELECT 1)",
        "province IN (SELECT province FROM other)",
        "income = (SELECT 1)",
        "EXISTS (SELECT 1)",
        "income + 1 = 2",
        "province || 'a' = 'x'",
        "income BETWEEN SYMMETRIC 1 AND 2",
        "income BETWEEN income AND 2",
        "income::VARCHAR = '1'",
        "province = '1'::INTEGER",
        "born > DATE '1990-13-01'",
        "born > TIMESTAMP '1990-01-01 00:00:00'",
        "born > DATE province",
        "income > 1e3",
        "province = NULL",
        "province IS TRUE",
        "province IS DISTINCT FROM 'x'",
        "province = $1",
        "province = ?",
        "#1 = 2",
        "COLUMNS('x') = 1",
        "* = 1",
        "people.province = 'x'",
        "other.province = 'x'",
        "unknown = 1",
        "province = 'x' COLLATE NOCASE",
        "CASE WHEN TRUE THEN TRUE END",
        "province = 'x'; DROP TABLE people",
        "SELECT 1",
        "province = 'x' AND",
        "province = 'x') OR (TRUE",
        "province = E'a\\n'",
        "province = $$a$$",
        "province = '\0'",
        "(" * 5000,
        "(" * 1900 + "province = 'x'" + ")" * 1900,
        "province = 'x' OR " * 300 + "TRUE",
    ],
)
def test_everything_else_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(Refused) as refused:
        predicate_sql(text, TABLE, "d.people", "r")
    assert refused.value.reason.code == "INVALID"
    assert refused.value.detail["place"] == "d.people.row_filter"
