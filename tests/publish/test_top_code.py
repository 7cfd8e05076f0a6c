from __future__ import annotations

from typing import Any

import pytest

from access_broker.publish.top_code import top_code
from tests.publish.world import engine


def capped(values: list[tuple[int, Any]], k: int = 3, type_name: str = "BIGINT") -> tuple[list[Any], int]:
    con = engine()
    con.execute(f"CREATE OR REPLACE TABLE t (__ek BIGINT, n {type_name})")
    con.executemany("INSERT INTO t VALUES (?, ?)", values)
    changed = top_code(con, "t", ["n"], k)
    return [row[0] for row in con.execute("SELECT n FROM t ORDER BY n NULLS LAST").fetchall()], changed


def people(*values: Any) -> list[tuple[int, Any]]:
    """One value a person."""
    return list(enumerate(values, 1))


def test_both_ends_stand_where_k_people_stand() -> None:
    values, changed = capped(people(-900, 2, 3, 4, 5, 6, 7, 8, 1_000_000, 9))
    assert values == [3, 3, 3, 4, 5, 6, 7, 8, 8, 8]
    assert changed == 4


def test_people_count_and_not_rows() -> None:
    rows = [(1, 1000), (1, 999), (1, 998), *((i, 10 + i) for i in range(2, 9))]
    values, _ = capped(rows)
    assert values[-5:] == [17, 17, 17, 17, 17]  # one person's three rows and two people more


def test_too_few_people_leave_nothing() -> None:
    assert capped([(1, 5), (1, 6), (2, 7), (3, None)]) == ([None] * 4, 3)


def test_fewer_than_twice_k_people_share_one_value() -> None:
    assert capped(people(1, 2, 3, 4)) == ([2, 2, 2, 2], 3)


@pytest.mark.parametrize("type_name", ["DECIMAL(12,2)", "DOUBLE", "FLOAT", "UTINYINT", "HUGEINT"])
def test_every_number_keeps_its_type(type_name: str) -> None:
    values, _ = capped(people(1, 2, 3, 4, 5, 6, 7, 250), type_name=type_name)
    assert [float(v) for v in values] == [3, 3, 3, 4, 5, 6, 6, 6]
    assert engine().execute("SELECT DISTINCT typeof(n) FROM t").fetchone() == (type_name,)


def test_no_number_is_no_highest_number() -> None:
    values, _ = capped(people(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, float("nan"), float("inf"), float("-inf")), 3, "DOUBLE")
    assert values == [2.0, 2.0, 2.0, 3.0, 4.0, 5.0, 6.0, 6.0, 6.0]


def test_what_is_shared_already_stays() -> None:
    shared = people(*[1] * 5, *[9] * 5)
    assert capped(shared) == ([1] * 5 + [9] * 5, 0)
