"""What comes in about reports, statements, signals and working days. Words are looked at where they go on record."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import Path, Query
from pydantic import AfterValidator, Field, WithJsonSchema

from access_broker.api.bodies import Body, Digest, Id
from access_broker.domain.reports import ReportKind
from access_broker.domain.signals import SignalKind

_NO_NUL = r"^[^\x00]*$"
_FIRST, _LAST = date(2000, 1, 1), date(2399, 12, 31)  # beyond them a day is a slip of the hand
_SPELT = (
    r"^2[0-3][0-9]{2}-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|02-(0[1-9]|1[0-9]|2[0-8]))$"
)


def _bounded(day: date) -> date:
    if not _FIRST <= day <= _LAST:
        raise ValueError("no day of these centuries")
    return day


_WRITTEN = {"type": "string", "pattern": _SPELT, "description": "A day of 2000 to 2399; 29 February where there is one"}
Day = Annotated[date, AfterValidator(_bounded), WithJsonSchema(_WRITTEN)]
Words = Annotated[str, Field(min_length=1, max_length=10_000, pattern=_NO_NUL)]
ReportNumber = Annotated[int, Path(ge=1, le=1_000_000, description="Counted from 1, or 140509 for a Jalali month")]
KindOfReport = Annotated[ReportKind, Path(description="Which of the two kinds of report")]
KindOfSignal = Annotated[SignalKind, Path(description="Kind of the signal")]
Window = Annotated[Day, Path(description="Day in Tehran on which it was raised")]
Month = Annotated[int, Path(ge=130_001, le=199_912, description="A Jalali month, e.g. 140509")]
Week = Annotated[int, Path(ge=1, le=10_000, description="Week of the contract, counted from 1")]
OrganisationId = Annotated[str, Path(max_length=100, pattern=_NO_NUL, description="Id of an organisation")]
FirstDay = Annotated[Day | None, Query(description="The first day; today without it")]
HowManyDays = Annotated[int, Query(ge=1, le=366, description="How many days")]


class ReportBody(Body):
    """A report of the executor. `number`: of the list of what is owed."""

    kind: ReportKind
    number: Annotated[int, Field(ge=1, le=1_000_000)]
    text: Words


class SeenBody(Body):
    """`seen`: the digest of the text that was read."""

    seen: Digest


class SignalReasonBody(Body):
    """`reason`: why it means nothing."""

    reason: Words


class SignalViolationBody(Body):
    """`text`: what was done against the contract, in the words of whoever decides so."""

    text: Words


class ClosureBody(Body):
    """`organisation` null: everybody is closed on that day."""

    organisation: Id | None = None
    day: Day
    name: Annotated[str, Field(min_length=1, max_length=200, pattern=_NO_NUL)]


class WeekBody(Body):
    """`days_off`: 0 is Monday, 3 Thursday, 4 Friday. `valid_to` null: until another week is declared."""

    organisation: Id
    days_off: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)]
    valid_from: Day
    valid_to: Day | None = None
