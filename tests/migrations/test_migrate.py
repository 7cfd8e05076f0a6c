"""`migrate` makes what the tables say, once, whoever else is doing it at the same time."""

from __future__ import annotations

import multiprocessing
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Enum, MetaData, Table, inspect, select

from access_broker.adapters.records import METADATA, SqlRecords
from access_broker.adapters.records.engine import WRITE, open_engine
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import AnswerMode, Contract, ContractState, Dominance, Epsilon, Terms
from access_broker.domain.people import Committee, Seat
from access_broker.migrations import migrate
from access_broker.migrations.upgrade import upgrade
from access_broker.use_cases.ports import Unavailable
from tests.adapters.records.world import EVENT, furnish, make_contract
from tests.support.factories import CITIZENS, PROVINCES
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
            writer.record(AuditEvent("contract.cut", "chair", "P1", "F-1"))
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


KEYED = make_contract(
    "P1",
    ContractState.ACTIVE,
    starts_at=datetime(2026, 11, 21, 20, 30, tzinfo=UTC),
    ends_at=datetime(2027, 2, 20, 20, 29, 59, tzinfo=UTC),
    legal_access_level_ref="شماره ۱۲",
    clauses=(),
    scope=(CITIZENS, replace(PROVINCES, row_filter="province <> 'X'")),
    terms=Terms(
        k=12,
        dominance=Dominance(1, 0.8),
        answer_mode=AnswerMode.DP,
        epsilon=Epsilon(0.1, 1.0, rows_per_person=7),
        clip=(("health.citizens.income", 0.0, 500.0),),
        signals=(("refusals", 3),),
    ),
)


USUAL = make_contract("P1", ContractState.ACTIVE, clauses=())


@pytest.mark.parametrize("contract", [USUAL, KEYED], ids=["usual", "unusual"])
def test_contracts_of_the_third_revision_stay_what_they_are_with_their_keys(
    empty: str, tmp_path: Path, contract: Contract
) -> None:
    """Their terms ask for nothing that came later, and their keys are bound to the text they were given for."""
    newest = f"sqlite:///{tmp_path}/newest.db"
    migrate(newest)
    with closing(SqlRecords(newest)) as records:
        furnish(records, contract)
    as_of("0003", newest, empty)
    migrate(empty)
    with closing(SqlRecords(empty)) as records, records.read() as reader:
        assert reader.contract("P1") == contract


def test_the_seats_of_the_organisation_concerned_become_those_of_their_holders(empty: str, tmp_path: Path) -> None:
    """Seat 6 of the Monitoring and seat 4 of the Qualification Committee; the others stay common."""
    newest = f"sqlite:///{tmp_path}/newest.db"
    migrate(newest)
    held = {("monitoring", 6): "steward", ("qualification", 4): "auditor", ("monitoring", 4): "auditor"}
    with closing(SqlRecords(newest)) as records:
        furnish(records)
        with records.write() as writer:
            for (committee, number), who in held.items():
                writer.save_seat(Seat(Committee(committee), number, who), EVENT)
    as_of("0006", newest, empty)
    migrate(empty)
    with closing(SqlRecords(empty)) as records, records.read() as reader:
        seats = {(seat.committee.value, seat.number): seat.organisation for seat in reader.seats()}
    assert {place: seats[place] for place in held} == {
        ("monitoring", 6): "ministry",
        ("qualification", 4): "ito",
        ("monitoring", 4): None,
    }


def as_of(revision: str, newest: str, url: str) -> None:
    """What stands in `newest`, brought into `url` as that revision kept it."""
    if url.startswith("sqlite"):
        migrate_file(url)
    source, target = open_engine(newest), open_engine(url)
    with source.connect() as read, target.connect().execution_options(**{WRITE: True}) as write, write.begin():
        upgrade(write, revision)
        old = MetaData()
        old.reflect(write)
        for table in METADATA.sorted_tables:
            if table.name in old.tables and table.name not in ("audit", "audit_checkpoints", "stamp"):
                rows = [as_kept(old.tables[table.name], dict(row._mapping)) for row in read.execute(select(table))]
                if kept := [row for row in rows if row.get("signatory") != "ito"]:
                    write.execute(old.tables[table.name].insert(), kept)
    source.dispose()
    target.dispose()


def migrate_file(url: str) -> None:
    Path(url.removeprefix("sqlite:///")).touch(mode=0o600)


def as_kept(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    later = {"ito_approved": True}
    if "terms" in row:
        later_terms = ("top_code", "daily_rows", "answer_ms", "protective")
        terms = {name: value for name, value in row["terms"].items() if name not in later_terms}
        if terms["dominance"]:
            terms["dominance"] = {name: terms["dominance"][name] for name in ("n", "share")}
        row = row | {"terms": terms}
    return {column.name: {**later, **row}[column.name] for column in table.columns}


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
