"""What runs now, asked anew every second."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response

from access_broker.console.here import AtConsole, Here
from access_broker.console.names import names_of
from access_broker.console.rendering import page
from access_broker.console.routing import Page
from access_broker.console.running import running_statements
from access_broker.use_cases.permissions import check_may_watch

router = APIRouter(prefix="/running", route_class=Page, include_in_schema=False)


@router.get("")
def running(here: AtConsole) -> Response:
    """Sandboxes and statements, for committee seats, auditors and operators."""
    return page(here, "running.html", **_now(here))


@router.get("/live")
def live(here: AtConsole) -> Response:
    """The part of the page that changes."""
    return page(here, "running_live.html", **_now(here))


def _now(here: Here) -> dict[str, Any]:
    check_may_watch(here.caller)
    with here.desk.records.read() as reader:
        sandboxes, statements = reader.sandboxes(), running_statements(reader, here.now)
        names = names_of(reader, [*(box.person for box in sandboxes), *(run.person for run in statements)])
    return {"sandboxes": sandboxes, "statements": statements, "names": names}
