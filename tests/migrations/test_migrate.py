"""`migrate` makes what the tables say, once, whoever else is doing it at the same time."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Enum, inspect

from access_broker.adapters.records import METADATA, SqlRecords, tables
from access_broker.adapters.records.engine import open_engine
from access_broker.adapters.records.leaves import terms_document
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState, Terms
from access_broker.migrations import migrate
from access_broker.use_cases.ports import Unavailable
from tests.adapters.records.world import furnish, make_contract
from tests.support.postgres import PostgresServer


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path, postgres_server: PostgresServer) -> str:
    return f"sqlite:///{tmp_path}/records.db" if request.param == "sqlite" else postgres_server.create_database()


@pytest.fixture
def connection(empty: str) -> Iterator[Connection]:
    migrate(empty)
    engine = open_engine(empty)
    with engine.connect() as connected:
        yield connected
    engine.dispose()


def test_tables_and_migrations_agree(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    assert compare_metadata(context, METADATA) == []


def test_words_and_migrations_agree(connection: Connection) -> None:
    """Alembic does not compare CHECK constraints, and a state that the database does not know would be refused."""
    for table in METADATA.tables.values():
        checks = inspect(connection).get_check_constraints(table.name)
        stored = sorted(sorted(re.findall(r"'(\w+)'", str(check["sqltext"]))) for check in checks)
        meant = sorted(sorted(column.type.enums) for column in table.columns if isinstance(column.type, Enum))
        assert stored == meant, table.name


def test_again_changes_nothing(empty: str) -> None:
    migrate(empty)
    with closing(SqlRecords(empty)) as records:
        with records.write() as writer:
            writer.record(AuditEvent("contract.cut", "chair", "P1"))
        migrate(empty)
        with records.read() as reader:
            assert reader.audit_head()[0] == 1


def test_several_at_once(empty: str) -> None:
    """Forked, because a process of its own would only spend its time on imports."""
    processes = [multiprocessing.get_context("fork").Process(target=migrate, args=(empty,)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    with closing(SqlRecords(empty)) as records, records.read() as reader:
        assert reader.audit_head()[0] == 0


def test_a_database_of_a_later_version_is_left_alone(empty: str) -> None:
    migrate(empty)
    engine = open_engine(empty)
    with engine.connect() as connection:
        connection.execution_options(amanat_write=True)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'later'")
        connection.commit()
    engine.dispose()
    with pytest.raises(Unavailable, match="RECORDS_UNAVAILABLE"):
        migrate(empty)


def test_terms_agreed_before_do_not_ask_for_capping(empty: str) -> None:
    migrate(empty)
    with closing(SqlRecords(empty)) as records:
        furnish(records, make_contract("P1", ContractState.ACTIVE))
    engine = open_engine(empty)
    with engine.connect().execution_options(amanat_write=True) as connection:
        old = {k: v for k, v in terms_document(Terms()).items() if k != "top_code"}
        connection.execute(tables.contracts.update().values(terms=old))
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0003'")
        connection.commit()
    engine.dispose()
    migrate(empty)
    with closing(SqlRecords(empty)) as records, records.read() as reader:
        stored = reader.contract("P1")
    assert stored
    assert stored.terms == Terms()


class TestTheFile:
    def test_is_its_owners_alone_and_keeps_a_write_ahead_log(self, tmp_path: Path) -> None:
        path = tmp_path / "100% ours and #1.db"
        migrate(f"sqlite:///{path}")
        assert [found.name for found in tmp_path.iterdir()] == [path.name]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)

    def test_that_cannot_be_made(self, tmp_path: Path) -> None:
        with pytest.raises(Unavailable, match="RECORDS_UNAVAILABLE"):
            migrate(f"sqlite:///{tmp_path}/nowhere/records.db")

    def test_that_somebody_holds(self, tmp_path: Path) -> None:
        path = tmp_path / "records.db"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            with pytest.raises(Unavailable, match="RECORDS_UNAVAILABLE"):
                migrate(f"sqlite:///{path}", patience=0.2)
        migrate(f"sqlite:///{path}")

    def test_that_failed_half_way_has_nothing_of_it(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from access_broker.migrations.first import guards

        path = tmp_path / "records.db"

        def fail() -> None:
            raise ZeroDivisionError

        with monkeypatch.context() as patched:
            patched.setattr(guards, "create", fail)
            with pytest.raises(ZeroDivisionError):
                migrate(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("SELECT * FROM sqlite_master").fetchall() == []
        migrate(f"sqlite:///{path}")
