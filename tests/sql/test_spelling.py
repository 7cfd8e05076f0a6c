"""A refusal calls a form or a function by the words of whoever typed it."""

from __future__ import annotations

import pytest

from access_broker.domain.decisions import Refused
from access_broker.domain.remedies import remedy_of
from access_broker.sql.parse import parse


@pytest.mark.parametrize(
    ("sql", "name"),
    [
        ("SELECT time_bucket(INTERVAL '7 days', d) FROM t", "time_bucket"),
        ("SELECT date_bin(INTERVAL '7 days', d) FROM t", "date_bin"),
        ("SELECT /* text before */ EPOCH_MS (d) FROM t", "epoch_ms"),
        ("SELECT epoch_ms(d) FROM t", "epoch_ms"),
        ("SELECT to_timestamp(1)", "to_timestamp"),
        ("SELECT version()", "version"),
        ("SELECT list_contains(l, 'a') FROM t", "list_contains"),
        ("SELECT array_contains(l, 'a') FROM t", "array_contains"),
        ("SELECT histogram(x) FROM t", "histogram"),
        ("SELECT approx_count_distinct(x) FROM t", "approx_count_distinct"),
        ("SELECT unnest(x) FROM t", "unnest"),
        ("SELECT x ~ 'a' FROM t", "regexp_matches"),
        ("SELECT week_of(x) FROM t", "week_of"),
        ("SELECT lpad(?, 3, ' ')", "lpad"),
        ("SELECT 'é', lpad('a', 3, ' ')", "lpad"),
    ],
)
def test_functions_are_named_as_they_were_typed(sql: str, name: str) -> None:
    assert _refused(sql, "FUNCTION_NOT_ALLOWED") == name


@pytest.mark.parametrize(
    ("sql", "name", "remedy"),
    [
        ("SELECT 1 FROM t WHERE a LIKE 'x' || b", "LIKE", "like"),
        ("SELECT strftime(a, d) FROM t", "strftime", "fixed_unit"),
        ("SELECT a FROM t UNION BY NAME SELECT b FROM t", "BY NAME", "by_name"),
        ("SELECT a FROM t FETCH FIRST 3 ROWS WITH TIES", "FETCH", "fetch"),
        ("SELECT DISTINCT ON (a) a, b FROM t", "DISTINCT ON", "distinct_on"),
        ("SELECT a FROM s JOIN (t JOIN u USING (a)) USING (a)", "(… JOIN …)", "brackets"),
        ("SELECT a FROM t PIVOT (sum(b) FOR a IN ('x'))", "PIVOT", "pivot"),
        ("SELECT a FROM t, LATERAL (SELECT 1) x", "LATERAL", "lateral"),
        ("SELECT (a, b) FROM t", "ROW VALUES", "row_values"),
        ("SELECT a FROM t WHERE a SIMILAR TO 'x'", "SIMILAR TO", "like_instead"),
        ("SELECT a FROM t WHERE a > ALL (SELECT 1)", "ALL", "quantifier"),
        ("SELECT a[b:2] FROM t", "[…]", "lists"),
        ("SELECT N'a'", "N'…'", "plain_text"),
        ("SELECT lag(a IGNORE NULLS) OVER () FROM t", "IGNORE NULLS", "ignore_nulls"),
        ("SELECT count(*) INTO u FROM t", "SELECT INTO", "select_into"),
        ("SELECT a FROM memory.main.t", "CATALOG", "catalog"),
        ("SELECT range(a) FROM t", "GENERATE_SERIES", "series"),
        ("SELECT a::JSON FROM t", "CAST", "cast"),
    ],
)
def test_forms_are_named_in_words_of_sql_and_have_a_remedy(sql: str, name: str, remedy: str) -> None:
    assert _refused(sql, "NOT_SUPPORTED") == name
    assert remedy_of("NOT_SUPPORTED", name) == remedy


@pytest.mark.parametrize(
    ("sql", "code", "name"),
    [
        ("DESCRIBE t", "NOT_A_QUERY", "DESCRIBE"),
        ("SHOW TABLES", "NOT_A_QUERY", "SHOW"),
        ("SUMMARIZE t", "NOT_A_QUERY", "SUMMARIZE"),
        ("EXPLAIN SELECT 1", "NOT_A_QUERY", "EXPLAIN"),
        ("PIVOT t ON a USING sum(b)", "NOT_SUPPORTED", "PIVOT"),
        ("PIVOT t ON a USING sum(b) ORDER BY 1", "NOT_SUPPORTED", "PIVOT"),
        ("SELECT FROM WHERE", "SYNTAX", ""),
    ],
)
def test_other_statements_are_named(sql: str, code: str, name: str) -> None:
    assert _refused(sql, code) == name


def test_a_text_that_cannot_be_read_tells_the_line() -> None:
    with pytest.raises(Refused) as caught:
        parse("SELECT a\nFROM t\nWHERE (a")
    assert caught.value.detail["line"] == 3


def _refused(sql: str, code: str) -> str:
    with pytest.raises(Refused) as caught:
        parse(sql, ["a"] if "?" in sql else None)
    assert caught.value.reason.code == code
    return str(caught.value.detail["name"])
