"""Each process can write what it must and nothing else: the database refuses the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from access_broker.adapters.records import DbRole, GroupCommitAudit, SqlRecords
from access_broker.adapters.records.columns import METADATA
from access_broker.adapters.records.engine import WRITE
from access_broker.adapters.records.failures import spoken
from access_broker.domain.acts import Act, CommitteeAct, WarningNotice
from access_broker.domain.contracts import ContractState
from access_broker.domain.dataset_records import RowCount
from access_broker.domain.decisions import Refused
from access_broker.migrations.grants import add_login
from access_broker.use_cases.ports import Unavailable, Writer
from tests.adapters.records.conftest import ENGINES, Place
from tests.adapters.records.world import (
    EVENT,
    furnish,
    make_contract,
    make_publication,
    make_sandbox,
    make_token,
)
from tests.support.factories import CHAIR, DATASET, ITO, NOW, PROBLEM, SEATS

OTHERS = (DbRole.GATEWAY, DbRole.PUBLISHER, DbRole.AUDITOR)
Write = Callable[[Writer], Any]
GRANTS: dict[str, Write] = {
    "organisation": lambda w: w.save_organisation(ITO, EVENT),
    "person": lambda w: w.save_person(CHAIR, EVENT),
    "password": lambda w: w.save_password("chair", "x", EVENT),
    "seat": lambda w: w.save_seat(SEATS[0], EVENT),
    "dataset": lambda w: w.save_dataset(DATASET, EVENT),
    "problem": lambda w: w.save_problem(PROBLEM, EVENT),
    "contract": lambda w: w.save_contract(make_contract("P1", ContractState.ACTIVE), EVENT),
    "new contract": lambda w: w.save_contract(make_contract("P2"), EVENT),
    "warning": lambda w: w.save_warning(WarningNotice("P1", 1, "chair", NOW, ""), EVENT),
    "act": lambda w: w.save_act(CommitteeAct("P1", Act.LIFT, "F-13", "chair", None, NOW, 1), EVENT),
    "token": lambda w: w.save_token(make_token(), EVENT),
    "revocation": lambda w: w.revoke_tokens("P1", EVENT),
    "revocation of a person": lambda w: w.revoke_tokens_of("analyst", EVENT),
    "revocation of one": lambda w: w.revoke_token("d1", EVENT),
    "sandbox": lambda w: w.save_sandbox(make_sandbox(), EVENT),
}
PUBLICATIONS: dict[str, Write] = {
    "publication": lambda w: w.save_publication(make_publication(), EVENT),
    "failure": lambda w: w.fail_publication("P1", "INTERNAL", EVENT),
    "withdrawal": lambda w: w.drop_publication("P1", EVENT),
    "count": lambda w: w.file(RowCount("health", "citizens", 1_300, True, "a" * 64, NOW), EVENT),
}
RECORD: dict[str, Write] = {"record": lambda w: w.record(EVENT)}
FORBIDDEN = {
    DbRole.GATEWAY: GRANTS | PUBLICATIONS,
    DbRole.PUBLISHER: GRANTS,
    DbRole.AUDITOR: GRANTS | PUBLICATIONS | RECORD,
}
ALLOWED = {
    DbRole.GATEWAY: RECORD,
    DbRole.PUBLISHER: RECORD | PUBLICATIONS,
    DbRole.BROKER: GRANTS | PUBLICATIONS | RECORD,
}


@pytest.fixture(scope="module")
def shared(fresh: Callable[[str], Place]) -> Iterator[dict[str, Place]]:
    """One database of each kind for all tests: what is refused changes nothing, what is allowed can be done again."""
    places = {engine: fresh(engine) for engine in ENGINES}
    for place in places.values():
        furnish(place.records(signed=True), make_contract("P1", ContractState.ACTIVE))
        with place.records(signed=True).write() as writer:
            writer.save_token(make_token("d0"), EVENT)
    yield places
    for place in places.values():
        place.close()


@pytest.fixture(params=ENGINES)
def place(request: pytest.FixtureRequest, shared: dict[str, Place]) -> Place:
    return shared[request.param]


@pytest.fixture
def file_place(shared: dict[str, Place]) -> Place:
    return shared["sqlite"]


@pytest.fixture
def server_place(shared: dict[str, Place]) -> Place:
    return shared["postgresql"]


@pytest.mark.parametrize(("role", "write"), [(role, name) for role, some in FORBIDDEN.items() for name in some])
def test_refused(place: Place, role: DbRole, write: str) -> None:
    with pytest.raises(Refused) as refused, place.records(role).write() as writer:
        FORBIDDEN[role][write](writer)
    assert refused.value.reason.code == "NOT_PERMITTED"


@pytest.mark.parametrize(("role", "write"), [(role, name) for role, some in ALLOWED.items() for name in some])
def test_allowed(place: Place, role: DbRole, write: str) -> None:
    with place.records(role, signed=True).write() as writer:
        ALLOWED[role][write](writer)
    assert place.verify().ok


@pytest.mark.parametrize("role", list(DbRole))
def test_everybody_reads(place: Place, role: DbRole) -> None:
    with place.records(role).read() as reader:
        assert reader.contract("P1") is not None
        assert reader.people()
        assert reader.audit()


@pytest.mark.parametrize("role", OTHERS)
def test_only_the_broker_sees_password_hashes(place: Place, role: DbRole) -> None:
    with pytest.raises(Refused, match="NOT_PERMITTED"), place.records(role).read() as reader:
        reader.password_hash("chair")


@pytest.mark.parametrize("role", OTHERS)
def test_no_table_is_forgotten(place: Place, role: DbRole) -> None:
    """To change a table is refused before anything else is looked at, so no rows are needed."""
    engine = place.engine(role)
    for table in (*METADATA.tables, "alembic_version"):
        published = role is DbRole.PUBLISHER and table in ("publications", "publication_failures")
        audited = role is not DbRole.AUDITOR and table in ("audit", "audit_checkpoints")
        assert _is_refused_by(engine, f"DELETE FROM {table} WHERE 1 = 0") is not published
        column = "version_num" if table == "alembic_version" else next(iter(METADATA.tables[table].columns)).name
        stamped = role is DbRole.PUBLISHER and table in ("stamp", "row_counts")
        assert _is_refused_by(engine, f"UPDATE {table} SET {column} = {column} WHERE 1 = 0") is not (
            published or stamped
        )
        insert = f"INSERT INTO {table} SELECT * FROM {table} WHERE 1 = 0"
        assert _is_refused_by(engine, insert) is not (published or audited or stamped)


@pytest.mark.parametrize("role", OTHERS)
@pytest.mark.parametrize(
    "statement",
    [
        "ATTACH DATABASE ':memory:' AS other",
        "PRAGMA writable_schema = ON",
        "PRAGMA foreign_keys = OFF",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA ignore_check_constraints = ON",
        "DROP TRIGGER audit_guard_delete",
        "DROP TABLE contracts",
        "CREATE TABLE t (x)",
        "CREATE TEMP TABLE contracts (id)",
        "CREATE TEMP TRIGGER x BEFORE INSERT ON audit BEGIN SELECT RAISE(IGNORE); END",
        "ALTER TABLE contracts RENAME TO contracts_",
    ],
)
def test_ways_round_on_a_file(file_place: Place, role: DbRole, statement: str) -> None:
    assert _is_refused_by(file_place.engine(role), statement)


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE contracts",
        "TRUNCATE audit",
        "ALTER TABLE audit DISABLE TRIGGER ALL",
        "DROP TRIGGER audit_guard_delete ON audit",
        "CREATE TABLE t (x int)",
        "SET session_replication_role = replica",
        "SELECT hash FROM passwords",
        "ALTER ROLE amanat_gateway SUPERUSER",
    ],
)
@pytest.mark.parametrize("role", OTHERS)
def test_ways_round_on_a_server(server_place: Place, role: DbRole, statement: str) -> None:
    assert _is_refused_by(server_place.engine(role), statement)


def test_a_login_of_its_own_cannot_become_anybody_else(server_place: Place) -> None:
    url = add_login(server_place.url, DbRole.GATEWAY, "gate'way", "p%ss'word")
    assert add_login(server_place.url, DbRole.GATEWAY, "gate'way", "another") != url
    place = Place(url, server_place.state)
    records = place.records("gateway")
    with records.write() as writer:
        writer.record(EVENT)
    records.close()
    ways = ("RESET ROLE; DELETE FROM contracts", "SET ROLE amanat", "SET ROLE amanat_publisher")
    assert all(_is_refused_by(place.engine(DbRole.GATEWAY), way) for way in ways)
    with pytest.raises(Refused, match="NOT_PERMITTED"), place.records("broker").write() as writer:
        writer.save_person(CHAIR, EVENT)
    with pytest.raises(Unavailable), place.records("publisher").read() as reader:
        reader.contract("P1")
    place.close()


def test_an_auditor_cannot_be_given_a_pen(place: Place) -> None:
    audit = GroupCommitAudit(place.records("auditor"))
    with pytest.raises(Unavailable, match="AUDIT_UNAVAILABLE"):
        audit.record(EVENT)
    audit.close()


def test_an_unknown_role_is_an_error() -> None:
    with pytest.raises(ValueError, match="root"):
        SqlRecords("sqlite:////nowhere", "root")


def _is_refused_by(engine: Engine, statement: str) -> bool:
    try:
        with spoken(), engine.connect().execution_options(**{WRITE: True}) as connection:
            connection.exec_driver_sql(statement)
    except Refused as refused:
        return refused.reason.code == "NOT_PERMITTED"
    return False
