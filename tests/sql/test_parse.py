"""Statements that must not get past the first gate, each with the code that stops it."""

from __future__ import annotations

import datetime

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql.parse import parse

REFUSED = [
    ("SELECT 1; SELECT 2", "ONE_STATEMENT"),
    ("", "SYNTAX"),
    ("-- nothing", "SYNTAX"),
    ("SELEC 1", "SYNTAX"),
    ("DELETE FROM citizens", "NOT_A_QUERY"),
    ("COPY (SELECT 1) TO 'x'", "NOT_A_QUERY"),
    ("PRAGMA database_list", "NOT_A_QUERY"),
    ("DESCRIBE citizens", "NOT_A_QUERY"),
    ("SUMMARIZE citizens", "NOT_A_QUERY"),
    ("SET threads = 8", "NOT_A_QUERY"),
    ("EXPLAIN SELECT 1", "NOT_A_QUERY"),
    ("INSTALL httpfs", "NOT_A_QUERY"),
    ("PIVOT citizens ON gender USING count(*)", "NOT_SUPPORTED"),
    ("SELECT full_name\u3000FROM citizens", "BAD_TEXT"),
    ("SELECT f\u200bull_name FROM citizens", "BAD_TEXT"),
    ("SELECT 'a\u202eb'", "BAD_TEXT"),
    ("SELECT 1\x00", "BAD_TEXT"),
    ("SELECT نام\u200cها FROM citizens", "BAD_TEXT"),  # a half-space outside quotes
    ("SELECT 1 -- نام\u200cها", "BAD_TEXT"),
    ("SELECT 'pass\u200cword'", "BAD_TEXT"),
    ("SELECT 'نام\u200c'", "BAD_TEXT"),
    ("SELECT 'نام\u200c\u200cها'", "BAD_TEXT"),
    ("SELECT 'نام\u200c\u202eها'", "BAD_TEXT"),
    ("SELECT 'نام\u200bها'", "BAD_TEXT"),
    ("SELECT 'نام\u200c ها'", "BAD_TEXT"),
    ("SELECT ｆull_name FROM citizens", "BAD_TEXT"),
    ("SELECT " + "(" * 200 + "1" + ")" * 200, "TOO_COMPLEX"),
    ("SELECT 1 WHERE " + " OR ".join(["1 = 1"] * 5000), "TOO_COMPLEX"),
    ("SELECT '" + "x" * 3000 + "'", "TOO_COMPLEX"),
    ("SELECT " + ", ".join(["1"] * 300), "TOO_COMPLEX"),
    ("SELECT x" + " " * 30000, "TOO_COMPLEX"),
    ("SELECT read_text('/etc/passwd')", "FUNCTION_NOT_ALLOWED"),
    ("SELECT getenv('HOME')", "FUNCTION_NOT_ALLOWED"),
    ("SELECT hash(1)", "FUNCTION_NOT_ALLOWED"),
    ("SELECT md5('x')", "FUNCTION_NOT_ALLOWED"),
    ("SELECT histogram(1)", "FUNCTION_NOT_ALLOWED"),
    ("SELECT printf('%d', 1)", "FUNCTION_NOT_ALLOWED"),
    ("SELECT lpad('x', 2000000000, 'y')", "FUNCTION_NOT_ALLOWED"),
    ("SELECT repeat('x', 2000000000)", "FUNCTION_NOT_ALLOWED"),
    ("SELECT regexp_matches('aaaa', '(a+)+$')", "FUNCTION_NOT_ALLOWED"),
    ("SELECT error('x')", "FUNCTION_NOT_ALLOWED"),
    ("SELECT [1, 2]", "FUNCTION_NOT_ALLOWED"),
    ("SELECT {'a': 1}", "FUNCTION_NOT_ALLOWED"),
    ("SELECT COLUMNS('.*') FROM citizens", "FUNCTION_NOT_ALLOWED"),
    ("SELECT CAST(1 AS INT[])", "NOT_SUPPORTED"),
    ("SELECT CAST('x' AS BLOB)", "NOT_SUPPORTED"),
    ("SELECT DISTINCT ON (a) a FROM t", "NOT_SUPPORTED"),
    ("SELECT a FROM t LIMIT 10 PERCENT", "NOT_SUPPORTED"),
    ("WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r) SELECT * FROM r", "NOT_SUPPORTED"),
    ("SELECT 1 UNION ALL BY NAME SELECT 2", "NOT_SUPPORTED"),
    ("SELECT #2 FROM t", None),
    ("SELECT last_day(DATE '2024-01-01', x)", "NOT_SUPPORTED"),
    ("SELECT current_date(x) FROM t", "NOT_SUPPORTED"),
    ("SELECT 1 FROM t WHERE x LIKE " + "||".join(["'a'"] * 1500), "TOO_COMPLEX"),
    (
        f"SELECT * FROM t PIVOT (sum({'+'.join(['x'] * 300)}) FOR k IN ({','.join(map(str, range(190)))}) GROUP BY y)",
        "TOO_COMPLEX",
    ),
    ('SELECT city AS "~__ek" FROM citizens', "NOT_SUPPORTED"),
    ("SELECT * FROM (SELECT city, disease FROM citizens) PIVOT (count(*) FOR city IN ('~__ek'))", "NOT_SUPPORTED"),
]


