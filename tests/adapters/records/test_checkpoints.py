"""The signed end of the chain: who holds the key, when it is signed, and what an old copy of the database meets."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from access_broker.adapters.records import SqlRecords, Verification
from access_broker.adapters.records.chain import Entry
from access_broker.adapters.records.checkpoints import KEY_FILE, Anchor
from access_broker.domain.audit import AuditEvent
from access_broker.use_cases.ports import Unavailable
from tests.adapters.records.conftest import Place
from tests.adapters.records.world import record


class TestAnOldCopyPutBack:
    """A restored backup forgets the cut that came after it: nothing may be written, so nothing is released."""

    def test_is_refused_by_a_running_process(self, chain: Place) -> None:
        records = chain.records(signed=True)
        chain.unguarded("DELETE FROM audit_checkpoints WHERE position > 8", "DELETE FROM audit WHERE position > 8")
        refuses_to_write(records)

    def test_is_refused_after_a_restart(self, chain: Place) -> None:
        chain.unguarded("DELETE FROM audit_checkpoints WHERE position > 8", "DELETE FROM audit WHERE position > 8")
        refuses_to_write(SqlRecords(chain.url, state=chain.state))

    def test_is_refused_although_it_has_grown_since(self, chain: Place) -> None:
        chain.unguarded("DELETE FROM audit_checkpoints WHERE position > 8", "DELETE FROM audit WHERE position > 8")
        anchor = chain.anchor.rename(chain.state / "elsewhere")
        with closing(SqlRecords(chain.url)) as unknowing:
            record(unknowing, *["query.decided"] * 9)
        anchor.rename(chain.anchor)
        refuses_to_write(SqlRecords(chain.url, state=chain.state))

    def test_is_refused_under_a_running_process(self, file_place: Place) -> None:
        assert file_place.file is not None
        records = file_place.records()
        record(records, "contract.activated")
        old = file_place.state / "backup"
        file_place.sql(f"VACUUM INTO '{old}'")
        record(records, "contract.cut")
        old.replace(file_place.file)
        with pytest.raises(Unavailable):
            record(records, "query.decided")


def test_a_clean_stop_signs_the_tail(place: Place) -> None:
    records = SqlRecords(place.url, state=place.state, checkpoint_every=1000)
    records.append([Entry.of(AuditEvent("query.decided", "analyst", "P1", "F-1"))] * 3)
    assert place.sql("SELECT COUNT(*) FROM audit_checkpoints") == [(0,)]
    records.close()
    assert place.sql("SELECT position FROM audit_checkpoints") == [(3,)]
    anchor = Anchor.read(place.anchor)
    assert anchor is not None
    assert anchor.head.position == 3


def test_two_processes_share_the_key_and_never_move_the_anchor_back(place: Place) -> None:
    first, second = (SqlRecords(place.url, state=place.state) for _ in range(2))
    record(first, "a.b")
    record(second, "a.b", "a.b")
    record(first, "a.b")
    first.close()
    second.close()
    assert place.verify() == Verification(True, 4, None, anchored=True)
    assert place.sql("SELECT position FROM audit_checkpoints ORDER BY position") == [(1,), (3,), (4,)]


class TestTheKey:
    def test_is_its_owners_alone(self, chain: Place) -> None:
        key = chain.state / KEY_FILE
        assert key.stat().st_mode & 0o777 == 0o600
        key.chmod(0o640)
        refuses_to_start(chain)

    @pytest.mark.parametrize("ruin", [Path.unlink, lambda path: path.write_text("0" * 64)])
    def test_that_is_lost_or_another_one_is_noticed(self, chain: Place, ruin: Callable[[Path], object]) -> None:
        ruin(chain.state / KEY_FILE)
        refuses_to_start(chain)

    def test_without_its_anchor_is_noticed(self, chain: Place) -> None:
        chain.anchor.unlink()
        refuses_to_start(chain)

    def test_needs_a_directory(self, place: Place) -> None:
        with pytest.raises(Unavailable, match="AUDIT_UNAVAILABLE"):
            SqlRecords(place.url, state=place.state / "nowhere")


def refuses_to_write(records: SqlRecords) -> None:
    with pytest.raises(Unavailable, match="AUDIT_UNAVAILABLE"):
        record(records, "query.decided")
    records.close()


def refuses_to_start(place: Place) -> None:
    with pytest.raises(Unavailable, match="AUDIT_UNAVAILABLE"):
        SqlRecords(place.url, state=place.state)
