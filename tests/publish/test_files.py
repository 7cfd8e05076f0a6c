from __future__ import annotations

import os
from pathlib import Path

import pytest

from access_broker.domain.catalogue import Catalogue, Publication
from access_broker.domain.decisions import Refused
from access_broker.publish.files import building_path, path_of, published_files, remove, retire, seal


@pytest.mark.parametrize(
    "contract", ["", "../P1", "a/b", "a\\b", ".P1", "-P1", "P1\n", "P1\0", "P 1", "قرارداد", "P1.duckdb", "a" * 64]
)
def test_an_id_that_is_no_plain_word_is_refused(tmp_path: Path, contract: str) -> None:
    with pytest.raises(Refused) as refused:
        path_of(tmp_path, contract, 1)
    assert refused.value.reason.code == "INVALID"
    assert contract not in refused.value.detail.values()


def test_removing_a_contract_takes_all_of_it_and_nothing_else(tmp_path: Path) -> None:
    mine = ["P1-1.duckdb", "P1-12.duckdb", "P1-1.duckdb.wal", ".building/P1-3.duckdb", ".building/P1-3.duckdb.wal"]
    others = [
        "P1-2-1.duckdb",
        "P11-1.duckdb",
        "XP1-1.duckdb",
        "P1.duckdb",
        "P1-x.duckdb",
        "README",
        ".building/P1-2-3.duckdb",
    ]
    (tmp_path / ".building").mkdir()
    for name in mine + others:
        (tmp_path / name).touch()
    assert remove("P1", tmp_path) == len(mine)
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == sorted(others)
    assert remove("P1", tmp_path) == 0
    assert remove("../P1", tmp_path) == 0
    assert remove("P1", tmp_path / "nowhere") == 0


def test_only_a_finished_file_counts_as_one(tmp_path: Path) -> None:
    (tmp_path / ".building").mkdir()
    for name in ("P1-1.duckdb", "P1-1.duckdb.wal", ".building/P1-2.duckdb"):
        (tmp_path / name).touch()
    assert [(f.contract, f.version, f.finished) for f in published_files(tmp_path)] == [
        ("P1", 1, True),
        ("P1", 1, False),
        ("P1", 2, False),
    ]


def test_a_sealed_file_is_read_only_and_belongs_to_the_reader(tmp_path: Path) -> None:
    target = path_of(tmp_path, "P1", 1)
    building_path(target).write_bytes(b"x")
    assert building_path(target).parent.stat().st_mode & 0o777 == 0o700
    target.write_bytes(b"left by a build whose record was never written")
    seal(building_path(target), target, 65534)
    assert target.read_bytes() == b"x"
    assert target.stat().st_mode & 0o7777 == 0o400
    assert target.stat().st_uid == (65534 if os.geteuid() == 0 else os.getuid())
    assert not building_path(target).exists()


def test_retiring_leaves_readers_their_open_file(tmp_path: Path) -> None:
    target = path_of(tmp_path, "P1", 1)
    target.write_bytes(b"x")
    publication = Publication("P1", 1, str(target), "", Catalogue(()))
    with open(target, "rb") as reader:
        retire(publication)
        assert not target.exists()
        assert reader.read() == b"x"
    retire(publication)
