"""The same question in other words is the same text; another question never is."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.sql.canonical import canonical
from tests.support.sample import narrowed


def spelled(sql: str) -> str:
    source = narrowed(sql).audits[0].source.copy()
    source.set("expressions", [exp.Count(this=exp.Star())])
    return canonical(source)


ASKED = "SELECT count(*) FROM citizens WHERE city = 'City1' AND disease = 'HIV'"


@pytest.mark.parametrize(
    "words",
    [
        "select COUNT(*) AS n from CITIZENS as c where c.disease = 'HIV' and c.city = 'City1'",
        "SELECT count(*) FROM citizens WHERE 'City1' = city AND disease IN ('HIV')",
        "SELECT count(*) FROM citizens WHERE NOT (city <> 'City1' OR disease <> 'HIV')",
        "SELECT count(*) FROM citizens WHERE city LIKE 'City1' AND NOT NOT disease = 'HIV'",
        "SELECT count(*) FROM citizens WHERE (city = 'City1' AND disease = 'HIV') AND city = 'City1'",
        "SELECT count(*) FROM (SELECT * FROM citizens WHERE disease = 'HIV') AS sick WHERE city = 'City1'",
        "WITH a AS (SELECT city x, disease y FROM citizens) SELECT count(*) FROM a WHERE y = 'HIV' AND 'City1' = x",
        "SELECT count(*), gender IS NULL FROM citizens WHERE city = 'City1' AND disease = 'HIV' GROUP BY 2",
    ],
)
def test_other_words(words: str) -> None:
    assert spelled(words) == spelled(ASKED)


@pytest.mark.parametrize(
    "question",
    [
        "SELECT count(*) FROM citizens WHERE city = 'City1'",
        "SELECT count(*) FROM citizens WHERE city = 'City1' OR disease = 'HIV'",
        "SELECT count(*) FROM citizens WHERE city = 'HIV' AND disease = 'City1'",
        "SELECT count(*) FROM citizens WHERE city = 'City1' AND disease <> 'HIV'",
        "SELECT count(*) FROM citizens WHERE city LIKE 'City1%' AND disease = 'HIV'",
        "SELECT count(*) FROM citizens WHERE city IN ('City1', 'City2') AND disease = 'HIV'",
        "SELECT count(*) FROM citizens c JOIN visits v ON c.national_id = v.national_id "
        "WHERE city = 'City1' AND disease = 'HIV'",
    ],
)
def test_other_questions(question: str) -> None:
    assert spelled(question) != spelled(ASKED)


def test_names_of_tables_mean_nothing_and_which_is_which_does() -> None:
    joined = "SELECT count(*) FROM citizens a JOIN citizens b ON a.national_id = b.national_id WHERE {} = 'City1'"
    swapped = "SELECT count(*) FROM citizens x JOIN citizens y ON x.national_id = y.national_id WHERE {} = 'City1'"
    assert spelled(joined.format("a.city")) == spelled(swapped.format("x.city"))
    assert spelled(joined.format("a.city")) != spelled(swapped.format("y.city"))


def test_choices_are_lists_in_any_order() -> None:
    choices = [
        "gender IN ('M', 'F')",
        "gender IN ('F', 'M')",
        "gender = 'M' OR gender = 'F'",
        "NOT (gender <> 'F' AND gender <> 'M')",
    ]
    assert len({spelled(f"SELECT count(*) FROM citizens WHERE {choice}") for choice in choices}) == 1
