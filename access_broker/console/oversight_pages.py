"""The oversight of a contract: what went against it, its warnings and appeals, its suspension and the deadline of that.

Overseers see all of it; people of the executor see what concerns them, and appeal here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Response

from access_broker.api.bodies import ContractId, WarningNumber
from access_broker.api.contract_routes import visible_contract
from access_broker.api.oversight_bodies import ViolationNumber
from access_broker.api.oversight_routes import download
from access_broker.api.problems import status_of
from access_broker.console import labels
from access_broker.console.changing import change_contract
from access_broker.console.here import Acting, AtConsole, ByForm, Here
from access_broker.console.names import names_of
from access_broker.console.rendering import done as message_of
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.domain.acts import WARNING_TRANSITIONS, WarningNotice, WarningState
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee, Person
from access_broker.domain.suspensions import Suspension
from access_broker.domain.violations import LegalFollowUp, Violation
from access_broker.use_cases.appealing import appeal_warning, decide_appeal, served_by
from access_broker.use_cases.evidence import check_may_take_evidence
from access_broker.use_cases.overseeing import discount_violation, follow_up_by_law, follow_up_of, report_violation
from access_broker.use_cases.permissions import can, check_may_oversee, check_sits_over, is_party
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.recording import check_may_cite
from access_broker.use_cases.said import LONGEST
from access_broker.use_cases.suspending import open_suspension, ratify_by, ratify_suspension

router = APIRouter(prefix="/contracts/{contract}", route_class=Page, include_in_schema=False)


@dataclass(frozen=True)
class Warned:
    """A warning. `served_by`: when it counts as served if nobody acknowledges it.

    `may_acknowledge`: the person here is of the executor, which has to do so before it may appeal.
    """

    notice: WarningNotice
    served_by: datetime | None
    may_acknowledge: bool
    may_appeal: bool
    may_decide: bool


@dataclass(frozen=True)
class Oversight:
    """What the page tells. `violations` is empty for people of the executor; `ratify_by` None once that is settled.

    `names`: of everybody on the page.
    """

    contract: Contract
    suspension: Suspension | None
    ratify_by: datetime | None
    warnings: tuple[Warned, ...]
    violations: tuple[Violation, ...]
    follow_up: LegalFollowUp | None
    oversight: bool
    sits: bool
    may_follow_up: bool
    may_take_evidence: bool
    names: dict[str, Person]


def oversight_of(reader: Reader, here: Here, contract: Contract) -> Oversight:
    oversees = can(check_may_oversee, reader, here.caller, contract)
    sits = can(check_sits_over, here.caller, contract)
    suspension = open_suspension(reader, contract)
    is_cut = contract.state is ContractState.CUT
    followed = follow_up_of(reader, contract.id) if oversees else None
    violations = tuple(reader.filed(Violation, contract=contract.id)) if oversees else ()
    warnings = tuple(_warned(reader, here, contract, notice, sits) for notice in reader.warnings(contract.id))
    return Oversight(
        contract=contract,
        suspension=suspension,
        ratify_by=ratify_by(reader, suspension) if suspension and suspension.is_provisional else None,
        warnings=warnings,
        violations=violations,
        follow_up=followed,
        oversight=oversees,
        sits=sits,
        may_follow_up=sits and is_cut and followed is None,
        may_take_evidence=can(check_may_take_evidence, here.caller, contract),
        names=names_of(reader, _people_in(warnings, violations, followed)),
    )


def _people_in(
    warnings: tuple[Warned, ...], violations: tuple[Violation, ...], followed: LegalFollowUp | None
) -> Iterator[str | None]:
    for warned in warnings:
        yield from (warned.notice.acknowledged_by, warned.notice.appealed_by)
    for violation in violations:
        yield from (violation.recorded_by, violation.discounted_by)
    if followed is not None:
        yield followed.by


def _warned(reader: Reader, here: Here, contract: Contract, notice: WarningNotice, sits: bool) -> Warned:
    may_be_appealed = notice.appealed_at is None and WarningState.APPEALED in WARNING_TRANSITIONS[notice.state]
    return Warned(
        notice,
        served_by(reader, contract, notice),
        may_acknowledge=notice.state is WarningState.ISSUED and is_party(here.caller, contract),
        may_appeal=may_be_appealed and is_party(here.caller, contract),
        may_decide=sits and notice.state is WarningState.APPEALED,
    )


@router.get("/oversight")
def oversight(contract: ContractId, here: AtConsole, done: str = "") -> Response:
    """For overseers, and for people of the executor as far as it concerns them."""
    return _page(here, contract, done)


@router.post("/violations")
def violation(contract: ContractId, acting: ByForm) -> Response:
    """Put a violation on record; a protective one ends access at once (F-13)."""
    here = acting.here

    def record(writer: Writer) -> object:
        kind, text = acting.field("kind", 100), acting.field("text", LONGEST)
        evidence = tuple(line.strip() for line in acting.field("evidence", LONGEST).splitlines() if line.strip())
        return report_violation(writer, here.desk.policy, here.caller, contract, kind, text, evidence, here.now)

    return _change(acting, contract, record)


@router.post("/violations/{number}/discount")
def discount(contract: ContractId, number: ViolationNumber, acting: ByForm) -> Response:
    """It was none, for this reason."""
    here, reason = acting.here, acting.field("reason", LONGEST)
    return _change(acting, contract, lambda w: discount_violation(w, here.caller, contract, number, reason, here.now))


@router.post("/warnings/{number}/appeal")
def appeal(contract: ContractId, number: WarningNumber, acting: ByForm) -> Response:
    """A named person objects to a warning."""
    here, text = acting.here, acting.field("text", LONGEST)
    return _change(acting, contract, lambda w: appeal_warning(w, here.caller, contract, number, text, here.now))


@router.post("/warnings/{number}/appeal/decision")
def decision(contract: ContractId, number: WarningNumber, acting: ByForm) -> Response:
    """The committee upholds the warning, or grants the appeal."""
    here = acting.here

    def decide(writer: Writer) -> object:
        answer, reference = acting.field("answer"), acting.field("reference", 100) or None
        if answer not in labels.APPEALS:
            raise Refused("INVALID", "S3-P6-R2", where="answer")
        _check_may_cite(writer, here, Subject.APPEAL, reference)
        return decide_appeal(writer, here.caller, contract, number, answer == "uphold", reference, here.now)

    return _change(acting, contract, decide)


@router.post("/suspensions/ratification")
def ratification(contract: ContractId, acting: ByForm) -> Response:
    """The committee confirms the suspension in time (F-13)."""
    here, reference = acting.here, acting.field("reference", 100) or None

    def ratify(writer: Writer) -> object:
        _check_may_cite(writer, here, Subject.RATIFY_SUSPENSION, reference)
        return ratify_suspension(writer, here.caller, contract, reference, here.now)

    return _change(acting, contract, ratify)


@router.post("/legal-follow-up")
def follow_up(contract: ContractId, acting: ByForm) -> Response:
    """The matter of a cut contract goes to law (S3-P6-R2)."""
    here, reason = acting.here, acting.field("reason", LONGEST)
    return _change(acting, contract, lambda w: follow_up_by_law(w, here.caller, contract, reason, here.now))


@router.get("/evidence")
def evidence(contract: ContractId, here: AtConsole) -> Response:
    """All there is about the contract, as one file. That it was taken is recorded."""
    return download(here.desk, here.caller, contract)


def _check_may_cite(reader: Reader, here: Here, subject: Subject, reference: str | None) -> None:
    """Here the committee votes; whether a decision on paper may be written down, the policy says."""
    check_may_cite(reader, here.desk.policy, "console", Committee.MONITORING, subject, reference)


def _change(acting: Acting, contract: str, change: Callable[[Writer], object]) -> Response:
    def again(refused: Refused) -> Response:
        return _page(acting.here, contract, "", refused, acting.typed)

    return change_contract(acting, contract, "/oversight", "recorded", change, again)


def _page(
    here: Here, contract: str, asked: str, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    with here.desk.records.read() as reader:
        seen = oversight_of(reader, here, visible_contract(reader, here.caller, contract))
    status = status_of(refused.reason.code) if refused else 200
    return page(here, "oversight.html", refused, status, seen=seen, typed=typed or {}, done=message_of(asked))
