"""Which headers pass, in both directions, by allow-list, and the security headers that every answer carries.

Hop-by-hop headers are in no list; the framing of each hop is made anew by the library that speaks it.
"""

from __future__ import annotations

from collections.abc import Iterable
from http.cookies import CookieError, SimpleCookie
from typing import Protocol

from multidict import CIMultiDict, CIMultiDictProxy

from hub.guard.paths import Area, Place, Way

Headers = CIMultiDict[str]
_Received = CIMultiDictProxy[str]

_ASKED = frozenset(
    """accept accept-language cache-control content-type if-match if-modified-since if-none-match last-event-id origin
    pragma referer user-agent x-requested-with x-xsrftoken sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user
    hx-request hx-target hx-trigger hx-trigger-name hx-boosted hx-current-url hx-prompt
    hx-history-restore-request""".split()
)
_ANSWERED = frozenset(
    """allow cache-control content-language content-security-policy content-type date etag expires last-modified
    location pragma retry-after vary x-jupyterhub-version hx-location hx-push-url hx-redirect hx-refresh hx-replace-url
    hx-reswap hx-retarget hx-trigger""".split()
)
# A sandbox gets what its own login needs: not the console's cookie, even if that were set for a wider path.
_SESSION_COOKIES = ("jupyterhub-session-id", "_xsrf")

_EVERYWHERE = {
    "Server": "amanat",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), display-capture=()",
}
# A picture or script of another site in a notebook's output would carry data out through the person's browser.
_NOTEBOOK_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' {socket}; "
    "worker-src 'self' blob:; frame-src 'self' blob: data:; object-src 'none'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'"
)
# Opened as a document of its own, a file of a sandbox must not act in the name of whoever opened it. Scripts, styles
# and pictures that a page asks for are not touched by a policy of their own.
_FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


class Asking(Protocol):
    """What is read of a request here."""

    @property
    def headers(self) -> _Received: ...
    @property
    def host(self) -> str: ...


def to_upstream(request: Asking, place: Place, peer: str, scheme: str) -> Headers:
    """The headers of the forwarded request. What a client says about where it comes from is dropped and said anew."""
    headers: Headers = CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() in _ASKED)
    headers["Host"] = request.host
    headers["X-Forwarded-For"] = peer
    headers["X-Forwarded-Proto"] = scheme
    headers["X-Forwarded-Host"] = request.host
    # Compressed answers would be counted small and shown large.
    headers["Accept-Encoding"] = "identity"
    cookies = "; ".join(request.headers.getall("Cookie", []))
    if place.way.area is Area.SANDBOX:
        cookies = _own_cookies(cookies, place.person)
    if cookies:
        headers["Cookie"] = cookies
    return headers


def to_browser(received: _Received, place: Place) -> Headers:
    """The headers of the answer. Content-Encoding is not among them: see `is_compressed`."""
    headers: Headers = CIMultiDict((name, value) for name, value in received.items() if name.lower() in _ANSWERED)
    for cookie in received.getall("Set-Cookie", []):
        if place.way.area is not Area.SANDBOX or _stays_inside(cookie, place):
            headers.add("Set-Cookie", cookie)
    return headers


def secure(headers: Headers, way: Way | None, host: str, scheme: str) -> None:
    """Adds what every answer carries; `way` None is a page of the guard's own."""
    headers.update(_EVERYWHERE)
    if scheme == "https":
        headers["Strict-Transport-Security"] = "max-age=31536000"
    if way is not None and way.area is Area.SANDBOX and not way.page:
        headers.add("Content-Security-Policy", _FILE_POLICY)
    elif way is not None and way.area is Area.SANDBOX:
        # Browsers apply this policy beside the sandbox's own: both must allow.
        socket = f"{'wss' if scheme == 'https' else 'ws'}://{host}"
        headers.add("Content-Security-Policy", _NOTEBOOK_POLICY.format(socket=socket))
    else:
        headers.add("Content-Security-Policy", "frame-ancestors 'none'")


def is_attachment(received: _Received) -> bool:
    return any(not value.strip().lower().startswith("inline") for value in received.getall("Content-Disposition", []))


def is_compressed(received: _Received) -> bool:
    """Compressed although it was not asked to be."""
    return any(value.strip().lower() not in ("", "identity") for value in received.getall("Content-Encoding", []))


def _own_cookies(cookies: str, person: str) -> str:
    own = f"jupyterhub-user-{person}".lower()
    pairs = (pair.strip() for pair in cookies.split(";"))
    return "; ".join(pair for pair in pairs if _is_one_of(pair.partition("=")[0].strip(), own, _SESSION_COOKIES))


def _is_one_of(name: str, beginning: str, names: Iterable[str]) -> bool:
    return name.lower().startswith(beginning) or name in names


def _stays_inside(cookie: str, place: Place) -> bool:
    """Would the browser send this cookie to this sandbox only? One for `/` could shadow the hub's own."""
    try:
        morsels = list(SimpleCookie(cookie).values())
    except CookieError:
        return False
    base = f"/user/{place.person}/{place.contract}"
    paths = {morsel["path"].rstrip("/") for morsel in morsels}
    return len(morsels) == 1 and paths == {base} and not morsels[0]["domain"]
