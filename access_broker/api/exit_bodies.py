"""What comes in about choosing executors, acceptance and leaving. Words are looked at where they go on record."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from pydantic import Field

from access_broker.api.bodies import Body, Id
from access_broker.domain.exits import ExitKind
from access_broker.domain.people import Committee

_NO_NUL = r"^[^\x00]*$"

ExitNumber = Annotated[int, Path(ge=1, le=1_000_000, description="Number of the exit within its contract")]
ProblemId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of a problem")]
Said = Annotated[str, Field(min_length=1, max_length=10_000, pattern=_NO_NUL)]


class DecidedBody(Body):
    """`decision`: reference of the committee's decision, a motion that was carried or one on paper."""

    decision: Id | None = None


class AwardBody(DecidedBody):
    """`executor`: the organisation that was chosen."""

    executor: Id


class SharingBody(DecidedBody):
    """`dataset`: the one that the problem may use although another organisation's problem has it alone."""

    dataset: Id


class ExitBody(Body):
    """`text`: why it is left."""

    kind: ExitKind
    text: Said


class ExitKeyBody(DecidedBody):
    """`committee`: for which the caller speaks."""

    committee: Committee


class ExitRefusalBody(Body):
    """`text`: why the committee says no."""

    committee: Committee
    text: Said


class FailureReportBody(Body):
    """`text`: what the committee found out about the reasons, for the organisation concerned."""

    text: Said
