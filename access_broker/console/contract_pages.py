"""One contract: what may be asked of it, its terms and warnings, its people; for overseers its keys and history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from fastapi import APIRouter, Response

from access_broker.api.bodies import ContractId, WarningNumber
from access_broker.api.contract_routes import visible_contract
from access_broker.api.problems import status_of
from access_broker.console.changing import change_contract
from access_broker.console.contract_story import story_of
from access_broker.console.here import Acting, AtConsole, ByForm, Here
from access_broker.console.rendering import done, page
from access_broker.console.routing import Page
from access_broker.domain.contracts import ContractState, Signatory
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.domain.text import digits
from access_broker.use_cases.approving import approve, consent, guarantee, sign
from access_broker.use_cases.contracts import acknowledge, acknowledge_warning, activate_contract
from access_broker.use_cases.permissions import can, check_may_activate
from access_broker.use_cases.ports import Writer
from access_broker.use_cases.recording import check_may_record
from access_broker.use_cases.said import LONGEST
from access_broker.use_cases.visiting import check_may_visit, visit_workspace
from access_broker.use_cases.withdrawing import withdraw_warning

router = APIRouter(prefix="/contracts/{contract}", route_class=Page, include_in_schema=False)


@router.get("")
def contract(contract: ContractId, here: AtConsole, done: str = "") -> Response:
    """A contract of the person's own, or one they oversee."""
    return _contract_page(here, contract, done)


@router.post("/acceptance")
def acceptance(contract: ContractId, acting: ByForm) -> Response:
    """Accept the non-disclosure terms for oneself (S3-P7-R1)."""
    person, now = acting.here.person, acting.here.now
    return _change(acting, contract, "accepted", lambda writer: acknowledge(writer, contract, person, now))


@router.post("/warnings/{number}")
def warning(contract: ContractId, number: WarningNumber, acting: ByForm) -> Response:
    """Confirm that a written warning has arrived (S3-P6-R2)."""
    person, now = acting.here.person, acting.here.now
    return _change(
        acting, contract, "acknowledged", lambda writer: acknowledge_warning(writer, contract, number, person, now)
    )


@router.post("/approvals")
def approval(contract: ContractId, acting: ByForm) -> Response:
    """A committee's key, given or withheld by one of its seats (S3-P4, S3-P5)."""
    here = acting.here

    def give(writer: Writer) -> object:
        committee, decision = Committee(acting.choice("committee", Committee)), acting.field("decision")
        reference = acting.field("reference", 100) or None
        check_may_record(here.desk.policy, "console", committee, Subject.APPROVE_CONTRACT)
        return approve(writer, here.caller, contract, committee, decision, acting.field("seen"), here.now, reference)

    return _change(acting, contract, "approved", give)


@router.post("/signatures")
def signature(contract: ContractId, acting: ByForm) -> Response:
    """The signature of a party, or ITO's approval of the contract (S3-P1)."""
    here = acting.here

    def give(writer: Writer) -> object:
        signatory = Signatory(acting.choice("party", Signatory))
        return sign(writer, here.caller, contract, signatory, acting.field("seen"), here.now)

    return _change(acting, contract, "approved", give)


@router.post("/consents")
def consents(contract: ContractId, acting: ByForm) -> Response:
    """A steward lets a dataset be lent under a contract of another organisation (S1-P2)."""
    here = acting.here

    def give(writer: Writer) -> object:
        return consent(writer, here.caller, contract, acting.field("dataset"), acting.field("seen"), here.now)

    return _change(acting, contract, "approved", give)


@router.post("/warnings/{number}/withdrawal")
def withdrawal(contract: ContractId, number: WarningNumber, acting: ByForm) -> Response:
    """Take a written warning back, with the reason (S3-P6-R2)."""
    here = acting.here

    def take_back(writer: Writer) -> object:
        return withdraw_warning(writer, here.caller, contract, number, acting.field("reason", LONGEST), here.now)

    return _change(acting, contract, "withdrawn", take_back)


@router.post("/guarantees")
def guarantees(contract: ContractId, acting: ByForm) -> Response:
    """A guarantee that was received, for so many days from now (S3-P7-R1)."""
    here = acting.here

    def take(writer: Writer) -> object:
        days = digits(acting.field("days", 5))
        if not days.isascii() or not days.isdigit():
            raise Refused("INVALID", "S3-P7-R1", where="days")
        expires_at = here.now + timedelta(days=int(days))
        return guarantee(writer, here.caller, contract, acting.field("kind"), expires_at, here.now)

    return _change(acting, contract, "approved", take)


@router.post("/visits")
def visited(contract: ContractId, acting: ByForm) -> Response:
    """Put a visit of ITO to a workspace on record; the executor sees it here (C-3)."""
    here = acting.here

    def record(writer: Writer) -> object:
        person, why = acting.field("person", 100), acting.field("why", LONGEST)
        return visit_workspace(writer, here.caller, contract, person, why, here.now)

    return _change(acting, contract, "recorded", record)


@router.post("/activation")
def activation(contract: ContractId, acting: ByForm) -> Response:
    """Put a draft into force. Refused with every key that is missing (F-12)."""
    here = acting.here

    def activate(writer: Writer) -> object:
        check_may_activate(here.caller, visible_contract(writer, here.caller, contract))
        return activate_contract(writer, here.desk.policy, contract, here.person, here.now)

    return _change(acting, contract, "activated", activate)


def _change(acting: Acting, contract: str, confirm: str, change: Callable[[Writer], object]) -> Response:
    def again(refused: Refused) -> Response:
        return _contract_page(acting.here, contract, "", refused, acting.typed)

    return change_contract(acting, contract, "", confirm, change, again)


def _contract_page(
    here: Here, contract: str, asked: str, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    with here.desk.records.read() as reader:
        story = story_of(reader, here, visible_contract(reader, here.caller, contract))
    status = status_of(refused.reason.code) if refused else 200
    may_visit = story.contract.state is not ContractState.DRAFTED and can(check_may_visit, here.caller)
    known = {"story": story, "may_visit": may_visit, "typed": typed or {}, "done": done(asked)}
    return page(here, "contract.html", refused, status, **known)
