"""Loading a scenario: everything it names, through the ordinary use-cases, in the caller's one transaction.

A contract that misses a key stays drafted and the report says which; that is the truth about it, not a fault of the
file. Whatever else is refused refuses the whole file. Loading again changes nothing and records nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from access_broker.domain.acts import RESULT
from access_broker.domain.contracts import ContractState
from access_broker.domain.datasets import Dataset
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.people import Seat
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.contracts import activate_contract, contract_named, draft_contract
from access_broker.use_cases.ports import PolicyEngine, Reader, Writer
from access_broker.use_cases.register import (
    decide_sovereignty,
    register_dataset,
    register_organisation,
    register_person,
    register_problem,
    register_seat,
)
from access_broker.use_cases.scenario import PlannedAct, PlannedContract, Scenario

OPERATOR = "operator"
"""The owner of the machine, who acts at its command line and has no account."""

T = TypeVar("T")


@dataclass(frozen=True)
class LoadedContract:
    """`missing`: why it is still drafted. `dates_kept`: the file has other dates than the contract in force."""

    id: str
    state: ContractState
    missing: tuple[Reason, ...] = ()
    dates_kept: bool = False
    acts_taken: int = 0


@dataclass(frozen=True)
class LoadReport:
    """`created`: how many of each kind were written; `contracts`: how each stands now."""

    created: tuple[tuple[str, int], ...]
    contracts: tuple[LoadedContract, ...]


@dataclass(frozen=True)
class Misfit:
    """One item that was refused: where in the scenario, and why."""

    where: str
    refused: Refused


class LoadRefused(Refused):
    """Refused as its first misfit; carries all that were found in the same section."""

    def __init__(self, misfits: tuple[Misfit, ...]) -> None:
        first = misfits[0].refused
        super().__init__(first.reason.code, first.reason.rule, **first.detail)
        self.misfits = misfits
        self.reasons = tuple(reason for misfit in misfits for reason in misfit.refused.reasons)


def load_scenario(writer: Writer, policy: PolicyEngine, scenario: Scenario, now: datetime) -> LoadReport:
    """Bring a scenario on record. Raises LoadRefused, Unavailable; the caller's transaction then ends in nothing."""
    created = (
        _each("organisations", scenario.organisations, lambda item: register_organisation(writer, item, OPERATOR)),
        _each("people", scenario.people, lambda item: register_person(writer, item, OPERATOR)),
        _each("seats", scenario.seats, lambda item: _take_seat(writer, item)),
        _each("datasets", scenario.datasets, lambda item: _bring_dataset(writer, item)),
        _each("problems", scenario.problems, lambda item: register_problem(writer, item, OPERATOR)),
        _each("contracts", scenario.contracts, lambda item: draft_contract(writer, item.contract, OPERATOR)),
    )
    loaded: list[LoadedContract] = []
    _each("contracts", scenario.contracts, lambda plan: _follow(writer, policy, plan, now, loaded))
    return LoadReport(created, tuple(loaded))


def _each(section: str, items: Iterable[T], bring: Callable[[T], bool]) -> tuple[str, int]:
    """Bring every item of a section; how many were written. The section's misfits are told together.

    Later sections are not tried then: they would only complain about what is missing from this one.
    """
    written, misfits = 0, []
    for item in items:
        try:
            written += bring(item)
        except Refused as refused:
            misfits.append(Misfit(f"{section}.{_name(item)}", refused))
    if misfits:
        raise LoadRefused(tuple(misfits))
    return section, written


def _follow(
    writer: Writer, policy: PolicyEngine, plan: PlannedContract, now: datetime, loaded: list[LoadedContract]
) -> bool:
    """Take a drafted contract as far as its plan goes: into force, then what the committee did with it."""
    given = plan.contract
    before = contract_named(writer, given.id)
    missing: tuple[Reason, ...] = ()
    if before.state is ContractState.DRAFTED and plan.activate:
        missing = _activated(writer, policy, given.id, now)
    taken = sum(_take(writer, policy, given.id, act, now) for act in _pending(writer, plan))
    dates_kept = (before.starts_at, before.ends_at) != (given.starts_at, given.ends_at)
    loaded.append(LoadedContract(given.id, contract_named(writer, given.id).state, missing, dates_kept, taken))
    return taken > 0


def _activated(writer: Writer, policy: PolicyEngine, contract_id: str, now: datetime) -> tuple[Reason, ...]:
    """The keys that are missing; none when the contract is in force now."""
    try:
        activate_contract(writer, policy, contract_id, OPERATOR, now)
    except Refused as refused:
        return refused.reasons
    return ()


def _pending(reader: Reader, plan: PlannedContract) -> list[PlannedAct]:
    """The planned acts that are not on record yet. What was lifted since is not suspended again by the same file."""
    if contract_named(reader, plan.contract.id).state is ContractState.DRAFTED:
        return []
    recorded = Counter((a.act, a.ground, a.by, a.decision) for a in reader.acts(plan.contract.id))
    pending = []
    for act in plan.acts:
        key = (act.act, act.ground, act.by, act.decision)
        if recorded[key] > 0:
            recorded[key] -= 1
        else:
            pending.append(act)
    return pending


def _take(writer: Writer, policy: PolicyEngine, contract_id: str, planned: PlannedAct, now: datetime) -> bool:
    if contract_named(writer, contract_id).state is RESULT[planned.act]:
        return False  # someone else brought it there; a lift of what runs and a cut of what is cut are nothing new
    commit_act(writer, policy, ActRequest(contract_id, planned.act, planned.ground, planned.by, planned.decision), now)
    return True


def _take_seat(writer: Writer, seat: Seat) -> bool:
    """A seat already held stays as it is: dates relative to today differ from day to day."""
    if any((s.committee, s.number) == (seat.committee, seat.number) for s in writer.seats_of(seat.person)):
        return False
    return register_seat(writer, seat, OPERATOR)


def _bring_dataset(writer: Writer, dataset: Dataset) -> bool:
    registered = register_dataset(writer, dataset, OPERATOR)
    return decide_sovereignty(writer, dataset.id, dataset.sovereignty, OPERATOR) or registered


def _name(item: object) -> str:
    if isinstance(item, Seat):
        return f"{item.committee.value}.{item.number}"
    if isinstance(item, PlannedContract):
        return item.contract.id
    return str(getattr(item, "id", ""))
