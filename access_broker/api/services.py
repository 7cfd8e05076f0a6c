"""What the routes work with, and how a route gets hold of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Protocol

from fastapi import Depends, FastAPI, Request

from access_broker.api.lockout import Lockout
from access_broker.domain.datasets import Dataset
from access_broker.domain.decisions import Reason, Refused
from access_broker.use_cases.gate_ports import EpsilonSpent, Spent
from access_broker.use_cases.people import Passwords
from access_broker.use_cases.ports import Clock, PolicyEngine, Records
from access_broker.use_cases.sandbox_watch import SandboxWatch
from access_broker.use_cases.sandboxes import Room
from access_broker.use_cases.scenario import OnRecord, Scenario

log = logging.getLogger("amanat.api")


class Sentences(Protocol):
    """The sentence for a reason, in `fa` or `en`; an unknown language is answered in English."""

    def __call__(self, reason: Reason, detail: dict[str, Any], language: str, /) -> str: ...


class ScenarioReader(Protocol):
    """Raises ScenarioFaulty with every fault of the file. `base`: the folder its sources are relative to."""

    def __call__(self, text: str, base: Path | None, now: datetime, /) -> Scenario: ...


class AuditVerification(Protocol):
    """`first_broken`: the position at which the chain breaks; None when it holds."""

    @property
    def ok(self) -> bool: ...
    @property
    def records(self) -> int: ...
    @property
    def first_broken(self) -> int | None: ...


def _tell_nobody(_contract: str) -> None:
    """For an API that runs without a gateway beside it."""


@dataclass(frozen=True)
class Secrets:
    """What tells the other parts of the system from anybody else who reaches the port. Each part has its own only.

    Raises ValueError for an empty one, which would match an empty header, and for one given to two parts.
    """

    operator: str = field(repr=False)
    hub: str = field(repr=False)
    guard: str = field(repr=False)

    def __post_init__(self) -> None:
        given = (self.operator, self.hub, self.guard)
        if not all(given) or len(set(given)) < len(given):
            raise ValueError("a secret is empty, or two parts have the same one")


class DatasetReader(Protocol):
    """Raises ScenarioFaulty with every fault of the description.

    `organisation`: that of the person who brings it, whatever owner the text names; only files in its folder are read.
    `known`: what the text may refer to.
    """

    def __call__(self, text: str, organisation: str, known: OnRecord, now: datetime, /) -> Dataset: ...


def _read_nothing(_text: str, _organisation: str, _known: OnRecord, _now: datetime, /) -> Dataset:
    """For an API without folders of sources beside it."""
    raise Refused("NOT_PERMITTED", "F-2")


def _count_unseen(_contract: str, _day: str, /) -> int | None:
    """For an API that has no gateway on the same machine."""
    return None


def _epsilon_unseen(_contract: str, /) -> int | None:
    return None


@dataclass(frozen=True)
class Extras:
    """What stands beside the records. `after_change` hears the id of a contract once a change of it is committed.

    `room`: where sandboxes may stand; None: this system runs without. `spent`: the gateway's count of statements.
    `epsilon_spent`: and its count of epsilon. `installs`: each puts pages of its own on the application.
    """

    read_scenario: ScenarioReader
    verify_audit: Callable[[], AuditVerification]
    after_change: Callable[[str], None] = _tell_nobody
    installs: tuple[Callable[[FastAPI], None], ...] = ()
    room: Room | None = None
    read_dataset: DatasetReader = _read_nothing
    spent: Spent = _count_unseen
    epsilon_spent: EpsilonSpent = _epsilon_unseen


@dataclass(frozen=True)
class Services:
    records: Records
    policy: PolicyEngine
    clock: Clock
    passwords: Passwords
    sentences: Sentences
    secrets: Secrets
    extras: Extras
    lockout: Lockout
    watch: SandboxWatch = field(default_factory=SandboxWatch)

    def announce(self, contract: str) -> None:
        """Tell the others about a committed change. What goes wrong there does not undo the commit: they catch up."""
        try:
            self.extras.after_change(contract)
        except Exception:
            log.exception("nobody could be told that contract %s has changed", contract)


def services_of(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Desk = Annotated[Services, Depends(services_of)]
"""A route that declares `desk: Desk` is given the services."""
