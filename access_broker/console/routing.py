"""What goes wrong on the way to a page, as a page: a sentence, its code and rule, and what to do next.

SignInNeeded        to the hub and back          a form is not sent again by itself: 401 and what to do
FormForeign         403                          a form that this login did not make
SignInFailed        403                          the hub did not vouch for a person who may use the console
SignInAway          503                          the hub does not answer
Refused             the status of its code       a decision against the person
Unavailable         503                          records or policy do not answer
anything else       500                          with a reference number that is also in the operator's log
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from access_broker.api.problems import status_of
from access_broker.console.here import PREFIX, FormForeign, SignInNeeded, console_of, language_for
from access_broker.console.rendering import bare_page
from access_broker.console.sign_in import SignInAway, SignInFailed
from access_broker.console.wording import Told, Wording
from access_broker.domain.decisions import Reason, Refused
from access_broker.use_cases.ports import Unavailable

log = logging.getLogger("amanat.console")

STATE_SECONDS = 600


class Page(APIRoute):
    """A route whose failures are pages."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInNeeded:
                return _to_sign_in(request)
            except Exception as error:
                return _failed(request, error)

        return handle


def secure(request: Request) -> bool:
    """Whether the browser came over TLS, as the guard in front says: then cookies never travel without."""
    return request.headers.get("x-forwarded-proto", "").split(",")[0].strip() == "https"


def state_cookie(state: str) -> str:
    """A cookie of its own for each way through the hub: two tabs that sign in at once do not disturb each other."""
    return f"amanat-console-state-{hashlib.sha256(state.encode()).hexdigest()[:12]}"


def _to_sign_in(request: Request) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"HX-Refresh": "true"})  # the whole page goes, not a piece of it
    if request.method != "GET":
        return _told(request, "console.login_over", "console.login_over_next", 401)
    query = f"?{request.url.query}" if request.url.query else ""
    departure = console_of(request).sign_in.depart(f"{request.url.path}{query}")
    response = RedirectResponse(departure.url, 303)
    response.set_cookie(
        state_cookie(departure.state),
        departure.state,
        max_age=STATE_SECONDS,
        path=PREFIX,
        secure=secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


def _failed(request: Request, error: Exception) -> Response:
    if isinstance(error, FormForeign):
        return _told(request, "console.form_foreign", "console.form_foreign_next", 403)
    if isinstance(error, SignInFailed):
        return _told(request, "console.sign_in_failed", "console.sign_in_failed_next", 403)
    if isinstance(error, SignInAway):
        return _told(request, "console.hub_away", "console.hub_away_next", 503)
    if isinstance(error, Refused):
        return _reason(request, error.reason, error.detail, status_of(error.reason.code))
    if isinstance(error, Unavailable):
        return _reason(request, Reason(error.code), {}, 503)
    if isinstance(error, RequestValidationError):
        return _reason(request, Reason("INVALID"), {}, 422)
    if isinstance(error, HTTPException):
        raise error
    reference = secrets.token_hex(6)
    log.error("surprise %s in %s", reference, request.url.path, exc_info=error)
    return _reason(request, Reason("INTERNAL"), {"reference": reference}, 500)


def _told(request: Request, what: str, next_step: str, status: int) -> Response:
    language = language_for(request, "fa")
    wording = Wording(language)
    told = Told("", "", wording.say(what), wording.say(next_step))
    return bare_page(language, "problem.html", status, told=told)


def _reason(request: Request, reason: Reason, detail: dict[str, Any], status: int) -> Response:
    language = language_for(request, "fa")
    return bare_page(language, "problem.html", status, told=Wording(language).reason(reason, detail))
