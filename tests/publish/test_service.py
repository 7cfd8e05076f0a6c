from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from access_broker.domain.acts import Act, CommitteeAct
from access_broker.domain.audit import AuditEvent, AuditSearch
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.datasets import Dataset
from access_broker.publish.service import PublicationRunner
from access_broker.use_cases.ports import Unavailable
from tests.publish.world import TOKEN, ask, contract, csv, dataset, grant, secret_of, table
from tests.support.factories import DAY, NOW
from tests.support.fakes import FixedClock, InMemoryRecords

EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
WIDE, NARROW = grant("people", id="join", town="dimension"), grant("people", id="join")


class Stage:
    """Records with one dataset, and a runner beside them."""

    def __init__(self, root: Path) -> None:
        self.source = root / "people.csv"
        self.records = InMemoryRecords(FixedClock(NOW))
        self.runner = PublicationRunner(root / "published", root / "private", secret_of)
        self.register("id,town\n1,Qom\n2,Ray\n")

    def register(self, text: str) -> None:
        described = dataset(csv(self.source, text), tables=(table("people", "id town", "id"),))
        self.save(described)

    def save(self, *things: Dataset | Contract) -> None:
        with self.records.write() as writer:
            for thing in things:
                writer.save_dataset(thing, EVENT) if isinstance(thing, Dataset) else writer.save_contract(thing, EVENT)

    def step(self, now: Any = NOW) -> int:
        return self.runner.step(self.records, now)

    def publication(self, id: str = "P1") -> Any:
        with self.records.read() as reader:
            return reader.publication(id)

    def files(self) -> list[str]:
        found = (p for p in self.runner.directory.rglob("*") if p.is_file())
        return sorted(str(p.relative_to(self.runner.directory)) for p in found)

    def said(self) -> list[tuple[str, str, str]]:
        """The publisher's own audit events about publications."""
        with self.records.read() as reader:
            events = [record.event for record in reader.search_audit(AuditSearch("publication.", "publisher"))]
        return [(e.kind, e.subject, e.rule) for e in events]

    def told(self) -> list[tuple[str, int, int, int | None]]:
        """Contract, generation, files and milliseconds of every end the publisher has acknowledged."""
        with self.records.read() as reader:
            records = reader.search_audit(AuditSearch("end.acknowledged", "publisher"))
        return [(r.event.subject, *(r.event.body[k] for k in ("generation", "files", "ms"))) for r in records]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_what_should_be_readable_is_published_once(stage: Stage) -> None:
    stage.save(contract(WIDE), contract(NARROW, id="P2"))
    assert stage.step() == 2
    assert stage.files() == ["P1-1.duckdb", "P2-1.duckdb"]
    assert stage.said() == [("publication.made", "P1", "S3-P5"), ("publication.made", "P2", "S3-P5")]
    assert ask(stage.publication(), "SELECT count(*) FROM t1") == [(2,)]
    assert stage.step() == 0
    again = PublicationRunner(stage.runner.directory, stage.runner.private, secret_of)
    assert again.start(stage.records) == 0
    assert again.step(stage.records, NOW) == 0


@pytest.mark.parametrize(
    "state", [ContractState.DRAFTED, ContractState.SUSPENDED, ContractState.CUT, ContractState.ENDED]
)
def test_no_other_state_gets_a_file(stage: Stage, state: ContractState) -> None:
    stage.save(replace(contract(WIDE), state=state))
    assert stage.step() == 0
    assert stage.files() == []
    assert stage.said() == []


def test_an_expired_contract_gets_no_file(stage: Stage) -> None:
    stage.save(replace(contract(WIDE), ends_at=NOW))
    assert stage.step() == 0


@pytest.mark.parametrize(
    ("change", "now", "rule"),
    [
        ({"state": ContractState.CUT}, NOW, "F-13"),
        ({"state": ContractState.ENDED}, NOW, "D-2"),
        ({}, NOW + 91 * DAY, "S3-P9-R1"),
        ({"state": ContractState.SUSPENDED}, NOW + 91 * DAY, "S3-P9-R1"),
    ],
)
def test_the_file_goes_with_the_right_to_read_it(stage: Stage, change: dict[str, Any], now: Any, rule: str) -> None:
    stage.save(contract(WIDE), contract(WIDE, id="P2"))
    stage.step()
    stage.save(replace(contract(WIDE), **change), replace(contract(WIDE, id="P2"), ends_at=NOW + 1000 * DAY))
    stage.runner.directory.joinpath(".building", "P1-9.duckdb").touch()
    assert stage.step(now) == 1
    assert stage.files() == ["P2-1.duckdb"]
    assert stage.publication() is None
    assert stage.said()[-1] == ("publication.removed", "P1", rule)
    assert stage.step(now) == 0


