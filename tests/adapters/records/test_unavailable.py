"""A database that is locked, gone, replaced or not writable is a denial in time, and over when it is over."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from access_broker.adapters.records import SqlRecords
from access_broker.domain.audit import AuditEvent
from access_broker.use_cases.ports import Unavailable
from tests.adapters.records.conftest import Place
from tests.adapters.records.test_group_commit import locked
from tests.adapters.records.world import furnish, make_contract, record
from tests.support.factories import CHAIR

CUT = AuditEvent("contract.cut", "chair", "P1", "F-13")
DISCONNECT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@contextmanager
def unavailable(code: str = "RECORDS_UNAVAILABLE", within: float = 2.0) -> Iterator[None]:
    started = time.monotonic()
    with pytest.raises(Unavailable) as raised:
        yield
    assert raised.value.code == code
    assert time.monotonic() - started < within


def read(records: SqlRecords) -> int:
    with records.read() as reader:
        return reader.audit_head()[0]


def test_locked(place: Place) -> None:
    records = place.records(patience=0.3)
    with locked(place), unavailable():
        record(records, "a.b")
    record(records, "a.b")
    assert read(records) == 1


def test_a_reader_does_not_wait_for_a_writer(place: Place) -> None:
    with locked(place):
        assert read(place.records(patience=0.3)) == 0


def test_a_writer_waits_for_its_turn(place: Place) -> None:
    records = place.records()
    started = time.monotonic()
    with records.write() as writer:
        writer.record(CUT)
        with unavailable():
            record(place.records(patience=0.1), "a.b")
    assert time.monotonic() - started < 2
    assert read(records) == 1


def test_an_audit_that_is_not_writable_takes_the_change_with_it(place: Place) -> None:
    records = place.records()
    furnish(records, make_contract())
    with place.without("audit"), unavailable("AUDIT_UNAVAILABLE"), records.write() as writer:
        writer.save_person(replace(CHAIR, disabled=True), CUT)
    with records.read() as reader:
        assert reader.person("chair") == CHAIR


def test_the_stamp_alone_says_what_a_reader_says(place: Place) -> None:
    records = place.records(patience=0.3)
    assert records.stamp() == ""
    record(records, "a.b")
    with records.read() as reader:
        first = reader.stamp()
    assert first
    assert records.stamp() == first
    with locked(place):
        assert records.stamp() == first
    record(records, "a.b")
    assert records.stamp() != first


def test_a_stamp_that_cannot_be_read_is_a_denial_and_comes_back(place: Place) -> None:
    records = place.records()
    record(records, "a.b")
    first = records.stamp()
    with place.without("stamp"), unavailable():
        records.stamp()
    assert records.stamp() == first
    if place.file is None:
        place.sql(DISCONNECT)
        assert records.stamp() == first


def test_a_table_that_is_gone(place: Place) -> None:
    records = place.records()
    with place.without("contracts"), unavailable(), records.read() as reader:
        reader.contracts()
    with records.read() as reader:
        assert reader.contracts() == []


class TestAFile:
    def test_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        with unavailable():
            read(SqlRecords(f"sqlite:///{tmp_path}/none.db"))
        with unavailable():
            read(SqlRecords(f"sqlite:///{tmp_path}/nowhere/none.db"))
        assert list(tmp_path.iterdir()) == []

    def test_that_was_never_migrated(self, tmp_path: Path) -> None:
        (tmp_path / "empty.db").touch()
        records = SqlRecords(f"sqlite:///{tmp_path}/empty.db")
        with unavailable("AUDIT_UNAVAILABLE"):
            read(records)
        records.close()

    def test_that_is_no_database(self, tmp_path: Path) -> None:
        (tmp_path / "text.db").write_text("not a database at all " * 100)
        with unavailable():
            read(SqlRecords(f"sqlite:///{tmp_path}/text.db"))

    def test_that_is_removed_is_not_written_to_any_more(self, file_place: Place) -> None:
        assert file_place.file is not None
        records = file_place.records()
        record(records, "a.b")
        hidden = file_place.file.rename(file_place.state / "hidden")
        with unavailable():
            record(records, "a.b")
        with unavailable():
            read(records)
        with unavailable():
            records.stamp()
        hidden.rename(file_place.file)
        record(records, "a.b")
        assert read(records) == 2

    def test_that_cannot_grow(self, file_place: Place) -> None:
        records = file_place.records()
        record(records, "a.b")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
        try:
            with unavailable():
                record(records, "a.b")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        record(records, "a.b")
        assert read(records) == 2


class TestAServer:
    def test_that_is_not_there(self, tmp_path: Path) -> None:
        with unavailable():
            read(SqlRecords(f"postgresql://nobody@/none?host={tmp_path}"))

    def test_that_was_restarted_is_found_again_without_a_refusal(self, server_place: Place) -> None:
        records = server_place.records()
        record(records, "a.b")
        server_place.sql(DISCONNECT)
        record(records, "a.b")
        assert read(records) == 2

    def test_that_hangs_up_in_the_middle(self, server_place: Place) -> None:
        with unavailable(), server_place.records().write() as writer:
            writer.record(CUT)
            server_place.sql(DISCONNECT)
            writer.people()
        assert read(server_place.records()) == 0

    def test_that_is_silent(self, server_place: Place) -> None:
        records = server_place.records(patience=0.3)
        with unavailable(), records.write() as writer:
            writer.record(CUT)
            ((pid,),) = server_place.sql("SELECT pid FROM pg_locks WHERE locktype = 'advisory'")
            os.kill(pid, signal.SIGSTOP)
            try:
                writer.people()
            finally:
                os.kill(pid, signal.SIGCONT)
        assert read(records) == 0


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://localhost/records"])
def test_a_database_this_product_does_not_run_on(url: str) -> None:
    with pytest.raises(ValueError, match="PostgreSQL"):
        SqlRecords(url)
