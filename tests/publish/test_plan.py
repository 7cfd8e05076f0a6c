from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.domain.contracts import ColumnGrant, TableGrant
from access_broker.domain.datasets import Column, ColumnRef, DataClass, Dataset, Mode
from access_broker.domain.decisions import Refused
from access_broker.publish.domains import entity_domains
from access_broker.publish.plan import plan
from tests.publish.world import TOKEN, YEAR, contract, dataset, grant, sample, sample_p1, table

PEOPLE = table("people", "id town", "id")
VISITS = table("visits", "who doctor place", "who")
TOWNS = table("towns", "town mayor")
JOINS = "people.id=visits.who visits.who=visits.doctor people.town=towns.town visits.doctor=towns.mayor"
DATASET = dataset(tables=(PEOPLE, VISITS, TOWNS), joins=JOINS)


def ref(text: str) -> ColumnRef:
    return ColumnRef.parse(f"d.{text}")


def test_declared_joins_are_followed_to_their_end() -> None:
    people = frozenset(map(ref, ("people.id", "visits.who", "visits.doctor", "towns.mayor")))
    assert entity_domains([DATASET]) == dict.fromkeys(people, people)


def test_a_key_without_a_join_is_a_domain_of_its_own() -> None:
    alone = replace(DATASET, joins=())
    assert entity_domains([alone]) == {r: frozenset({r}) for r in (ref("people.id"), ref("visits.who"))}


def test_only_what_the_scope_names_is_planned() -> None:
    scope = contract(grant("people", id="join", town="deny"), grant("visits", who="deny"), grant("towns", town="raw"))
    tables = plan(scope, [DATASET]).tables
    assert [(t.key, t.physical, [c.column.id for c in t.columns]) for t in tables] == [
        ("d.people", "t1", ["id"]),
        ("d.towns", "t2", ["town"]),
    ]


def test_keys_become_numbers_only_in_mode_join_and_other_joined_columns_keep_their_values() -> None:
    scope = contract(
        grant("people", town="join", id="join"),
        grant("visits", who=TOKEN, doctor="join", place="dimension"),
        grant("towns", town="join", mayor="raw"),
    )
    planned = {str(c.ref): c.domain is not None for t in plan(scope, [DATASET]).tables for c in t.columns}
    assert [name for name, numbered in planned.items() if numbered] == ["d.people.id", "d.visits.doctor"]


def test_a_join_is_open_only_between_columns_treated_alike() -> None:
    def joins(**modes: object) -> set[frozenset[str]]:
        scope = contract(
            grant("people", id=modes["id"], town="raw"),
            grant("visits", who=modes["who"]),
            grant("towns", town="join"),
        )
        return set(plan(scope, [DATASET]).joins())

    town, key = frozenset({"d.people.town", "d.towns.town"}), frozenset({"d.people.id", "d.visits.who"})
    assert joins(id="join", who="join") == {town, key}
    assert joins(id=TOKEN, who=TOKEN) == {town, key}
    assert joins(id="join", who="raw") == {town}
    assert joins(id=TOKEN, who="raw") == {town}
    assert joins(id="join", who="deny") == {town}


def test_columns_come_in_the_order_of_the_description() -> None:
    (planned,) = plan(contract(grant("visits", place="raw", who="join")), [DATASET]).tables
    assert [c.column.id for c in planned.columns] == ["who", "place"]


@pytest.mark.parametrize(
    ("scope", "place", "why"),
    [
        ((), "P1", "empty_scope"),
        ((grant("people", id="deny"),), "P1", "empty_scope"),
        ((grant("people", id="join"), grant("people", town="raw")), "P1", "table_granted_twice"),
        ((grant("nowhere", id="join"),), "d.nowhere", "not_described"),
        ((TableGrant("other", "people", (ColumnGrant("id", Mode.RAW),)),), "other.people", "not_described"),
        ((grant("people", shoe_size="raw"),), "d.people.shoe_size", "not_described"),
        ((TableGrant("d", "people", (ColumnGrant("id", Mode.MASK),)),), "d.people.id", "mask_and_mode_differ"),
        ((TableGrant("d", "people", (ColumnGrant("id", Mode.RAW, YEAR),)),), "d.people.id", "mask_and_mode_differ"),
        (
            (TableGrant("d", "people", (ColumnGrant("id", Mode.RAW), ColumnGrant("id", Mode.DENY))),),
            "d.people",
            "column_granted_twice",
        ),
    ],
)
def test_a_scope_that_contradicts_itself_or_the_description_is_refused(
    scope: tuple[TableGrant, ...], place: str, why: str
) -> None:
    refused_at(contract(*scope), DATASET, place, why)


@pytest.mark.parametrize(
    ("columns", "entity", "place", "why"),
    [
        ([("id", "کد ملی"), ("id2", "کد ملي")], None, "d.t", "columns_fold_alike"),
        ([("id", "a"), ("id", "b")], None, "d.t", "column_ids"),
        ([("Id", "a")], None, "d.t", "column_ids"),
        ([('a" AS b, "c', "a")], None, "d.t", "column_ids"),
        ([("__ek", "a")], None, "d.t", "column_ids"),
        ([("id", "a")], "person", "d.t.person", "not_described"),
    ],
)
def test_a_description_that_cannot_be_told_apart_is_refused(
    columns: list[tuple[str, str]], entity: str | None, place: str, why: str
) -> None:
    described = tuple(Column(id, name, DataClass.PERSONAL) for id, name in columns)
    odd = replace(table("t", "id", entity), columns=described)
    refused_at(contract(grant("t", **{columns[0][0]: "raw"})), dataset(tables=(odd,)), place, why)


def refused_at(scope: object, described: Dataset, place: str, why: str) -> None:
    with pytest.raises(Refused) as refused:
        plan(scope, [described])
    assert refused.value.reason.code == "INVALID"
    assert refused.value.detail == {"place": place, "why": why}


def test_the_sample_contract_is_as_its_policy_describes() -> None:
    planned = plan(sample_p1(), [sample()])
    assert [t.entity is not None for t in planned.tables] == [True, True, False]
    assert len(planned.joins()) == 2
