"""The people, datasets and problems that a contract refers to, and a contract to vary."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from access_broker.adapters.records import SqlRecords
from access_broker.domain.audit import AuditEvent
from access_broker.domain.catalogue import Catalogue, GrantedColumn, GrantedTable, Publication
from access_broker.domain.contracts import Contract
from access_broker.domain.datasets import Mode
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.tokens import Door, Token
from tests.support.factories import (
    COMPANY,
    DATASET,
    DAY,
    ITO,
    MINISTRY,
    NOW,
    PEOPLE,
    PROBLEM,
    RIVAL,
    SEATS,
    make_contract,
)

EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
CATALOGUE = Catalogue(
    (
        GrantedTable(
            "health",
            "citizens",
            "شهروندان",
            "t1",
            (GrantedColumn("income", "درآمد", "DOUBLE", Mode.AGGREGATE),),
            entity="national_id",
            entity_physical="_e",
            rows=12,
        ),
        GrantedTable("health", "provinces", "provinces", "t2", ()),
    ),
    frozenset({frozenset({"health.citizens.national_id", "tax.payers.national_id"})}),
)


def furnish(records: SqlRecords, *contracts: Contract) -> None:
    """Everybody, everything, and these contracts."""
    with records.write() as writer:
        for organisation in (MINISTRY, ITO, COMPANY, RIVAL):
            writer.save_organisation(organisation, EVENT)
        for person in PEOPLE:
            writer.save_person(person, EVENT)
        for seat in SEATS:
            writer.save_seat(seat, EVENT)
        writer.save_dataset(DATASET, EVENT)
        writer.save_problem(PROBLEM, EVENT)
        for contract in contracts:
            writer.save_contract(contract, EVENT)


def save(records: SqlRecords, contract: Contract) -> None:
    with records.write() as writer:
        writer.save_contract(contract, EVENT)


def record(records: SqlRecords, *kinds: str) -> None:
    with records.write() as writer:
        for kind in kinds:
            writer.record(AuditEvent(kind, "analyst", "P1", "S3-P5", {"متن": "پرسش", "n": 1}))


def make_publication(contract: str = "P1", version: int = 1) -> Publication:
    return Publication(contract, version, f"/published/{contract}-{version}.duckdb", "b" * 64, CATALOGUE)


def make_token(digest: str = "d1", contract: str | None = "P1", **changes: Any) -> Token:
    token = Token(digest, "analyst", contract, Door.LOCAL, 1, NOW, NOW + DAY)
    return replace(token, **changes)


def make_sandbox(id: str = "s1", slot: int = 1, token: str = "d0", **changes: Any) -> Sandbox:
    """Of `analyst` under P1, with a token that must be on record."""
    return replace(Sandbox(id, "analyst", "P1", 1, slot, "198.18.16.10", token, NOW), **changes)


__all__ = [
    "CATALOGUE",
    "EVENT",
    "furnish",
    "make_contract",
    "make_publication",
    "make_sandbox",
    "make_token",
    "record",
    "save",
]
