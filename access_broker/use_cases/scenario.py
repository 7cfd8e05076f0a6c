"""A scenario as values: what `amanat load` is to bring into being through the ordinary use-cases."""

from __future__ import annotations

from dataclasses import dataclass

from access_broker.domain.acts import Act
from access_broker.domain.contracts import Contract
from access_broker.domain.datasets import ColumnRef, Dataset
from access_broker.domain.people import Organisation, Person, Seat
from access_broker.domain.problems import Problem


@dataclass(frozen=True)
class PlannedAct:
    """An act the committee takes once the contract is in force."""

    act: Act
    ground: str
    by: str
    decision: str | None = None


@dataclass(frozen=True)
class PlannedContract:
    """`contract` is drafted, generation 0, with the signatures, approvals and guarantees the file gives it.

    A contract that misses a key stays drafted; loading says which key. `activate` False leaves it drafted on purpose.
    """

    contract: Contract
    activate: bool = True
    acts: tuple[PlannedAct, ...] = ()


@dataclass(frozen=True)
class Scenario:
    organisations: tuple[Organisation, ...] = ()
    people: tuple[Person, ...] = ()
    seats: tuple[Seat, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    problems: tuple[Problem, ...] = ()
    contracts: tuple[PlannedContract, ...] = ()


@dataclass(frozen=True)
class OnRecord:
    """What a description that comes by itself may refer to: organisations, people, columns of other datasets."""

    organisations: frozenset[str] = frozenset()
    people: tuple[Person, ...] = ()
    columns: frozenset[ColumnRef] = frozenset()


@dataclass(frozen=True)
class Fault:
    """One thing wrong in a scenario file. `line` counts from 1; None when the fault has no place in the file."""

    line: int | None
    where: str  # path inside the document, e.g. `contracts[2].terms.k`
    message_en: str
    message_fa: str


class ScenarioFaulty(Exception):  # noqa: N818 - carries every fault found, so that one reading mends them all
    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__(f"{len(faults)} fault(s) in the scenario file")
        self.faults = faults
