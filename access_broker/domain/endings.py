"""The end of access under a contract, and what each component says about having carried it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Component(StrEnum):
    """Who has something to end when a contract stops."""

    BROKER = "broker"
    GATEWAY = "gateway"
    PUBLISHER = "publisher"
    WARDEN = "warden"
    HUB = "hub"


@dataclass(frozen=True)
class End:
    """Why a contract gives no access now. `since`: the commit of the act or the end of the term, None if not known."""

    contract: str
    generation: int
    code: str
    rule: str
    since: datetime | None


@dataclass(frozen=True)
class Acknowledgement:
    """One step of an end, carried out. `ms`: milliseconds from the end's commit to `at`, None when that is not known.

    `detail`: counts and digests of the step, and sandbox and person where it was about one. Never data.
    """

    contract: str
    generation: int
    component: Component
    step: str
    at: datetime
    ms: int | None = None
    detail: dict[str, Any] = field(default_factory=dict)
