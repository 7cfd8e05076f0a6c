"""Signals of a contract: what the audit shows that somebody should look at, and what a person makes of it."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Response

from access_broker.api.bodies import ContractId
from access_broker.api.contract_routes import visible_contract
from access_broker.api.problems import status_of
from access_broker.api.report_bodies import KindOfSignal, Window
from access_broker.console.changing import change_contract
from access_broker.console.here import Acting, AtConsole, ByForm, Here
from access_broker.console.names import names_of
from access_broker.console.rendering import done, page
from access_broker.console.routing import Page
from access_broker.domain.decisions import Refused
from access_broker.use_cases.permissions import can, check_sits_over
from access_broker.use_cases.ports import Writer
from access_broker.use_cases.said import LONGEST
from access_broker.use_cases.signalling import discount_signal, pursue_signal, signals_of

router = APIRouter(prefix="/contracts/{contract}/signals", route_class=Page, include_in_schema=False)


@router.get("")
def signals(contract: ContractId, here: AtConsole, done: str = "") -> Response:
    """For those who oversee the contract; the executor is not told."""
    return _page(here, contract, asked=done)


@router.post("/{kind}/{window}/discount")
def discount(contract: ContractId, kind: KindOfSignal, window: Window, acting: ByForm) -> Response:
    """It means nothing, and why (S3-P6-R2)."""
    here = acting.here

    def write(writer: Writer) -> object:
        return discount_signal(writer, here.caller, contract, kind, window, acting.field("words", LONGEST), here.now)

    return _change(acting, contract, "signal_discounted", write)


@router.post("/{kind}/{window}/violation")
def violation(contract: ContractId, kind: KindOfSignal, window: Window, acting: ByForm) -> Response:
    """Make a violation of it, in one's own words; a protective one ends access at once (F-13)."""
    here = acting.here

    def write(writer: Writer) -> object:
        words = acting.field("words", LONGEST)
        return pursue_signal(writer, here.desk.policy, here.caller, contract, kind, window, words, here.now)

    return _change(acting, contract, "signal_pursued", write)


def _change(acting: Acting, contract: str, confirm: str, change: Callable[[Writer], object]) -> Response:
    def again(refused: Refused) -> Response:
        return _page(acting.here, contract, refused)

    return change_contract(acting, contract, "/signals", confirm, change, again)


def _page(here: Here, contract: str, refused: Refused | None = None, asked: str = "") -> Response:
    with here.desk.records.read() as reader:
        found = visible_contract(reader, here.caller, contract)
        signals = signals_of(reader, here.caller, contract)
        names = names_of(reader, (signal.decided_by for signal in signals))
    may_decide = can(check_sits_over, here.caller, found)
    status = status_of(refused.reason.code) if refused else 200
    known = {"contract": found, "signals": signals, "may_decide": may_decide, "done": done(asked)}
    return page(here, "signals.html", refused, status, names=names, **known)
