from __future__ import annotations

from typing import Any

import pytest

from access_broker.domain.datasets import RareValues
from access_broker.publish.rare import Guarded, RareOutcome, treat_rare
from tests.publish.world import engine

TOWN, YEAR = Guarded("town", is_text=True), Guarded("year", is_text=False)


def treated(
    rows: list[tuple[int, str | None, int | None]], policy: RareValues, k: int = 3, *columns: Guarded
) -> tuple[list[tuple[Any, ...]], RareOutcome]:
    con = engine()
    con.execute("CREATE OR REPLACE TABLE t (__ek BIGINT, town VARCHAR, year INTEGER)")
    con.executemany("INSERT INTO t VALUES (?, ?, ?)", rows)
    outcome = treat_rare(con, "t", columns or (TOWN, YEAR), k, policy)
    return con.execute("SELECT * FROM t ORDER BY ALL").fetchall(), outcome


def towns(**people: int) -> list[tuple[int, str | None, int | None]]:
    """One row per person; all of one year."""
    names = [name for name, count in people.items() for _ in range(count)]
    return [(i, name, 1990) for i, name in enumerate(names, 1)]


def test_rare_text_becomes_other_and_the_rest_stays() -> None:
    rows, outcome = treated(towns(qom=5, ray=2, yazd=1), RareValues.GENERALISE)
    assert [r[1] for r in rows] == ["qom"] * 5 + ["other"] * 3
    assert outcome == RareOutcome(generalised=2)


def test_other_types_become_null() -> None:
    rows, outcome = treated(
        [(1, "a", 1990), (2, "a", 1990), (3, "a", 1990), *((i, "a", 1900 + i) for i in (4, 5, 6))],
        RareValues.GENERALISE,
    )
    assert [r[2] for r in rows] == [1990] * 3 + [None] * 3
    assert outcome == RareOutcome(generalised=3)


def test_a_rest_that_is_itself_rare_is_dropped() -> None:
    rows, outcome = treated(towns(qom=5, ray=2), RareValues.GENERALISE)
    assert [r[1] for r in rows] == ["qom"] * 5
    assert outcome == RareOutcome(generalised=1, dropped=2)


def test_drop_drops_and_keep_keeps() -> None:
    people = towns(qom=5, ray=2, yazd=1)
    rows, outcome = treated(people, RareValues.DROP)
    assert ([r[1] for r in rows], outcome) == (["qom"] * 5, RareOutcome(dropped=3))
    assert treated(people, RareValues.KEEP) == (people, RareOutcome())


def test_people_count_and_not_rows() -> None:
    many_rows = [(1, "ray", 1990)] * 100 + [(i, "qom", 1990) for i in (2, 3, 4)]
    rows, _ = treated(many_rows, RareValues.DROP)
    assert {r[1] for r in rows} == {"qom"}


def test_null_is_a_value_like_any_other() -> None:
    people: list[tuple[int, str | None, int | None]] = [(i, "qom", 1990) for i in range(5)]
    few = [*people, (5, None, 1990), (6, "ray", 1990), (7, "ray", 1990)]
    rows, _ = treated(few, RareValues.GENERALISE)
    assert [r[1] for r in rows] == ["qom"] * 5 + ["other"] * 3
    rows, outcome = treated([*people, (5, "qom", None)], RareValues.GENERALISE)
    assert len(rows) == 5
    assert outcome == RareOutcome(dropped=1)


def test_values_made_rare_by_dropped_rows_are_treated_too() -> None:
    """Dropping ray leaves 1991 with two people; dropping those leaves yazd with two; and so on to the end."""
    rows = [(1, "qom", 1990), (2, "qom", 1990), (3, "qom", 1990), (4, "qom", 1990)]
    rows += [(5, "ray", 1991), (6, "yazd", 1991), (7, "yazd", 1991), (8, "yazd", 1990)]
    left, outcome = treated(rows, RareValues.DROP)
    assert left == rows[:4]
    assert outcome == RareOutcome(dropped=4)


@pytest.mark.parametrize("policy", [RareValues.GENERALISE, RareValues.DROP])
@pytest.mark.parametrize("seed", range(5))
def test_afterwards_every_value_is_held_by_k(policy: RareValues, seed: int) -> None:
    con = engine()
    con.execute(f"SELECT setseed({seed / 10})")
    con.execute(
        "CREATE OR REPLACE TABLE t AS "
        "SELECT (random() * 80)::INT AS __ek, 'town' || floor(30 * random() ** 3)::INT AS town, "
        "nullif(floor(40 * random() ** 3)::INT, 7) AS year FROM range(300)"
    )
    treat_rare(con, "t", (TOWN, YEAR), 10, policy)
    for column in ("town", "year"):
        rare = f"SELECT {column} FROM t GROUP BY 1 HAVING count(DISTINCT __ek) < 10"
        assert con.execute(rare).fetchall() == []


def test_a_table_of_fewer_than_k_people_ends_empty() -> None:
    assert treated(towns(qom=2), RareValues.GENERALISE)[0] == []
