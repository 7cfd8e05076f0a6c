"""Who alone works on a problem with its data, and until when (S3-P9-R1, R2a, R2b, C-1, F-14)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar


class Profile(StrEnum):
    """What a contract gives access for. Market access follows an accepted contract and is one of its own (F-14)."""

    DEVELOPMENT = "development"
    MARKET = "market"


class Phase(StrEnum):
    """How far whoever holds the exclusivity has come: chosen and not begun, at work, or in the month of the market."""

    CHOSEN = "chosen"
    DEVELOPMENT = "development"
    MARKET = "market"


@dataclass(frozen=True)
class Award:
    """An executor that was chosen for a problem. Those who are chosen hold the exclusivity together (S3-P9-R2b)."""

    KEY: ClassVar[tuple[str, ...]] = ("problem", "executor")
    problem: str
    executor: str
    decision: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Sharing:
    """A problem that may use a dataset although somebody works on it alone for a problem of another owner (I-08)."""

    KEY: ClassVar[tuple[str, ...]] = ("problem", "dataset")
    problem: str
    dataset: str
    decision: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Acceptance:
    """The Monitoring Committee accepted what was done: development is over, the month of the market begins (F-14)."""

    KEY: ClassVar[tuple[str, ...]] = ("contract",)
    contract: str
    decision: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Opening:
    """The exclusivity of a problem was over at `at`; `after` is the contract that was the last to hold it (C-1)."""

    KEY: ClassVar[tuple[str, ...]] = ("problem", "after")
    problem: str
    after: str
    at: datetime


@dataclass(frozen=True)
class Hold:
    """One executor's part in an exclusivity. `until`: the first moment at which it holds no more."""

    executor: str
    phase: Phase
    until: datetime
