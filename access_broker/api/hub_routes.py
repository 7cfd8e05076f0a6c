"""The door for hub, warden and guard: sandboxes begin and end here, and what the guard turned away is written down."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, status
from fastapi.responses import StreamingResponse

from access_broker.api.bodies import ContractId, Id, PersonId
from access_broker.api.callers import by_guard, by_hub
from access_broker.api.hub_views import (
    AcknowledgementBody,
    EndedBody,
    HubPersonView,
    RefusalsBody,
    SandboxView,
    SpawnBody,
    SpawnView,
)
from access_broker.api.problems import teller_of
from access_broker.api.services import Desk
from access_broker.domain.endings import Component
from access_broker.use_cases.acknowledging import Step, acknowledge_end
from access_broker.use_cases.contracts import contract_named
from access_broker.use_cases.evidence import audit_lines
from access_broker.use_cases.guard_lines import record_refusals
from access_broker.use_cases.hub_people import person_at_hub
from access_broker.use_cases.sandboxes import admit_sandbox, confirm_running, end_sandbox

router = APIRouter(prefix="/hub", tags=["hub"], dependencies=[Depends(by_hub)])
guard_router = APIRouter(prefix="/hub", tags=["hub"], dependencies=[Depends(by_guard)])

SandboxId = Annotated[Id, Path(description="Id of a sandbox")]
_LINES = "application/x-ndjson"
_EXTRACT: dict[int | str, dict[str, Any]] = {200: {"content": {_LINES: {"schema": {"type": "string"}}}}}


@router.post("/spawns")
def spawn(body: SpawnBody, desk: Desk) -> SpawnView:
    """May this person have a sandbox for this contract now? The policy `spawn` decides; an older one ends first."""
    with desk.records.write() as writer:
        admitted = admit_sandbox(writer, desk.policy, desk.extras.room, body.person, body.contract, desk.clock())
    return SpawnView.of(admitted)


@router.get("/sandboxes")
def sandboxes(desk: Desk) -> list[SandboxView]:
    """Every sandbox that has not ended, and why it must end if it must. Cheap: the warden asks all the time."""
    with desk.records.read() as reader:
        return [SandboxView.of(*seen) for seen in desk.watch.look(reader, desk.clock())]


@router.post("/sandboxes/{sandbox}/running")
def running(sandbox: SandboxId, desk: Desk) -> SandboxView:
    """The container is up. Refused when access has ended meanwhile: then it must be stopped."""
    with desk.records.write() as writer:
        return SandboxView.of(confirm_running(writer, sandbox, desk.clock()), None)


@router.post("/sandboxes/{sandbox}/ended", status_code=status.HTTP_204_NO_CONTENT)
def ended(sandbox: SandboxId, body: EndedBody, desk: Desk) -> None:
    """The sandbox is gone: its token dies, its place is free. May be said twice."""
    with desk.records.write() as writer:
        end_sandbox(writer, sandbox, body.why, desk.clock())


@router.get("/people/{person}")
def person(person: PersonId, request: Request, desk: Desk) -> HubPersonView:
    """Who the person is here, and for which contracts they may have a sandbox. PERSON_DISABLED for strangers, too."""
    with desk.records.read() as reader:
        found = person_at_hub(reader, desk.policy, desk.extras.room, person, desk.clock())
    return HubPersonView.of(found, teller_of(request).sentence)


@router.post("/acknowledgements", status_code=status.HTTP_204_NO_CONTENT)
def acknowledgement(body: AcknowledgementBody, desk: Desk) -> None:
    """Hub or warden has carried out a step of the end of a contract."""
    step = Step(Component(body.component), body.step, body.sandbox, body.person)
    with desk.records.write() as writer:
        acknowledge_end(writer, body.contract, body.generation, step, desk.clock(), body.detail)


@router.get("/extract/{contract}", response_class=StreamingResponse, responses=_EXTRACT)
def extract(contract: ContractId, desk: Desk) -> StreamingResponse:
    """Every audit record about a contract, a line of JSON each, in the order of the chain: for the evidence."""
    with desk.records.read() as reader:
        contract_named(reader, contract)
    return StreamingResponse(audit_lines(desk.records, contract), media_type=_LINES)


@guard_router.post("/refusals", status_code=status.HTTP_204_NO_CONTENT)
def refusals(body: RefusalsBody, desk: Desk) -> None:
    """What the guard turned away, an audit record for each line."""
    with desk.records.write() as writer:
        record_refusals(writer, (item.request() for item in body.items))