def test_the_end_is_acknowledged_once_whoever_runs(stage: Stage) -> None:
    stage.save(contract(WIDE), contract(WIDE, id="P2"), contract(WIDE, id="P3"))
    stage.step()
    stage.save(replace(contract(WIDE), state=ContractState.CUT), replace(contract(WIDE, id="P2"), ends_at=NOW))
    with stage.records.write() as writer:
        writer.save_act(CommitteeAct("P1", Act.CUT, "F-13", "chair", None, NOW - timedelta(seconds=2), 1), EVENT)
    stage.step(NOW + timedelta(milliseconds=70))
    expected = [("P1", 1, 1, 2070), ("P2", 1, 1, 70)]
    assert stage.told() == expected
    again = PublicationRunner(stage.runner.directory, stage.runner.private, secret_of)
    again.start(stage.records)
    again.step(stage.records, NOW + DAY)
    stage.step(NOW + DAY)
    assert stage.told() == expected


@pytest.mark.parametrize("state", [ContractState.CUT, ContractState.ENDED])
def test_an_end_without_a_file_is_acknowledged_too(stage: Stage, state: ContractState) -> None:
    stage.save(replace(contract(WIDE), state=state))
    stage.step()
    assert stage.told() == [("P1", 1, 0, None)]


def test_nothing_is_acknowledged_as_long_as_the_records_cannot_be_written(stage: Stage) -> None:
    stage.save(contract(WIDE))
    stage.step()
    stage.save(replace(contract(WIDE), state=ContractState.CUT))
    with pytest.raises(Unavailable):
        stage.runner.withdraw(ReadOnly(stage.records), NOW)
    assert stage.told() == []
    stage.step()
    assert len(stage.told()) == 1


def test_a_suspended_contract_keeps_its_file(stage: Stage) -> None:
    stage.save(contract(WIDE))
    stage.step()
    stage.save(replace(contract(WIDE), state=ContractState.SUSPENDED))
    assert stage.step() == 0
    assert stage.files() == ["P1-1.duckdb"]
    assert stage.told() == []
    stage.save(contract(WIDE))
    assert stage.step() == 0


def test_the_file_goes_even_when_the_records_do_not_answer(stage: Stage) -> None:
    stage.save(contract(WIDE))
    stage.step()
    stage.save(replace(contract(WIDE), state=ContractState.CUT))
    with pytest.raises(Unavailable):
        stage.runner.withdraw(ReadOnly(stage.records), NOW)
    assert stage.files() == []
    assert stage.publication() is not None
    assert stage.step() == 1
    assert stage.publication() is None


class ReadOnly:
    def __init__(self, records: InMemoryRecords) -> None:
        self.read = records.read

    @contextmanager
    def write(self) -> Iterator[Any]:
        raise Unavailable("RECORDS_UNAVAILABLE")
        yield


def test_new_data_replaces_the_old_and_numbers_stay(stage: Stage) -> None:
    stage.save(contract(grant("people", id="join", town="raw")))
    stage.step()
    before = ask(stage.publication(), "SELECT id, town FROM t1 ORDER BY id")
    stage.register("id,town\n3,Yazd\n2,Ray\n1,Qom\n")
    assert stage.step() == 1
    assert stage.files() == ["P1-2.duckdb"]
    assert stage.publication().version == 2
    assert ask(stage.publication(), "SELECT id, town FROM t1 ORDER BY id") == [*before, (3, "Yazd")]
    assert stage.said()[-1] == ("publication.made", "P1", "S3-P5")


def test_new_data_that_cannot_be_published_leaves_the_old_readable(stage: Stage) -> None:
    stage.save(contract(WIDE))
    stage.step()
    stage.register("id,town\n1,Qom\n")
    stage.source.unlink()
    assert stage.step() == 1
    assert stage.files() == ["P1-1.duckdb"]
    assert stage.publication().version == 1
    assert stage.said()[-1] == ("publication.failed", "P1", "S2-C3")


def test_a_file_of_wider_rights_is_gone_even_when_the_new_one_fails(stage: Stage) -> None:
    stage.save(contract(WIDE))
    stage.step()
    stage.save(contract(NARROW))
    stage.source.unlink()
    assert stage.step() == 1
    assert stage.files() == []
    assert stage.publication() is None
    stage.register("id,town\n1,Qom\n")
    assert stage.step() == 1
    assert stage.files() == ["P1-2.duckdb"]  # a number never means two files
    assert [kind for kind, _, _ in stage.said()] == [
        "publication.made",
        "publication.removed",
        "publication.failed",
        "publication.made",
    ]


def test_a_failure_is_recorded_once_and_tried_again_when_it_may_help(stage: Stage) -> None:
    stage.save(contract(WIDE))
    content = stage.source.read_text()
    stage.source.unlink()
    assert stage.step() == 1
    with stage.records.read() as reader:
        assert reader.publication_failure("P1") == "SOURCE_CHANGED"
        body = reader.audit(0, 1000)[-1].event.body
    assert body == {"code": "SOURCE_CHANGED", "source": "people.csv", "why": "missing"}
    assert stage.step() == 0
    assert stage.step(NOW + timedelta(minutes=1)) == 1
    assert len(stage.said()) == 1
    stage.source.write_text(content)
    assert stage.step(NOW + timedelta(minutes=1)) == 1
    assert stage.files() == ["P1-1.duckdb"]


