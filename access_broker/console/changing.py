"""A form about a contract: what it asks for is done, or refused and shown again with what was typed."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import Response
from starlette.responses import RedirectResponse

from access_broker.api.contract_routes import visible_contract
from access_broker.console.here import PREFIX, Acting
from access_broker.domain.decisions import Refused
from access_broker.use_cases.ports import Writer


def change_contract(
    acting: Acting,
    contract: str,
    part: str,
    confirm: str,
    change: Callable[[Writer], object],
    again: Callable[[Refused], Response],
) -> Response:
    """Change something in one transaction and go to the page that tells it; or show `again` why not.

    `part`: of the contract's pages, such as `/reports`; `confirm`: what that page says then. A contract that the caller
    may not see raises Refused NOT_FOUND, as one that does not exist.
    """
    here = acting.here
    try:
        with here.desk.records.write() as writer:
            visible_contract(writer, here.caller, contract)
            change(writer)
    except Refused as refused:
        if refused.reason.code == "NOT_FOUND":
            raise
        return again(refused)
    here.desk.announce(contract)
    return RedirectResponse(f"{PREFIX}/contracts/{contract}{part}?done={confirm}", 303)
