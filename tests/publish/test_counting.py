"""Row counts for descriptions: once for each state of the sources, and never to the digit where rows are people's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.dataset_records import RowCount
from access_broker.domain.datasets import Dataset
from access_broker.domain.decisions import Refused
from access_broker.publish.counting import RowCounter, count_rows
from tests.publish.world import csv, dataset, table
from tests.support.factories import NOW, audit_kinds, position
from tests.support.fakes import FixedClock, InMemoryRecords

EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
PEOPLE = "id,town\n" + "".join(f"{n},Qom\n" for n in range(117))
TOWNS = "town\nQom\nRay\nYazd\n"


@pytest.fixture
def records() -> InMemoryRecords:
    return InMemoryRecords(FixedClock(NOW))


@pytest.fixture
def counter(tmp_path: Path) -> RowCounter:
    return RowCounter(tmp_path / "private")


@pytest.fixture
def town(tmp_path: Path) -> Dataset:
    sources = csv(tmp_path / "people.csv", PEOPLE), csv(tmp_path / "towns.csv", TOWNS, "towns")
    return dataset(*sources, tables=(table("people", "id town", "id"), table("towns", "town")))


def save(records: InMemoryRecords, described: Dataset) -> None:
    with records.write() as writer:
        writer.save_dataset(described, EVENT)


def told(records: InMemoryRecords) -> dict[str, tuple[int, bool]]:
    with records.read() as reader:
        return {count.table_id: (count.rows, count.is_about) for count in reader.filed(RowCount)}


def test_tables_are_counted_once(records: InMemoryRecords, counter: RowCounter, town: Dataset) -> None:
    save(records, town)
    assert counter.step(records, NOW)
    assert told(records) == {"people": (120, True), "towns": (3, False)}
    start = position(records)
    assert not counter.step(records, NOW)
    assert position(records) == start


def test_the_digit_is_nowhere(records: InMemoryRecords, counter: RowCounter, town: Dataset) -> None:
    save(records, town)
    counter.step(records, NOW)
    with records.read() as reader:
        bodies = [str(record.event.body) for record in reader.audit() if record.event.kind == "table.counted"]
    assert len(bodies) == 2
    assert not any("117" in body for body in bodies)


def test_other_files_are_counted_anew(records: InMemoryRecords, counter: RowCounter, town: Dataset) -> None:
    save(records, town)
    counter.step(records, NOW)
    more = csv(Path(town.sources[1].path), TOWNS + "Sari\n", "towns")
    save(records, replace(town, sources=(town.sources[0], more)))
    assert counter.step(records, NOW)
    assert told(records)["towns"] == (4, False)


def test_a_table_that_becomes_one_of_people_is_told_roughly(
    records: InMemoryRecords, counter: RowCounter, town: Dataset
) -> None:
    save(records, town)
    counter.step(records, NOW)
    save(records, replace(town, tables=(town.tables[0], replace(town.tables[1], entity="town"))))
    assert counter.step(records, NOW)
    assert told(records)["towns"] == (100, True)


def test_what_cannot_be_counted_is_tried_once(records: InMemoryRecords, counter: RowCounter, town: Dataset) -> None:
    Path(town.sources[0].path).write_text("another", encoding="utf-8")
    save(records, town)
    assert counter.step(records, NOW)
    assert not counter.step(records, NOW)
    assert told(records) == {}
    assert "table.counted" not in audit_kinds(records)


def test_a_file_that_is_not_the_registered_one_is_not_counted(tmp_path: Path, town: Dataset) -> None:
    Path(town.sources[0].path).unlink()
    with pytest.raises(Refused) as refusal:
        count_rows(town, tmp_path / "private")
    assert refusal.value.reason.code == "SOURCE_CHANGED"
