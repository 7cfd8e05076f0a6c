"""What is an error for some values only says that there are such values: of one person, of a branch she alone takes."""

from __future__ import annotations

import duckdb
import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.audit import audit_queries
from access_broker.sql.fallible import reads_as
from access_broker.sql.verify import verify
from tests.support.sample import CATALOGUE, is_as_ungated, narrowed, plan, published, rows

IMPOSSIBLE = """
1 // 0; 5 % 0; 9223372036854775807 + 1; -(255::UTINYINT); abs((-128)::TINYINT); 127::TINYINT + 1::TINYINT;
round(9223372036854775807::BIGINT, -19); 99999999999999999999::BIGINT; 'abc'::INTEGER; ln(0); sqrt(-1); pow(-1, 0.5);
exp(1000); make_date(2024, 13, 1); make_date(99999999, 1, 1); DATE 'abc'; '2024-13-01'::DATE;
DATE '9999-12-31' + 2147483647; DATE '1990-01-01' - 2147483647; DATE '1990-01-01' + INTERVAL 9999999999 DAY;
DATE '1990-01-01' + INTERVAL '2147483647' MONTH; TIME '23:59:59' + INTERVAL 9999999999 HOUR;
TIMESTAMP '294246-12-31' + INTERVAL 100 YEAR; INTERVAL 'abc'; INTERVAL (1e308) DAY; INTERVAL '1' YEAR * 99999999999;
INTERVAL '1' DAY / 0; -INTERVAL '-2147483648' MONTH; INTERVAL '1' DAY + INTERVAL 2147483647 DAY;
last_day('5881580-07-10'::DATE); date_trunc('month', '5881580-07-10'::DATE);
date_trunc('week', '5877642-06-25 (BC)'::DATE); date_diff('microsecond', DATE '0001-01-01', DATE '290000-01-01');
week('5877642-06-25 (BC)'::DATE); dayofweek(INTERVAL '1' DAY); extract(isodow FROM INTERVAL '1' DAY * 2);
date_part('week', INTERVAL '1' DAY * 2); date_diff('day', TIME '10:00', TIME '11:00');
extract(timezone FROM DATE '1990-01-01'); strftime(DATE '2024-01-01', '%'); left('a', 9999999999999);
substring('a', -9223372036854775808, 1); right('a', -9223372036854775808); century(DATE 'infinity');
'a' LIKE 'b' ESCAPE 'xx'; replace('a', 'a', 'b')::DATE; 'abc'::BOOLEAN; 'abc'::INTERVAL; 300::TINYINT; 1e300::FLOAT
"""
WHERE = "city = 'Oviedo' AND disease = '{}'"
PLACES = [
    "count(*) FROM citizens WHERE CASE WHEN {who} THEN ({it})::VARCHAR ELSE gender END <> '' OR city = 'City1'",
    "count(*) FROM citizens WHERE city = 'City1' OR NOT ({who} AND ({it})::VARCHAR = '')",
    "count(*) FROM citizens GROUP BY gender, CASE WHEN {who} THEN ({it})::VARCHAR END",
]


def outcome(sql: str) -> str:
    """What is told of it; that the engine failed is told as BELOW_K."""
    try:
        statement = narrowed(sql)
        verify(plan(statement.sql), statement)
    except Refused as refused:
        return refused.reason.code
    try:
        rows(statement)
    except duckdb.Error:
        return "BELOW_K"
    return "answered"


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("it", [part.strip() for part in IMPOSSIBLE.split(";")])
def test_what_fails_for_one_person_alone_fails_for_nobody(it: str, place: str) -> None:
    """One of two people in Oviedo has HIV, nobody there has flu."""
    asked = [f"SELECT {place.format(who=WHERE.format(disease), it=it)}" for disease in ("HIV", "flu")]
    assert outcome(asked[0]) == outcome(asked[1])


@pytest.mark.parametrize("it", ["1 // 0", "make_date(2024, 13, 1)", "INTERVAL '1' YEAR * 99999999999"])
def test_ungated_it_fails(it: str) -> None:
    asked = f"SELECT {PLACES[0].format(who=WHERE.format('{}'), it=it)}"
    cursor = published().cursor()
    cursor.execute("USE raw")
    assert cursor.execute(asked.format("flu")).fetchone() == (5032,)
    with pytest.raises(duckdb.Error):
        cursor.execute(asked.format("HIV"))


@pytest.mark.parametrize(
    "it",
    [
        "extract(hour FROM TIME '10:00') = 10",
        "extract(day FROM INTERVAL '3' DAY) = 3",
        "date_diff('hour', TIME '10:00', TIME '11:00') = 1",
        "dayofweek(birth_date + INTERVAL '1' DAY) < 9",
        "year(birth_date - INTERVAL '1' YEAR) > 0",
        "extract(week FROM birth_date) < 60",
    ],
)
def test_parts_that_are_there_are_read(it: str) -> None:
    assert is_as_ungated(f"SELECT count(*) FROM citizens WHERE {it} OR gender = 'F'")


