"""One request of a person at the console: who, in which language, and whether what was sent is truly theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from access_broker.adapters.sentences import LANGUAGES
from access_broker.api.services import Desk, Services
from access_broker.console.logins import COOKIE, Login, Logins
from access_broker.console.sign_in import SignIn
from access_broker.domain.decisions import Refused
from access_broker.domain.text import misleading_character
from access_broker.domain.tokens import Door
from access_broker.use_cases.permissions import Caller
from access_broker.use_cases.tokens import authenticate_token, caller_of, revoke_token

PREFIX = "/services/console"
LANGUAGE_COOKIE = "amanat-language"
FORM_WORD = "form_word"

_MOST_FIELDS = 1000
_OVER = frozenset({"NO_TOKEN", "TOKEN_NOT_VALID", "TOKEN_EXPIRED"})


class SignInNeeded(Exception):  # noqa: N818 - leads to the hub, and back
    """Nobody is signed in here, or not any more."""


class FormForeign(Exception):  # noqa: N818 - told on a page
    """A form that this login did not make: it is not acted upon."""


@dataclass(frozen=True, eq=False)
class Console:
    """What the pages have beside the services of the API. `parts`: name of a part → whether it answers now."""

    sign_in: SignIn
    logins: Logins
    parts: Callable[[], dict[str, bool]]


@dataclass(frozen=True)
class Here:
    """A signed-in person, authenticated for this one request. `now` is when it came."""

    desk: Services
    console: Console
    caller: Caller
    login: Login
    language: str
    path: str
    now: datetime

    @property
    def person(self) -> str:
        return self.caller.person.id


def console_of(request: Request) -> Console:
    console: Console = request.app.state.console
    return console


def here_of(request: Request, desk: Desk) -> Here:
    """Authenticates the token of the cookie anew. Raises SignInNeeded, SignInAway, Refused PERSON_DISABLED."""
    console, text, now = console_of(request), request.cookies.get(COOKIE, ""), desk.clock()
    try:
        with desk.records.read() as reader:
            caller = caller_of(reader, authenticate_token(reader, text, now, Door.LOCAL, None), now)
    except Refused as refused:
        raise (SignInNeeded() if refused.reason.code in _OVER else refused) from None
    login = console.logins.of(text)
    if login is None or login.arrival.person != caller.person.id:
        end_login(desk, console, text)
        raise SignInNeeded
    return Here(desk, console, caller, login, language_for(request, caller.person.language), request.url.path, now)


def end_login(desk: Services, console: Console, text: str) -> None:
    """The token of the cookie is worth nothing from now on, at the console and everywhere else."""
    console.logins.end(text)
    with desk.records.write() as writer:
        revoke_token(writer, text)


def language_for(request: Request, otherwise: str) -> str:
    """What the person chose in this browser, else `otherwise`, which is the person's own language or Persian."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return chosen if chosen in LANGUAGES else otherwise if otherwise in LANGUAGES else "fa"


@dataclass(frozen=True)
class Acting:
    """A form that the person at `here` has sent. `typed`: its fields, as typed but for line ends."""

    here: Here
    typed: dict[str, str]

    def field(self, name: str, most: int = 200, *, as_typed: bool = False) -> str:
        """One field without the spaces around it.

        Raises Refused INVALID when it is too long or carries what a reader cannot see or what turns its line around;
        `as_typed` leaves that to whoever tells faults by their line, but for a NUL.
        """
        text = self.typed.get(name, "").strip()
        if len(text) > most or "\x00" in text:
            raise Refused("INVALID", where=name)
        if not as_typed and (character := misleading_character(text)) is not None:
            raise Refused("INVALID", where=name, why=character)
        return text

    def choice(self, name: str, among: type[StrEnum]) -> str:
        """A field that names a member of an enumeration. Raises Refused INVALID for anything else."""
        text = self.field(name)
        if text not in {member.value for member in among}:
            raise Refused("INVALID", where=name)
        return text


async def _typed(request: Request) -> dict[str, str]:
    async with request.form(max_files=0, max_fields=_MOST_FIELDS) as form:
        return {name: value.replace("\r\n", "\n") for name, value in form.multi_items() if isinstance(value, str)}


def acting(request: Request, here: AtConsole, typed: Annotated[dict[str, str], Depends(_typed)]) -> Acting:
    """Raises FormForeign unless the browser says that our page sent it, and it carries this login's word."""
    if not is_same_origin(request) or not here.login.is_word(typed.get(FORM_WORD, "")):
        raise FormForeign
    return Acting(here, {name: value for name, value in typed.items() if name != FORM_WORD})


def is_same_origin(request: Request) -> bool:
    """Both headers are the browser's own, no page can write them. A browser that sends neither is not trusted."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin"
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host", "")


AtConsole = Annotated[Here, Depends(here_of)]
ByForm = Annotated[Acting, Depends(acting)]
