"""In and out of the console: back from the hub, out again, and the language of the pages."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from access_broker.adapters.sentences import LANGUAGES
from access_broker.api.services import Desk, Services
from access_broker.console.here import LANGUAGE_COOKIE, PREFIX, AtConsole, ByForm, Console, console_of, end_login
from access_broker.console.logins import COOKIE
from access_broker.console.routing import Page, secure, state_cookie
from access_broker.console.sections import sections_of
from access_broker.console.sign_in import Arrival, SignInFailed
from access_broker.domain.decisions import Refused
from access_broker.use_cases.people import SIGN_IN_LIFETIME
from access_broker.use_cases.tokens import issue_token

_YEAR = 365 * 24 * 3600

router = APIRouter(route_class=Page, include_in_schema=False)


@router.get("/")
def front(here: AtConsole) -> Response:
    """The first section that is open to the person."""
    sections = sections_of(here)
    return RedirectResponse(sections[0].path if sections else f"{PREFIX}/contracts", 303)


@router.get("/oauth_callback")
def arrive(request: Request, desk: Desk, state: str = "", code: str = "") -> Response:
    """Back from the hub. The state must be one of ours, and stand in this very browser's cookie."""
    console, name = console_of(request), state_cookie(state)
    kept = request.cookies.get(name, "")
    if not state or not code or not hmac.compare_digest(kept.encode(), state.encode("utf-8", "replace")):
        raise SignInFailed
    arrival = console.sign_in.arrive(state, code)
    token = _begin(desk, console, arrival, request.cookies.get(COOKIE, ""))
    response = RedirectResponse(local_path(arrival.back_to), 303)
    response.delete_cookie(name, path=PREFIX)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(SIGN_IN_LIFETIME.total_seconds()),
        path=PREFIX,
        secure=secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/logout")
def leave(acting: ByForm, request: Request) -> Response:
    """Out of the console, and on to the hub, which ends everything else."""
    end_login(acting.here.desk, acting.here.console, request.cookies.get(COOKIE, ""))
    response = RedirectResponse(acting.here.console.sign_in.leave_url, 303)
    response.delete_cookie(COOKIE, path=PREFIX)
    return response


@router.get("/language/{language}")
def speak(request: Request, language: str, back: str = "") -> Response:
    """Remember a language in this browser, for the hub's pages too, and go back."""
    if language not in LANGUAGES:
        raise Refused("NOT_FOUND", name=language)
    response = RedirectResponse(local_path(back), 303)
    response.set_cookie(
        LANGUAGE_COOKIE, language, max_age=_YEAR, path="/", secure=secure(request), httponly=True, samesite="lax"
    )
    return response


def local_path(path: str) -> str:
    """`path` if it leads to a page of the console, else its front page: nobody is sent elsewhere from here."""
    parts = urlsplit(path)
    is_ours = path.startswith(f"{PREFIX}/") and not parts.scheme and not parts.netloc
    return path if is_ours and not set(path) & set("\\\r\n\t") else f"{PREFIX}/"


def _begin(desk: Services, console: Console, arrival: Arrival, earlier: str) -> str:
    """A new token for the person; the one this browser had before ends."""
    if earlier:
        end_login(desk, console, earlier)
    now = desk.clock()
    with desk.records.write() as writer:
        issued = issue_token(writer, desk.policy, arrival.person, None, arrival.person, now, SIGN_IN_LIFETIME)
    console.logins.begin(issued.text, arrival)
    return issued.text