def test_one_bad_contract_does_not_hold_up_the_others(stage: Stage) -> None:
    stage.save(contract(grant("people", shoe_size="raw"), id="P0"), contract(WIDE), contract(WIDE, id="../P2"))
    assert stage.step() == 3
    assert stage.files() == ["P1-1.duckdb"]
    assert [(kind, subject) for kind, subject, _ in stage.said()] == [
        ("publication.failed", "../P2"),
        ("publication.failed", "P0"),
        ("publication.made", "P1"),
    ]


def test_what_the_engine_says_goes_to_the_log_only(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    stage.save(contract(WIDE))
    (stage.runner.private / "entities-P1.duckdb").mkdir(parents=True)
    with caplog.at_level(logging.ERROR):
        assert stage.step() == 1
    assert stage.said() == [("publication.failed", "P1", "S3-P8")]
    with stage.records.read() as reader:
        assert reader.audit(0, 1000)[-1].event.body == {"code": "INTERNAL"}
        assert reader.publication_failure("P1") == "INTERNAL"
    assert "entities-P1" in caplog.text


@pytest.mark.parametrize("change", [{"state": ContractState.CUT}, {"scope": (NARROW,)}])
def test_what_is_cut_or_changed_during_its_build_is_not_published(stage: Stage, change: dict[str, Any]) -> None:
    stage.save(contract(WIDE))
    acted = []

    def act(contract_id: str, step: str, done: int, total: int) -> None:
        if step == "table" and not acted:
            acted.append(stage.save(replace(contract(WIDE), **change)))

    stage.runner.on_progress = act
    stage.step()
    assert stage.files() == []
    assert stage.publication() is None
    stage.step()
    assert stage.files() == ([] if "state" in change else ["P1-2.duckdb"])


def test_a_build_whose_record_could_not_be_written_is_made_again(stage: Stage) -> None:
    stage.save(contract(WIDE))
    stage.step()
    stage.register("id,town\n7,Qom\n")
    with pytest.raises(Unavailable):
        stage.runner.step(ReadOnly(stage.records), NOW)
    assert stage.publication().version == 1
    assert stage.files() == ["P1-1.duckdb", "P1-2.duckdb"]
    fresh = PublicationRunner(stage.runner.directory, stage.runner.private, secret_of)
    assert fresh.start(stage.records) == 1
    assert stage.files() == ["P1-1.duckdb"]
    assert fresh.step(stage.records, NOW) == 1
    assert stage.files() == ["P1-3.duckdb"]


def test_a_start_clears_strays_leftovers_and_files_nobody_vouches_for(stage: Stage) -> None:
    stage.save(contract(WIDE), contract(WIDE, id="P2"))
    stage.step()
    directory, private = stage.runner.directory, stage.runner.private
    for stray in ("P3-1.duckdb", "P1-7.duckdb", ".building/P1-1.duckdb", ".building/P2-2.duckdb.wal", "gone-1.duckdb"):
        (directory / stray).touch()
    (directory / "README").touch()
    (directory / "P2-1.duckdb").chmod(0o600)
    with open(directory / "P2-1.duckdb", "ab") as tampered:
        tampered.write(b"x")
    (private / "workshops" / "P9").mkdir(parents=True)
    assert stage.runner.start(stage.records) == 6
    assert stage.files() == ["P1-1.duckdb", "README"]
    assert not (private / "workshops").exists()
    assert stage.step() == 1  # P2 is made anew
    assert stage.files() == ["P1-1.duckdb", "P2-2.duckdb", "README"]


def test_an_unknown_dataset_is_refused_with_its_place(stage: Stage) -> None:
    scope = replace(WIDE, dataset="nowhere")
    stage.save(contract(scope))
    assert stage.step() == 1
    with stage.records.read() as reader:
        assert reader.audit(0, 1000)[-1].event.body == {
            "code": "INVALID",
            "place": "nowhere.people",
            "why": "not_described",
        }


def test_the_record_tells_what_was_done_and_no_value(stage: Stage) -> None:
    stage.register("id,town\n1,Qom\n2,Ray\n,Yazd\n")
    stage.save(contract(grant("people", id=TOKEN, town="dimension")))
    stage.step()
    made = stage.publication()
    with stage.records.read() as reader:
        body = reader.audit(0, 1000)[-1].event.body
    assert body["version"] == 1
    assert body["sha256"] == made.sha256
    (told,) = body["tables"]
    assert (told["table"], told["rows"], told["without_entity"]) == ("d.people", 2, 1)
    assert "Qom" not in str(body)
