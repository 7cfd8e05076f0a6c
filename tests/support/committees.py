"""Two committees with every seat taken, and people who vote in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Choice, Motion, Subject
from access_broker.domain.people import Committee, Family, Organisation, Seat
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.motions import Proposal, open_motion
from access_broker.use_cases.ports import PolicyEngine
from access_broker.use_cases.tokens import caller_of
from access_broker.use_cases.voting import Ballot, give_vote
from tests.support.factories import DATASET, ITO, MINISTRY, NOW, give_token, make_contract, make_records, person
from tests.support.fakes import InMemoryRecords

M, Q = Committee.MONITORING, Committee.QUALIFICATION
EVENT = AuditEvent("test.arranged", "test", "test", "F-1")
ROADS = Organisation("roads", Family.GOVERNMENT, "Ministry of Roads", "وزارت راه")
BARE = make_contract(approvals=())


def seated(*contracts: Contract) -> InMemoryRecords:
    """`chair` is seat 1 of the one committee, `herasat` seat 2 of the other; the rest are m2 to m6 and q1 to q5.

    Seat 6 and seat 4 are the ministry's; the roads have their own, r6 and r4.
    """
    records = make_records(*(contracts or (BARE,)))
    with records.write() as writer:
        writer.save_organisation(ROADS, EVENT)
        for committee, letter, own in ((M, "m", 6), (Q, "q", 4)):
            for number in range(1, 7 if committee is M else 6):
                if (committee, number) in ((M, 1), (Q, 2)):
                    continue
                owner = MINISTRY if number == own else ITO
                writer.save_person(person(f"{letter}{number}", owner), EVENT)
                organisation = owner.id if number == own else None
                writer.save_seat(Seat(committee, number, f"{letter}{number}", organisation=organisation), EVENT)
            writer.save_person(person(f"r{own}", ROADS), EVENT)
            writer.save_seat(Seat(committee, own, f"r{own}", organisation="roads"), EVENT)
        writer.save_dataset(replace(DATASET, id="roads", owner="roads"), EVENT)
    return records


def act_as(
    records: InMemoryRecords, who: str, use_case: Callable[..., Any], *arguments: Any, at: datetime = NOW
) -> Any:
    """Do it as the person with a token of their own; `at` comes last."""
    token = give_token(records, f"token of {who}", who)
    with records.write() as writer:
        return use_case(writer, *_policy(arguments), caller_of(writer, token, at), *_rest(arguments), at)


def _policy(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return arguments[:1] if arguments and hasattr(arguments[0], "decide") else ()


def _rest(arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    return arguments[1:] if _policy(arguments) else arguments


def digest_of(records: InMemoryRecords, contract: str = "P1") -> str:
    with records.read() as reader:
        return text_digest(contract_named(reader, contract))


def put(
    records: InMemoryRecords,
    who: str = "chair",
    committee: Committee = M,
    subject: Subject = Subject.APPROVE_CONTRACT,
    about: str = "P1",
    seen: str | None = None,
    text: str = "",
    outcome: str = "",
) -> Motion:
    digest = seen if seen is not None else digest_of(records, about)
    proposal = Proposal(committee, subject, about, digest, text, outcome)
    motion: Motion = act_as(records, who, open_motion, proposal)
    return motion


def voting(
    records: InMemoryRecords,
    policy: PolicyEngine,
    motion: Motion,
    who: str,
    choice: Choice = Choice.FOR,
    at: datetime = NOW,
    **more: Any,
) -> Motion:
    more.setdefault("seen", motion.digest)
    voted: Motion = act_as(records, who, give_vote, policy, motion.id, Ballot(choice, **more), at=at)
    return voted


def code_of(call: Callable[[], Any]) -> tuple[str, str]:
    with pytest.raises(Refused) as refusal:
        call()
    return refusal.value.reason.code, refusal.value.reason.rule
