"""What a process is built with when sandboxes are wanted, and what is on record after a crash."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.adapters.state_dir import StateDir
from access_broker.bootstrap import room_in
from access_broker.commands.sandboxes import end_on_record
from access_broker.domain.contracts import ContractState
from access_broker.domain.sandboxes import SLOTS, SandboxEnd
from access_broker.migrations import migrate
from tests.adapters.records.world import EVENT, furnish, make_contract, make_sandbox, make_token

POOL = "198.18.16.0/20"


@pytest.fixture(autouse=True)
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AMANAT_SANDBOXES", raising=False)


def test_a_pool_has_as_many_places_as_the_machine_has_memory_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for gibibytes, most in ((0.1, 1), (4, 8), (24, 48), (10_000, SLOTS)):
        pages = int(gibibytes * (1 << 30)) // 4096
        sizes = {"SC_PHYS_PAGES": pages, "SC_PAGE_SIZE": 4096}
        monkeypatch.setattr("os.sysconf", sizes.__getitem__)
        room = room_in(POOL)
        assert room is not None
        assert (str(room.pool), room.most) == (POOL, most)


@pytest.mark.parametrize("pool", [None, ""])
def test_without_a_pool_there_is_no_room(pool: str | None) -> None:
    assert room_in(pool) is None


def test_sandboxes_that_are_switched_off_have_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMANAT_SANDBOXES", "off")
    assert room_in(POOL) is None


def test_a_pool_that_is_none_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.0/20"):
        room_in("10.0.0.0/20")


def test_what_a_crash_left_on_record_is_ended(tmp_path: Path) -> None:
    state = StateDir.at(tmp_path)
    migrate(state.records_url)
    records = SqlRecords(state.records_url)
    furnish(records, make_contract("P1", ContractState.ACTIVE))
    with records.write() as writer:
        writer.save_token(make_token("d0"), EVENT)
        writer.save_sandbox(make_sandbox(), EVENT)
    assert [end_on_record(state), end_on_record(state)] == [1, 0]
    with records.read() as reader:
        assert reader.sandbox("s1").why is SandboxEnd.SYSTEM  # type: ignore[union-attr]
        assert reader.token("d0").revoked  # type: ignore[union-attr]
    records.close()


def test_the_data_half_needs_no_hub() -> None:
    """Its container image holds none."""
    source = "import sys; sys.modules['hub'] = None; import access_broker.main, access_broker.cli"
    assert subprocess.run([sys.executable, "-c", source], check=False, capture_output=True, text=True).stderr == ""
