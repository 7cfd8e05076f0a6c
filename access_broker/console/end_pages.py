"""The end of access under a contract, as it comes about: which component has done what, how long after the commit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Response

from access_broker.api.bodies import ContractId
from access_broker.api.contract_routes import visible_contract
from access_broker.console.here import AtConsole, Here
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.console.wording import Wording
from access_broker.domain.decisions import Reason, Refused
from access_broker.domain.endings import Acknowledgement, Component
from access_broker.use_cases.permissions import check_may_oversee
from access_broker.use_cases.watching import EndReport, end_report

ENOUGH = 286
"""The status at which the page stops asking: everybody has answered."""

router = APIRouter(prefix="/contracts/{contract}/end", route_class=Page, include_in_schema=False)


@dataclass(frozen=True)
class Line:
    """What one component has said; no steps as long as it has not."""

    component: Component
    steps: tuple[Acknowledgement, ...]


@router.get("")
def end(contract: ContractId, here: AtConsole) -> Response:
    """The end of a contract, for those who oversee it."""
    return page(here, "end.html", **_end(here, contract))


@router.get("/live")
def live(contract: ContractId, here: AtConsole) -> Response:
    """The part of the page that changes, until everybody expected has answered."""
    known = _end(here, contract)
    return page(here, "end_live.html", status=ENOUGH if known["report"].complete else 200, **known)


def _end(here: Here, contract_id: str) -> dict[str, Any]:
    """Raises Refused NOT_FOUND for a contract that has not ended: there is nothing to look at yet."""
    with here.desk.records.read() as reader:
        contract = visible_contract(reader, here.caller, contract_id)
        check_may_oversee(reader, here.caller, contract)
        report = end_report(reader, contract_id, here.now)
        left = [sandbox for sandbox in reader.sandboxes() if sandbox.contract == contract_id]
    if report.end is None:
        raise Refused("NOT_FOUND", name=contract_id)
    why = Wording(here.language).reason(Reason(report.end.code, report.end.rule), {"ends_at": contract.ends_at})
    return {"contract": contract, "report": report, "why": why, "lines": _lines(report), "left": left}


def _lines(report: EndReport) -> list[Line]:
    """In the order in which they are expected; whoever answered unasked stands below."""
    spoken = {told.component for told in report.acknowledgements}
    order = [*report.expected, *(component for component in Component if component in spoken - set(report.expected))]
    return [Line(c, tuple(told for told in report.acknowledgements if told.component is c)) for c in order]
