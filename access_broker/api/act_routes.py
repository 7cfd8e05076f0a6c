"""The committee's acts on a contract: warn, suspend, cut, lift. Asking twice is answered with the first act."""

from __future__ import annotations

from dataclasses import replace

from fastapi import APIRouter

from access_broker.api.bodies import ActBody, ContractId, WarningBody, WarningNumber, WithdrawalBody
from access_broker.api.callers import SignedIn
from access_broker.api.contract_routes import visible_contract
from access_broker.api.services import Desk, Services
from access_broker.api.views import ActTaken, WarningView
from access_broker.domain.acts import Act
from access_broker.domain.people import Committee
from access_broker.use_cases.acts import ActRequest, commit_act
from access_broker.use_cases.permissions import Caller, check_may_act_at_all
from access_broker.use_cases.recording import check_may_cite, subject_of_act
from access_broker.use_cases.withdrawing import withdraw_warning

router = APIRouter(prefix="/contracts/{contract}", tags=["acts"])


@router.post("/warnings")
def warn(contract: ContractId, body: WarningBody, caller: SignedIn, desk: Desk) -> ActTaken:
    """A written warning (S3-P6-R2). Access goes on."""
    request = _request(contract, Act.WARN, body, caller)
    return _commit(desk, caller, replace(request, text=body.text, cure_by=body.cure_by))


@router.post("/warnings/{number}/withdrawal")
def withdraw(
    contract: ContractId, number: WarningNumber, body: WithdrawalBody, caller: SignedIn, desk: Desk
) -> WarningView:
    """Take a written warning back, with the reason: it counts towards no repetition any more (S3-P6-R2)."""
    with desk.records.write() as writer:
        return WarningView.of(withdraw_warning(writer, caller, contract, number, body.reason, desk.clock()))


@router.post("/suspensions")
def suspend(contract: ContractId, body: ActBody, caller: SignedIn, desk: Desk) -> ActTaken:
    """Access stops at once, until it is lifted or cut (F-13)."""
    return _commit(desk, caller, _request(contract, Act.SUSPEND, body, caller))


@router.post("/cuts")
def cut(contract: ContractId, body: ActBody, caller: SignedIn, desk: Desk) -> ActTaken:
    """Access stops at once and for good (F-13; S3-P6-R2 after an acknowledged warning and a recorded decision)."""
    return _commit(desk, caller, _request(contract, Act.CUT, body, caller))


@router.post("/lifts")
def lift(contract: ContractId, body: ActBody, caller: SignedIn, desk: Desk) -> ActTaken:
    """Ends a suspension. Tokens of before stay dead."""
    return _commit(desk, caller, _request(contract, Act.LIFT, body, caller))


def _request(contract: str, act: Act, body: ActBody, caller: Caller) -> ActRequest:
    return ActRequest(contract, act, body.ground, caller.person.id, body.decision, violation=body.violation)


def _commit(desk: Services, caller: Caller, request: ActRequest) -> ActTaken:
    """The clock is read inside the transaction: time spent waiting for it must not make the commit look earlier."""
    with desk.records.write() as writer:
        seen = visible_contract(writer, caller, request.contract)
        check_may_act_at_all(caller)
        subject = subject_of_act(writer, seen, request.act, request.ground)
        if subject is not None:
            check_may_cite(writer, desk.policy, "rest", Committee.MONITORING, subject, request.decision)
        act = commit_act(writer, desk.policy, request, desk.clock())
    desk.announce(request.contract)
    return ActTaken.of(act)
