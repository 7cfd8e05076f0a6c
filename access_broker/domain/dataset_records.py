"""What is on record about a dataset beside its description: sizes, decisions taken anew, promises taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from access_broker.domain.datasets import Sovereignty

_FEWEST_TOLD = 100


@dataclass(frozen=True)
class RowCount:
    """How many rows a table of a steward has, for its description (S1-P2-R1).

    `rows`: of a table of people never to the digit, see `told_rows`. `sources`: digest of the files it was counted in.
    """

    KEY: ClassVar[tuple[str, ...]] = ("dataset", "table_id")

    dataset: str
    table_id: str
    rows: int
    is_about: bool
    sources: str
    at: datetime


def told_rows(rows: int) -> int:
    """What is said of a table of people: two digits, rounded up, at least a hundred.

    To the digit, two counts a day apart would tell that somebody came or went.
    """
    step = int(10 ** max(len(str(rows)) - 2, 0))
    return max(-(-rows // step) * step, _FEWEST_TOLD)


@dataclass(frozen=True)
class SovereigntyDecision:
    """The Monitoring Committee has changed its mind about a dataset (S1-P4-R4). Numbered within the dataset, from 1.

    `suspended`: contracts that lost their access by it. `reference`: of the recorded decision.
    """

    KEY: ClassVar[tuple[str, ...]] = ("dataset", "number")

    dataset: str
    number: int
    sovereignty: Sovereignty
    by: str
    at: datetime
    reference: str
    suspended: tuple[str, ...] = ()


@dataclass(frozen=True)
class TakenBack:
    """A dataset was promised on the resource list of a problem and taken back (S1-P2-R1): an incident.

    `contracts`: those that stood on it.
    """

    KEY: ClassVar[tuple[str, ...]] = ("problem", "dataset")

    problem: str
    dataset: str
    by: str
    at: datetime
    why: str
    contracts: tuple[str, ...] = ()
