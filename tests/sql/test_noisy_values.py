"""Noisy values in a statement: what was put in comes out, however much it is, and a plan may show nothing else so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from access_broker.domain.decisions import Refused
from access_broker.sql import noisy_values
from access_broker.sql.noisy_values import Cell, put_values, with_values, without_people
from access_broker.sql.scopes import size_of
from access_broker.sql.statement import Statement
from access_broker.sql.told import name_of
from access_broker.sql.verify import Mismatch, verify
from tests.support.sample import narrowed, plan, rows

ASKED = "SELECT city, gender, count(*) AS n FROM citizens GROUP BY city, gender"
TYPES = ("VARCHAR", "VARCHAR", "BIGINT")
LETTERS = list("\\\"',[](){}= \t\n\r\v\f\0\x01\x1f\x7f;-NULnul:aب‌ة😀\u2028\u200f\u00a0")
WORDS = ["", " ", "NULL", "null", '"', '""', "\\", "\\\\", "'", "''", "a,b", "]", "[", "\\n", "\\u0041", " a ", "x\0y"]


def put(values: Sequence[Sequence[Cell]], sql: str = ASKED, types: Sequence[str] = TYPES) -> Statement:
    """The statement that reads `values`, keys first and cells after."""
    statement = narrowed(sql, mode="dp", max_rows=100_000)
    assert statement.tree is not None
    tree, (select,) = statement.tree.copy(), statement.audits
    node = next(n for n in tree.find_all(type(select.node)) if n.meta.get("amanat_select") == select.number)
    texts = put_values(tree, select.number, types, values, replace(select, node=node).keys)
    return without_people(with_values(statement, texts), tree, {"t1": "__ek"})


def told(values: Sequence[Sequence[Cell]], sql: str = ASKED, types: Sequence[str] = TYPES) -> list[tuple[Any, ...]]:
    statement = put(values, sql, types)
    verify(plan(statement.sql), statement)
    return [row[: len(statement.output_names)] for row in rows(statement)]


def test_whatever_a_key_holds_comes_out_as_it_was_and_nothing_is_another_thing_than_its_text() -> None:
    lots = Random(7)
    made = ["".join(lots.choices(LETTERS, k=lots.randint(1, 7))) for _ in range(2000)]
    keys: list[Cell] = [None, *WORDS, *made]
    values = [(key, lots.choice(keys), str(n)) for n, key in enumerate(keys)]
    assert sorted(told(values), key=lambda row: row[2]) == [(a, b, int(n)) for a, b, n in values]


@pytest.mark.parametrize(
    ("kind", "texts"),
    [
        ("BOOLEAN", ["true", "false"]),
        ("TINYINT", ["-128", "127"]),
        ("UBIGINT", ["18446744073709551615"]),
        ("DECIMAL(12,2)", ["-1.05", "9999999999.99"]),
        ("FLOAT", ["0.1", "1e-30"]),
        ("DOUBLE", ["1e-05", "-1.7976931348623157e+308", "inf", "nan"]),
        ("DATE", ["2020-02-29", "0044-03-15 (BC)", "infinity"]),
        ("TIME", ["23:59:59.999999"]),
        ("TIMESTAMP", ["2020-02-29 10:11:12.123456"]),
    ],
)
def test_a_value_of_every_type_is_what_its_text_is_to_the_engine(kind: str, texts: list[str]) -> None:
    cells: list[Cell] = [None, *texts]
    shown = told([(cell, "x", str(n)) for n, cell in enumerate(cells)], types=(kind, "VARCHAR", "BIGINT"))
    literals = " UNION ALL ".join(
        f"SELECT CAST({'NULL' if c is None else repr(c)} AS {kind}), {n}" for n, c in enumerate(cells)
    )
    wanted = rows(replace(narrowed("SELECT 1"), sql=literals))
    assert {n: repr(value) for value, _, n in shown} == {n: repr(value) for value, n in wanted}


def test_without_groups_there_is_no_row() -> None:
    assert told([]) == []


def test_a_statement_does_not_grow_with_its_groups_but_in_text() -> None:
    """A node for every cell took a millisecond and more of every group, on both sides."""

    def made(groups: int) -> Statement:
        return put([(f"City{n}", "F", str(n)) for n in range(groups)])

    few, many = made(10), made(10_000)
    assert len(many.sql) < len(few.sql) + 10_000 * 40
    assert str(plan(many.sql)).count("{") == str(plan(few.sql)).count("{")
    assert len(rows(many)) == 10_000


def test_the_tree_has_no_node_for_a_cell() -> None:
    sizes = []
    for groups in (1, 500):
        statement = narrowed(ASKED, mode="dp")
        assert statement.tree is not None
        tree = statement.tree.copy()
        put_values(tree, statement.audits[0].number, TYPES, [("a", "b", "1")] * groups, statement.audits[0].keys)
        sizes.append(size_of(tree))
    assert sizes[0] == sizes[1]


def test_more_than_is_carried_to_the_engine_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noisy_values, "MAX_BYTES", 100)
    assert put([("a", "b", "1")])
    with pytest.raises(Refused, match="RESOURCE_LIMIT"):
        put([("'" * 60, "b", "1")])


LIST = '["1","2"]'
SHOWN = f"SELECT c0 FROM (SELECT unnest(CAST('{LIST}' AS INTEGER[])) AS c0) AS t"


def decided(sql: str, *texts: str) -> Statement:
    return replace(narrowed("SELECT 1"), sql=sql, guarded=True, told=frozenset(map(name_of, texts)))


def test_a_plan_may_show_a_list_whose_text_was_decided_and_no_other() -> None:
    verify(plan(SHOWN), decided(SHOWN, LIST))
    for texts in ((), ('["1","3"]',)):
        with pytest.raises(Mismatch, match="operator LOGICAL_UNNEST"):
            verify(plan(SHOWN), decided(SHOWN, *texts))


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT unnest(CAST('{LIST}' AS INTEGER[])) AS c0 FROM main.t3",
        "SELECT unnest(string_split(province, ',')) AS c0 FROM main.t3",
        "SELECT unnest(CAST(province AS INTEGER[])) AS c0 FROM main.t3",
        "SELECT c0 FROM (SELECT unnest(string_split('1,2', ',')) AS c0) AS t",
        f"SELECT c0 FROM (SELECT unnest(CAST('{LIST}' AS INTEGER[])) AS c0, unnest([1, 2]) AS c1) AS t",
        f"SELECT c0 FROM (SELECT unnest(CAST(CAST('{LIST}' AS VARCHAR[]) AS INTEGER[])) AS c0) AS t",
        f"SELECT c0 FROM (SELECT unnest(list_sort(CAST('{LIST}' AS INTEGER[]))) AS c0) AS t",
        f"SELECT c0 FROM main.t3, (SELECT unnest(CAST(region || '{LIST}' AS INTEGER[])) AS c0) AS t",
    ],
)
def test_a_list_over_rows_or_computed_or_beside_another_is_refused(sql: str) -> None:
    found = plan(sql)
    assert not found["error"], "it binds"
    with pytest.raises(Mismatch, match="operator LOGICAL_UNNEST"):
        verify(found, decided(sql, LIST))
