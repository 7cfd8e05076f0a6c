"""The outermost layer, plain ASGI: how much may come in, which headers go out, what happens to a surprise."""

from __future__ import annotations

import logging
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from access_broker.api.callers import OPERATOR_HEADER, is_secret
from access_broker.api.problems import Teller
from access_broker.api.services import Sentences
from access_broker.domain.decisions import Reason

log = logging.getLogger("amanat.api")

LARGEST_BODY = 64 * 1024
LARGEST_SCENARIO = 32 * 1024 * 1024  # the description of some 100,000 columns; only behind the operator's secret

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class _Gone(Exception):  # noqa: N818 - nothing is wrong here, there is only nobody left to answer
    """The caller hung up before the request was whole."""


class Edge:
    """Wraps the application. The body is read here, whole, before any route sees it."""

    def __init__(self, app: ASGIApp, sentences: Sentences, operator_secret: str) -> None:
        self._app = app
        self._sentences = sentences
        self._secret = operator_secret

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        headers = Headers(scope=scope)
        tell = Teller(self._sentences, headers.get("accept-language", ""))
        try:
            body = await _read(receive, self._limit(headers))
            if body is None:
                await tell.problem(Reason("INVALID"), status=413)(scope, receive, send_with_headers)
            else:
                await self._app(scope, _replay(body, receive), send_with_headers)
        except _Gone:
            return
        except Exception:
            reference = secrets.token_hex(6)
            log.exception("surprise %s in %s", reference, scope.get("path"))
            if started:
                raise  # half an answer is out; the server breaks the connection, which says so
            response = tell.problem(Reason("INTERNAL"), {"reference": reference}, reference=reference)
            await response(scope, receive, send_with_headers)

    def _limit(self, headers: Headers) -> int:
        given = headers.get(OPERATOR_HEADER, "").encode("utf-8", "replace")
        return LARGEST_SCENARIO if is_secret(self._secret, given) else LARGEST_BODY


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None when it is longer than `limit` bytes, of which nothing more is then kept."""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _Gone  # half a request must not be taken for a whole one
        body += message.get("body", b"")
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return bytes(body)


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body once, then whatever the connection itself has to say."""
    given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return given.pop() if given else await receive()

    return replayed
