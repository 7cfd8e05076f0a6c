"""The Monitoring Committee's acts on a running contract (S3-P6-R2, F-13) and what each leads to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from access_broker.domain.contracts import ContractState


class Act(StrEnum):
    WARN = "warn"
    SUSPEND = "suspend"
    CUT = "cut"
    LIFT = "lift"


RESULT: dict[Act, ContractState | None] = {
    Act.WARN: None,
    Act.SUSPEND: ContractState.SUSPENDED,
    Act.CUT: ContractState.CUT,
    Act.LIFT: ContractState.ACTIVE,
}
"""State after the act; a warning changes none."""

GROUNDS: dict[Act, frozenset[str]] = {
    Act.WARN: frozenset({"S3-P6-R2"}),
    Act.SUSPEND: frozenset({"F-13"}),
    Act.CUT: frozenset({"F-13", "S3-P6-R2"}),
    Act.LIFT: frozenset({"F-13"}),
}
"""The rules an act may rest on. F-13 is breach (protective), S3-P6-R2 repetition after a written warning."""


@dataclass(frozen=True)
class WarningNotice:
    """A written warning (تذکر کتبی), numbered within its contract. A withdrawn one does not count."""

    contract: str
    number: int
    issued_by: str
    issued_at: datetime
    text: str
    acknowledged_by: str | None = None
    acknowledged_at: datetime | None = None
    withdrawn: bool = False


@dataclass(frozen=True)
class CommitteeAct:
    """One act as it was committed; `decision` is the reference of the recorded committee decision, if any."""

    contract: str
    act: Act
    ground: str
    by: str
    decision: str | None
    committed_at: datetime
    generation: int
