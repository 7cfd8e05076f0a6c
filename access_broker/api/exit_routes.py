"""Choosing executors, acceptance, and leaving the platform. Asking twice is answered with the first time."""

from __future__ import annotations

from fastapi import APIRouter

from access_broker.api.bodies import ContractId
from access_broker.api.callers import SignedIn
from access_broker.api.contract_routes import visible_contract
from access_broker.api.exit_bodies import (
    AwardBody,
    DecidedBody,
    ExitBody,
    ExitKeyBody,
    ExitNumber,
    ExitRefusalBody,
    FailureReportBody,
    ProblemId,
    SharingBody,
)
from access_broker.api.exit_views import (
    Accepted,
    Awarded,
    CertificateView,
    ExclusivityView,
    ExitView,
    FailureReported,
    Shared,
)
from access_broker.api.services import Desk
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.accepting import accept
from access_broker.use_cases.awarding import award, exclusivity_of, share
from access_broker.use_cases.calendar import market_end
from access_broker.use_cases.exiting import (
    approve_exit,
    ask_exit,
    close_exit,
    exit_numbered,
    exits_of,
    refuse_exit,
    report_failure,
)
from access_broker.use_cases.recording import check_may_cite

router = APIRouter(tags=["exits"])
DOOR = "rest"


@router.get("/problems/{problem}/exclusivity")
def exclusivity(problem: ProblemId, caller: SignedIn, desk: Desk) -> ExclusivityView:
    """Who works on a problem alone, and from when on others may be called (S3-P9-R1, C-1). For everybody."""
    with desk.records.read() as reader:
        return ExclusivityView.of(exclusivity_of(reader, problem, desk.clock()))


@router.post("/problems/{problem}/awards")
def awarded(problem: ProblemId, body: AwardBody, caller: SignedIn, desk: Desk) -> Awarded:
    """An executor was chosen by the Monitoring Committee; several are chosen together (S3-P9, S3-P9-R2b)."""
    with desk.records.write() as writer:
        check_may_cite(writer, desk.policy, DOOR, Committee.MONITORING, Subject.AWARD, body.decision)
        return Awarded.of(award(writer, caller, problem, body.executor, body.decision, desk.clock()))


@router.post("/problems/{problem}/shared-datasets")
def shared(problem: ProblemId, body: SharingBody, caller: SignedIn, desk: Desk) -> Shared:
    """The committee lets the problem use a dataset beside another organisation's exclusive one (S3-P9-R1)."""
    with desk.records.write() as writer:
        check_may_cite(writer, desk.policy, DOOR, Committee.MONITORING, Subject.SHARE_DATASET, body.decision)
        return Shared.of(share(writer, caller, problem, body.dataset, body.decision, desk.clock()))


@router.post("/contracts/{contract}/acceptance")
def acceptance(contract: ContractId, body: DecidedBody, caller: SignedIn, desk: Desk) -> Accepted:
    """The plan was carried out: access for development ends at once, the month of the market begins (F-14)."""
    with desk.records.write() as writer:
        known = visible_contract(writer, caller, contract)
        check_may_cite(writer, desk.policy, DOOR, Committee.MONITORING, Subject.ACCEPT, body.decision)
        made = accept(writer, desk.policy, caller, contract, body.decision, desk.clock())
    desk.announce(contract)
    return Accepted.of(made, market_end(made.at, known.starts_at))


@router.get("/contracts/{contract}/exits")
def exits(contract: ContractId, caller: SignedIn, desk: Desk) -> list[ExitView]:
    """Every exit of this contract that was asked for, oldest first (D-2)."""
    with desk.records.read() as reader:
        visible_contract(reader, caller, contract)
        return [ExitView.of(reader, each, desk.clock()) for each in exits_of(reader, contract)]


@router.post("/contracts/{contract}/exits")
def asked(contract: ContractId, body: ExitBody, caller: SignedIn, desk: Desk) -> ExitView:
    """Ask to leave, with the reason (D-2). A termination is asked for by a monitoring seat."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        made = ask_exit(writer, desk.policy, caller, contract, body.kind, body.text, desk.clock())
        return ExitView.of(writer, made, desk.clock())


@router.post("/contracts/{contract}/exits/{number}/keys")
def approved(contract: ContractId, number: ExitNumber, body: ExitKeyBody, caller: SignedIn, desk: Desk) -> ExitView:
    """A committee approves; with the last approval that is needed access ends at once (D-2)."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        check_may_cite(writer, desk.policy, DOOR, body.committee, Subject.EXIT, body.decision)
        made = approve_exit(writer, desk.policy, caller, contract, number, body.committee, body.decision, desk.clock())
        view = ExitView.of(writer, made, desk.clock())
    desk.announce(contract)
    return view


@router.post("/contracts/{contract}/exits/{number}/refusals")
def refused(contract: ContractId, number: ExitNumber, body: ExitRefusalBody, caller: SignedIn, desk: Desk) -> ExitView:
    """A committee whose approval is needed says no; the contract goes on (D-2)."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        made = refuse_exit(writer, desk.policy, caller, contract, number, body.committee, body.text, desk.clock())
        return ExitView.of(writer, made, desk.clock())


@router.post("/contracts/{contract}/exits/{number}/failure-report")
def reported(
    contract: ContractId, number: ExitNumber, body: FailureReportBody, caller: SignedIn, desk: Desk
) -> FailureReported:
    """What the Monitoring Committee found out about the reasons of a failure (D-1)."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        made = report_failure(writer, desk.policy, caller, contract, number, body.text, desk.clock())
    return FailureReported.of(made)


@router.post("/contracts/{contract}/exits/{number}/closing")
def closed(contract: ContractId, number: ExitNumber, body: DecidedBody, caller: SignedIn, desk: Desk) -> ExitView:
    """Certify an exit that every component has carried out; a failure only with its report (D-1, D-2)."""
    with desk.records.write() as writer:
        visible_contract(writer, caller, contract)
        check_may_cite(writer, desk.policy, DOOR, Committee.MONITORING, Subject.CLOSE_FAILURE, body.decision)
        made = close_exit(writer, desk.policy, caller, contract, number, body.decision, desk.clock())
        return ExitView.of(writer, made, desk.clock())


@router.get("/contracts/{contract}/exits/{number}/certificate")
def certificate(contract: ContractId, number: ExitNumber, caller: SignedIn, desk: Desk) -> CertificateView:
    """The certificate of a closed exit (D-2)."""
    with desk.records.read() as reader:
        visible_contract(reader, caller, contract)
        about = exit_numbered(reader, contract, number)
    if about.certificate is None or about.digest is None:
        raise Refused("NOT_FOUND", name=f"{contract} {number}")
    return CertificateView.of(about.certificate, about.digest)
