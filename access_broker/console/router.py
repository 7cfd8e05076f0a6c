"""Puts the console together: what installs its pages below /services/console on the application."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

from fastapi import APIRouter, FastAPI
from starlette.routing import BaseRoute

from access_broker.console import (
    act_pages,
    audit_pages,
    committee_pages,
    contract_pages,
    dataset_pages,
    days_pages,
    doors,
    end_pages,
    executor_pages,
    guarantee_pages,
    leaving_pages,
    motion_pages,
    operator_pages,
    oversight_pages,
    problem_pages,
    register_pages,
    report_pages,
    running_pages,
    signal_pages,
    static,
)
from access_broker.console.here import PREFIX, AtConsole, Console
from access_broker.console.logins import Logins
from access_broker.console.routing import Page
from access_broker.console.sign_in import SignIn
from access_broker.domain.decisions import Refused

_PAGES = (
    static,
    doors,
    executor_pages,
    contract_pages,
    motion_pages,
    report_pages,
    signal_pages,
    act_pages,
    oversight_pages,
    leaving_pages,
    problem_pages,
    guarantee_pages,
    end_pages,
    committee_pages,
    running_pages,
    register_pages,
    dataset_pages,
    audit_pages,
    days_pages,
    operator_pages,
)


def create_console(
    sign_in: SignIn, parts: Callable[[], dict[str, bool]], ticks: Callable[[], float] = time.monotonic
) -> Callable[[FastAPI], None]:
    """What puts the console's pages on the application. `parts`: the health of the other parts, for the operator.

    `ticks`: seconds that pass.
    """
    console = Console(sign_in, Logins(sign_in, ticks), parts)

    def install(app: FastAPI) -> None:
        app.state.console = console
        app.router.routes.extend(_routes())

    return install


@cache
def _routes() -> tuple[BaseRoute, ...]:
    """Made once, as those of the API are."""
    pages = APIRouter(prefix=PREFIX, route_class=Page, include_in_schema=False)
    for module in _PAGES:
        pages.include_router(module.router)
    pages.add_api_route("/{rest:path}", _nowhere, methods=["GET", "POST"], include_in_schema=False)
    return tuple(pages.routes)


def _nowhere(rest: str, here: AtConsole) -> None:
    """Everything else, also an address that was mistyped, is a page that says so."""
    raise Refused("NOT_FOUND", name=rest)
