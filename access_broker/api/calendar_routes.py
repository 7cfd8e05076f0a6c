"""Working days: which they are, and what the owner of the machine declares about them (I-29)."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter

from access_broker.api.callers import ByOperator, SignedIn
from access_broker.api.report_bodies import ClosureBody, FirstDay, HowManyDays, OrganisationId, WeekBody
from access_broker.api.report_views import ClosureView, DayView, WeekView
from access_broker.api.services import Desk
from access_broker.domain.decisions import Refused
from access_broker.domain.working_days import EVERYBODY
from access_broker.use_cases.calendar import today
from access_broker.use_cases.working_days import declare_closure, declare_week, working_calendar

router = APIRouter(tags=["working days"])


@router.get("/working-days/{organisation}")
def working_days(
    organisation: OrganisationId, caller: SignedIn, desk: Desk, first: FirstDay = None, days: HowManyDays = 31
) -> list[DayView]:
    """The days of an organisation one by one, and why those are off that are."""
    with desk.records.read() as reader:
        if reader.organisation(organisation) is None:
            raise Refused("NOT_FOUND", name=organisation)
        calendar = working_calendar(reader, organisation)
    start = first or today(desk.clock())
    return [DayView.of(calendar, start + timedelta(days=n)) for n in range(days)]


@router.post("/operator/closures")
def closure(body: ClosureBody, operator: ByOperator, desk: Desk) -> ClosureView:
    """Close an organisation, or everybody, on a day: running deadlines become longer, never shorter."""
    with desk.records.write() as writer:
        declared = declare_closure(writer, body.organisation or EVERYBODY, body.day, body.name, operator, desk.clock())
    return ClosureView.of(declared)


@router.post("/operator/working-weeks")
def working_week(body: WeekBody, operator: ByOperator, desk: Desk) -> WeekView:
    """Which days of the week an organisation is closed, from one day to another."""
    valid = (body.valid_from, body.valid_to)
    with desk.records.write() as writer:
        week = declare_week(writer, body.organisation, body.days_off, valid, operator, desk.clock())
    return WeekView.of(week)
