"""A world in which executors are chosen, accepted and leave, for the tests of exclusivity, acceptance, exits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.problems import Problem
from access_broker.domain.tokens import digest_of
from access_broker.use_cases.accepting import accept
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import PolicyEngine, Writer
from access_broker.use_cases.tokens import caller_of
from tests.support.factories import NOW, PROBLEM, give_token, make_contract, make_records
from tests.support.fakes import InMemoryRecords, ScriptedPolicy

ALLOW = ScriptedPolicy()
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
OF_COMPANY = {"people": ("analyst",), "acknowledged": ("analyst",)}
OF_RIVAL = {"executor": "raqib", "people": ("outsider",), "acknowledged": ("outsider",)}


def rivals(id: str = "R1", **changes: Any) -> Contract:
    """A contract of the other company on the same problem and data."""
    return make_contract(id, **OF_RIVAL, **changes)


def caller(records: InMemoryRecords, who: str, now: datetime = NOW, contract: Contract | None = None) -> Caller:
    text = f"token of {who} {now.isoformat()} {contract.id if contract else ''}"
    token = give_token(records, text, who, *([contract] if contract else []), issued_at=now)
    with records.read() as reader:
        assert reader.token(digest_of(text)) is not None
        return caller_of(reader, token, now)


def do(records: InMemoryRecords, use_case: Callable[..., Any], *arguments: Any) -> Any:
    """In a transaction of its own."""
    with records.write() as writer:
        return use_case(writer, *arguments)


def put(records: InMemoryRecords, contract: Contract) -> None:
    do(records, lambda writer: writer.save_contract(contract, EVENT))


def file(records: InMemoryRecords, *things: Any) -> None:
    def all_of(writer: Writer) -> None:
        for thing in things:
            writer.file(thing, EVENT)

    do(records, all_of)


def accepted(records: InMemoryRecords, contract: str = "P1", now: datetime = NOW, policy: PolicyEngine = ALLOW) -> None:
    do(records, accept, policy, caller(records, "chair", now), contract, "mc-7", now)


def refusal(call: Callable[[], Any]) -> tuple[str, str]:
    """(code, rule) of the first reason."""
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.reason.code, refused.value.reason.rule


def with_other_problem(records: InMemoryRecords, owner: str = "ito", **changes: Any) -> Problem:
    """A problem of another organisation, with the same dataset on its list."""
    other = replace(PROBLEM, id="roads", owner=owner, **changes)
    do(records, lambda writer: writer.save_problem(other, EVENT))
    return other


def world(*contracts: Contract) -> InMemoryRecords:
    return make_records(*contracts)
