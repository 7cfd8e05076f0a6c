"""The same question in other words is the same text; another question never is."""

from __future__ import annotations

import pytest
from sqlglot import exp

from access_broker.sql.canonical import canonical
from tests.support.sample import narrowed
from tests.support.work import calls_in


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
        "SELECT count(*) FROM citizens WHERE city NOT LIKE 'City1' AND disease = 'HIV'",
        "SELECT count(*) FROM citizens WHERE city = 'City1' AND disease NOT LIKE 'HIV'",
        "SELECT count(*) FROM citizens WHERE city IN ('City1', 'City2') AND disease = 'HIV'",
        "SELECT count(*) FROM citizens c JOIN visits v ON c.national_id = v.national_id "
        "WHERE city = 'City1' AND disease = 'HIV'",
    ],
)
def test_other_questions(question: str) -> None:
    assert spelled(question) != spelled(ASKED)


def test_conditions_that_differ_by_brackets_are_two_questions() -> None:
    select = "SELECT count(*) FROM citizens WHERE {}"
    one = spelled(select.format("(disease, city = 'Azua' OR gender = 'F') = ('flu', 1)"))
    assert one != spelled(select.format("(disease, city = 'Azua') = ('flu', 1) OR gender = 'F'"))


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


@pytest.mark.parametrize(
    "condition",
    [
        "date_trunc('week', birth_date) = DATE '9999-12-27'",
        "date_trunc('year', birth_date) <> DATE '9999-01-01'",
        "date_trunc('month', birth_date) IN (DATE '9999-12-01', DATE '0001-01-01')",
        "DATE '9999-12-31' + INTERVAL 1 DAY > birth_date",
        "DATE '0001-01-01' - INTERVAL 9000 YEAR < birth_date",
        "CAST(birth_date AS TIMESTAMP) > TIMESTAMP '2020-01-01 00:00:00' AND birth_date > DATE '2020-01-01'",
    ],
)
def test_what_cannot_be_made_simpler_is_a_question_in_its_own_words(condition: str) -> None:
    asked = f"SELECT count(*) FROM citizens WHERE {condition}"
    assert spelled(asked) == spelled(asked) != spelled(f"{asked} AND city = 'City1'")


def test_a_day_that_nobody_can_reckon_with_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    for failure in (OverflowError, TypeError, ZeroDivisionError, ModuleNotFoundError, RecursionError):

        def fails(tree: exp.Expr, failure: type[Exception] = failure) -> exp.Expr:
            raise failure

        monkeypatch.setattr("access_broker.sql.canonical.simplify", fails)
        assert "\"city\" = 'City1'" in spelled(ASKED)


@pytest.mark.parametrize(
    ("negated", "said"),
    [
        ("NOT (city = 'a' OR gender = 'F' OR disease = 'HIV')",
         "city <> 'a' AND gender <> 'F' AND disease <> 'HIV'"),
        ("NOT (city = 'a' AND (gender = 'F' OR disease = 'HIV'))",
         "city <> 'a' OR (gender <> 'F' AND disease <> 'HIV')"),
        ("NOT (city = 'a' OR NOT (gender = 'F' OR NOT (disease = 'HIV' OR city = 'b')))",
         "city <> 'a' AND (gender = 'F' OR (disease <> 'HIV' AND city <> 'b'))"),
    ],
)  # fmt: skip
def test_negations_are_pulled_in(negated: str, said: str) -> None:
    asked = "SELECT count(*) FROM citizens WHERE"
    assert spelled(f"{asked} {negated}") == spelled(f"{asked} {said}")


def test_a_hundred_tuples_are_little_more_than_twice_the_work_of_fifty() -> None:
    def work(many: int) -> int:
        tuples = ", ".join(f"('City{n}', 'F', 'HIV')" for n in range(many))
        asked = f"SELECT count(*) FROM citizens WHERE (city, gender, disease) NOT IN ({tuples})"
        return calls_in(lambda: spelled(asked))

    assert work(100) < 3 * work(50)
