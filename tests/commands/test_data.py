"""`amanat visit` and `amanat keys demand`: on record first, and then what was asked for."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from access_broker.adapters.records import SqlRecords
from access_broker.adapters.state_dir import StateDir
from access_broker.cli import app
from access_broker.domain.visits import WorkspaceVisit
from hub.homes import Homes, unmount_all
from hub.visits import VisitFailed, copy_home
from tests.commands.running import Run, told

with_homes = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/loop-control").exists(), reason="not run: homes need root and loop devices"
)


@pytest.fixture
def homes(state: Path) -> Iterator[Homes]:
    made = Homes(state / "homes", 16)
    yield made
    if made.folder.exists():
        unmount_all(made.folder)


def visits(state: Path) -> list[WorkspaceVisit]:
    with SqlRecords(StateDir.at(state).records_url).read() as reader:
        return reader.filed(WorkspaceVisit)


VISIT = ("visit", "--contract", "C2", "--person", "ana", "--reason", "Is anything of people kept?")


@with_homes
def test_a_visit_is_on_record_and_the_home_is_a_file(run: Run, state: Path, homes: Homes, tmp_path: Path) -> None:
    (homes.mount("ana", "C2") / "notes.txt").write_text("kept", encoding="utf-8")
    to = tmp_path / "home.tar"
    answer = told(run(*VISIT, "--by", "chair", "--to", str(to)))
    assert (answer["number"], answer["by"], answer["file"], answer["bytes"]) == (1, "chair", str(to), to.stat().st_size)
    assert to.stat().st_mode & 0o077 == 0
    with tarfile.open(to) as archive:
        assert any(name.endswith("notes.txt") for name in archive.getnames())
    assert [(visit.person, visit.by) for visit in visits(state)] == [("ana", "chair")]


def test_whoever_may_not_visit_opens_nothing(run: Run, state: Path, tmp_path: Path) -> None:
    to = tmp_path / "home.tar"
    for who, code in (("ana", "NOT_PERMITTED"), ("bob", "NOT_FOUND"), ("keeper", "NOT_PERMITTED")):
        result = run(*VISIT, "--by", who, "--to", str(to))
        assert result.exit_code == 1
        assert f"[AMANAT:{code}]" in result.stderr
    assert not to.exists()
    assert visits(state) == []


def test_a_home_that_is_not_there_is_told_after_the_visit_is_on_record(run: Run, state: Path, tmp_path: Path) -> None:
    result = run(*VISIT, "--by", "chair", "--to", str(tmp_path / "home.tar"))
    assert result.exit_code == 1
    assert "There was no home" in result.stderr
    assert len(visits(state)) == 1
    assert [path.name for path in tmp_path.iterdir() if "home" in path.name] == []


def test_a_file_is_never_written_over(run: Run, state: Path, tmp_path: Path) -> None:
    to = tmp_path / "home.tar"
    to.write_text("mine", encoding="utf-8")
    assert run(*VISIT, "--by", "chair", "--to", str(to)).exit_code == 2
    assert run(*VISIT, "--by", "chair", "--to", str(tmp_path / "nowhere" / "home.tar")).exit_code == 2
    assert visits(state) == []
    with pytest.raises(VisitFailed, match="there already"):
        copy_home(Homes(tmp_path / "homes"), "ana", "C2", to)
    assert to.read_text(encoding="utf-8") == "mine"


def test_what_a_class_asks_for(run: Run) -> None:
    words = ("keys", "demand", "--class", "public", "--decision", "QC-7")
    asked = told(run(*words, "--by", "judge", "--kind", "deposit", "--kind", "insurance"))
    assert asked["kinds"] == ["nda", "non_publication", "deposit", "insurance"]
    shown = told(run("keys", "show", "--contract", "C1", "--by", "chair"))
    assert {"GUARANTEE_MISSING S3-P7"} <= {f"{key['code']} {key['rule']}" for key in shown["missing"]}
    less = run(*words, "--by", "judge")
    assert "[AMANAT:DECISION_NEEDED] (S3-P7)" in less.stderr, "asking for less is voted on"
    assert run(*words, "--by", "chair").exit_code == 1
    assert run("keys", "demand", "--class", "odd", "--decision", "QC-7", "--by", "judge").exit_code == 1


def test_the_help_names_them() -> None:
    assert "visit" in CliRunner().invoke(app, ["--help"]).stdout
    assert "demand" in CliRunner().invoke(app, ["keys", "--help"]).stdout
