"""Acceptance and leaving: who works alone on a problem, whether the work was accepted, exits, certificates."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response

from access_broker.api.bodies import ContractId
from access_broker.api.contract_routes import visible_contract
from access_broker.api.exit_bodies import ExitNumber
from access_broker.api.problems import status_of
from access_broker.console.changing import change_contract
from access_broker.console.here import Acting, AtConsole, ByForm, Here
from access_broker.console.rendering import done as message_of
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.domain.contracts import Contract, ContractState
from access_broker.domain.decisions import Refused
from access_broker.domain.exclusivity import Acceptance, Profile
from access_broker.domain.exits import EXIT_KEYS, EXITS_FROM, Exit, ExitKey, ExitKind, ExitState, FailureReport
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.accepting import accept
from access_broker.use_cases.awarding import Exclusivity, exclusivity_of
from access_broker.use_cases.calendar import market_end
from access_broker.use_cases.certificate import Checked, Item, ItemState, checklist
from access_broker.use_cases.exclusivity import acceptance_of
from access_broker.use_cases.exiting import (
    approve_exit,
    ask_exit,
    close_exit,
    exit_numbered,
    exits_of,
    may_follow,
    refuse_exit,
    report_failure,
)
from access_broker.use_cases.filing import filed_one
from access_broker.use_cases.permissions import can, check_holds_seat, check_may_oversee, check_sits_over, is_party
from access_broker.use_cases.ports import Reader, Writer
from access_broker.use_cases.recording import check_may_cite
from access_broker.use_cases.watching import end_report

router = APIRouter(prefix="/contracts/{contract}/leaving", route_class=Page, include_in_schema=False)

LONGEST = 10_000
_OPEN = (ExitState.ASKED, ExitState.ONE_APPROVAL)


@dataclass(frozen=True)
class Left:
    """One exit as the page tells it. `speaks`: the committees for which the person may say yes or no now."""

    exit: Exit
    keys: tuple[ExitKey, ...]
    needs: tuple[Committee, ...]
    speaks: tuple[Committee, ...]
    report: FailureReport | None
    checklist: tuple[Checked, ...]
    may_report: bool
    may_close: bool


@dataclass(frozen=True)
class Leaving:
    """`kinds`: in which ways the person may ask to leave now."""

    contract: Contract
    exclusivity: Exclusivity
    acceptance: Acceptance | None
    market_until: datetime | None
    may_accept: bool
    kinds: tuple[ExitKind, ...]
    exits: tuple[Left, ...]


def leaving_of(reader: Reader, here: Here, contract: Contract) -> Leaving:
    acceptance = acceptance_of(reader, contract.id)
    exits = exits_of(reader, contract.id)
    sits = can(check_sits_over, here.caller, contract)
    last = exits[-1] if exits else None
    at_work = contract.state is ContractState.ACTIVE and here.now < contract.ends_at
    return Leaving(
        contract=contract,
        exclusivity=exclusivity_of(reader, contract.problem, here.now),
        acceptance=acceptance,
        market_until=market_end(acceptance.at, contract.starts_at) if acceptance else None,
        may_accept=sits and at_work and contract.profile is Profile.DEVELOPMENT,
        kinds=tuple(kind for kind in _kinds(here, contract, acceptance, sits) if may_follow(last, kind)),
        exits=tuple(_left(reader, here, contract, each) for each in exits),
    )


def _kinds(here: Here, contract: Contract, acceptance: Acceptance | None, sits: bool) -> tuple[ExitKind, ...]:
    possible = [kind for kind in ExitKind if contract.state in EXITS_FROM[kind]]
    if acceptance is None:
        possible = [kind for kind in possible if kind is not ExitKind.SUCCESS]
    if sits:
        return tuple(possible)
    mine = [kind for kind in possible if kind is not ExitKind.TERMINATION]
    return tuple(mine) if is_party(here.caller, contract) else ()


def _left(reader: Reader, here: Here, contract: Contract, about: Exit) -> Left:
    this = {"contract": about.contract, "number": about.number}
    keys = tuple(reader.filed(ExitKey, **this))
    needs = tuple(committee for committee in Committee if committee in EXIT_KEYS[about.kind])
    seated = [committee for committee in needs if can(check_holds_seat, here.caller, committee, contract.owner)]
    spoken = {key.committee for key in keys}
    sits = can(check_sits_over, here.caller, contract)
    is_failure = about.kind is ExitKind.FAILURE
    return Left(
        exit=about,
        keys=keys,
        needs=needs,
        speaks=tuple(c for c in seated if c not in spoken) if about.state in _OPEN else (),
        report=filed_one(reader, FailureReport, **this),
        checklist=checklist(end_report(reader, about.contract, here.now)) if about.ended_at else (),
        may_report=sits and is_failure and about.state in (*_OPEN, ExitState.CLOSING),
        may_close=bool(seated) and about.state is ExitState.CLOSING,
    )


@router.get("")
def leaving(contract: ContractId, here: AtConsole, done: str = "") -> Response:
    """For people of the contract and for those who oversee it."""
    return _page(here, contract, done)


@router.post("/acceptance")
def acceptance(contract: ContractId, acting: ByForm) -> Response:
    """The work was carried out: access for development ends at once (F-14)."""
    here, reference = acting.here, acting.field("decision", 100) or None

    def take(writer: Writer) -> object:
        check_may_cite(writer, here.desk.policy, "console", Committee.MONITORING, Subject.ACCEPT, reference)
        return accept(writer, here.desk.policy, here.caller, contract, reference, here.now)

    return _change(acting, contract, take)


@router.post("")
def asked(contract: ContractId, acting: ByForm) -> Response:
    """Ask to leave, with the reason (D-2)."""
    here = acting.here

    def ask(writer: Writer) -> object:
        kind, text = ExitKind(acting.choice("kind", ExitKind)), acting.field("text", LONGEST)
        return ask_exit(writer, here.desk.policy, here.caller, contract, kind, text, here.now)

    return _change(acting, contract, ask)


@router.post("/{number}/keys")
def approved(contract: ContractId, number: ExitNumber, acting: ByForm) -> Response:
    """A committee approves; with the last approval access ends at once (D-2)."""
    here = acting.here

    def approve(writer: Writer) -> object:
        committee, reference = Committee(acting.choice("committee", Committee)), acting.field("decision", 100) or None
        check_may_cite(writer, here.desk.policy, "console", committee, Subject.EXIT, reference)
        return approve_exit(writer, here.desk.policy, here.caller, contract, number, committee, reference, here.now)

    return _change(acting, contract, approve)


@router.post("/{number}/refusals")
def refused(contract: ContractId, number: ExitNumber, acting: ByForm) -> Response:
    """A committee says no; the contract goes on."""
    here = acting.here

    def refuse(writer: Writer) -> object:
        committee, text = Committee(acting.choice("committee", Committee)), acting.field("text", LONGEST)
        return refuse_exit(writer, here.desk.policy, here.caller, contract, number, committee, text, here.now)

    return _change(acting, contract, refuse)


@router.post("/{number}/report")
def reported(contract: ContractId, number: ExitNumber, acting: ByForm) -> Response:
    """What the committee found out about a failure (D-1)."""
    here, text = acting.here, acting.field("text", LONGEST)
    policy = here.desk.policy
    return _change(acting, contract, lambda w: report_failure(w, policy, here.caller, contract, number, text, here.now))


@router.post("/{number}/closing")
def closed(contract: ContractId, number: ExitNumber, acting: ByForm) -> Response:
    """Certify what every component has carried out (D-2)."""
    here, reference = acting.here, acting.field("decision", 100) or None

    def close(writer: Writer) -> object:
        if exit_numbered(writer, contract, number).kind is ExitKind.FAILURE:
            subject = Subject.CLOSE_FAILURE
            check_may_cite(writer, here.desk.policy, "console", Committee.MONITORING, subject, reference)
        return close_exit(writer, here.desk.policy, here.caller, contract, number, reference, here.now)

    return _change(acting, contract, close)


@router.get("/{number}/certificate")
def certificate(contract: ContractId, number: ExitNumber, here: AtConsole) -> Response:
    """The certificate of a closed exit, to be read or printed."""
    with here.desk.records.read() as reader:
        known = visible_contract(reader, here.caller, contract)
        about = exit_numbered(reader, contract, number)
        parties = [reader.organisation(known.executor), reader.organisation(known.owner)]
        problem = reader.problem(known.problem)
    if about.certificate is None:
        raise Refused("NOT_FOUND", name=f"{contract} {number}")
    told = json.loads(about.certificate)
    items = [Checked(Item(c["item"]), ItemState(c["state"]), _moment(c["at"])) for c in told["checklist"]]
    keys = [(Committee(k["committee"]), k["person"], k["decision"], _moment(k["at"])) for k in told["keys"]]
    times = {name: _moment(told[name]) for name in ("accepted_at", "ended_at", "closed_at")}
    context: dict[str, Any] = {"items": items, "keys": keys, "parties": parties, "problem": problem, "times": times}
    return page(here, "certificate.html", contract=known, exit=about, told=told, **context)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _change(acting: Acting, contract: str, change: Callable[[Writer], object]) -> Response:
    def again(refused: Refused) -> Response:
        return _page(acting.here, contract, "", refused, acting.typed)

    return change_contract(acting, contract, "/leaving", "recorded", change, again)


def _page(
    here: Here, contract: str, asked: str, refused: Refused | None = None, typed: dict[str, str] | None = None
) -> Response:
    with here.desk.records.read() as reader:
        seen = leaving_of(reader, here, visible_contract(reader, here.caller, contract))
        oversees = can(check_may_oversee, reader, here.caller, seen.contract)
    status = status_of(refused.reason.code) if refused else 200
    told: dict[str, Any] = {"seen": seen, "oversees": oversees, "typed": typed or {}, "done": message_of(asked)}
    return page(here, "leaving.html", refused, status, **told)
