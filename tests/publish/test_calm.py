"""A publisher with nothing to do looks at little, and misses nothing by it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from access_broker.domain.contracts import ContractState
from access_broker.publish.calm import FULL_LOOK_EVERY, Calm, Seen, quiet_until
from tests.publish.test_service import WIDE, Stage
from tests.publish.world import contract
from tests.support.factories import DAY, NOW
from tests.support.fakes import InMemoryRecords

SECOND = timedelta(seconds=1)
SEEN = Seen("s", frozenset({Path("P1-1.duckdb")}))


class Counted:
    """The records, counting how often somebody reads."""

    def __init__(self, records: InMemoryRecords) -> None:
        self.records, self.reads = records, 0
        self.write = records.write

    @contextmanager
    def read(self) -> Iterator[object]:
        self.reads += 1
        with self.records.read() as reader:
            yield reader


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """P1 is published, and a step has found nothing more to do."""
    stage = Stage(tmp_path)
    stage.save(contract(WIDE))
    assert [stage.step(), stage.step()] == [1, 0]
    return stage


def reads(stage: Stage, now: datetime = NOW) -> int:
    """How often a step that has nothing to do reads the records."""
    counted = Counted(stage.records)
    assert stage.runner.step(counted, now) == 0  # type: ignore[arg-type]
    return counted.reads


def test_a_calm_step_reads_once(stage: Stage) -> None:
    assert [reads(stage), reads(stage, NOW + SECOND)] == [1, 1]
    stage.save(contract(WIDE))
    assert reads(stage) > 1, "something was committed, though nothing that matters"
    assert reads(stage) == 1


def test_a_full_look_comes_by_itself_and_finds_what_no_comparison_shows(stage: Stage) -> None:
    (stage.runner.private / "basis-P1.json").unlink()
    assert reads(stage, NOW + FULL_LOOK_EVERY - SECOND) == 1
    assert stage.step(NOW + FULL_LOOK_EVERY) == 1
    assert stage.files() == ["P1-2.duckdb"]


@pytest.mark.parametrize("state", [ContractState.CUT, ContractState.ENDED])
def test_an_act_is_carried_out_at_the_next_step(stage: Stage, state: ContractState) -> None:
    stage.save(replace(contract(WIDE), state=state))
    assert stage.step() == 1
    assert stage.files() == []
    assert reads(stage) > 1
    assert reads(stage) == 1


def test_the_end_of_a_term_is_noticed_to_the_moment(stage: Stage) -> None:
    stage.save(replace(contract(WIDE), ends_at=NOW + SECOND))
    assert stage.step() == 0
    assert stage.step(NOW + SECOND - timedelta(microseconds=1)) == 0
    assert stage.step(NOW + SECOND) == 1
    assert stage.files() == []


def test_a_clock_that_was_set_back_brings_a_contract_back(stage: Stage) -> None:
    assert [stage.step(NOW + 91 * DAY), stage.step(NOW + 91 * DAY)] == [1, 0]
    assert stage.step(NOW) == 1
    assert stage.publication() is not None


def test_a_file_that_is_gone_is_made_again_at_the_next_step(stage: Stage) -> None:
    Path(stage.publication().path).unlink()
    assert stage.step() == 1
    assert stage.files() == ["P1-2.duckdb"]


def test_a_failure_waits_calmly_and_is_tried_as_soon_as_its_file_is_another_one(stage: Stage) -> None:
    content = stage.source.read_bytes()
    stage.save(contract(WIDE, id="P2"))
    stage.source.unlink()
    assert [stage.step(), stage.step(), reads(stage)] == [1, 0, 1]
    stage.source.write_bytes(content + b"3,Yazd\n")
    assert [stage.step(), stage.step(), reads(stage)] == [1, 0, 1], "it came back as another one"
    stage.source.write_bytes(content)
    assert stage.step() == 1
    assert stage.publication("P2").version == 1


def test_a_failure_of_a_contract_that_ended_keeps_nobody_awake(stage: Stage) -> None:
    stage.save(contract(WIDE, id="P2"))
    stage.source.unlink()
    assert stage.step() == 1
    stage.save(replace(contract(WIDE, id="P2"), state=ContractState.CUT))
    later = NOW + timedelta(minutes=1)
    assert [stage.step(later), stage.step(later), reads(stage, later + SECOND)] == [0, 0, 1]


def test_what_is_committed_during_a_look_is_noticed_by_the_next(stage: Stage) -> None:
    stage.save(contract(WIDE))  # so that the next step looks again
    assert stage.runner.step(Cutting(stage), NOW) == 0  # type: ignore[arg-type]
    assert stage.files() == ["P1-1.duckdb"]
    assert stage.step() == 1
    assert stage.files() == []


class Cutting(Counted):
    """Records in which P1 is cut as soon as the step has looked for what is over, and a moment too late for it."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.records)
        self.stage = stage

    @contextmanager
    def read(self) -> Iterator[object]:
        with super().read() as reader:
            yield reader
        if self.reads == 2:
            self.stage.save(replace(contract(WIDE), state=ContractState.CUT))


@pytest.mark.parametrize(
    ("seen", "now", "holds"),
    [
        (SEEN, NOW, True),
        (SEEN, NOW + SECOND, False),
        (SEEN, NOW - SECOND, False),
        (replace(SEEN, stamp="t"), NOW, False),
        (replace(SEEN, files=frozenset()), NOW, False),
    ],
)
def test_calm_holds_for_what_was_seen_and_for_its_time(seen: Seen, now: datetime, holds: bool) -> None:
    assert Calm(SEEN, NOW, NOW + SECOND).holds(seen, now) is holds


def test_records_without_a_stamp_are_never_calm() -> None:
    unstamped = replace(SEEN, stamp="")
    assert not Calm(unstamped, NOW, NOW + SECOND).holds(unstamped, NOW)


def test_quiet_lasts_until_the_next_term_begins_or_ends() -> None:
    running = replace(contract(WIDE), starts_at=NOW - DAY, ends_at=NOW + DAY)
    assert quiet_until([running], NOW) == NOW + FULL_LOOK_EVERY
    assert quiet_until([running, replace(running, ends_at=NOW + 2 * SECOND)], NOW) == NOW + 2 * SECOND
    assert quiet_until([running, replace(running, starts_at=NOW + SECOND)], NOW) == NOW + SECOND
    assert quiet_until([replace(running, ends_at=NOW)], NOW) == NOW + FULL_LOOK_EVERY
