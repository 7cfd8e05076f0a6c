"""Acceptance and leaving: who works alone on a problem, whether the work was accepted, exits, certificates."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Response

from access_broker.api.bodies import ContractId
from access_broker.api.contract_routes import visible_contract
from access_broker.api.exit_bodies import ExitNumber
from access_broker.api.problems import status_of
from access_broker.console.changing import change_contract
from access_broker.console.here import Acting, AtConsole, ByForm, Here
from access_broker.console.leaving_story import leaving_of
from access_broker.console.names import names_of
from access_broker.console.rendering import done as message_of
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.domain.decisions import Refused
from access_broker.domain.exits import ExitKind
from access_broker.domain.motions import Subject
from access_broker.domain.people import Committee
from access_broker.use_cases.accepting import accept
from access_broker.use_cases.certificate import Checked, Item, ItemState
from access_broker.use_cases.exiting import (
    approve_exit,
    ask_exit,
    close_exit,
    exit_numbered,
    refuse_exit,
    report_failure,
)
from access_broker.use_cases.permissions import can, check_may_oversee
from access_broker.use_cases.ports import Writer
from access_broker.use_cases.recording import check_may_cite
from access_broker.use_cases.said import LONGEST

router = APIRouter(prefix="/contracts/{contract}/leaving", route_class=Page, include_in_schema=False)


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
        names = names_of(reader, [about.asked_by, *(key["person"] for key in told["keys"])])
    items = [Checked(Item(c["item"]), ItemState(c["state"]), _moment(c["at"])) for c in told["checklist"]]
    keys = [(Committee(k["committee"]), k["person"], k["decision"], _moment(k["at"])) for k in told["keys"]]
    times = {name: _moment(told[name]) for name in ("accepted_at", "ended_at", "closed_at")}
    context: dict[str, Any] = {
        "items": items,
        "keys": keys,
        "parties": parties,
        "problem": problem,
        "times": times,
        "names": names,
    }
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
