"""The store of what was told: durable, closed to others, and a refusal when it cannot be had."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest
from pyroaring import BitMap

from access_broker.adapters.ledger import SqliteLedger
from access_broker.use_cases.figures import BUCKETS, Vector
from access_broker.use_cases.ledger import Told
from access_broker.use_cases.ports import Unavailable


def vector(seed: int, sized: bool = False) -> Vector:
    sums = np.random.default_rng(seed).integers(-9, 9, BUCKETS).astype(np.float64)
    adds = np.array([1.0, 2.0, -3.5]) if sized else None
    return Vector(BitMap([seed, 70_000, 1 << 31]), sums, np.abs(sums) if sized else None, adds)


def same(left: Vector, right: Vector) -> bool:
    told = [[None if part is None else part.tobytes() for part in (v.sizes, v.adds)] for v in (left, right)]
    return left.people == right.people and left.key == right.key and told[0] == told[1]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "gateway" / "ledger.sqlite"


def test_what_is_kept_is_there_after_a_restart_in_its_order(path: Path) -> None:
    store = SqliteLedger(path)
    first, second = Told((vector(1), vector(2, sized=True)), (0, 1)), Told((), (1,))
    store.keep("P1", 1, [("person", "*", first)])
    store.keep("P2", 1, [("person", "*", Told((vector(9),), (0,)))])
    store.keep("P1", 2, [("person", "income", second)])
    store.close()
    told = SqliteLedger(path).told("P1")
    assert [(domain, kind, one.places) for domain, kind, one in told] == [
        ("person", "*", (0, 1)),
        ("person", "income", (1,)),
    ]
    assert all(map(same, told[0][2].vectors, first.vectors))
    assert SqliteLedger(path).told("P3") == []


def test_nobody_else_may_read_it(path: Path) -> None:
    SqliteLedger(path).keep("P1", 1, [("person", "*", Told((vector(1),), (0,)))])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    for beside in path.parent.iterdir():
        assert stat.S_IMODE(beside.stat().st_mode) == 0o600


def test_a_store_that_cannot_be_written_is_unavailable(path: Path) -> None:
    store = SqliteLedger(path)
    store.keep("P1", 1, [("person", "*", Told((vector(1),), (0,)))])
    other = sqlite3.connect(path)
    other.execute("DROP TABLE figure")
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        store.keep("P1", 1, [("person", "*", Told((vector(2),), (1,)))])
    assert other.execute("SELECT count(*) FROM answer").fetchone() == (1,)  # nothing of it is there


def test_a_file_that_is_no_ledger_is_unavailable(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"something else" * 100)
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        SqliteLedger(path).told("P1")


def test_a_file_that_was_taken_away_is_unavailable(path: Path) -> None:
    store = SqliteLedger(path)
    store.keep("P1", 1, [("person", "*", Told((vector(1),), (0,)))])
    path.unlink()
    for _ in range(2):
        with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
            store.keep("P1", 1, [("person", "*", Told((vector(2),), (1,)))])


def test_a_damaged_figure_is_unavailable(path: Path) -> None:
    store = SqliteLedger(path)
    store.keep("P1", 1, [("person", "*", Told((vector(1),), (0,)))])
    with sqlite3.connect(path) as other:
        other.execute("UPDATE figure SET sums = x'00'")
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        store.told("P1")


def kept(path: Path, *seeds: int) -> None:
    store = SqliteLedger(path)
    for seed in seeds:
        store.keep("P1", 1, [("person", "*", Told((vector(seed),), (seed,)))])
    store.close()


def test_a_ledger_that_was_lost_while_nobody_looked_is_unavailable(path: Path) -> None:
    """It would be a fresh memory, in which nothing was told yet."""
    kept(path, 1, 2)
    for part in path.parent.glob("ledger.sqlite*"):
        part.unlink()
    store = SqliteLedger(path)
    for _ in range(2):
        with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
            store.told("P1")
        with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
            store.keep("P1", 1, [("person", "*", Told((vector(3),), (0,)))])
    assert store.told("P2") == []  # nothing of this one is missing


def test_an_older_copy_is_unavailable_and_the_right_one_is_not(path: Path) -> None:
    kept(path, 1)
    older = path.read_bytes()
    kept(path, 2)
    newer = path.read_bytes()
    path.write_bytes(older)
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        SqliteLedger(path).told("P1")
    path.write_bytes(newer)
    assert len(SqliteLedger(path).told("P1")) == 2


def test_a_ledger_from_before_there_was_a_witness_is_believed(path: Path) -> None:
    kept(path, 1)
    (path.parent / "witness.sqlite").unlink()
    assert len(SqliteLedger(path).told("P1")) == 1


def test_without_a_witness_nothing_is_told(path: Path) -> None:
    kept(path, 1)
    (path.parent / "witness.sqlite").write_bytes(b"something else" * 100)
    with pytest.raises(Unavailable, match="LEDGER_UNAVAILABLE"):
        SqliteLedger(path).told("P1")
