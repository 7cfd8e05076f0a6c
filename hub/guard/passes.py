"""Who may see a sandbox, decided at the guard: a pass, given when the hub itself has said that this person may.

A sandbox checks its visitors too, but beside the executor's code, which may have taken that check over. Without a pass
of the guard's own nothing of a sandbox is shown, so that its pages can never run in the browser of somebody who was
led there: they would act with that person's rights on the hub and the console, which live at the same address.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable
from urllib.parse import parse_qs, urlencode, urlsplit

from hub.guard.headers import Headers
from hub.guard.paths import PUBLIC, Area, Place, place_of
from hub.guard.refusal import TurnedAway
from hub.guard.target import read_target
from hub.settings import oauth_client

_COOKIE = "amanat-pass"
_SESSION = "jupyterhub-session-id"
_HOURS = 24
_CALLBACK = "/oauth_callback"
_OURS = "guard:"  # begins the `state` of a question that the guard, not the sandbox, asked the hub
_LONGEST = 400  # of an address that is kept in another; a longer one leads to the sandbox's first page


class Passes:
    """Makes and reads passes. They hold no secret of their own, so that a guard that was started anew knows them still.

    A pass names the person, the contract and the session at the hub: with another sign-in in the same browser it is
    worth nothing. `secret`: the guard's. `clock`: seconds since 1970.
    """

    def __init__(self, secret: str, secure: bool, clock: Callable[[], float] = time.time) -> None:
        self._key = hmac.digest(secret.encode(), b"amanat guard pass", "sha256")
        self._secure, self._clock = secure, clock

    def admits(self, cookies: str, place: Place) -> bool:
        """Does this request come from a browser that the hub has let into this sandbox?"""
        session = _only(cookies, _SESSION)
        made, _, mac = _only(cookies, _COOKIE).partition(".")
        if not session or not made.isdecimal() or len(made) > 12:
            return False
        fresh = 0 <= self._clock() - int(made) < _HOURS * 3600
        return fresh and hmac.compare_digest(
            mac.encode(errors="surrogateescape"), self._mac(place, session, made).encode()
        )

    def amend(self, cookies: str, query: str, status: int, headers: Headers) -> int:
        """Looks at the hub's answer to the question who may enter a sandbox; changes its headers, returns its status.

        Yes is a redirect to that sandbox's callback with a code: a pass is added, and when the guard had asked (`query`
        says so), the code goes no further and the way leads to the page that was wanted. After a no to the guard the
        hub's own page says what is wrong: often the sandbox just does not run, and that page offers to start it.
        """
        wanted = _wanted(query)
        entered, session = _entered(status, headers.get("Location", "")), _only(cookies, _SESSION)
        if entered is not None and session:
            headers.add("Set-Cookie", self._cookie(entered, session))
            if wanted:
                headers["Location"] = wanted if _is_page_of(entered, wanted) else f"{base_of(entered)}/"
        elif wanted and status in (400, 403):
            headers["Location"] = f"/hub{wanted}"
            return 302
        return status

    def _cookie(self, place: Place, session: str) -> str:
        made = str(int(self._clock()))
        # Lax: with Strict a link from outside would go round and round between the hub and here.
        attributes = f"Path={base_of(place)}; HttpOnly; SameSite=Lax{'; Secure' if self._secure else ''}"
        return f"{_COOKIE}={made}.{self._mac(place, session, made)}; {attributes}"

    def _mac(self, place: Place, session: str, made: str) -> str:
        named = "\0".join((place.person, place.contract, session, made))
        return hmac.digest(self._key, named.encode(errors="surrogateescape"), "sha256").hex()


def base_of(place: Place) -> str:
    """Where a sandbox lives at the public door."""
    return f"/user/{place.person}/{place.contract}"


def question(place: Place, page: str) -> str:
    """The hub's address that decides about this sandbox and comes back to `page`, path and query."""
    asked = {
        "client_id": oauth_client(place.person, place.contract),
        "redirect_uri": f"{base_of(place)}{_CALLBACK}",
        "response_type": "code",
        "state": _OURS + (page if len(page) <= _LONGEST else base_of(place)),
    }
    return f"/hub/api/oauth2/authorize?{urlencode(asked)}"


def has_two_sessions(cookies: str) -> bool:
    """Has a page planted a session beside the hub's own?"""
    return len(_values(cookies, _SESSION)) > 1


def _only(cookies: str, name: str) -> str:
    """The value of a cookie; "" when there is none, or more than one."""
    values = _values(cookies, name)
    return values.pop() if len(values) == 1 else ""


def _values(cookies: str, name: str) -> set[str]:
    pairs = (pair.strip().partition("=") for pair in cookies.split(";"))
    return {value for given, _, value in pairs if given == name}


def _wanted(query: str) -> str:
    """The page of a sandbox for whose sake the guard has asked; "" when this was somebody else's question."""
    state = parse_qs(query).get("state", [""])[0]
    path = state.removeprefix(_OURS)
    place = _sandbox(path)
    return path if state.startswith(_OURS) and place is not None and place.way.page else ""


def _entered(status: int, location: str) -> Place | None:
    """The sandbox that this answer of the hub lets somebody enter."""
    to = urlsplit(location)
    place = _sandbox(to.path)
    yes = status in (302, 303) and not to.netloc and to.path.endswith(_CALLBACK) and "code" in parse_qs(to.query)
    return place if yes else None


def _is_page_of(entered: Place, path: str) -> bool:
    place = _sandbox(path)
    return place is not None and (place.person, place.contract) == (entered.person, entered.contract)


def _sandbox(path: str) -> Place | None:
    """Where `path` leads when it leads into a sandbox."""
    try:
        place = place_of(PUBLIC, "GET", read_target(path).path)
    except TurnedAway:
        return None
    return place if place.way.area is Area.SANDBOX else None
