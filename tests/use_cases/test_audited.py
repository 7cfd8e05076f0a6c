"""Reading an audit query's answer: groups by their keys, people by their numbers, in batches as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from access_broker.domain.contracts import Dominance
from access_broker.domain.decisions import Refused
from access_broker.sql.auditing import AuditSelect
from access_broker.sql.figures import PEOPLE, ROWS, AuditedCell, AuditQuery, Figure
from access_broker.sql.statement import Statement
from access_broker.use_cases import audited
from access_broker.use_cases.audited import Audited, read

COUNT = Figure(ROWS, 0)
Row = tuple[Any, ...]


def query(keys: int, k: int = 3, columns: int = 2) -> AuditQuery:
    select: Any = AuditSelect(0, keys > 0, True, [], [], None)  # type: ignore[arg-type]
    names = [f"c{place}" for place in range(keys + 1 + columns)]
    return AuditQuery(select, Statement("", names, [], frozenset()), "person", k, keys, ())


def batches(rows: list[Row], size: int = 4) -> Iterator[pa.RecordBatch]:
    table = pa.table([list(column) for column in zip(*rows, strict=True)], names=[f"c{i}" for i in range(len(rows[0]))])
    return iter(table.to_batches(max_chunksize=size))


def found(rows: list[Row], keys: int = 1, k: int = 3) -> Audited:
    return read(query(keys, k), batches(rows), 1000)


def people(one: Audited, figure: Figure = COUNT) -> dict[Any, set[int]]:
    vectors = one.vectors(figure, sized=False)
    return {key: set(v.people) if v else set() for key, v in zip(one.keys, vectors, strict=True)}


def test_groups_are_the_same_in_every_batch() -> None:
    rows = [(name, n, 1, 5.0) for n, name in enumerate(["b", "a", None, "b", "a", "c", None, "b", ""], 1)]
    assert people(found(rows)) == {("b",): {1, 4, 8}, ("a",): {2, 5}, (None,): {3, 7}, ("c",): {6}, ("",): {9}}


def test_several_keys_make_a_group_together() -> None:
    rows = [("a", "x", 1, 1, 1.0), ("a", None, 2, 1, 1.0), ("b", "x", 3, 1, 1.0), ("a", "x", 4, 1, 1.0)]
    assert people(found(rows, keys=2)) == {("a", "x"): {1, 4}, ("a", None): {2}, ("b", "x"): {3}}


def test_more_keys_than_can_be_told_apart_cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audited, "DENSE", 1)
    test_several_keys_make_a_group_together()


def test_without_keys_there_is_one_group() -> None:
    assert people(found([(n, 1, 1.0) for n in range(1, 6)], keys=0)) == {(): {1, 2, 3, 4, 5}}
    assert found([(n, 1, 1.0) for n in (1, 2)], keys=0).enough().tolist() == [False]


def test_nobody_at_all() -> None:
    empty = read(query(1), iter(()), 1000)
    assert (empty.keys, empty.vectors(COUNT, sized=True)) == ([], [])
    assert empty.shown(AuditedCell(0, False, (0,), ())).tolist() == []


def test_rows_that_an_outer_join_padded_are_nobodys() -> None:
    assert people(found([("a", 1, 1, 1.0), ("a", None, 7, 1.0), ("a", 2, 1, None)])) == {("a",): {1, 2}}


def test_too_many_rows() -> None:
    with pytest.raises(Refused, match="RESOURCE_LIMIT"):
        read(query(1), batches([("a", n, 1, 1.0) for n in range(1, 12)]), 10)


def test_a_cell_is_shown_where_each_of_its_regions_has_k_people() -> None:
    rows = [
        ("a", 1, 1, 1),
        ("a", 2, 1, 1),
        ("a", 3, 1, 0),
        ("b", 4, 1, 2),
        ("b", 5, 1, 1),
        ("b", 6, 1, 1),
        ("c", 7, 1, 1),
    ]
    one = found(rows)
    assert dict(zip(one.keys, one.enough().tolist(), strict=True)) == {("a",): True, ("b",): True, ("c",): False}
    shown = one.shown(AuditedCell(0, True, (0, 1), ()))
    assert dict(zip(one.keys, shown.tolist(), strict=True)) == {("a",): False, ("b",): True, ("c",): False}


@pytest.mark.parametrize(
    ("values", "n", "expected"),
    [
        ([81.0, 10.0, 9.0], 1, True),
        ([80.0, 10.0, 10.0], 1, False),
        ([50.0, 40.0, 10.0], 1, False),
        ([50.0, 40.0, 10.0], 2, True),
        ([1.0, 1.0, 1.0], 3, True),
        ([1.0, 1.0, 1.0], 5, True),
        ([0.0, 0.0, 0.0], 1, False),
    ],
)
def test_dominance(values: list[float], n: int, expected: bool) -> None:
    one = found([("a", place, 1, value) for place, value in enumerate(values, 1)])
    size = Figure("income", 0, 1, (1,))
    assert one.dominated(size, Dominance(n, 0.8)).tolist() == [expected]


@pytest.mark.parametrize(
    ("values", "p", "expected"),
    [
        ([70.0, 25.0, 5.0], 0.1, True),
        ([70.0, 20.0, 10.0], 0.1, False),
        ([70.0, 23.0, 4.0, 3.0], 0.1, False),
        ([70.0, 23.1, 4.0, 2.9], 0.1, True),
        ([50.0, 50.0], 0.01, True),
        ([0.0, 0.0, 0.0], 0.5, False),
        ([9.0, 1.0, 8.0], 0.1, False),
    ],
)
def test_the_second_largest_must_not_come_near_the_largest(values: list[float], p: float, expected: bool) -> None:
    one = found([("a", place, 1, value) for place, value in enumerate(values, 1)])
    size = Figure("income", 0, 1, (1,))
    assert one.dominated(size, Dominance(1, 1.0, p)).tolist() == [expected]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([100.0, 101.0, 99.0, 102.0, 98.0, 400.0], True),  # far from the mean, though it holds but half of the sum
        ([100.0, 400.0, 100.0, 400.0], False),
        ([7.0, 7.0, 7.0], False),
    ],
)
def test_a_deviation_rests_on_who_lies_far_from_the_mean(values: list[float], expected: bool) -> None:
    one = found([("a", place, 1, value) for place, value in enumerate(values, 1)])
    assert one.dominated(Figure("income", 0, 1, (1,), spreads=((1, 1, 0),)), Dominance(1, 0.8)).tolist() == [expected]
    assert one.dominated(Figure("income", 0, 1, (1,)), Dominance(1, 0.8)).tolist() == [False]


def test_what_nobody_could_write_down_may_be_one_persons() -> None:
    one = found([("a", 1, 1, 10.0), ("a", 2, 1, 11.0), ("b", 3, 1, 12.0)])
    assert one.dominated(Figure("income", 0, unread=True), Dominance(1, 0.8)).tolist() == [True, True]


def test_counted_rows_of_people_are_dominated_as_rows_are() -> None:
    one = found([("a", 1, 1, 200.0), ("a", 2, 1, 3.0), ("a", 3, 1, 1.0)])
    assert one.dominated(Figure(ROWS, 0, 1), Dominance(1, 0.8)).tolist() == [True]
    assert one.dominated(COUNT, Dominance(1, 0.8)).tolist() == [False]


def test_a_product_has_a_size_of_its_own() -> None:
    one = found([("a", 1, 1, 10.0), ("a", 2, 1, 1.0), ("a", 3, 1, 1.0)])
    assert one.dominated(Figure("income", 0, products=(1,)), Dominance(1, 0.8)).tolist() == [True]


def test_dominance_of_rows_is_about_rows() -> None:
    one = found([("a", 1, 200, 1.0), ("a", 2, 3, 1.0), ("a", 3, 1, 1.0)])
    assert one.dominated(COUNT, Dominance(1, 0.8)).tolist() == [True]
    assert one.dominated(Figure(PEOPLE, 0, distinct=True), Dominance(1, 0.8)).tolist() == [False]


def test_counting_rows_is_counting_people_where_nearly_all_have_one() -> None:
    nearly = Figure(PEOPLE, 0, distinct=True, single=True)
    rows = [("a", n, 2 if n == 1 else 1, 1.0) for n in range(1, 6)] + [("b", n, 1 + n, 1.0) for n in range(1, 6)]
    assert people(found(rows), nearly) == {("a",): {1, 2, 3, 4, 5}, ("b",): set()}


def test_counting_rows_is_counting_people_where_nearly_all_have_as_many() -> None:
    nearly = Figure(PEOPLE, 0, distinct=True, single=True)
    counts = {"two": [2] * 8 + [1, 3], "mixed": [2, 2, 2, 2, 1, 3, 4, 1], "few": [2, 2, 3, 4], "one": [1, 1, 1, 2, 2]}
    one = found([(name, n, rows, 1.0) for name, all_ in counts.items() for n, rows in enumerate(all_)])
    vectors = dict(zip([key[0] for key in one.keys], one.vectors(nearly, sized=False), strict=True))
    every = dict(
        zip([key[0] for key in one.keys], one.vectors(Figure(PEOPLE, 0, distinct=True), sized=False), strict=True)
    )
    assert (vectors["mixed"], vectors["few"]) == (None, None)
    two, all_two, single, all_single = (one for name in ("two", "one") for one in (vectors[name], every[name]) if one)
    assert 1 <= int((two.sums != all_two.sums).sum()) <= 2
    assert single.key == all_single.key


def test_numbers_too_large_to_be_compared_are_not_told() -> None:
    """Beyond 53 bits what two equal figures leave of each other is noise in every bucket, as if of many people."""
    one = found([("a", n, 10.0**9, 1.0) for n in range(1, 6)])
    assert one.vectors(COUNT, sized=False)
    large = found([("a", n, 10.0**12, 1.0) for n in range(1, 6)])
    with pytest.raises(Refused, match="BELOW_K") as refused:
        large.vectors(COUNT, sized=False)
    assert refused.value.why == "DIFFERENCING"
