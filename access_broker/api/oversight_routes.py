"""The Monitoring Committee's oversight of a contract: violations, appeals, ratification, the way to law, evidence."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from access_broker.adapters.evidence_pack import pack_of
from access_broker.api.bodies import ContractId, WarningNumber
from access_broker.api.callers import SignedIn
from access_broker.api.contract_routes import visible_contract
from access_broker.api.oversight_bodies import (
    AppealBody,
    AppealDecisionBody,
    RatificationBody,
    ReasonBody,
    ViolationBody,
    ViolationNumber,
)
from access_broker.api.oversight_views import FollowUpView, OversightView, SuspensionView, ViolationView
from access_broker.api.services import Desk, Services
from access_broker.api.views import WarningView
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.appealing import appeal_warning, decide_appeal
from access_broker.use_cases.evidence import check_may_take_evidence, record_download
from access_broker.use_cases.overseeing import discount_violation, follow_up_by_law, report_violation
from access_broker.use_cases.permissions import Caller, check_may_oversee
from access_broker.use_cases.recording import check_may_cite
from access_broker.use_cases.suspending import ratify_suspension

router = APIRouter(prefix="/contracts/{contract}", tags=["oversight"])

_ZIP = "application/zip"
_EVIDENCE: dict[int | str, dict[str, Any]] = {
    200: {"content": {_ZIP: {"schema": {"type": "string", "format": "binary"}}}, "description": "The pack"}
}


@router.get("/oversight")
def oversight(contract: ContractId, caller: SignedIn, desk: Desk) -> OversightView:
    """Violations, suspensions and the way to law. For committees, auditors and the stewards of its data."""
    with desk.records.read() as reader:
        found = visible_contract(reader, caller, contract)
        check_may_oversee(reader, caller, found)
        return OversightView.of(reader, found)


@router.post("/violations")
def record(contract: ContractId, body: ViolationBody, caller: SignedIn, desk: Desk) -> ViolationView:
    """Put a violation on record. A protective one ends access at once (F-13), a contractual one does not (S3-P6-R2)."""
    with desk.records.write() as writer:
        found = report_violation(
            writer, desk.policy, caller, contract, body.kind, body.text, tuple(body.evidence), desk.clock()
        )
    desk.announce(contract)
    return ViolationView.of(found)


@router.post("/violations/{number}/discount")
def discount(
    contract: ContractId, number: ViolationNumber, body: ReasonBody, caller: SignedIn, desk: Desk
) -> ViolationView:
    """It was none, for this reason: it counts towards nothing any more, and neither does a warning of it."""
    with desk.records.write() as writer:
        return ViolationView.of(discount_violation(writer, caller, contract, number, body.reason, desk.clock()))


@router.post("/warnings/{number}/appeal")
def appeal(contract: ContractId, number: WarningNumber, body: AppealBody, caller: SignedIn, desk: Desk) -> WarningView:
    """A named person objects to a warning: until the committee has decided, it counts towards nothing."""
    with desk.records.write() as writer:
        return WarningView.of(appeal_warning(writer, caller, contract, number, body.text, desk.clock()))


@router.post("/warnings/{number}/appeal/decision")
def decide(
    contract: ContractId, number: WarningNumber, body: AppealDecisionBody, caller: SignedIn, desk: Desk
) -> WarningView:
    """The committee upholds the warning, or grants the appeal and withdraws it."""
    with desk.records.write() as writer:
        check_may_cite(writer, desk.policy, "rest", Committee.MONITORING, Subject.APPEAL, body.reference)
        notice = decide_appeal(writer, caller, contract, number, body.upheld, body.reference, desk.clock())
        return WarningView.of(notice)


@router.post("/suspensions/ratification")
def ratify(contract: ContractId, body: RatificationBody, caller: SignedIn, desk: Desk) -> SuspensionView:
    """The committee confirms the suspension in time: it stands until it is lifted or cut (F-13)."""
    with desk.records.write() as writer:
        subject = Subject.RATIFY_SUSPENSION
        check_may_cite(writer, desk.policy, "rest", Committee.MONITORING, subject, body.reference)
        ratified = ratify_suspension(writer, caller, contract, body.reference, desk.clock())
        return SuspensionView.of(writer, ratified)


@router.post("/legal-follow-up")
def follow_up(contract: ContractId, body: ReasonBody, caller: SignedIn, desk: Desk) -> FollowUpView:
    """The matter of a cut contract goes to law (S3-P6-R2)."""
    with desk.records.write() as writer:
        return FollowUpView.of(follow_up_by_law(writer, caller, contract, body.reason, desk.clock()))


@router.get("/evidence", response_class=StreamingResponse, responses=_EVIDENCE)
def evidence(contract: ContractId, caller: SignedIn, desk: Desk) -> StreamingResponse:
    """All there is about a contract in one ZIP file with the digest of everything in it. That it was taken is recorded.

    `amanat evidence verify` says whether a file is still what it was.
    """
    return download(desk, caller, contract)


def download(desk: Services, caller: Caller, contract: str) -> StreamingResponse:
    """Made first, then recorded, then sent: nobody has a pack that the audit does not know."""
    with desk.records.read() as reader:
        check_may_take_evidence(caller, visible_contract(reader, caller, contract))
    pack = pack_of(desk.records, contract, caller.person.id, desk.clock())
    with desk.records.write() as writer:
        record_download(writer, caller, contract, pack.digest, pack.position)
    headers = {
        "content-disposition": f"attachment; filename=\"evidence.zip\"; filename*=UTF-8''{pack.file_name}",
        "content-length": str(pack.size),
        "x-amanat-manifest": pack.digest,
    }
    return StreamingResponse(pack.pieces(), media_type=_ZIP, headers=headers)
