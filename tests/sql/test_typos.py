"""Slips of the pen are ordinary refusals: an alarm that rings for every typo is one that nobody hears."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from typing import Any

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.names import UnknownNames
from access_broker.sql.verify import Mismatch, verify
from tests.support.judge import cases
from tests.support.sample import analysed, is_as_ungated, narrowed, plan, rows

FRAME = "SELECT province, sum(population) OVER (ORDER BY population {}) FROM provinces"
TYPOS = [
    ("SELECT DATE '2024-01-01' + INTERVAL '1 monht'", "SYNTAX"),
    ("SELECT INTERVAL 1 DECADE", "NOT_SUPPORTED"),
    ("SELECT DATE '2024-01-01' + INTERVAL '2 centuries'", "NOT_SUPPORTED"),
    ("SELECT count(*) FROM citizens WHERE birth_date + INTERVAL 1 MILLENNIUM > DATE '2024-01-01'", "NOT_SUPPORTED"),
    ("SELECT INTERVAL (population) MILLISECONDS FROM provinces", "NOT_SUPPORTED"),
    ("SELECT INTERVAL 7 us", "NOT_SUPPORTED"),
    ("SELECT INTERVAL 1 QUARTER, EXTRACT(decade FROM DATE '2024-01-01')", ""),
    ("SELECT EXTRACT(julian FROM DATE '2024-01-01')", "NOT_SUPPORTED"),
    ("SELECT date_part('timezone_hour', DATE '2024-01-01')", "NOT_SUPPORTED"),
    ("SELECT date_diff('nanosecond', TIME '10:00:00', TIME '11:00:00')", "NOT_SUPPORTED"),
    ("SELECT sum(income) EXPORT_STATE FROM citizens", "NOT_SUPPORTED"),
    ("SELECT sum(income) FILTER (WHERE gender = 'F') /* */ export_state FROM citizens", "NOT_SUPPORTED"),
    ("SELECT sum(income) AS export_state FROM citizens", ""),
    ('SELECT sum(income) "export_state" FROM citizens', ""),
    ("SELECT length(province, 2) FROM provinces", "NOT_SUPPORTED"),
    ("SELECT len(province, 2) FROM provinces", "NOT_SUPPORTED"),
    ("SELECT corr(income, income, 2) FROM citizens", "NOT_SUPPORTED"),
    ("SELECT make_date(2024, 1, 1, 1)", "NOT_SUPPORTED"),
    ("SELECT strpos('a', 'b', 1, 1)", "NOT_SUPPORTED"),
    ("SELECT round('x')", "TYPES_DO_NOT_FIT"),
    ("SELECT string_agg(DISTINCT) FROM provinces", "SYNTAX"),
    ("SELECT sum(DISTINCT) FROM provinces", "NOT_SUPPORTED"),
    ("SELECT province IN () FROM provinces", "SYNTAX"),
    ("SELECT count(*) FROM citizens c, provinces p WHERE c.* = p.province", "NOT_SUPPORTED"),
    (FRAME.format("ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING"), "SYNTAX"),
    (FRAME.format("ROWS BETWEEN UNBOUNDED FOLLOWING AND CURRENT ROW"), "SYNTAX"),
    (FRAME.format("ROWS BETWEEN 'a' PRECEDING AND CURRENT ROW"), "NOT_SUPPORTED"),
    ("SELECT * FROM (VALUES (1, 2), (3)) t(a, b)", "SYNTAX"),
    ("SELECT * FROM (VALUES (1), (2)) t(a, b)", "TYPES_DO_NOT_FIT"),
]


def outcome(sql: str) -> str:
    """The code of the refusal, "" if the statement would run. Raises Mismatch, which is the alarm."""
    try:
        if analysed(sql).footprint.unknown:
            return "NOT_GRANTED"
        statement = narrowed(sql)
        verify(plan(statement.sql), statement)
    except Refused as refused:
        return refused.reason.code
    except UnknownNames:
        return "NOT_GRANTED"
    return ""


@pytest.mark.parametrize(("sql", "code"), TYPOS, ids=range(len(TYPOS)))
def test_a_typo_has_its_code(sql: str, code: str) -> None:
    assert outcome(sql) == code


@pytest.mark.parametrize("sql", ["SELECT " + "9" * digits for digits in (39, 44, 300)])
def test_a_number_beyond_128_bits_is_a_type_that_does_not_fit(sql: str) -> None:
    assert outcome(sql) == "TYPES_DO_NOT_FIT"


@pytest.mark.parametrize("sql", ["SELECT -('NaN'::DOUBLE)", "SELECT 1 - -(concat('na', 'n')::FLOAT)"])
def test_a_constant_that_is_no_number_turned_round_is_none_either(sql: str) -> None:
    assert outcome(sql) == "TYPES_DO_NOT_FIT"


def test_intervals_can_be_compared() -> None:
    assert outcome("SELECT count(*) FROM provinces WHERE INTERVAL '1' DAY < INTERVAL '2' DAY") == ""


@pytest.mark.parametrize(
    "asked",
    [
        "gender, avg(income)::DECIMAL(18, 2), count(*)::NUMERIC FROM citizens GROUP BY 1",
        "region, CAST(sum(population) AS DECIMAL(18, 2)) FROM provinces GROUP BY 1",
        "gender, round(avg(income)::DECIMAL(18, 4), 2) FROM citizens GROUP BY 1",
        "strftime(visit_date, '%m')::INT AS m, count(*) FROM visits GROUP BY 1",
    ],
)
def test_a_conversion_that_was_asked_for_gives_what_the_engine_gives(asked: str) -> None:
    assert is_as_ungated(f"SELECT {asked}")


def test_it_gives_null_where_there_is_none_and_one_of_the_engines_own_is_refused() -> None:
    """Only the first is written as TRY_CAST; were it not, a row that cannot be converted would be told by an error."""
    statement = narrowed("SELECT substr(clinic, 1, 1)::INT AS n, count(*) FROM visits GROUP BY 1")
    assert rows(statement) == [(None, 12667)]
    shown = plan(statement.sql)
    verify(shown, statement)
    tried = [node for node in _nodes(shown) if (node.get("function_data") or {}).get("try_cast")]
    assert tried
    for node in tried:
        node["function_data"]["try_cast"] = False
    with pytest.raises(Refused, match="TYPES_DO_NOT_FIT"):
        verify(shown, statement)


def _nodes(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _nodes(part)


# --- generated --------------------------------------------------------------------------------------------------------

WORD = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|\w+(?:\.\d+)?|<>|<=|>=|\|\||::|[^\s\w]")
FUNCTIONS = """
    count sum avg corr covar_pop stddev round floor ceil substr left right length lower trim replace concat coalesce
    nullif greatest abs sqrt ln log pow year month week dayname last_day date_trunc date_diff date_part extract strftime
    make_date contains strpos century if amanat_percentile string_agg median mode max count_if regr_slope lag ntile rank
