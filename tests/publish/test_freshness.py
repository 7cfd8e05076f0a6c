from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from access_broker.domain.catalogue import Catalogue, Publication
from access_broker.domain.contracts import Contract, Terms
from access_broker.domain.datasets import DataClass, Dataset, RareValues
from access_broker.publish.freshness import Basis, basis_noted, basis_of, last_version, note_basis
from access_broker.publish.patience import FIRST_WAIT, LONGEST_WAIT, Patience, circumstances
from tests.publish.world import csv, dataset, sample, sample_p1, table
from tests.support.factories import NOW

CONTRACT, DATASET = sample_p1(), sample()
BASIS = basis_of(CONTRACT, [DATASET])


@pytest.mark.parametrize(
    "changed",
    [
        replace(CONTRACT, scope=CONTRACT.scope[:2]),
        replace(CONTRACT, scope=(replace(CONTRACT.scope[0], row_filter="gender = 'F'"), *CONTRACT.scope[1:])),
        replace(CONTRACT, terms=Terms(k=20, rare_values=RareValues.KEEP)),
        replace(CONTRACT, terms=Terms(k=10, rare_values=RareValues.DROP)),
        replace(CONTRACT, terms=Terms(k=10, rare_values=RareValues.KEEP, top_code=True)),
    ],
)
def test_other_rights_are_another_basis(changed: Contract) -> None:
    assert basis_of(changed, [DATASET]).rights != BASIS.rights
    assert basis_of(changed, [DATASET]).sources == BASIS.sources


@pytest.mark.parametrize("part", ["joins", "tables"])
def test_another_description_is_other_rights(part: str) -> None:
    changed = replace(DATASET, **{part: getattr(DATASET, part)[:1]})
    assert basis_of(CONTRACT, [changed]).rights != BASIS.rights


def test_other_bytes_are_other_sources_and_the_same_rights() -> None:
    changed = replace(DATASET, sources=(replace(DATASET.sources[0], sha256="0" * 64),))
    assert basis_of(CONTRACT, [changed]) == Basis(BASIS.rights, basis_of(CONTRACT, [changed]).sources)
    assert basis_of(CONTRACT, [changed]).sources != BASIS.sources


def test_what_does_not_reach_the_file_changes_nothing() -> None:
    told = replace(DATASET, title_en="Another", steward="another")
    column = replace(told.tables[0].columns[0], title_en="Another", data_class=DataClass.PUBLIC)
    first = replace(told.tables[0], columns=(column, *told.tables[0].columns[1:]))
    told = replace(told, tables=(first, *told.tables[1:]))
    assert basis_of(replace(CONTRACT, generation=9, people=("x",)), [told]) == BASIS


def made(version: int) -> Publication:
    return Publication("P1", version, "", "", Catalogue(()))


def test_a_version_is_known_until_the_one_after_next(tmp_path: Path) -> None:
    bases = [Basis(str(i), str(i)) for i in range(4)]
    for version in (1, 2, 3):
        note_basis(tmp_path, made(version), bases[version])
    assert [basis_noted(tmp_path, made(v)) for v in (1, 2, 3, 4)] == [None, bases[2], bases[3], None]
    assert last_version(tmp_path, "P1") == 3


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"1": 5}', '{"x": {"rights": "", "sources": ""}}', "\xff"])
def test_a_damaged_note_says_nothing(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "basis-P1.json").write_text(content, "latin-1")
    assert basis_noted(tmp_path, made(1)) is None
    assert last_version(tmp_path, "P1") == 0


def described(tmp_path: Path) -> Dataset:
    return dataset(csv(tmp_path / "a.csv", "a\n1\n"), tables=(table("people", "a"),))


def test_failures_are_repeated_ever_more_rarely(tmp_path: Path) -> None:
    patience, same = Patience(), circumstances(BASIS, [described(tmp_path)])
    now, waits = NOW, []
    for _ in range(10):
        patience.failed("P1", same, now)
        wait = timedelta()
        while patience.must_wait("P1", same, now + wait):
            wait += FIRST_WAIT
        waits.append(wait)
        now += wait
    assert waits[:3] == [FIRST_WAIT, 2 * FIRST_WAIT, 4 * FIRST_WAIT]
    assert waits[-1] == LONGEST_WAIT
    patience.succeeded("P1")
    assert not patience.must_wait("P1", same, now)


def test_any_change_is_worth_a_new_attempt_at_once(tmp_path: Path) -> None:
    registered, patience = described(tmp_path), Patience()
    patience.failed("P1", circumstances(BASIS, [registered]), NOW)
    assert patience.must_wait("P1", circumstances(BASIS, [registered]), NOW)
    assert not patience.must_wait("P2", circumstances(BASIS, [registered]), NOW)
    assert not patience.must_wait("P1", circumstances(Basis("", ""), [registered]), NOW)
    (tmp_path / "a.csv").unlink()
    assert not patience.must_wait("P1", circumstances(BASIS, [registered]), NOW)


def test_failures_that_wait_say_when_there_is_something_new(tmp_path: Path) -> None:
    patience = Patience()
    assert patience.has_nothing_new(NOW)
    patience.failed("P1", circumstances(BASIS, [described(tmp_path)]), NOW)
    assert patience.has_nothing_new(NOW + FIRST_WAIT - timedelta(microseconds=1))
    assert not patience.has_nothing_new(NOW + FIRST_WAIT)
    (tmp_path / "a.csv").unlink()
    assert not patience.has_nothing_new(NOW)
    patience.forget_others(["P1"])
    assert not patience.has_nothing_new(NOW)
    patience.forget_others(["P2"])
    assert patience.has_nothing_new(NOW)
