"""Evidence: whole or not there, safe to take from a hostile home, and every later change of it is found."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest

from hub import evidence
from hub.broker import Broker, BrokerRefused, BrokerUnavailable
from hub.engine import Absent, Engine, EngineAway
from hub.evidence import Case, EvidenceFailed, Sealed, Sources, freeze_evidence, verify_evidence
from hub.homes import Homes

CASE = Case("c-1", "sara", "0123456789ab", 4, "CONTRACT_CUT", "F-13", datetime(2026, 1, 1, tzinfo=UTC))
FILES = {"processes.json", "container.log", "inspect.json", "audit.jsonl", "home.tar"}


class PlayedEngine:
    fault: EngineAway | None = None

    def processes(self, sandbox: str) -> dict[str, Any]:
        if self.fault:
            raise self.fault
        return {"Titles": ["PID", "CMD"], "Processes": [["7", "python"]]}

    def log(self, sandbox: str) -> bytes:
        if self.fault:
            raise self.fault
        return b"2026-01-01T00:00:00Z started\n"

    def inspect(self, sandbox: str) -> dict[str, Any] | None:
        if isinstance(self.fault, Absent):
            return None
        return {"Config": {"Env": ["AMANAT_TOKEN=amt_do-not-keep-me"]}}


class PlayedBroker:
    fault: Exception | None = None

    def extract(self, contract: str, into: BinaryIO) -> int:
        into.write(b'{"position": 4, "hash": "aa"}\n')
        if self.fault:
            raise self.fault
        return into.write(b'{"position": 9, "hash": "bb"}\n')


class Site:
    def __init__(self, folder: Path) -> None:
        self.engine, self.broker = PlayedEngine(), PlayedBroker()
        self.homes, self.evidence = Homes(folder / "homes", size_mb=8), folder / "evidence"
        self.home = self.homes.mount("sara", "c-1")
        (self.home / "work.py").write_text("print(1)")

    def freeze(self, insist: bool = False) -> Sealed:
        engine, broker = cast(Engine, self.engine), cast(Broker, self.broker)
        return freeze_evidence(CASE, self.evidence, Sources(engine, broker, {}, self.homes), insist=insist)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    if os.geteuid():
        pytest.skip("not run: homes need root")
    made = Site(tmp_path)
    yield made
    made.homes.unmount("sara", "c-1")


def manifest(sealed: Sealed) -> dict[str, Any]:
    return dict(json.loads((sealed.folder / "manifest.json").read_bytes()))


def test_everything_is_kept_and_listed_with_its_digest(site: Site) -> None:
    sealed = site.freeze()
    listed = {entry["name"]: entry for entry in manifest(sealed)["files"]}
    assert sealed.folder == site.evidence / "c-1" / "g4" / "0123456789ab"
    assert listed.keys() == FILES == {path.name for path in sealed.folder.iterdir()} - {"manifest.json"}
    for name, entry in listed.items():
        content = (sealed.folder / name).read_bytes()
        assert (entry["size"], entry["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert sealed.missing == {}
    assert sealed.digest == hashlib.sha256((sealed.folder / "manifest.json").read_bytes()).hexdigest()
    assert verify_evidence(sealed.folder) == []


def test_the_manifest_says_whose_it_is_why_and_where_the_extract_stops(site: Site) -> None:
    told = manifest(site.freeze())
    assert (told["contract"], told["person"], told["sandbox"], told["generation"]) == ("c-1", "sara", CASE.sandbox, 4)
    assert (told["code"], told["rule"], told["since"][:10]) == ("CONTRACT_CUT", "F-13", "2026-01-01")
    assert told["audit_head"] == {"position": 9, "hash": "bb"}


def test_nobody_may_write_into_it(site: Site) -> None:
    sealed = site.freeze()
    assert stat.S_IMODE(sealed.folder.stat().st_mode) == 0o500
    assert {stat.S_IMODE(path.stat().st_mode) for path in sealed.folder.iterdir()} == {0o400}


def test_what_stands_is_not_taken_again(site: Site) -> None:
    first = site.freeze()
    (site.home / "work.py").write_text("changed")
    assert site.freeze() == first


def test_what_a_crash_left_half_done_is_begun_anew(site: Site) -> None:
    half = site.evidence / "c-1" / "g4" / f"{CASE.sandbox}.partial"
    half.mkdir(parents=True)
    (half / "home.tar").write_text("half")
    assert verify_evidence(site.freeze().folder) == []
    assert not half.exists()


def test_secrets_of_the_container_are_not_kept(site: Site) -> None:
    text = (site.freeze().folder / "inspect.json").read_text()
    assert "AMANAT_TOKEN=(removed)" in text
    assert "do-not-keep-me" not in text


def test_a_hostile_home_is_copied_as_it_lies_there(site: Site) -> None:
    """Nothing in it is followed, opened or inflated: a link out, a pipe, a socket, a name like an option, a hole."""
    (site.home / "link").symlink_to("/etc/passwd")
    (site.home / "folder").symlink_to("/etc")
    os.mkfifo(site.home / "pipe")
    (site.home / "--checkpoint-action=exec=sh").write_text("option")
    (site.home / "line\nbreak").write_text("name")
    os.mknod(site.home / "socket", stat.S_IFSOCK | 0o600)
    with (site.home / "hole").open("wb") as hole:
        hole.truncate(1 << 40)
    sealed = site.freeze()
    assert sealed.missing == {}
    with tarfile.open(sealed.folder / "home.tar") as archive:
        members = {member.name: member for member in archive}
    assert (members["./link"].linkname, members["./folder"].linkname) == ("/etc/passwd", "/etc")
    assert members["./pipe"].isfifo()
    assert {"./--checkpoint-action=exec=sh", "./line\nbreak", "./work.py"} <= members.keys()
    assert members["./hole"].size == 1 << 40
    assert (sealed.folder / "home.tar").stat().st_size < 8 << 20


def test_a_home_that_tar_cannot_take_is_kept_as_the_file_system_it_is(site: Site) -> None:
    for number in range(12_000):  # a link costs its owner nothing, and an archive more than a kilobyte
        os.link(site.home / "work.py", site.home / f"{number}")
    sealed = site.freeze()
    assert sealed.missing.keys() == {"home.tar"}
    image = sealed.folder / "home.ext4"
    assert image.stat().st_size == 8 << 20
    assert verify_evidence(sealed.folder) == []
    assert b"print(1)" in image.read_bytes()


@pytest.mark.parametrize("name", ["home.tar", "audit.jsonl", "container.log"])
def test_a_flipped_byte_is_found(site: Site, name: str) -> None:
    sealed = site.freeze()
    content = bytearray((sealed.folder / name).read_bytes())
    content[-3] ^= 1
    (sealed.folder / name).write_bytes(content)
    assert verify_evidence(sealed.folder) == [f"{name} is not what was frozen."]


def test_a_file_that_is_gone_one_too_many_and_a_link_are_found(site: Site, tmp_path: Path) -> None:
    folder = site.freeze().folder
    (folder / "home.tar").unlink()
    (folder / "more").write_text("x")
    (folder / "container.log").rename(tmp_path / "aside")
    (folder / "container.log").symlink_to(tmp_path / "aside")
    assert verify_evidence(folder) == [
        "home.tar is missing.",
        "more does not belong here.",
        "container.log is not what was frozen.",
    ]


@pytest.mark.parametrize("content", [None, "no json", "{}", '{"files": 1}'])
def test_without_a_readable_manifest_nothing_is_proven(site: Site, content: str | None) -> None:
    path = site.freeze().folder / "manifest.json"
    path.unlink()
    if content is not None:
        path.write_text(content)
    assert len(verify_evidence(path.parent)) == 1


def test_a_disk_that_is_short_costs_the_home_and_nothing_else(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.archive.RESERVE", 1 << 60)
    sealed = site.freeze()
    assert sealed.missing == {"home.tar": "The disk is too short for it."}
    assert verify_evidence(sealed.folder) == []


def test_a_place_that_cannot_be_written_fails_with_the_reason(site: Site) -> None:
    site.evidence.write_text("a file, where a folder should be")
    with pytest.raises(EvidenceFailed, match="could not be written: Not a directory"):
        site.freeze()


def test_without_container_and_home_the_rest_is_kept(site: Site) -> None:
    site.engine.fault = Absent("Docker knows no such container.")
    site.homes.unmount("sara", "c-1")
    site.homes.image("sara", "c-1").unlink()
    sealed = site.freeze(insist=True)
    assert sealed.missing.keys() == FILES - {"audit.jsonl"}
    assert sealed.missing["home.tar"] == "There was no home."


def test_a_home_the_hub_has_let_go_of_is_kept_all_the_same(site: Site) -> None:
    site.homes.unmount("sara", "c-1")
    with tarfile.open(site.freeze().folder / "home.tar") as archive:
        assert "./work.py" in archive.getnames()


@pytest.mark.parametrize("fault", [EngineAway("Docker does not answer."), BrokerUnavailable("The broker is away.")])
def test_who_is_away_is_waited_for_only_as_long_as_asked(site: Site, fault: Exception) -> None:
    if isinstance(fault, EngineAway):
        site.engine.fault = fault
    else:
        site.broker.fault = fault
    with pytest.raises(type(fault)):
        site.freeze(insist=True)
    sealed = site.freeze()
    assert set(sealed.missing.values()) == {str(fault)}
    assert verify_evidence(sealed.folder) == []


def test_an_extract_the_broker_refuses_is_not_kept_by_half(site: Site) -> None:
    site.broker.fault = BrokerRefused("NOT_FOUND", "", "There is no such contract.", 404)
    sealed = site.freeze(insist=True)
    assert sealed.missing == {"audit.jsonl": "There is no such contract."}
    assert manifest(sealed)["audit_head"] is None


def test_the_command_prints_the_digest_or_the_faults(site: Site, capsys: pytest.CaptureFixture[str]) -> None:
    sealed = site.freeze()
    assert evidence.main(["verify", str(sealed.folder)]) == 0
    assert capsys.readouterr().out == sealed.digest + "\n"
    (sealed.folder / "home.tar").unlink()
    assert evidence.main(["verify", str(sealed.folder)]) == 1
    assert capsys.readouterr() == ("", "home.tar is missing.\n")
    assert evidence.main(["freeze"]) == 2
