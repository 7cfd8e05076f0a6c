"""Attacks of several statements, each harmless: stopped under `differencing: refuse`, and shown to succeed without.

What an attacker would compute is written beside each, with the value it gives: that of one person, or two.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Differencing
from tests.attacks.other_words import OTHER_WORDS
from tests.attacks.overlapping import OVERLAPPING
from tests.attacks.parts_told import PARTS_TOLD
from tests.attacks.sequence import Sequence, one
from tests.attacks.small_parts import SMALL_PARTS
from tests.attacks.whose_rows import WHOSE_ROWS
from tests.support.inside import Given, Inside
from tests.support.judge import CORPUS

SEQUENCES = [*PARTS_TOLD, *OTHER_WORDS, *SMALL_PARTS, *WHOSE_ROWS, *OVERLAPPING]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    inside = Inside(CORPUS / "scenario.yaml", tmp_path_factory.mktemp("sequences"), only=["P1", "P1s"])
    yield inside
    inside.close()


def computed(sequence: Sequence, answers: list[Given]) -> float | None:
    """What the attacker gets, None when a statement or a row it takes is missing."""
    rows = [answer.rows for answer in answers]
    if any(found is None for found in rows):
        return None
    try:
        return sequence.reveals([found for found in rows if found is not None])
    except (KeyError, IndexError, TypeError):
        return None


def is_secret(value: float | None, sequence: Sequence) -> bool:
    return value is not None and math.isclose(value, sequence.secret, rel_tol=1e-6, abs_tol=0.05)


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda s: s.name)
def test_a_sequence_succeeds_without_memory_and_fails_with_it(house: Inside, sequence: Sequence) -> None:
    contract = f"with-{SEQUENCES.index(sequence)}"
    house.also(contract, "P1s")
    assert is_secret(computed(sequence, [house.ask("P1", sql) for sql in sequence.statements]), sequence)
    kept = [house.ask(contract, sql) for sql in sequence.statements]
    assert not is_secret(computed(sequence, kept), sequence)
    assert {answer.code for answer in kept} <= {"", "BELOW_K", "NOT_SUPPORTED"}
    # something was told, or the contract would be safe for being of no use; one statement alone is refused whole
    assert len(kept) == 1 or any(answer.rows for answer in kept)


@pytest.mark.parametrize("sequence", SEQUENCES, ids=lambda s: s.name)
def test_the_order_of_asking_does_not_matter(house: Inside, sequence: Sequence) -> None:
    contract = f"backwards-{SEQUENCES.index(sequence)}"
    house.also(contract, "P1s")
    kept = [house.ask(contract, sql) for sql in reversed(sequence.statements)]
    assert not is_secret(computed(sequence, kept[::-1]), sequence)


def test_two_people_of_one_contract_share_one_memory(house: Inside) -> None:
    with house.records.write() as writer:
        analyst = writer.person("analyst")
        assert analyst
        writer.save_person(replace(analyst, id="colleague"), AuditEvent("test.arranged", "test", "test", "F-1"))
    model = house.contract("P1s")
    both = ("analyst", "colleague")
    house.lend(replace(model, id="shared", people=both, acknowledged=both))
    house.lend(
        replace(
            model, id="careless", people=both, acknowledged=both,
            terms=replace(model.terms, differencing=Differencing.OFF, dominance=None),
        )
    )  # fmt: skip
    first, second = SEQUENCES[0].statements
    assert house.ask("careless", first).rows
    assert house.ask("careless", second, person="colleague").rows
    assert house.ask("shared", first).rows
    assert house.ask("shared", second, person="colleague").code == "BELOW_K"


def test_a_percentile_of_nearly_the_same_people(house: Inside) -> None:
    """The memory looks at whose values are in the block: fifteen more people are enough, one of twenty is not."""
    two_values = 76_263.34 - 68_467.53
    asked = [
        f"SELECT amanat_percentile(income, 0.9) FROM citizens WHERE city IN ('City1'{more})"
        for more in ("", ", 'Jimani'")
    ]
    for model, told in (("P1", 2), ("P1s", 1)):
        contract, id = house.contract(model), f"percentile-{model}"
        aggregates = (*contract.terms.aggregates, "amanat_percentile")
        house.lend(replace(contract, id=id, terms=replace(contract.terms, aggregates=aggregates, dominance=None)))
        values = [one(rows) for sql in asked if (rows := house.ask(id, sql).rows)]
        assert len(values) == told
        if told == 2:
            assert 20 * (values[1] - values[0]) == pytest.approx(two_values, abs=0.01)


def test_contracts_do_not_remember_for_each_other(house: Inside) -> None:
    house.also("one", "P1s")
    house.also("other", "P1s")
    first, second = SEQUENCES[0].statements
    assert house.ask("one", first).rows
    assert house.ask("other", second).rows


def test_honest_questions_are_answered_side_by_side(house: Inside) -> None:
    house.also("honest", "P1s")
    for sql in (
        "SELECT gender, count(*), count(income), avg(income) FROM citizens GROUP BY gender",
        "SELECT count(*), avg(income) FROM citizens",
        "SELECT year(birth_date) // 10 * 10 AS decade, count(*) FROM citizens GROUP BY decade",
        "SELECT disease, gender, count(*) FROM citizens GROUP BY disease, gender",
        "SELECT disease, count(*) FROM citizens GROUP BY disease",
        "SELECT year(visit_date) AS y, month(visit_date) AS m, sum(cost) FROM visits GROUP BY y, m",
        "SELECT gender, avg(n) FROM (SELECT v.national_id, c.gender, count(*) AS n FROM visits v "
        "JOIN citizens c ON c.national_id = v.national_id GROUP BY v.national_id, c.gender) GROUP BY gender",
    ):
        kept, free = house.ask("honest", sql), house.ask("P1", sql)
        assert kept.rows is not None, (kept.code, sql)
        assert sorted(map(str, kept.rows)) == sorted(map(str, free.rows or [])), sql
