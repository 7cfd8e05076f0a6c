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
    SERVED = "served"
    ACKNOWLEDGED = "acknowledged"
    APPEALED = "appealed"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"


WARNING_TRANSITIONS: dict[WarningState, frozenset[WarningState]] = {
    WarningState.ISSUED: frozenset({WarningState.ACKNOWLEDGED, WarningState.SERVED, WarningState.WITHDRAWN}),
    WarningState.SERVED: frozenset({WarningState.ACKNOWLEDGED, WarningState.APPEALED, WarningState.WITHDRAWN}),
    WarningState.ACKNOWLEDGED: frozenset({WarningState.APPEALED, WarningState.WITHDRAWN}),
    WarningState.APPEALED: frozenset({WarningState.UPHELD, WarningState.WITHDRAWN}),
    WarningState.UPHELD: frozenset(),
    WarningState.WITHDRAWN: frozenset(),
}
"""A withdrawn warning never counts again. There is one appeal: what the committee upheld is not appealed anew, nor
taken back by one of its seats.
"""

COUNTING = frozenset({WarningState.SERVED, WarningState.ACKNOWLEDGED, WarningState.UPHELD})
"""The states in which a warning counts towards a repetition (S3-P6-R2)."""


@dataclass(frozen=True)
class WarningNotice:
    """A written warning (تذکر کتبی), numbered within its contract.

    `violation`: the number of what it is about. `cure_by`: until when that is to be mended, None for at once.
    `serve_days`: working days after which it counts as served although nobody acknowledged it; None for never, as those
    that were issued before there was such a time.
    """

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
    violation: int | None = None
    cure_by: datetime | None = None
    serve_days: int | None = None
    served_at: datetime | None = None
    appeal_text: str | None = None
    appealed_by: str | None = None
    appealed_at: datetime | None = None
    appeal_decision: str | None = None
    appeal_decided_by: str | None = None
    appeal_decided_at: datetime | None = None

    @property
    def state(self) -> WarningState:
        if self.withdrawn:
            return WarningState.WITHDRAWN
        if self.appealed_at is not None:
            return WarningState.APPEALED if self.appeal_decided_at is None else WarningState.UPHELD
        if self.acknowledged_at is not None:
            return WarningState.ACKNOWLEDGED
        return WarningState.ISSUED if self.served_at is None else WarningState.SERVED

    @property
    def arrived_at(self) -> datetime | None:
        """When it was acknowledged or counted as served, whichever came first."""
        return min((at for at in (self.acknowledged_at, self.served_at) if at is not None), default=None)

    @property
    def counts_from(self) -> datetime | None:
        """What goes against the contract from then on repeats it: it has arrived, and the time to mend it is over."""
        if self.arrived_at is None or self.cure_by is None:
            return self.arrived_at
        return max(self.arrived_at, self.cure_by)


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
