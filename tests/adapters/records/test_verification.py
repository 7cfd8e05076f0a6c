"""Whoever changes what was recorded is found out, on both engines, running or at rest."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from access_broker.adapters.records import Verification, verify
from access_broker.adapters.records.chain import Entry, Head
from access_broker.adapters.records.checkpoints import Signer
from access_broker.domain.audit import GENESIS, AuditEvent, seal
from access_broker.use_cases.ports import Unavailable
from tests.adapters.records.conftest import Place
from tests.adapters.records.world import record

LENGTH = 12
SWAP = (
    "UPDATE audit SET position = -1 WHERE position = 5",
    "UPDATE audit SET position = 5 WHERE position = 6",
    "UPDATE audit SET position = 6 WHERE position = -1",
)
MAKE_ROOM = (
    "UPDATE audit SET position = -position - 1 WHERE position >= 5",
    "UPDATE audit SET position = -position WHERE position < 0",
)
COPY = "at, kind, actor, subject, rule, body, previous, hash"


def broken_at(position: int) -> Verification:
    return Verification(False, position - 1, position, anchored=True)


def test_a_whole_chain_holds(chain: Place) -> None:
    assert chain.verify() == Verification(True, LENGTH, None, anchored=True)


def test_an_empty_chain_holds(place: Place) -> None:
    assert place.verify() == Verification(True, 0, None, anchored=False)


@pytest.mark.parametrize(
    ("statements", "position"),
    [
        (("UPDATE audit SET body = REPLACE(body, '1', '2') WHERE position = 5",), 5),
        (("UPDATE audit SET actor = 'Analyst' WHERE position = 5",), 5),
        (("UPDATE audit SET at = REPLACE(at, 'T', ' ') WHERE position = 5",), 5),
        (("UPDATE audit SET hash = UPPER(hash) WHERE position = 5",), 5),
        ((f"UPDATE audit SET previous = '{GENESIS}' WHERE position = 5",), 5),
        (("DELETE FROM audit WHERE position = 5",), 5),
        (("DELETE FROM audit WHERE position = 1",), 1),
        (SWAP, 5),
        ((*MAKE_ROOM, f"INSERT INTO audit SELECT 5, {COPY} FROM audit WHERE position = 4"), 5),
        ((f"INSERT INTO audit SELECT 0, {COPY} FROM audit WHERE position = 4",), 1),
        ((f"INSERT INTO audit SELECT 13, {COPY} FROM audit WHERE position = 12",), 13),
        (("DELETE FROM audit WHERE position > 10",), 11),
        (("DELETE FROM audit WHERE position > 10", "DELETE FROM audit_checkpoints WHERE position > 10"), 11),
        (("DELETE FROM audit", "DELETE FROM audit_checkpoints"), 1),
        (("DELETE FROM audit_checkpoints WHERE position = 12",), 12),
        (("UPDATE audit_checkpoints SET signature = '00' WHERE position = 8",), 8),
        (("UPDATE audit_checkpoints SET position = 7 WHERE position = 8",), 7),
        (("INSERT INTO audit_checkpoints SELECT 40, hash, signature FROM audit_checkpoints WHERE position = 12",), 13),
    ],
)
def test_tampering_is_found_where_it_starts(chain: Place, statements: tuple[str, ...], position: int) -> None:
    chain.unguarded(*statements)
    assert chain.verify() == broken_at(position)


class TestAChainComputedAnew:
    """Someone who changes record 5 and seals everything after it again."""

    def test_differs_from_the_next_checkpoint(self, chain: Place) -> None:
        forge(chain)
        assert chain.verify() == broken_at(8)

    def test_differs_from_the_anchor(self, chain: Place) -> None:
        forge(chain)
        chain.unguarded("DELETE FROM audit_checkpoints WHERE position > 4")
        assert chain.verify() == broken_at(12)

    def test_cannot_be_signed_without_the_key(self, chain: Place, tmp_path: Path) -> None:
        head = forge(chain)
        forger = Signer(tmp_path, tmp_path / "anchor")
        chain.unguarded(
            "DELETE FROM audit_checkpoints WHERE position > 4",
            f"INSERT INTO audit_checkpoints VALUES ({head.position}, '{head.hash}', '{forger.sign(head)}')",
        )
        assert chain.verify() == broken_at(12)
        forger.publish(head, forger.sign(head))
        shutil.copy(tmp_path / "anchor", chain.anchor)  # an anchor of the forger's own, in place of ours
        assert not chain.verify().ok


class TestTheAnchor:
    def test_cannot_be_taken_away_from_a_system_with_a_key(self, chain: Place) -> None:
        chain.anchor.unlink()
        assert chain.verify() == Verification(False, LENGTH, LENGTH + 1, anchored=False)

    @pytest.mark.parametrize("old", ['"position": 12', '"signature": "', "{"])
    def test_cannot_be_edited(self, chain: Place, old: str) -> None:
        path = chain.anchor
        path.write_text(path.read_text().replace(old, old.replace("12", "4").replace(': "', ': "0').replace("{", "")))
        assert not chain.verify().ok

    def test_is_missing_beside_a_copy_which_is_said(self, chain: Place) -> None:
        chain.anchor.unlink()
        assert chain.verify(signed=False) == Verification(True, LENGTH, None, anchored=False)


def test_a_chain_longer_than_memory_is_read_in_parts(place: Place) -> None:
    records = place.records(signed=True, checkpoint_every=500)
    entry = Entry.of(AuditEvent("query.decided", "analyst", "P1", "F-1"))
    for _ in range(5):
        records.append([entry] * 501)
    records.checkpoint()
    assert place.verify() == Verification(True, 2505, None, anchored=True)
    place.unguarded("UPDATE audit SET actor = 'x' WHERE position = 2222")
    assert place.verify() == broken_at(2222)


def test_a_running_system_can_be_verified(chain: Place) -> None:
    with chain.records(signed=True).write() as writer:
        writer.record(AuditEvent("query.decided", "analyst", "P1", "F-1"))
        assert chain.verify() == Verification(True, LENGTH, None, anchored=True)
    assert chain.verify().records == LENGTH + 1


class TestAFile:
    """What can be done to a file, or with a copy of it."""

    @pytest.fixture
    def at_rest(self, file_place: Place) -> Path:
        record(file_place.records(signed=True), *["query.decided"] * 40)
        file_place.close()
        assert file_place.file is not None
        return file_place.file

    def test_any_flipped_byte_of_any_record_is_found(self, at_rest: Path) -> None:
        content = at_rest.read_bytes()
        start = content.index(b"query.decidedanalyst")
        for offset in range(start, start + 400, 7):
            at_rest.write_bytes(content[:offset] + bytes([content[offset] ^ 0x80]) + content[offset + 1 :])
            assert not holds(at_rest), offset

    @pytest.mark.parametrize("offset", [0, 20, 100, 105])
    def test_a_damaged_file_does_not_pass(self, at_rest: Path, offset: int) -> None:
        content = at_rest.read_bytes()
        at_rest.write_bytes(content[:offset] + b"\xff" * 4 + content[offset + 4 :])
        assert not holds(at_rest)

    def test_a_file_cut_short_does_not_pass(self, at_rest: Path) -> None:
        at_rest.write_bytes(at_rest.read_bytes()[: at_rest.stat().st_size // 8192 * 4096])
        assert not holds(at_rest)

    def test_a_copy_as_evidence_is_only_read(self, at_rest: Path, tmp_path: Path) -> None:
        copy = tmp_path / "copy.db"
        shutil.copy(at_rest, copy)
        copy.chmod(0o400)
        tmp_path.chmod(0o500)
        before = copy.read_bytes()
        assert verify(f"sqlite:///{copy}") == Verification(True, 40, None, anchored=False)
        assert [path.name for path in tmp_path.iterdir()] == ["copy.db"]
        assert copy.read_bytes() == before

    def test_a_copy_after_a_crash_is_read_with_its_log(self, file_place: Place, tmp_path: Path) -> None:
        """What was committed since the last checkpoint of SQLite's own stands in the -wal file only."""
        assert file_place.file is not None
        record(file_place.records(signed=True), "query.decided")
        for end in ("", "-wal", ".anchor.json"):
            shutil.copy(f"{file_place.file}{end}", tmp_path)
        assert verify(f"sqlite:///{tmp_path}/records.db") == Verification(True, 1, None, anchored=True)
        (tmp_path / "records.db-wal").unlink()
        assert verify(f"sqlite:///{tmp_path}/records.db") == Verification(False, 0, 1, anchored=True)

    def test_one_that_is_not_there_cannot_be_verified(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable, match="RECORDS_UNAVAILABLE"):
            verify(f"sqlite:///{tmp_path}/none.db")
        assert list(tmp_path.iterdir()) == []


def holds(file: Path) -> bool:
    try:
        return verify(f"sqlite:///{file}", file.parent).ok
    except Unavailable:
        return False


def forge(place: Place) -> Head:
    """Record 5 says something else, and the hashes are right again up to the end."""
    head, statements = Head(), []
    for position, at, kind, actor, subject, rule, body in place.sql(
        "SELECT position, at, kind, actor, subject, rule, body FROM audit ORDER BY position"
    ):
        actor = "nobody" if position == 5 else actor
        sealed = seal(position, at, AuditEvent(kind, actor, subject, rule), body, head.hash)
        changes = f"actor = '{actor}', previous = '{head.hash}', hash = '{sealed}'"
        statements.append(f"UPDATE audit SET {changes} WHERE position = {position}")
        head = Head(position, sealed)
    place.unguarded(*statements)
    return head
