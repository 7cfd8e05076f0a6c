"""A problem statement and the resources its owner listed for it (S1-P1, S1-P2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    GOVERNMENT = "government"
    PRIVATE = "private"
    CITIZEN = "citizen"


@dataclass(frozen=True)
class Problem:
    """`resources`: ids of the datasets from which grants may be made (S1-P2)."""

    id: str
    owner: str
    title_en: str
    title_fa: str
    origin: Origin = Origin.GOVERNMENT
    resources: tuple[str, ...] = ()
    approved: bool = False
