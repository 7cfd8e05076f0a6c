"""What is printed means what the tree says: brackets stand where the engine would read something else without them."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from access_broker.domain.decisions import Refused
from access_broker.sql.brackets import in_need, put_brackets
from access_broker.sql.names import UnknownNames
from access_broker.sql.parse import parse
from tests.attacks.statements import SAME, WAYS
from tests.attacks.test_statements import HONEST
from tests.support.sample import is_as_ungated, narrowed, published, rows

_BINARY = (
    exp.Or, exp.And, exp.EQ, exp.NEQ, exp.GT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Like, exp.ILike, exp.DPipe,
    exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod,
)  # fmt: skip


def _leaf() -> st.SearchStrategy[exp.Expr]:
    columns = st.sampled_from("abc").map(exp.column)
    return st.one_of(columns, st.sampled_from("19x").map(exp.Literal.string), st.builds(exp.null), st.builds(exp.true))


def _of(parts: st.SearchStrategy[exp.Expr]) -> st.SearchStrategy[exp.Expr]:
    known = st.builds(exp.null) | st.builds(exp.false)
    like = st.builds(lambda a, b: exp.Like(this=a, expression=b), parts, parts)
    return st.one_of(
        st.builds(lambda kind, a, b: kind(this=a, expression=b), st.sampled_from(_BINARY), parts, parts),
        st.builds(lambda kind, a: kind(this=a), st.sampled_from((exp.Not, exp.Neg)), parts),
        st.builds(lambda a, b: exp.Is(this=a, expression=b), parts, known),
        st.builds(lambda a, b: exp.In(this=a, expressions=[b]), parts, parts),
        st.builds(lambda a, b, c: exp.Between(this=a, low=b, high=c), parts, parts, parts),
        st.builds(lambda a: exp.Escape(this=a, expression=exp.Literal.string("!")), like),
        st.builds(lambda a, b: exp.Case(ifs=[exp.If(this=a, true=b)]), parts, parts),
        st.builds(lambda a: exp.Cast(this=a, to=exp.DataType.build("INT")), parts),
    )


def everything_in_brackets(node: exp.Expr) -> exp.Expr:
    for child in list(node.iter_expressions()):
        everything_in_brackets(child)
        operator = isinstance(child, exp.Binary | exp.Unary | exp.Predicate) and not isinstance(child, exp.Paren)
        if operator and not isinstance(node, exp.Escape):
            brackets = exp.Paren()
            child.replace(brackets)
            brackets.set("this", child)
    return node


def read(expression: str) -> Any:
    """How the engine reads it; a chain of AND or OR is one list."""
    with duckdb.connect() as engine:
        (told,) = engine.execute("SELECT json_serialize_sql(?)", [f"SELECT {expression}"]).fetchall()[0]
    found = json.loads(told)
    return None if found["error"] else _plain(found["statements"][0]["node"]["select_list"])


def _plain(told: Any) -> Any:
    if isinstance(told, list):
        return [_plain(one) for one in told]
    if not isinstance(told, dict):
        return told
    own = {name: _plain(one) for name, one in told.items() if "location" not in name}
    if own.get("class") == "CONJUNCTION":
        parts = [c["children"] if c.get("type") == own["type"] else [c] for c in own["children"]]
        own["children"] = [part for several in parts for part in several]
    return own


TREES = st.recursive(_leaf(), _of, max_leaves=12)


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_the_engine_reads_what_the_tree_says(tree: exp.Expr) -> None:
    whole = everything_in_brackets(exp.Paren(this=tree.copy())).sql(dialect="duckdb")
    own = exp.Paren(this=tree.copy())
    put_brackets(own)
    assert read(own.sql(dialect="duckdb")) == read(whole)


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_what_is_typed_is_read_alike_or_refused(tree: exp.Expr) -> None:
    typed = tree.sql(dialect="duckdb")  # without brackets, so mostly something else than the tree
    own = read(typed)
    try:
        parsed = parse(f"SELECT {typed} FROM t").tree.expressions[0].unalias()
    except Refused:
        return
    whole = everything_in_brackets(exp.Paren(this=sqlglot.parse_one(typed, dialect="duckdb")))
    assert parsed is not None
    assert own is None or read(whole.sql(dialect="duckdb")) == own


STATEMENTS = [sql for family in (*WAYS.values(), *SAME.values()) for sql in family] + list(HONEST.values())


def test_every_narrowed_statement_is_parsed_as_what_it_was_printed_from() -> None:
    told = 0
    for sql in STATEMENTS:
        try:
            statement = narrowed(sql)
        except (Refused, UnknownNames):
            continue
        assert next(in_need(sqlglot.parse_one(statement.sql, dialect="duckdb")), None) is None
        told += 1
    assert told > 50


@pytest.mark.parametrize(
    "sql", ["SELECT NOT city IS NULL || 'x' FROM citizens", "SELECT count(*) FROM citizens WHERE city IS TRUE || 'x'"]
)
def test_what_would_be_read_otherwise_is_refused(sql: str) -> None:
    with pytest.raises(Refused) as refused:
        parse(sql)
    assert refused.value.reason.code == "SYNTAX"


FORMS = {
    "a tuple": "SELECT count(*) FROM citizens WHERE (disease, city = 'Azua' OR gender = 'F') = ('flu', 1)",
    "a tuple with a test": "SELECT count(*) FROM citizens WHERE (gender, city IS NULL OR disease = 'flu') = ('F', 1)",
    "a list of tuples": "SELECT count(*) FROM citizens WHERE (gender = 'F' AND disease = 'flu', city)"
    " IN ((1, 'City1'), (0, 'City2'))",
    "an order of tuples": "SELECT count(*) FROM citizens WHERE (gender = 'F' OR disease = 'flu', city) > (0, 'City2')",
    "a count of some": "SELECT count(nullif(city = 'Azua' OR gender = 'F', 0)) FROM citizens",
    "a list": "SELECT count(*) FROM citizens WHERE list_contains([TRUE], city = 'Azua' OR gender = 'F')",
    "any of a list": "SELECT count(*) FROM citizens WHERE (city = 'Azua' OR gender = 'F') = ANY ([TRUE])",
    "none of a list": "SELECT count(*) FROM citizens WHERE city || 'x' <> ALL (['City1x'])",
    "a pivot": "SELECT * FROM (SELECT gender, city FROM citizens) PIVOT (count(*) FOR (city = 'City1' OR gender = 'F')"
    " IN (TRUE, FALSE))",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_is_spelled_out_keeps_its_parts_together(form: str) -> None:
    assert is_as_ungated(FORMS[form])


def test_a_branch_that_is_taken_is_the_one_that_is_counted() -> None:
    sql = "SELECT count(nullif(year(birth_date) - 1990, TRUE IS FALSE)) FROM citizens WHERE year(birth_date) < 1991"
    same = "CASE year(birth_date) - 1990 = 0 WHEN TRUE THEN 1 END"
    assert "(TRUE IS FALSE)" in narrowed(sql).sql
    few = published().execute(f"SELECT count({same}) FROM t1 WHERE year(birth_date) < 1991").fetchall()
    (told,) = rows(narrowed(sql))
    assert few[0][0] >= 10 or told[0] is None
