"""The two doors: for browsers, and for the single-user servers inside sandboxes. Each says who may ask for what."""

from __future__ import annotations

import ipaddress
import re
from functools import partial

from aiohttp import HttpVersion10, HttpVersion11, web

from hub.guard import refusal
from hub.guard.book import RefusalBook
from hub.guard.budget import Budget
from hub.guard.forward import CutShort, Upstream, pass_on
from hub.guard.headers import Headers, secure, to_upstream
from hub.guard.options import Options
from hub.guard.pages import refusal_answer
from hub.guard.passes import Passes, has_two_sessions, question
from hub.guard.paths import INNER, PUBLIC, Area, Place, place_of
from hub.guard.refusal import Refusal, TurnedAway
from hub.guard.target import Target, read_target
from hub.guard.websockets import Wanted, relay

_HOST = re.compile(r"([A-Za-z0-9.-]{1,253})(?::([0-9]{1,5}))?", re.ASCII)
# These change what a body means, or how it is sent.
_NOT_TAKEN = ("Expect", "Content-Encoding")
# Tokens belong to programs, which have doors of their own. (Lab sends one to its sandbox with every request; there it
# is dropped like any header that no list names, and the login's cookie counts.)
_TOKENS = ("Authorization", "Proxy-Authorization")
# Browsers, and Lab when a notebook is opened, ask for these by themselves: a line about each would bury those that
# matter.
_UNSOUGHT = re.compile(r"/favicon\.ico|/robots\.txt|/user/[^/]+/[^/]+/api/nbconvert")
_PERSON = re.compile(r"/(?:hub/)?(?:user|spawn|spawn-pending|api/users)/([A-Za-z0-9_-]{1,100})(?:/|$)", re.ASCII)
_SAFE = frozenset({"GET", "HEAD"})


class Door:
    """What both doors share: answering a refusal and writing its line."""

    def __init__(self, book: RefusalBook, scheme: str) -> None:
        self._book, self._scheme = book, scheme

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            if request.version not in (HttpVersion10, HttpVersion11):
                raise TurnedAway(refusal.MALFORMED)
            return await self._serve(request)
        except TurnedAway as away:
            return self.answer(request, away.refusal)
        except CutShort as cut:
            self._note(request, cut.refusal)
            raise

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        raise NotImplementedError

    def answer(self, request: web.BaseRequest, why: Refusal) -> web.Response:
        """The page or problem document of a refusal; its line is on the way."""
        self._note(request, why)
        response = refusal_answer(why, request)
        secure(response.headers, None, request.host, self._scheme)
        if request.can_read_body:
            response.force_close()  # what was not read would be taken for the next request
        return response

    def _finish(self, request: web.BaseRequest, place: Place, status: int, headers: Headers) -> int:
        """The last look at an answer's headers; returns the status to answer with."""
        secure(headers, place.way, request.host, self._scheme)
        return status

    def _note(self, request: web.BaseRequest, why: Refusal) -> None:
        path = request.raw_path.partition("?")[0]
        if why.status >= 500 or (request.method == "GET" and _UNSOUGHT.fullmatch(path)):
            return  # a part that is away is a fault, not a refusal
        self._book.note(request.method, path, why.status, why.code, self._whom(request, path), request.remote or "")

    def _whom(self, request: web.BaseRequest, path: str) -> str:
        """Whom the address is about, as far as its spelling says; for the audit line, not for deciding."""
        found = _PERSON.match(path)
        return found[1] if found else ""


