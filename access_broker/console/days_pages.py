"""The operator's page of working days: closures and working weeks, and declaring them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from access_broker.api.problems import status_of
from access_broker.console.here import PREFIX, Acting, AtConsole, ByForm, Here
from access_broker.console.rendering import done, page
from access_broker.console.routing import Page
from access_broker.domain.decisions import Refused
from access_broker.domain.working_days import FRIDAY, THURSDAY, Closure, WorkingWeek
from access_broker.use_cases.calendar import NoSuchDay, NotADate, parse_date, today
from access_broker.use_cases.permissions import check_may_look_after
from access_broker.use_cases.ports import Writer
from access_broker.use_cases.working_days import declare_closure, declare_week, public_holiday

router = APIRouter(prefix="/days", route_class=Page, include_in_schema=False)

AHEAD = 120
"""Days ahead whose public holidays are shown."""

WEEKS = {"friday": (FRIDAY,), "thursday": (THURSDAY, FRIDAY)}
"""The two working weeks there are."""


@router.get("")
def days(here: AtConsole, done: str = "") -> Response:
    """What was declared, and the public holidays that come next."""
    return _page(here, asked=done)


@router.post("/closures")
def closure(acting: ByForm) -> Response:
    """Close an organisation, or everybody, on a day (I-29)."""
    here = acting.here

    def declare(writer: Writer) -> object:
        organisation, name = acting.field("organisation", 100), acting.field("name")
        return declare_closure(writer, organisation, _day(acting, "day"), name, here.person, here.now)

    return _change(acting, "closure_declared", declare)


@router.post("/weeks")
def week(acting: ByForm) -> Response:
    """Which days of the week an organisation is closed, from a day on."""
    here = acting.here

    def declare(writer: Writer) -> object:
        days_off = WEEKS.get(acting.field("week"))
        if days_off is None:
            raise Refused("INVALID", where="week")
        valid = (_day(acting, "from"), _day(acting, "until") if acting.field("until") else None)
        return declare_week(writer, acting.field("organisation", 100), days_off, valid, here.person, here.now)

    return _change(acting, "week_declared", declare)


def _change(acting: Acting, confirm: str, change: Callable[[Writer], object]) -> Response:
    here = acting.here
    try:
        check_may_look_after(here.caller)
        with here.desk.records.write() as writer:
            change(writer)
    except Refused as refused:
        return _page(here, refused, acting.typed)
    return RedirectResponse(f"{PREFIX}/days?done={confirm}", 303)


def _day(acting: Acting, field: str) -> date:
    """A day as people write it. Raises Refused INVALID with the name of the field."""
    try:
        return parse_date(acting.field(field), acting.here.now)
    except (NotADate, NoSuchDay):
        raise Refused("INVALID", where=field) from None


def _page(here: Here, refused: Refused | None = None, typed: dict[str, str] | None = None, asked: str = "") -> Response:
    check_may_look_after(here.caller)
    with here.desk.records.read() as reader:
        closures = sorted(reader.filed(Closure), key=lambda closure: closure.day, reverse=True)
        weeks = sorted(reader.filed(WorkingWeek), key=lambda week: week.declared_at, reverse=True)
        organisations = reader.organisations()
    coming = [today(here.now) + timedelta(days=n) for n in range(AHEAD)]
    holidays = [(day, name) for day in coming if (name := public_holiday(day))]
    status = status_of(refused.reason.code) if refused else 200
    known = {"closures": closures, "weeks": weeks, "organisations": organisations, "holidays": holidays}
    return page(here, "days.html", refused, status, typed=typed or {}, done=done(asked), choices=WEEKS, **known)