NONE_OF_THE_TYPE = [
    "birth_date = 'abc'",
    "birth_date > '1990-02-30'",
    "birth_date IN ('2020-01-01', 'x')",
    "birth_date BETWEEN '1990-01-01' AND '2024-W01-1'",
    "nullif(birth_date, '20240105') IS NULL",
    "greatest(birth_date, 'x') IS NULL",
    "year(birth_date) = 'abc'",
    "year(birth_date) IN (1990, '1e400')",
    "'abc' > 5",
    "100 = 1.0000000000000000000000000000000000001",
    "1.5 = 99999999999999999999999999999999999999",
    "make_date(5000000, 1, 1) > TIMESTAMP '2000-01-01 00:00:00'",
    "date_diff('era', birth_date, DATE '2000-01-01') > 1",
    "date_diff('timezone', birth_date, DATE '2000-01-01') > 1",
    "INTERVAL '1' DAY > 'x'",
    "NOT 'x'",
]


@pytest.mark.parametrize("it", NONE_OF_THE_TYPE)
@pytest.mark.parametrize("disease", ["HIV", "flu"])
def test_a_constant_that_is_none_of_its_type_is_refused_whoever_is_there(it: str, disease: str) -> None:
    sql = f"SELECT count(*) FROM citizens WHERE CASE WHEN {WHERE.format(disease)} THEN {it} ELSE true END"
    assert outcome(sql) in ("TYPES_DO_NOT_FIT", "NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("2024-01-05", "DATE"),
        ("2024-1-5", "DATE"),
        ("2024-02-29", "DATE"),
        ("2024-01-05 10:00", "TIMESTAMP"),
        ("2024-01-05T10:00:00.5", "TIMESTAMP"),
        ("2024-01-05", "TIMESTAMP WITH TIME ZONE"),
        ("10:00:59", "TIME"),
        ("127", "SMALLINT"),
        ("-2024", "BIGINT"),
        ("2024", "INTEGER"),
        ("-2.5", "DOUBLE"),
        ("12.50", "DECIMAL"),
        ("true", "BOOLEAN"),
    ],
)
def test_what_reads_as_a_type_the_engine_reads_as_one(text: str, kind: str) -> None:
    assert reads_as(text, kind)
    assert published().cursor().execute(f"SELECT CAST('{text}' AS {kind}) IS NOT NULL").fetchone() == (True,)


@pytest.mark.parametrize(
    "it",
    [
        "birth_date >= '1990-1-1'",
        "DATE '1990-01-01' < TIMESTAMP '2000-01-01 00:00:00'",
        "year(birth_date) = '1990'",
        "year(birth_date) > 2000.5",
    ],
)
def test_honest_constants_are_read(it: str) -> None:
    assert is_as_ungated(f"SELECT count(*) FROM citizens WHERE {it}")


@pytest.mark.parametrize("mode", ["exact", "rounded"])
@pytest.mark.parametrize("who", ["disease = 'HIV'", "disease = 'flu'"])
def test_an_impossible_constant_is_refused_before_people_are_counted(mode: str, who: str) -> None:
    """The statement that counts them is one of ours, with the asker's constants in it: it is looked at as theirs is."""
    sql = f"SELECT city, count(*) FROM citizens WHERE {who} AND birth_date = 'abc' GROUP BY city"
    statement = narrowed(sql, mode=mode)
    (counted,) = audit_queries(statement, CATALOGUE, 1000)
    with pytest.raises(Refused, match="TYPES_DO_NOT_FIT"):
        verify(plan(counted.statement.sql), counted.statement)


FAR = "SELECT count(*) FROM (SELECT {} AS d, city, disease FROM citizens) AS q WHERE {} d > TIMESTAMP '2020-01-01'"


@pytest.mark.parametrize("place", ["disease = 'HIV' AND city = 'Oviedo' OR", "city = 'Oviedo' AND disease = 'HIV' AND"])
@pytest.mark.parametrize(
    "day",
    [
        "make_date(5000000, 1, 1)",
        "make_date(year(birth_date) + 300000, 1, 1)",
        "CASE WHEN city = 'Oviedo' THEN make_date(year(birth_date) * 1000, 1, 1) ELSE birth_date END",
        "TRY_CAST('5000000-01-01' AS DATE)",
    ],
)
def test_a_day_that_may_be_beyond_time_is_made_no_moment_in_another_query(day: str, place: str) -> None:
    assert outcome(FAR.format(day, place)) == "TYPES_DO_NOT_FIT"


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM visits WHERE visit_date + 7 > TIMESTAMP '2024-03-01'",
        "SELECT count(*) FROM citizens WHERE make_date(year(birth_date), 1, 1) < TIMESTAMP '1990-01-01'",
        "SELECT count(*) FROM citizens WHERE birth_date BETWEEN make_date(1980, 1, 1) AND TIMESTAMP '1998-12-31'",
    ],
)
def test_a_day_of_our_time_is(sql: str) -> None:
    assert is_as_ungated(sql)
