"""PIVOT and UNPIVOT, in FROM and as statements: what the engine gives for them on the raw tables, names included."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from tests.support.sample import is_as_ungated, narrowed, published, rows

BOTH = "gender IN ('F', 'M')"
GROUPED = "(SELECT gender, disease, count(*) AS n FROM citizens GROUP BY ALL)"
OF = "(SELECT gender, disease, income FROM citizens)"
WIDE = (
    "(SELECT disease, count(*) FILTER (gender = 'F') AS f, count(*) FILTER (gender = 'M') AS m FROM citizens"
    " GROUP BY 1)"
)
ANSWERED = [
    f"PIVOT citizens ON {BOTH} USING count(*) GROUP BY disease",
    f"PIVOT citizens ON {BOTH} USING count(*) GROUP BY disease ORDER BY disease LIMIT 3",
    f"PIVOT citizens ON {BOTH} USING count(*) AS n, avg(income) AS a GROUP BY disease",
    f"PIVOT {OF} ON {BOTH} USING count(*) AS n, avg(income) AS a GROUP BY disease",
    "PIVOT (SELECT gender, disease FROM citizens) ON gender IN ('F', 'M') USING count(*)",
    f"PIVOT {GROUPED} ON {BOTH} USING sum(n)",
    "PIVOT citizens ON year(birth_date) IN (1960, 1970) USING count(*) GROUP BY gender",
    "PIVOT (SELECT clinic, year(visit_date) AS y, cost FROM visits WHERE clinic <= 'Clinic L') ON y IN (2024, 2025)"
    " USING sum(cost) AS s, count(*) AS n GROUP BY clinic ORDER BY clinic",
    "WITH d AS (SELECT disease, year(birth_date) >= 1980 AS young, count(*) AS n FROM citizens GROUP BY ALL) PIVOT d"
    " ON young IN (true, false) USING sum(n) GROUP BY disease ORDER BY disease",
    f"WITH q AS {OF} PIVOT q ON {BOTH} USING count(*) GROUP BY disease ORDER BY 1",
    f"WITH q AS (SELECT gender, disease FROM citizens) SELECT * FROM q PIVOT (count(*) FOR {BOTH})",
    "WITH q AS (SELECT gender, disease FROM citizens) SELECT p.women FROM q PIVOT (count(*) FOR gender IN"
    " ('F' AS women, 'M')) p WHERE p.disease = 'flu'",
    f"SELECT * FROM (PIVOT citizens ON {BOTH} USING count(*) GROUP BY disease) ORDER BY disease",
    f"SELECT * FROM citizens PIVOT (count(*) AS n, avg(income) AS m FOR {BOTH} GROUP BY disease) ORDER BY disease",
    f"SELECT * FROM {OF} PIVOT (count(*) AS n, avg(income) AS a FOR gender IN ('F' AS women, 'M'))",
    f"FROM {OF} PIVOT (avg(income) FOR gender IN ('F' AS women, 'M' AS men) GROUP BY disease) ORDER BY disease",
    f"SELECT * FROM {GROUPED} PIVOT (sum(n) FOR {BOTH}) ORDER BY 1",
    "PIVOT provinces ON region IN ('South', 'Cibao') USING sum(population) GROUP BY province ORDER BY province",
    f"UNPIVOT {WIDE} ON f, m INTO NAME sex VALUE n ORDER BY disease, sex LIMIT 4",
    f"UNPIVOT {WIDE} ON f, m",
    f"WITH t AS {WIDE} UNPIVOT t ON f, m INTO NAME sex VALUE n",
    f"SELECT sex, sum(n) FROM (UNPIVOT {WIDE} ON f, m INTO NAME sex VALUE n) GROUP BY sex",
]


@pytest.mark.parametrize("sql", ANSWERED)
def test_it_is_what_the_engine_gives(sql: str) -> None:
    assert is_as_ungated(sql, ordered="ORDER BY" in sql)


@pytest.mark.parametrize("sql", ANSWERED)
def test_its_columns_are_named_as_the_engine_names_them(sql: str) -> None:
    cursor = published().cursor()
    cursor.execute("USE raw")
    described = [column[0] for column in cursor.execute(sql).description]
    assert list(narrowed(sql).output_names) == described


@pytest.mark.parametrize(
    "sql",
    [
        f"PIVOT citizens ON {BOTH} USING count(*) GROUP BY city",
        f"PIVOT citizens ON {BOTH} USING sum(income) GROUP BY city",
        f"SELECT * FROM (SELECT city, gender FROM citizens) PIVOT (count(*) FOR {BOTH})",
    ],
)
def test_small_groups_and_small_cells_are_left_out(sql: str) -> None:
    found = rows(narrowed(sql))
    assert len(found) > 10
    assert "Oviedo" not in {row[0] for row in found}


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT citizens ON city IN ('Oviedo', 'City1') USING count(*) GROUP BY gender",
        "PIVOT citizens ON income IN (987654.32) USING count(*) GROUP BY gender",
        "SELECT * FROM (SELECT gender, city FROM citizens) PIVOT (count(*) FOR city IN ('Oviedo'))",
    ],
)
def test_a_cell_of_few_says_nothing(sql: str) -> None:
    assert {row[1] for row in rows(narrowed(sql))} == {None}


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("PIVOT citizens ON gender USING count(*) GROUP BY disease", "NOT_SUPPORTED"),
        (f"PIVOT citizens ON {BOTH} USING count(*)", "NOT_SUPPORTED"),  # all other columns, the key among them
        (f"PIVOT citizens ON {BOTH} GROUP BY disease", "NOT_SUPPORTED"),
        ("PIVOT citizens ON gender IN ('F', NULL) USING count(*) GROUP BY disease", "NOT_SUPPORTED"),
        ("PIVOT citizens ON gender IN ('F', upper('m')) USING count(*) GROUP BY disease", "NOT_SUPPORTED"),
        ("PIVOT citizens ON gender IN (SELECT gender FROM citizens) USING count(*) GROUP BY disease", "NOT_SUPPORTED"),
        (f"PIVOT citizens ON {BOTH}, disease IN ('flu') USING count(*) GROUP BY province", "NOT_SUPPORTED"),
        (f"PIVOT citizens ON {BOTH} USING count(*), sum(income) GROUP BY disease", "NOT_SUPPORTED"),
        (f"PIVOT citizens ON {BOTH} USING count(*) AS n, sum(income) GROUP BY disease", "NOT_SUPPORTED"),
        (f"PIVOT citizens ON {BOTH} USING count(*) + 1 GROUP BY disease", "SYNTAX"),
        (f"PIVOT citizens ON city IN ({', '.join(repr(str(n)) for n in range(300))}) USING count(*) GROUP BY disease",
         "TOO_COMPLEX"),
        (f"SELECT * FROM citizens PIVOT (count(*) FOR {BOTH})", "NOT_SUPPORTED"),
        (f"SELECT * FROM (SELECT * FROM citizens) PIVOT (count(*) FOR {BOTH})", "NOT_SUPPORTED"),
        (f"WITH q AS (SELECT * FROM citizens) SELECT * FROM q PIVOT (count(*) FOR {BOTH})", "NOT_SUPPORTED"),
        (f"SELECT * FROM {OF} PIVOT (count(*), sum(income) FOR {BOTH})", "NOT_SUPPORTED"),
        (f"SELECT * FROM {OF} PIVOT (count(*) FOR gender IN ('F') disease IN ('flu'))", "NOT_SUPPORTED"),
        (f"SELECT * FROM {OF} PIVOT (count(*) FOR {BOTH}) PIVOT (count(*) FOR {BOTH})", "NOT_SUPPORTED|SYNTAX"),
        ("SELECT * FROM (provinces) PIVOT (sum(population) FOR region IN ('South'))", "NOT_SUPPORTED"),
        ("UNPIVOT citizens ON gender, disease INTO NAME k VALUE v", "NOT_SUPPORTED"),
        (f"UNPIVOT {WIDE} ON f, m INTO NAME k VALUE v, w", "NOT_SUPPORTED"),
        (f"UNPIVOT {WIDE} ON (f, m) INTO NAME k VALUE v, w", "NOT_SUPPORTED"),
        (f"UNPIVOT {WIDE} ON COLUMNS('f|m') INTO NAME k VALUE v", "NOT_SUPPORTED"),
        (f"UNPIVOT {WIDE} ON * EXCLUDE disease INTO NAME k VALUE v", "NOT_SUPPORTED"),
    ],
)  # fmt: skip
def test_columns_that_nobody_knows_are_refused(sql: str, code: str) -> None:
    with pytest.raises(Refused, match=code):
        narrowed(sql)
