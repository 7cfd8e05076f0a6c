"""Control groups of both versions, as files; the kernel's own part is tried with real containers in test_engine.py."""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

import pytest

from hub.freezer import Group, group_of

ID = "7" * 64


def old(folder: Path, state: str = "THAWED") -> Group:
    (folder / "freezer.state").write_text(state)
    return Group(folder, "freezer.state", "FROZEN", "THAWED")


def new(folder: Path, frozen: int = 0) -> Group:
    (folder / "cgroup.freeze").write_text("0")
    (folder / "cgroup.events").write_text(f"populated 1\nfrozen {frozen}\n")
    return Group(folder, "cgroup.freeze", "1", "0")


def test_the_old_version_is_frozen_and_thawed_by_words(tmp_path: Path) -> None:
    group = old(tmp_path)
    assert not group.is_frozen()
    assert group.freeze(1)
    assert group.is_frozen()
    group.thaw()
    assert (tmp_path / "freezer.state").read_text() == "THAWED"


def test_the_new_version_is_at_rest_when_its_events_say_so(tmp_path: Path) -> None:
    group = new(tmp_path)
    threading.Timer(0.1, (tmp_path / "cgroup.events").write_text, ("populated 1\nfrozen 1\n",)).start()
    assert group.freeze(5)
    assert (tmp_path / "cgroup.freeze").read_text() == "1"
    group.thaw()
    assert (tmp_path / "cgroup.freeze").read_text() == "0"


def test_what_does_not_come_to_rest_in_time_stays_told(tmp_path: Path) -> None:
    group = new(tmp_path)
    assert not group.freeze(0.05)
    assert (tmp_path / "cgroup.freeze").read_text() == "1"


def test_a_group_that_is_gone_is_at_rest_and_nothing_is_killed(tmp_path: Path) -> None:
    group = Group(tmp_path / "gone", "freezer.state", "FROZEN", "THAWED")
    assert group.freeze(1)
    assert not group.is_frozen()
    assert group.kill(1) == 0
    group.thaw()


def test_every_process_is_killed_and_one_that_has_ended_is_no_fault(tmp_path: Path) -> None:
    alive = [subprocess.Popen(["sleep", "60"]) for _ in range(2)]
    ended = subprocess.Popen(["true"])
    ended.wait()
    (tmp_path / "cgroup.procs").write_text("".join(f"{process.pid}\n" for process in (*alive, ended)))
    assert old(tmp_path).kill(alive[0].pid) == 3
    assert [process.wait(5) for process in alive] == [-9, -9]


@pytest.mark.parametrize("pid", [os.getpid(), 2**22 + 1])
def test_a_number_that_is_not_the_containers_any_more_has_no_group(pid: int) -> None:
    assert group_of(ID, pid) is None
