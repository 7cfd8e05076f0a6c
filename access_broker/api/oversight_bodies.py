"""What comes in about violations, appeals and suspensions. Words are looked at where they go on record."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field

from access_broker.api.bodies import Body, Id

ViolationNumber = Annotated[int, Path(ge=1, le=1_000_000, description="Number of the violation within its contract")]
Number = Annotated[int, Field(ge=1, le=1_000_000)]
Reason = Annotated[str, Field(min_length=1, max_length=10_000, pattern=r"^[^\x00]*$")]
Reference = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00]*$")]


class ViolationBody(Body):
    """`kind`: one of `kinds` of the contract's oversight. `evidence`: references to records, no data."""

    kind: Id
    text: Reason
    evidence: Annotated[list[Reference], Field(max_length=20)] = Field(default_factory=list)


class ReasonBody(Body):
    reason: Reason


class AppealBody(Body):
    """`text`: why the warning is not accepted."""

    text: Reason


class AppealDecisionBody(Body):
    """`upheld` false: the appeal is granted and the warning withdrawn. `reference`: of the committee's decision on this
    warning; a motion names it in its outcome.
    """

    upheld: bool
    reference: Id | None = None


class RatificationBody(Body):
    """`reference`: of the committee's decision, a motion that was carried or one on paper."""

    reference: Id | None = None
