"""The REST API over records in memory, with everything beside it scripted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from access_broker.api.app import create_api
from access_broker.api.services import Extras, Secrets
from access_broker.domain.contracts import Contract
from access_broker.domain.sandboxes import pool_of
from access_broker.use_cases.people import Passwords
from access_broker.use_cases.sandboxes import Room
from access_broker.use_cases.scenario import Fault, Scenario, ScenarioFaulty
from tests.support.factories import NOW, give_token, make_records, make_scenario
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy, speak
from tests.support.http import Client

SECRET = "the-secret-of-the-machine"
HUB_SECRET, GUARD_SECRET = "the-secret-of-the-hub", "the-secret-of-the-guard"
ROOM = Room(pool_of("198.18.16.0/20"), 4)
PASSWORDS = Passwords(hash=lambda password: f"#{password}", verify=lambda stored, password: stored == f"#{password}")
FAULT = Fault(7, "contracts[0].terms.k", "k must be 1 or more", "k باید ۱ یا بیشتر باشد")


@dataclass(frozen=True)
class Checked:
    ok: bool = True
    records: int = 12
    first_broken: int | None = None


@dataclass
class Broker:
    """`scenario` is what any file is read as; the text `faulty` is a file with a fault.

    `spent`: (contract, UTC day) → statements, `epsilon_spent`: contract → millionths; whatever is not in them, the
    broker cannot see.
    """

    records: InMemoryRecords
    clock: FixedClock
    policy: ScriptedPolicy = field(default_factory=ScriptedPolicy)
    scenario: Scenario = field(default_factory=make_scenario)
    told: list[str] = field(default_factory=list)
    bases: list[Path | None] = field(default_factory=list)
    address: str = "127.0.0.1"
    room: Room | None = ROOM
    spent: dict[tuple[str, str], int] = field(default_factory=dict)
    epsilon_spent: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        extras = Extras(
            self._read,
            Checked,
            self.told.append,
            room=self.room,
            spent=self._spent,
            epsilon_spent=lambda contract: self.epsilon_spent.get(contract),
        )
        secrets = Secrets(SECRET, HUB_SECRET, GUARD_SECRET)
        self.app = create_api(self.records, self.policy, self.clock, PASSWORDS, speak, secrets, extras)
        self.client = Client(self.app, self.address)

    def _spent(self, contract: str, day: str, /) -> int | None:
        return self.spent.get((contract, day))

    def _read(self, text: str, base: Path | None, now: datetime, /) -> Scenario:
        self.bases.append(base)
        if text == "faulty":
            raise ScenarioFaulty((FAULT,))
        return self.scenario

    def call(self, method: str, path: str, who: str | None = None, **options: Any) -> httpx.Response:
        """As the person whose token is named like them, or as nobody."""
        headers = dict(options.pop("headers", {}))
        if who:
            headers["Authorization"] = f"Bearer {who}"
        return self.client.request(method, f"/api/v1{path}", headers=headers, **options)

    def get(self, path: str, who: str | None = None, **options: Any) -> httpx.Response:
        return self.call("GET", path, who, **options)

    def post(self, path: str, who: str | None = None, body: Any = None, **options: Any) -> httpx.Response:
        return self.call("POST", path, who, json=body if body is not None else {}, **options)

    def operate(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """As the owner of the machine."""
        return self.call(method, f"/operator{path}", headers={"X-Amanat-Operator": SECRET}, json=body)

    def as_hub(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """As hub or warden."""
        return self.call(method, f"/hub{path}", headers={"X-Amanat-Hub": HUB_SECRET, **headers}, json=body)

    def as_guard(self, body: Any) -> httpx.Response:
        return self.call("POST", "/hub/refusals", headers={"X-Amanat-Guard": GUARD_SECRET}, json=body)


def make_broker(*contracts: Contract, **changes: Any) -> Broker:
    """Everybody has a token named like them; `PERSON@CONTRACT` is one for a contract."""
    clock = FixedClock(NOW)
    records = make_records(*contracts, clock=clock)
    for person in ("analyst", "colleague", "outsider", "steward", "chair", "herasat", "auditor"):
        give_token(records, person, person)
        for contract in contracts:
            give_token(records, f"{person}@{contract.id}", person, contract)
    return Broker(records, clock, **changes)
