"""What data asks for and what becomes of promises: guarantees by class, datasets taken back, visits to workspaces."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from access_broker.api.bodies import Body, ContractId, DatasetId, Id, WithdrawalBody
from access_broker.api.callers import SignedIn
from access_broker.api.contract_routes import visible_contract
from access_broker.api.contract_views import VisitView
from access_broker.api.services import Desk
from access_broker.domain.dataset_records import TakenBack
from access_broker.domain.datasets import DataClass
from access_broker.domain.guarantees import ALWAYS, GuaranteeDemand, GuaranteeKind
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.guaranteeing import demand_guarantees
from access_broker.use_cases.guarantees_needed import demands
from access_broker.use_cases.recording import check_may_cite
from access_broker.use_cases.taking_back import incidents, take_back
from access_broker.use_cases.visiting import visit_workspace

router = APIRouter(tags=["data"])

OfClass = Annotated[DataClass, Path(description="Class of data")]
ProblemId = Annotated[str, Path(max_length=100, pattern=r"^[^\x00]*$", description="Id of a problem")]


class DemandBody(Body):
    """`kinds`: beside the two of every contract; none takes back what was asked for. `decision`: its reference."""

    kinds: Annotated[list[GuaranteeKind], Field(max_length=len(GuaranteeKind))]
    decision: Id


class VisitBody(Body):
    """`person`: whose workspace. `reason`: what is looked for; the executor reads it."""

    person: Id
    reason: Annotated[str, Field(min_length=1, max_length=10_000)]


class DemandView(BaseModel):
    """What a class of data asks for, `always` included. `by`, `at`, `decision`: null where nothing was decided."""

    data_class: str
    kinds: list[str]
    by: str | None
    at: datetime | None
    decision: str | None

    @classmethod
    def of(cls, data_class: DataClass, demand: GuaranteeDemand | None) -> Self:
        kinds = [kind.value for kind in ALWAYS] + list(demand.kinds if demand else ())
        by, at, decision = (demand.by, demand.at, demand.reference) if demand else (None, None, None)
        return cls(data_class=data_class.value, kinds=kinds, by=by, at=at, decision=decision)


class IncidentView(BaseModel):
    """A promised dataset that was taken back. `contracts`: those that stood on it."""

    problem: str
    dataset: str
    by: str
    at: datetime
    reason: str
    contracts: list[str]

    @classmethod
    def of(cls, incident: TakenBack) -> Self:
        told = {name: getattr(incident, name) for name in ("problem", "dataset", "by", "at")}
        return cls(**told, reason=incident.why, contracts=list(incident.contracts))


@router.get("/guarantees")
def guarantees(caller: SignedIn, desk: Desk) -> list[DemandView]:
    """Which guarantees each class of data asks for (S3-P7)."""
    with desk.records.read() as reader:
        standing = {demand.data_class: demand for demand in demands(reader)}
    return [DemandView.of(data_class, standing.get(data_class)) for data_class in DataClass]


@router.put("/guarantees/{data_class}")
def demanded(data_class: OfClass, body: DemandBody, caller: SignedIn, desk: Desk) -> DemandView:
    """What the Qualification Committee decided about a class, written down by one of its seats (S3-P7)."""
    with desk.records.write() as writer:
        check_may_cite(writer, desk.policy, "rest", Committee.QUALIFICATION, Subject.GUARANTEES, body.decision)
        demand = demand_guarantees(writer, caller, data_class, body.kinds, body.decision, desk.clock())
        touched = [contract.id for contract in writer.contracts()]
    for contract in touched:
        desk.announce(contract)
    return DemandView.of(data_class, demand)


@router.post("/problems/{problem}/resources/{dataset}/withdrawal")
def taken_back(
    problem: ProblemId, dataset: DatasetId, body: WithdrawalBody, caller: SignedIn, desk: Desk
) -> IncidentView:
    """Take a promised dataset off the resource list, as its steward: an incident that the committees see (S1-P2-R1)."""
    with desk.records.write() as writer:
        incident = take_back(writer, caller, problem, dataset, body.reason, desk.clock())
    for contract in incident.contracts:
        desk.announce(contract)
    return IncidentView.of(incident)


@router.get("/incidents")
def known_incidents(caller: SignedIn, desk: Desk) -> list[IncidentView]:
    """Promises that were not kept, the newest first, for committee seats and auditors."""
    with desk.records.read() as reader:
        return [IncidentView.of(incident) for incident in incidents(reader, caller)]


@router.post("/contracts/{contract}/visits")
def visited(contract: ContractId, body: VisitBody, caller: SignedIn, desk: Desk) -> VisitView:
    """Put a visit of ITO to a workspace on record; the executor sees it on the contract (C-3)."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        return VisitView.of(visit_workspace(writer, caller, contract, body.person, body.reason, desk.clock()))
