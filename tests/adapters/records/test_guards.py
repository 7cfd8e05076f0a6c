"""What the database itself refuses, to someone who has it open and writes SQL."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import psycopg
import pytest

from access_broker.domain.acts import Act, CommitteeAct
from access_broker.domain.contracts import ContractState
from tests.adapters.records.conftest import ENGINES, Place
from tests.adapters.records.world import EVENT, furnish, make_contract, make_publication, make_token
from tests.support.factories import NOW

COPY = "at, kind, actor, subject, rule, body"


@pytest.fixture(scope="module", params=ENGINES)
def lived(request: pytest.FixtureRequest, fresh: Callable[[str], Place]) -> Iterator[Place]:
    """With a cut contract, a running one, an act, tokens and a signed chain. Shared: nothing here changes it."""
    place = fresh(request.param)
    records = place.records(signed=True)
    furnish(records, make_contract("CUT", ContractState.CUT), make_contract("P1", ContractState.ACTIVE, generation=4))
    with records.write() as writer:
        writer.save_act(CommitteeAct("CUT", Act.CUT, "F-13", "chair", None, NOW, 2), EVENT)
        writer.save_token(make_token("dead", revoked=True), EVENT)
        writer.save_publication(make_publication("P1"), EVENT)
    yield place
    place.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'someone' WHERE position = 2",
        "UPDATE audit SET position = position + 100",
        "DELETE FROM audit WHERE position = (SELECT MAX(position) FROM audit)",
        "DELETE FROM audit",
        f"INSERT INTO audit SELECT position, {COPY}, previous, hash FROM audit WHERE position = 2",
        f"INSERT INTO audit SELECT position + 100, {COPY}, previous, hash FROM audit WHERE position = 2",
        f"INSERT INTO audit SELECT (SELECT MAX(position) + 1 FROM audit), {COPY}, 'other', hash FROM audit LIMIT 1",
        "UPDATE audit_checkpoints SET signature = ''",
        "DELETE FROM audit_checkpoints",
        "INSERT INTO audit_checkpoints SELECT position - 1, hash, signature FROM audit_checkpoints",
        "UPDATE acts SET ground = 'S3-P6-R2'",
        "DELETE FROM acts",
        "UPDATE contracts SET state = 'active' WHERE id = 'CUT'",
        "UPDATE contracts SET state = 'ended' WHERE id = 'CUT'",
        "UPDATE contracts SET state = 'resurrected' WHERE id = 'P1'",
        "UPDATE contracts SET generation = 3 WHERE id = 'P1'",
        "UPDATE contracts SET id = 'P0' WHERE id = 'P1'",
        "DELETE FROM contracts WHERE id = 'CUT'",
        "UPDATE tokens SET revoked = FALSE",
        "INSERT INTO publications SELECT 'CUT', version, path, sha256, catalogue FROM publications",
        "UPDATE publications SET contract = 'CUT'",
    ],
)
def test_refused_by_the_database(lived: Place, statement: str) -> None:
    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.IntegrityError)):
        lived.sql(*_as_connected(lived), statement)


@pytest.mark.parametrize("table", ["audit", "audit_checkpoints", "acts", "contracts"])
def test_truncate_is_a_delete_too(server_place: Place, table: str) -> None:
    furnish(server_place.records(), make_contract())
    with pytest.raises(psycopg.errors.IntegrityError):
        server_place.sql(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize("table", ["audit", "contracts"])
def test_replace_is_a_delete_too(file_place: Place, table: str) -> None:
    furnish(file_place.records(), make_contract())
    with pytest.raises(sqlite3.IntegrityError):
        file_place.sql("PRAGMA recursive_triggers = ON", f"REPLACE INTO {table} SELECT * FROM {table}")


def test_what_is_not_forbidden_is_possible(lived: Place) -> None:
    assert lived.verify().ok
    lived.sql("UPDATE contracts SET purpose = 'other', generation = generation + 1 WHERE id = 'CUT'")
    lived.sql("UPDATE tokens SET address = '10.0.0.2'")


def _as_connected(place: Place) -> list[str]:
    return ["PRAGMA foreign_keys = ON"] if place.file else []
