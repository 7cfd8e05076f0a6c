from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import duckdb

from access_broker.domain.datasets import ColumnRef
from access_broker.publish.domains import EntityDomain
from access_broker.publish.entities import KeyColumn, number_entities

A = frozenset({ColumnRef("d", "people", "id")})
B = frozenset({ColumnRef("d", "firms", "id")})
BOTH = A | B


def number(
    store: Path, keys: dict[EntityDomain, Sequence[str | int | None]], secret: bytes = b"s" * 32
) -> list[dict[str, int]]:
    """The numbers each domain's keys get."""
    with duckdb.connect() as con:
        columns = {}
        for position, (domain, values) in enumerate(keys.items()):
            con.execute(f"CREATE TABLE source_{position} AS SELECT unnest(?) AS id", [list(values)])
            columns[domain] = [
                KeyColumn(f"source_{position} AS r", "r.id", "r.id::VARCHAR IS DISTINCT FROM 'filtered'")
            ]
        numbers = number_entities(con, store, secret, columns)
        return [dict(con.execute(f"FROM {numbers[domain]}").fetchall()) for domain in keys]


PEOPLE = [f"{i:010d}" for i in range(1000)]


def test_numbers_are_dense_and_in_no_order_of_the_keys(tmp_path: Path) -> None:
    (numbers,) = number(tmp_path / "e.duckdb", {A: PEOPLE})
    assert sorted(numbers.values()) == list(range(1, 1001))
    neighbours = sum(abs(numbers[a] - numbers[b]) == 1 for a, b in pairwise(PEOPLE))
    assert neighbours < 20  # about two by chance


def test_numbers_stay_and_new_keys_are_appended(tmp_path: Path) -> None:
    (before,) = number(tmp_path / "e.duckdb", {A: PEOPLE})
    (after,) = number(tmp_path / "e.duckdb", {A: [*PEOPLE[500:], "new 1", "new 2"]})
    assert {k: after[k] for k in PEOPLE[500:]} == {k: before[k] for k in PEOPLE[500:]}
    assert {after["new 1"], after["new 2"]} == {1001, 1002}
    assert number(tmp_path / "e.duckdb", {A: PEOPLE}) == [before]


def test_two_secrets_give_unrelated_numbers(tmp_path: Path) -> None:
    (one,) = number(tmp_path / "1.duckdb", {A: PEOPLE}, b"1" * 32)
    (two,) = number(tmp_path / "2.duckdb", {A: PEOPLE}, b"2" * 32)
    assert sum(one[key] == two[key] for key in PEOPLE) < 10  # one by chance
    above = sum((one[a] < one[b]) == (two[a] < two[b]) for a, b in zip(PEOPLE[::2], PEOPLE[1::2], strict=True))
    assert 180 < above < 320  # no order in common either: 250 by chance


def test_two_domains_have_their_own_numbers(tmp_path: Path) -> None:
    people, firms = number(tmp_path / "e.duckdb", {A: PEOPLE, B: PEOPLE})
    assert sum(people[key] == firms[key] for key in PEOPLE) < 10


def test_numbers_stay_when_another_table_joins_the_domain_and_when_it_leaves(tmp_path: Path) -> None:
    (alone,) = number(tmp_path / "e.duckdb", {A: PEOPLE})
    (joined,) = number(tmp_path / "e.duckdb", {BOTH: [*PEOPLE, "more"]})
    assert {key: joined[key] for key in PEOPLE} == alone
    people, firms = number(tmp_path / "e.duckdb", {A: PEOPLE, B: PEOPLE})
    assert people == alone
    assert firms != alone


def test_one_person_in_two_scripts_or_types_is_one(tmp_path: Path) -> None:
    (numbers,) = number(tmp_path / "e.duckdb", {A: ["۰۰۱۲۳", "00123", " 00123 ", "٠٠١٢٣", "علی"]})
    assert set(numbers) == {"00123", "علی"}
    (same,) = number(tmp_path / "e.duckdb", {A: [123, 124]})
    (again,) = number(tmp_path / "e.duckdb", {A: ["123", "124"]})
    assert same == again


def test_empty_and_filtered_keys_are_nobody(tmp_path: Path) -> None:
    assert number(tmp_path / "e.duckdb", {A: ["", "  ", None, "filtered", "a"]}) == [{"a": 1}]


def test_the_store_holds_no_key(tmp_path: Path) -> None:
    store = tmp_path / "e.duckdb"
    number(store, {A: [f"canary-{i}-value" for i in range(50)]})
    assert b"canary" not in store.read_bytes()
    with duckdb.connect(str(store), read_only=True) as con:
        held = con.execute("SELECT count(*), count(DISTINCT digest), min(octet_length(digest)) FROM entity").fetchone()
    assert held == (50, 50, 16)
    assert store.stat().st_mode & 0o777 == 0o600
