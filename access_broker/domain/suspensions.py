"""Suspensions as records: taken at once, then ratified by the committee, lifted, or lapsed (F-13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class SuspensionState(StrEnum):
    PROVISIONAL = "provisional"
    RATIFIED = "ratified"
    LIFTED = "lifted"
    CUT = "cut"
    LAPSED_LIFTED = "lapsed_lifted"
    LAPSED_CUT = "lapsed_cut"
    OVER = "over"


SUSPENSION_TRANSITIONS: dict[SuspensionState, frozenset[SuspensionState]] = {
    SuspensionState.PROVISIONAL: frozenset(set(SuspensionState) - {SuspensionState.PROVISIONAL}),
    SuspensionState.RATIFIED: frozenset({SuspensionState.LIFTED, SuspensionState.CUT, SuspensionState.OVER}),
    SuspensionState.LIFTED: frozenset(),
    SuspensionState.CUT: frozenset(),
    SuspensionState.LAPSED_LIFTED: frozenset(),
    SuspensionState.LAPSED_CUT: frozenset(),
    SuspensionState.OVER: frozenset(),
}
"""Only a provisional one lapses: the committee did not ratify it in time. `over`: the contract itself has ended."""


class OnLapse(StrEnum):
    """What becomes of a suspension that nobody ratified in time. The policy says which."""

    LIFTED = "lifted"
    CUT = "cut"

    @property
    def state(self) -> SuspensionState:
        return SuspensionState.LAPSED_LIFTED if self is OnLapse.LIFTED else SuspensionState.LAPSED_CUT


@dataclass(frozen=True)
class Suspension:
    """One suspension. `generation`: of the contract once it was suspended, which tells its suspensions apart.

    `ratify_days`, `on_lapse`: working days the committee has, and what follows after them, as the policy said on the
    day of the suspension. `violation`: its number, None where nothing was done against the contract, as for a stricter
    tag. `decision`: of the committee that ratified, lifted or cut. `changed_*`: the last change.
    """

    KEY: ClassVar[tuple[str, ...]] = ("contract", "generation")
    contract: str
    generation: int
    ground: str
    by: str
    at: datetime
    ratify_days: int
    on_lapse: OnLapse
    violation: int | None = None
    state: SuspensionState = SuspensionState.PROVISIONAL
    decision: str | None = None
    changed_by: str | None = None
    changed_at: datetime | None = None

    @property
    def is_provisional(self) -> bool:
        return self.state is SuspensionState.PROVISIONAL

    @property
    def is_open(self) -> bool:
        """The contract is suspended by it now."""
        return bool(SUSPENSION_TRANSITIONS[self.state])
