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


LEADS_TO: dict[Act, dict[ContractState, ContractState]] = {
    Act.WARN: {ContractState.ACTIVE: ContractState.ACTIVE, ContractState.SUSPENDED: ContractState.SUSPENDED},
    Act.SUSPEND: {ContractState.ACTIVE: ContractState.SUSPENDED},
    Act.CUT: {ContractState.ACTIVE: ContractState.CUT, ContractState.SUSPENDED: ContractState.CUT},
    Act.LIFT: {ContractState.SUSPENDED: ContractState.ACTIVE},
}
"""State before the act → state after it. In a state that is not named here the act is not possible."""

RESULT: dict[Act, ContractState | None] = {
    act: next((after for before, after in moves.items() if after is not before), None)
    for act, moves in LEADS_TO.items()
}
"""State after the act; a warning changes none."""

GROUNDS: dict[Act, frozenset[str]] = {
    Act.WARN: frozenset({"S3-P6-R2"}),
    Act.SUSPEND: frozenset({"F-13"}),
    Act.CUT: frozenset({"F-13", "S3-P6-R2"}),
    Act.LIFT: frozenset({"F-13"}),
}
"""The rules an act may rest on. F-13 is breach (protective), S3-P6-R2 repetition after a written warning."""


class WarningState(StrEnum):
    ISSUED = "issued"
    ACKNOWLEDGED = "acknowledged"
    WITHDRAWN = "withdrawn"


WARNING_TRANSITIONS: dict[WarningState, frozenset[WarningState]] = {
    WarningState.ISSUED: frozenset({WarningState.ACKNOWLEDGED, WarningState.WITHDRAWN}),
    WarningState.ACKNOWLEDGED: frozenset({WarningState.WITHDRAWN}),
    WarningState.WITHDRAWN: frozenset(),
}
"""Only an acknowledged warning counts towards a repetition (S3-P6-R2); a withdrawn one never does again."""


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
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_why: str | None = None

    @property
    def state(self) -> WarningState:
        if self.withdrawn:
            return WarningState.WITHDRAWN
        return WarningState.ISSUED if self.acknowledged_at is None else WarningState.ACKNOWLEDGED


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
