"""Visits of ITO to the workspace of an executor (C-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True)
class WorkspaceVisit:
    """Somebody of ITO looked into the home of `person` under a contract; the executor sees that it happened.

    Numbered within the contract, from 1. `why`: what was looked for, in the visitor's words.
    """

    KEY: ClassVar[tuple[str, ...]] = ("contract", "number")

    contract: str
    number: int
    person: str
    by: str
    at: datetime
    why: str