@pytest.mark.parametrize(("sql", "code"), REFUSED, ids=range(len(REFUSED)))
def test_refused_before_names_are_looked_at(sql: str, code: str | None) -> None:
    with pytest.raises(Refused) as caught:
        parse(sql)
    if code:
        assert caught.value.reason.code == code


def test_parameters_become_literals() -> None:
    tree = parse("SELECT ? AS a, ?, ?, ?", ("o'brien", -3, None, datetime.date(2026, 1, 2))).tree
    assert tree.sql("duckdb") == "SELECT 'o''brien' AS a, (-3), NULL, CAST('2026-01-02' AS DATE)"
    assert parse("SELECT $2, $1", (1, 2)).tree.sql("duckdb") == "SELECT 2, 1"


IN_ORDER = [
    "WITH a AS (SELECT ? AS x) SELECT x, ? FROM a WHERE x > ? LIMIT ? OFFSET ?",
    "SELECT a, ? FROM (SELECT ? AS a FROM t WHERE b = ?) WHERE a IN (SELECT c FROM u WHERE d < ?) LIMIT ?",
    "SELECT count(*) FILTER (WHERE a = ?), CASE WHEN ? THEN ? END FROM t GROUP BY b HAVING count(*) > ? ORDER BY ?",
    "SELECT ? UNION ALL SELECT ? FROM t JOIN u ON t.a = ? WHERE x BETWEEN ? AND ? -- is it ?",
]


@pytest.mark.parametrize("sql", IN_ORDER, ids=range(len(IN_ORDER)))
def test_a_parameter_stands_where_its_mark_stands_in_the_text(sql: str) -> None:
    marks = sql.partition("--")[0].count("?")
    told = "".join(f"{part}{100 + n}" for n, part in enumerate(sql.partition("--")[0].split("?")))[:-3]
    assert parse(sql, tuple(range(100, 100 + marks))).tree == parse(told).tree


def test_a_mark_within_a_text_is_none() -> None:
    assert parse("SELECT '?' AS a, ? AS \"b?\"", (1,)).tree.sql("duckdb") == "SELECT '?' AS a, 1 AS \"b?\""


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("SELECT ?", None),
        ("SELECT ?", ()),
        ("SELECT 1", (1,)),
        ("SELECT $2", (1,)),
        ("SELECT ?", (b"x",)),
        ("SELECT ?", (float("nan"),)),
        ("SELECT ?", (float("inf"),)),
        ("SELECT ?", ("a\x00b",)),
        ("SELECT ?", ([1],)),
        ("SELECT :name", (1,)),
        ("SELECT ?, $1", (1, 2)),
        ("SELECT ?, $1", (1,)),
        ("SELECT ?1", (1,)),
        ("SELECT $1", (1, 2)),
        ("SELECT $x", (1,)),
    ],
)
def test_parameters_that_do_not_fit(sql: str, parameters: tuple[object, ...] | None) -> None:
    with pytest.raises(Refused) as caught:
        parse(sql, parameters)
    assert caught.value.reason.code in ("BAD_PARAMETERS", "SYNTAX", "NOT_SUPPORTED")


def test_the_half_space_is_spelling_within_quotes() -> None:
    parsed = parse('SELECT "نام\u200cها" AS "شماره\u200cي\u200cملي" FROM t WHERE p = \'خراسان\u200cرضوی\'')
    (column,) = parsed.tree.selects
    assert (column.this.name, column.alias) == ("نامها", "شمارهیملی")
    assert parsed.typed == {"شمارهیملی": "شماره\u200cي\u200cملي"}
    assert "'خراسان\u200cرضوی'" in parsed.tree.sql("duckdb")  # a value is compared as it was typed
    assert parse("SELECT 'ه\u200dا'").tree.sql("duckdb") == "SELECT 'ه\u200dا'"


def test_persian_names_are_folded_and_capitals_kept_for_the_answer() -> None:
    parsed = parse('SELECT نام AS "نام ها", "كد_ملي", count(*) AS "N People" FROM شهروندان')
    assert [e.alias_or_name for e in parsed.tree.selects] == ["نام ها", "کد_ملی", "n people"]
    assert parsed.typed["n people"] == "N People"


NAMED = [
    ('SELECT * FROM (SELECT gender AS "G", count(*) AS "COUNT(*)" FROM citizens GROUP BY 1) t', ["G", "COUNT(*)"]),
    ('WITH t("G", n) AS (SELECT gender, count(*) FROM citizens GROUP BY 1) SELECT t.*, n AS "N" FROM t', ["G", "N"]),
    ('SELECT city AS "__timestamp" FROM citizens', ["__timestamp"]),
    (
        "SELECT * FROM (SELECT city, gender FROM citizens) PIVOT (count(*) FOR gender IN ('F', 'x y' AS __X))",
        ["F", "__X"],
    ),
]


@pytest.mark.parametrize(("sql", "names"), NAMED, ids=range(len(NAMED)))
def test_names_of_the_answer_are_kept_as_typed(sql: str, names: list[str]) -> None:
    typed = parse(sql).typed
    assert set(names) <= set(typed.values())
    assert all(not known.startswith("__") for known in typed)
