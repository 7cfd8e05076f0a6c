"""Which guarantees each class of data asks for, and writing down what the Qualification Committee decided (S3-P7)."""

from __future__ import annotations

from fastapi import APIRouter, Response
from starlette.responses import RedirectResponse

from access_broker.api.problems import status_of
from access_broker.console.here import PREFIX, AtConsole, ByForm, Here
from access_broker.console.names import names_of
from access_broker.console.rendering import done as message_of
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.domain.datasets import DataClass
from access_broker.domain.decisions import Refused
from access_broker.domain.guarantees import ALWAYS, GuaranteeKind
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.guaranteeing import demand_guarantees
from access_broker.use_cases.guarantees_needed import demands
from access_broker.use_cases.permissions import check_may_act_at_all
from access_broker.use_cases.recording import check_may_cite

router = APIRouter(prefix="/guarantees", route_class=Page, include_in_schema=False)

_MORE = tuple(kind for kind in GuaranteeKind if kind not in ALWAYS)


@router.get("")
def guarantees(here: AtConsole, done: str = "") -> Response:
    """For everyone with a seat."""
    return _page(here, done)


@router.post("")
def demanded(acting: ByForm) -> Response:
    """What a class of data asks for from now on, of contracts in force as well."""
    here = acting.here
    try:
        data_class = DataClass(acting.choice("class", DataClass))
        kinds = [kind for kind in _MORE if acting.field(f"kind.{kind.value}")]
        decision = acting.field("decision", 100) or None
        with here.desk.records.write() as writer:
            check_may_cite(writer, here.desk.policy, "console", Committee.QUALIFICATION, Subject.GUARANTEES, decision)
            demand_guarantees(writer, here.caller, data_class, kinds, decision, here.now)
            touched = [contract.id for contract in writer.contracts()]
    except Refused as refused:
        return _page(here, "", refused, acting.typed)
    for contract in touched:
        here.desk.announce(contract)
    return RedirectResponse(f"{PREFIX}/guarantees?done=recorded", 303)


def _page(here: Here, asked: str, refused: Refused | None = None, typed: dict[str, str] | None = None) -> Response:
    check_may_act_at_all(here.caller)
    with here.desk.records.read() as reader:
        standing = {demand.data_class: demand for demand in demands(reader)}
        names = names_of(reader, (demand.by for demand in standing.values()))
    common = (seat for seat in here.caller.seats if seat.organisation is None)
    context = {
        "demands": [(data_class, standing.get(data_class)) for data_class in DataClass],
        "always": ALWAYS,
        "kinds": _MORE,
        "names": names,
        "may_decide": any(seat.committee is Committee.QUALIFICATION for seat in common),
        "typed": typed or {},
    }
    status = status_of(refused.reason.code) if refused else 200
    return page(here, "guarantees.html", refused, status, done=message_of(asked), **context)