class PublicDoor(Door):
    """For browsers: everything passes on to the proxy."""

    def __init__(self, options: Options, upstream: Upstream, book: RefusalBook) -> None:
        super().__init__(book, options.scheme)
        self._hosts = options.hosts
        self._origins = frozenset({options.settings.system.public_url.rstrip("/").lower()})
        self._upstream = upstream
        self._passes = Passes(options.settings.guard_secret, self._scheme == "https")

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        target = read_target(request.raw_path)
        self._check_host(request)
        place = place_of(PUBLIC, request.method, target.path)
        _check_headers(request, () if place.way.area is Area.SANDBOX else _TOKENS)
        self._check_origin(request, place)
        if place.way.area is Area.SANDBOX and not self._passes.admits(_cookies(request), place):
            return self._ask_the_hub(request, target, place)
        headers = to_upstream(request, place, request.remote or "", self._scheme)
        if place.way.websocket:
            wanted = Wanted(target, place, headers, partial(self._note, request))
            return await relay(request, wanted, self._upstream)
        if "Upgrade" in request.headers:
            raise TurnedAway(refusal.HEADER_NOT_OFFERED)
        return await pass_on(request, target, place, headers, self._upstream, partial(self._finish, request, place))

    def _ask_the_hub(self, request: web.BaseRequest, target: Target, place: Place) -> web.Response:
        """Whoever opens a sandbox without a pass goes by way of the hub, which knows whose it is. Raises TurnedAway."""
        opened = place.way.page and request.method == "GET"
        # With two sessions no pass would ever hold, and the way would go round and round.
        if not opened or has_two_sessions(_cookies(request)):
            raise TurnedAway(refusal.NOT_SIGNED_IN)
        to = {"Location": question(place, target.raw), "Cache-Control": "no-store"}
        response = web.Response(status=302, headers=to)
        secure(response.headers, None, request.host, self._scheme)
        return response

    def _finish(self, request: web.BaseRequest, place: Place, status: int, headers: Headers) -> int:
        if place.way.admits:
            query = request.raw_path.partition("?")[2]
            status = self._passes.amend(_cookies(request), query, status, headers)
        return super()._finish(request, place, status, headers)

    def _check_host(self, request: web.BaseRequest) -> None:
        """A name of somebody else that leads here would make this system part of their site."""
        named = request.headers.getall("Host", [])
        found = _HOST.fullmatch(named[0]) if len(named) == 1 else None
        if found is None or found[1].lower() not in self._hosts:
            raise TurnedAway(refusal.UNKNOWN_HOST)

    def _check_origin(self, request: web.BaseRequest, place: Place) -> None:
        """What changes something, and every websocket, must have been asked for by a page of this system. Opening the
        page of a spawn starts one, so that another site's link must not lead there."""
        changes = request.method not in _SAFE or place.way.websocket or request.path.startswith("/hub/spawn/")
        if not changes:
            return
        origins = request.headers.getall("Origin", [])
        own = self._origins | {f"{self._scheme}://{request.host.lower()}"}
        site = request.headers.get("Sec-Fetch-Site", "same-origin")
        if any(origin.lower() not in own for origin in origins) or site not in ("same-origin", "none"):
            raise TurnedAway(refusal.FOREIGN_ORIGIN)


class InnerDoor(Door):
    """For single-user servers: the few questions they ask of the hub, from addresses of sandboxes only."""

    _REQUESTS, _SECONDS = 60, 10.0

    def __init__(self, pool: ipaddress.IPv4Network, upstream: Upstream, book: RefusalBook) -> None:
        super().__init__(book, "http")
        self._pool, self._upstream = pool, upstream
        self._asked = Budget(self._REQUESTS, self._SECONDS)

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        if not _is_in(self._pool, request.remote):
            raise TurnedAway(refusal.NOT_FROM_HERE)
        if not self._asked.take(request.remote):
            raise TurnedAway(refusal.TOO_MANY_REQUESTS)
        target = read_target(request.raw_path)
        place = place_of(INNER, request.method, target.path)
        _check_headers(request, ("Upgrade",))
        if target.query:
            raise TurnedAway(refusal.NOT_OFFERED)
        headers = to_upstream(request, place, request.remote or "", "http")
        headers["Host"] = headers["X-Forwarded-Host"] = self._upstream.authority
        headers.popall("Cookie", None)
        if token := request.headers.get("Authorization"):
            headers["Authorization"] = token
        return await pass_on(request, target, place, headers, self._upstream, partial(self._finish, request, place))

    def _whom(self, request: web.BaseRequest, path: str) -> str:
        """Which sandbox asked: the firewall lets none speak from another's address."""
        return request.remote or ""


def _check_headers(request: web.BaseRequest, also: tuple[str, ...]) -> None:
    if any(name in request.headers for name in _NOT_TAKEN + also):
        raise TurnedAway(refusal.HEADER_NOT_OFFERED)


def _cookies(request: web.BaseRequest) -> str:
    return "; ".join(request.headers.getall("Cookie", []))


def _is_in(pool: ipaddress.IPv4Network, address: str | None) -> bool:
    try:
        return ipaddress.IPv4Address(address or "") in pool
    except ValueError:
        return False
