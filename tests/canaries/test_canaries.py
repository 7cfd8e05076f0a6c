"""No mark in any byte that leaves, whatever is asked. The long run is `bench/bench_canaries.py`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from tests.canaries.hunt import Hunt
from tests.canaries.marks import marks


@pytest.fixture(scope="module")
def hunt(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hunt]:
    made = Hunt(tmp_path_factory.mktemp("canaries"), seed=20261122)
    yield made
    made.close()


def test_no_mark_leaves_the_gate(hunt: Hunt) -> None:
    hunt.inside(350)
    assert hunt.leaks == []
    assert hunt.faults == []
    assert hunt.answered >= 0.25, hunt.codes


def test_no_mark_leaves_through_the_door(hunt: Hunt, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "tracebacklimit", 1000, raising=False)  # the door hides tracebacks in its whole process
    before = hunt.codes[""]
    hunt.door(80)
    assert hunt.leaks == []
    assert hunt.codes[""] - before >= 16, hunt.codes  # of 80


LEAKS = {
    "a value": ("SELECT wealth AS n FROM citizens LIMIT 1", ""),
    "a decimal": ("SELECT income FROM citizens WHERE income IS NOT NULL LIMIT 1", ""),
    "a float": ("SELECT height FROM citizens LIMIT 1", ""),
    "twice a value": ("SELECT max(weight) * 2 FROM citizens", ""),
    "a part of a word": ("SELECT left(lower(full_name), 1) FROM citizens LIMIT 1", ""),
    "a date": ("SELECT since FROM citizens LIMIT 1", ""),
    "a moment": ("SELECT max(seen) FROM citizens", ""),
    "a figure in a text": ("SELECT 'it is ' || score::VARCHAR FROM citizens LIMIT 1", ""),
    "one of a list": ("SELECT list(points) FROM citizens", ""),
    "a town of one": ("SELECT city FROM citizens GROUP BY city HAVING count(*) = 1 LIMIT 1", ""),
    "a name of a column": ("SELECT 1 AS wealth", "ᎠᎡᎧᏐᎢ"),
}


@pytest.mark.parametrize("what", LEAKS)
def test_the_searcher_finds(what: str) -> None:
    """Each of these, had it left, would have been found: otherwise the tests above could not fail."""
    sql, name = LEAKS[what]
    table = raw(sql)
    assert marks().in_table(table.rename_columns([name]) if name else table)


def test_the_searcher_finds_what_is_left_of_a_buffer() -> None:
    whole = raw("SELECT wealth FROM citizens")
    assert marks().in_bytes(b"\0" * 16 + whole.column(0).chunk(0).buffers()[1].to_pybytes()[:8])


def test_honest_figures_are_no_marks() -> None:
    figures = "count(*), sum(wealth), avg(income), avg(height)"
    sql = f"SELECT province, city, {figures} FROM citizens GROUP BY ALL HAVING count(*) > 9"
    assert marks().in_table(raw(sql)) == []


def raw(sql: str) -> Any:
    found: pa.Table = marks().connection.sql(sql).to_arrow_table()
    return found
