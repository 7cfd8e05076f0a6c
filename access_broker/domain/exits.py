"""Leaving the platform: how a contract ends before or after its time, in safe and controlled conditions (D-1, D-2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from access_broker.domain.contracts import ContractState
from access_broker.domain.people import Committee


class ExitKind(StrEnum):
    """Why somebody leaves."""

    SUCCESS = "success"
    FAILURE = "failure"
    VOLUNTARY = "voluntary"
    TERMINATION = "termination"


class ExitState(StrEnum):
    """`closing`: access has ended, the checklist fills."""

    ASKED = "asked"
    ONE_APPROVAL = "one_approval"
    CLOSING = "closing"
    CLOSED = "closed"
    REFUSED = "refused"


EXIT_TRANSITIONS: dict[ExitState, frozenset[ExitState]] = {
    ExitState.ASKED: frozenset({ExitState.ONE_APPROVAL, ExitState.CLOSING, ExitState.REFUSED}),
    ExitState.ONE_APPROVAL: frozenset({ExitState.CLOSING, ExitState.REFUSED}),
    ExitState.CLOSING: frozenset({ExitState.CLOSED}),
    ExitState.CLOSED: frozenset(),
    ExitState.REFUSED: frozenset(),
}
"""Once access has ended there is no way back: what is left is to carry it out and to certify it."""

_BOTH = frozenset(Committee)
EXIT_KEYS: dict[ExitKind, frozenset[Committee]] = {
    ExitKind.SUCCESS: _BOTH,
    ExitKind.FAILURE: _BOTH,
    ExitKind.VOLUNTARY: _BOTH,
    ExitKind.TERMINATION: frozenset({Committee.MONITORING}),
}
"""Whose approvals an exit needs (I-33): both committees; a termination is the Monitoring Committee's alone (F-13)."""

_RUNNING = frozenset({ContractState.ACTIVE, ContractState.SUSPENDED})
EXITS_FROM: dict[ExitKind, frozenset[ContractState]] = {
    ExitKind.SUCCESS: frozenset({ContractState.ENDED}),
    ExitKind.FAILURE: _RUNNING,
    ExitKind.VOLUNTARY: _RUNNING,
    ExitKind.TERMINATION: _RUNNING | {ContractState.CUT},
}
"""States of the contract. Success is what was accepted; what was cut is final already and still has to be certified."""


class ExitStep(StrEnum):
    """What somebody does about an exit, and acceptance, which comes before one."""

    ACCEPT = "accept"
    ASK = "ask"
    APPROVE = "approve"
    REFUSE = "refuse"
    REPORT = "report"
    CLOSE = "close"


OPEN_TO: dict[ExitStep, frozenset[ExitState]] = {
    ExitStep.APPROVE: frozenset({ExitState.ASKED, ExitState.ONE_APPROVAL}),
    ExitStep.REFUSE: frozenset({ExitState.ASKED, ExitState.ONE_APPROVAL}),
    ExitStep.REPORT: frozenset({ExitState.ASKED, ExitState.ONE_APPROVAL, ExitState.CLOSING}),
    ExitStep.CLOSE: frozenset({ExitState.CLOSING}),
}
"""The states of an exit in which a step about it is possible."""


@dataclass(frozen=True)
class Exit:
    """`number` counts within the contract: one that was refused may be asked for again.

    `ended_at`: when access ended under it, or the keys were complete where it had ended before. `certificate`: JSON
    text, and `digest` its SHA-256, once it is closed.
    """

    KEY: ClassVar[tuple[str, ...]] = ("contract", "number")
    contract: str
    number: int
    kind: ExitKind
    text: str
    asked_by: str
    asked_at: datetime
    state: ExitState = ExitState.ASKED
    ended_at: datetime | None = None
    closed_at: datetime | None = None
    certificate: str | None = None
    digest: str | None = None


@dataclass(frozen=True)
class ExitKey:
    """A committee's word on an exit. `approved` False: it refuses, for the reason in `text`."""

    KEY: ClassVar[tuple[str, ...]] = ("contract", "number", "committee")
    contract: str
    number: int
    committee: Committee
    person: str
    decision: str
    approved: bool
    at: datetime
    text: str = ""


@dataclass(frozen=True)
class FailureReport:
    """What the committee found out about the reasons of a failure, for the organisation concerned (D-1)."""

    KEY: ClassVar[tuple[str, ...]] = ("contract", "number")
    contract: str
    number: int
    text: str
    by: str
    at: datetime
