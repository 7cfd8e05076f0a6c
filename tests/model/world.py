"""One contract, everybody who has to do with it, and what the system says about them after every step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from access_broker.adapters.policy import EmbeddedPolicy
from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditEvent, AuditRecord
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.people import Committee, Person, Role, Seat
from access_broker.domain.tokens import Door, Token
from access_broker.use_cases.deciding import ask
from access_broker.use_cases.facts import login_facts
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.tokens import authenticate_token
from tests.model.oracle import Oracle, Somebody
from tests.support.factories import (
    ANALYST,
    COLLEAGUE,
    COMPANY,
    DATASET,
    ITO,
    MINISTRY,
    NOW,
    OUTSIDER,
    PROBLEM,
    RIVAL,
    STEWARD,
    make_contract,
    person,
)
from tests.support.fakes import FixedClock, InMemoryRecords

FOREVER = 10**12
TERM = 90 * 86_400
DEPUTY_FROM, DEPUTY_UNTIL = 10 * 86_400, 20 * 86_400
STATE_EVENTS = frozenset(
    f"contract.{verb}" for verb in ("activated", "suspended", "cut", "lifted", "accepted", "ended")
)
M, Q = Committee.MONITORING, Committee.QUALIFICATION
ARRANGED = AuditEvent("test.arranged", "test", "test", "F-1")

SITTING: dict[str, list[tuple[Committee, int]]] = {
    **{f"mon{n}": [(M, n)] for n in (1, 2, 4, 5)},
    **{f"qual{n}": [(Q, n)] for n in (1, 2, 5)},
    "both": [(M, 3), (Q, 3)],
    "health6": [(M, 6)],
    "health4": [(Q, 4)],
}
OWNERS = ("health6", "health4")
PEOPLE: tuple[Person, ...] = (
    ANALYST,
    COLLEAGUE,
    OUTSIDER,
    STEWARD,
    person("minister", MINISTRY),
    person("deputy", ITO),
    person("operator", ITO, Role.OPERATOR),
    *(person(id, MINISTRY if id in OWNERS else ITO) for id in SITTING),
)
EVERYBODY = tuple(someone.id for someone in PEOPLE)
EXECUTORS = ("analyst", "colleague", "outsider")


def at(second: int) -> datetime:
    return NOW + timedelta(seconds=second)


def seats() -> list[Seat]:
    own = {"health6": "ministry", "health4": "ministry"}
    held = [Seat(c, n, who, organisation=own.get(who)) for who, places in SITTING.items() for c, n in places]
    return [*held, Seat(M, 5, "deputy", at(DEPUTY_FROM), at(DEPUTY_UNTIL))]


def new_oracle() -> Oracle:
    sides = {"analyst": "executor", "colleague": "executor", "steward": "owner", "minister": "owner"}
    sides |= dict.fromkeys(OWNERS, "owner")
    known = {someone.id: Somebody(someone.organisation, sides.get(someone.id, "")) for someone in PEOPLE}
    for who, places in SITTING.items():
        known[who].seats = [(committee.value, number, 0, FOREVER) for committee, number in places]
        known[who].has_own_seat = who in OWNERS
    known["deputy"].seats = [("monitoring", 5, DEPUTY_FROM, DEPUTY_UNTIL)]
    return Oracle(known, ("analyst", "colleague"), -86_400, TERM)


@dataclass(frozen=True)
class Did:
    """A step: its refusal's code or "", what it gave back, and what was recorded."""

    code: str
    value: Any
    records: tuple[AuditRecord, ...]


class World:
    """`second`: since the walk began."""

    def __init__(self, policy: EmbeddedPolicy) -> None:
        self.policy, self.second = policy, 0
        self.clock = FixedClock(NOW)
        self.records = InMemoryRecords(self.clock)
        with self.records.write() as writer:
            for organisation in (MINISTRY, ITO, COMPANY, RIVAL):
                writer.save_organisation(organisation, ARRANGED)
            for someone in PEOPLE:
                writer.save_person(someone, ARRANGED)
            for seat in seats():
                writer.save_seat(seat, ARRANGED)
            writer.save_dataset(DATASET, ARRANGED)
            writer.save_problem(PROBLEM, ARRANGED)

    @property
    def now(self) -> datetime:
        return self.clock.now

    def go_to(self, second: int) -> None:
        self.second = max(self.second, second)
        self.clock.now = at(self.second)

    def draft(self, text: int) -> Contract:
        """The contract in its `text`-th wording, without any key."""
        none: dict[str, Any] = dict.fromkeys(("signatures", "approvals", "guarantees", "acknowledged"), ())
        bare = replace(make_contract(), people=("analyst", "colleague"), purpose=f"planning {text}", **none)
        return replace(bare, starts_at=at(-86_400), ends_at=at(TERM))

    def attempt(self, step: Callable[[Writer], Any]) -> Did:
        """In a transaction of its own. What is refused leaves nothing behind, not even a record."""
        start = self._head()
        try:
            with self.records.write() as writer:
                value, code = step(writer), ""
        except Refused as refused:
            value, code = None, refused.reason.code
            assert self._head() == start, f"{code} left a trace"
        with self.records.read() as reader:
            return Did(code, value, tuple(reader.audit(start, 10_000)))

    def caller(self, who: str) -> Caller:
        with self.records.read() as reader:
            someone = reader.person(who)
            assert someone is not None
            held = tuple(seat for seat in reader.seats_of(who) if seat.is_held(self.now))
            return Caller(someone, self._token(who, None, 0), held, someone.roles)

    def contract(self) -> Contract | None:
        with self.records.read() as reader:
            return reader.contract("P1")

    def digest(self) -> str:
        contract = self.contract()
        return text_digest(contract) if contract else ""

    def is_let_in(self, who: str) -> bool:
        """Would a token of the present generation open the door and the policy let its bearer in?"""
        contract = self.contract()
        if contract is None:
            return False
        with self.records.read() as reader:
            token = self._token(who, "P1", contract.generation)
            return not ask(self.policy, "login", login_facts(reader, contract, token, Door.LOCAL, self.now)).reasons

    def opens(self, text: str) -> Token | None:
        """The token, if it opens the door now."""
        with self.records.read() as reader:
            try:
                return authenticate_token(reader, text, self.now, Door.LOCAL, "127.0.0.1")
            except Refused:
                return None

    def state(self) -> ContractState:
        contract = self.contract()
        return contract.state if contract else ContractState.DRAFTED

    def look(self, question: Callable[[Reader], Any]) -> Any:
        with self.records.read() as reader:
            return question(reader)

    def _token(self, who: str, contract: str | None, generation: int) -> Token:
        return Token("0" * 64, who, contract, Door.LOCAL, generation, self.now, self.now + timedelta(hours=1))

    def _head(self) -> int:
        with self.records.read() as reader:
            return reader.audit_head()[0]
