from __future__ import annotations

import stat
from pathlib import Path

import pytest

from access_broker.adapters.kept_file import KeptFile

SCHEMA = "CREATE TABLE IF NOT EXISTS t (n INTEGER)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway" / "kept.sqlite"


def test_it_waits_for_the_disk_and_is_its_owners_alone(path: Path) -> None:
    connection = KeptFile(path, SCHEMA).connection()
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_is_gone_or_another_one_is_not_written(path: Path) -> None:
    kept = KeptFile(path, SCHEMA)
    kept.connection()
    path.rename(path.with_name("away"))
    with pytest.raises(FileNotFoundError):
        kept.connection()
    path.write_bytes(b"")
    with pytest.raises(OSError, match="not the file it was"):
        kept.connection()
    path.with_name("away").rename(path)
    assert kept.connection().execute("SELECT count(*) FROM t").fetchone() == (0,)


def test_it_is_opened_anew_after_it_was_closed(path: Path) -> None:
    kept = KeptFile(path, SCHEMA)
    kept.connection().execute("INSERT INTO t VALUES (1)")
    kept.close()
    kept.close()
    assert kept.connection().execute("SELECT n FROM t").fetchone() == (1,)