""".split()
ARGUMENTS = """
    income birth_date gender 1 2 -1 0 1.5 'x' 'month' '2024-01-01' NULL TRUE * DISTINCT 1e400 'monht' INTERVAL'1'day
""".split()
OVER = ["", "", "", " OVER ()", " OVER (ORDER BY gender ROWS -1 PRECEDING)", " FILTER (WHERE gender = 'F')"]
LEGIT = [sql for case in cases("legit") for sql in ([case["sql"]] if isinstance(case["sql"], str) else case["sql"])]
WORDS = [word for sql in LEGIT for word in WORD.findall(sql)]


def misspelt(chance: random.Random) -> str:
    """A legitimate statement with a word changed, left out, doubled or taken from another."""
    words = WORD.findall(chance.choice(LEGIT))
    place = chance.randrange(len(words))
    other = chance.choice(WORDS)
    words[place : place + 1] = chance.choice(
        [[], [other], [words[place], other], [words[place]] * 2, [words[place][:-1]], [words[place], ",", other]]
    )
    return " ".join(words)


def misused(chance: random.Random) -> str:
    """A call of a known function with arguments as they come."""
    given = ", ".join(chance.choice(ARGUMENTS) for _ in range(chance.choice([0, 1, 1, 2, 2, 3, 4])))
    call = f"{chance.choice(FUNCTIONS)}({given}){chance.choice(OVER)}".replace("DISTINCT, ", "DISTINCT ")
    form = "SELECT {} FROM citizens|SELECT gender, {} FROM citizens GROUP BY gender|SELECT 1 FROM citizens WHERE {} = 1"
    return chance.choice(form.split("|")).format(call)


@pytest.mark.parametrize("make", [misspelt, misused])
def test_no_slip_raises_an_alarm(make: object) -> None:
    chance, codes = random.Random(7), set()
    for _ in range(600):
        sql = make(chance)  # type: ignore[operator]
        try:
            codes.add(outcome(sql))
        except Mismatch as difference:
            pytest.fail(f"{difference.what}: {sql}")
    assert codes >= {"", "SYNTAX", "NOT_SUPPORTED", "TYPES_DO_NOT_FIT"}
