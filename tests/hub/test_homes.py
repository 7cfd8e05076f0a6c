"""Homes on real loop devices."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from hub import homes as homes_module
from hub.homes import DiskShort, HomeFailed, Homes, is_mounted, unmount, unmount_all

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/loop-control").exists(), reason="not run: homes need root and loop devices"
)


@pytest.fixture
def homes(tmp_path: Path) -> Iterator[Homes]:
    made = Homes(tmp_path / "a folder", 16)
    yield made
    unmount_all(made.folder)


def test_a_new_home_is_empty_and_its_owner_s(homes: Homes) -> None:
    place = homes.mount("sara", "c-1")
    assert is_mounted(place)
    assert list(place.iterdir()) == []
    assert (place.stat().st_uid, place.stat().st_gid) == (1000, 1000)
    assert homes.image("sara", "c-1").stat().st_mode & 0o077 == 0


def test_a_home_keeps_what_was_put_into_it(homes: Homes) -> None:
    (homes.mount("sara", "c-1") / "notes.txt").write_text("kept")
    homes.unmount("sara", "c-1")
    assert not is_mounted(homes.place("sara", "c-1"))
    assert not (homes.place("sara", "c-1") / "notes.txt").exists()
    assert (homes.mount("sara", "c-1") / "notes.txt").read_text() == "kept"


def test_mounting_and_unmounting_twice_is_as_once(homes: Homes) -> None:
    assert homes.mount("sara", "c-1") == homes.mount("sara", "c-1")
    homes.unmount("sara", "c-1")
    homes.unmount("sara", "c-1")
    assert not is_mounted(homes.place("sara", "c-1"))


def test_a_home_ends_at_its_size(homes: Homes) -> None:
    place = homes.mount("sara", "c-1")
    with pytest.raises(OSError, match="No space left"):
        (place / "big").write_bytes(bytes(20 << 20))


def test_nothing_in_a_home_can_be_run_or_be_a_device(homes: Homes) -> None:
    place = homes.mount("sara", "c-1")
    program = place / "program"
    program.write_text("#!/bin/sh\nexit 0\n")
    program.chmod(0o4755)
    with pytest.raises(PermissionError):
        subprocess.run([program], check=False)
    os.mknod(place / "null", 0o020666, os.makedev(1, 3))
    with pytest.raises(PermissionError):
        (place / "null").read_bytes()


def test_two_contracts_have_two_homes(homes: Homes) -> None:
    (homes.mount("sara", "c-1") / "secret").write_text("of c-1")
    assert list(homes.mount("sara", "c-2").iterdir()) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("a", "b-c"), ("a-b", "c")),
        (("a.b", "c"), ("a", "b.c")),
        (("Sara", "c"), ("sara", "c")),
        (("a", ""), ("", "a")),
    ],
)
def test_no_two_pairs_share_a_home(one: tuple[str, str], other: tuple[str, str]) -> None:
    homes = Homes(Path("/homes"))
    assert homes.place(*one).name.lower() != homes.place(*other).name.lower()


@pytest.mark.parametrize("name", ["../../etc", "/etc/passwd", "a\0b", "a b,rw", "x" * 300, "\u202e", "-o"])
def test_a_strange_name_stays_in_its_folder(name: str) -> None:
    homes = Homes(Path("/homes"))
    place = homes.place(name, "c")
    assert place.parent == Path("/homes")
    assert place.name.replace("-", "").replace("_", "").isalnum()
    assert len(place.name) < 100


def test_a_disk_that_is_short_refuses_a_new_home_only(homes: Homes, monkeypatch: pytest.MonkeyPatch) -> None:
    homes.mount("sara", "c-1")
    homes.unmount("sara", "c-1")
    monkeypatch.setattr(homes_module.shutil, "disk_usage", lambda _: SimpleNamespace(free=900 << 20))
    with pytest.raises(DiskShort, match="900 MiB left"):
        homes.mount("sara", "c-2")
    assert not homes.image("sara", "c-2").exists()
    assert is_mounted(homes.mount("sara", "c-1"))


def test_an_image_that_was_never_finished_is_made_anew(homes: Homes) -> None:
    homes.folder.mkdir()
    homes.image("sara", "c-1").with_suffix(".partial").write_bytes(b"half of one")
    assert is_mounted(homes.mount("sara", "c-1"))


def test_a_broken_image_is_said(homes: Homes) -> None:
    homes.folder.mkdir()
    homes.image("sara", "c-1").write_bytes(bytes(1 << 20))
    with pytest.raises(HomeFailed, match="mount failed"):
        homes.mount("sara", "c-1")


def test_all_are_let_go_of_at_once(homes: Homes, tmp_path: Path) -> None:
    places = [homes.mount("sara", f"c-{number}") for number in range(3)]
    beside = Homes(tmp_path / "a folder beside", 16)
    other = beside.mount("sara", "c-1")
    unmount_all(homes.folder)
    assert not any(is_mounted(place) for place in places)
    assert is_mounted(other)
    unmount(other)
    deadline = time.monotonic() + 10  # the kernel lets go of a loop device a little later
    while str(tmp_path) in (loops := _loops()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert str(tmp_path) not in loops


def _loops() -> str:
    command = ["losetup", "--list", "--noheadings", "-O", "BACK-FILE"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
