"""Passing one request on and its answer back, piece by piece, within limits of time and size."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import aiohttp
from aiohttp import web
from yarl import URL

from hub.guard import refusal
from hub.guard.budget import Budget
from hub.guard.headers import Headers, is_attachment, is_compressed, to_browser
from hub.guard.paths import Area, Place
from hub.guard.refusal import TurnedAway
from hub.guard.target import Target

_PIECE = 64 * 1024
_CONNECT = 5.0  # seconds
_ANSWER = 90.0  # seconds without a byte of an answer: a kernel may take its time to start
_PATIENT = 3600.0
_WRITE = 60.0  # seconds until a reader that takes nothing is given up
_BODY_START, _BODY_RATE = 30.0, 20_000  # a body of n bytes has 30 s + n / (20 kB/s)
# What the door does to the headers of an answer before it goes out; gives the status to answer with.
Finish = Callable[[int, Headers], int]
_LARGEST_ANSWER = 8 * 1024 * 1024  # what a sandbox may answer at once; Lab's own largest file is 4 MB


@dataclass(frozen=True)
class Upstream:
    """Where requests are passed on to: the proxy, or the hub. `output`: what sandboxes may put out."""

    session: aiohttp.ClientSession
    authority: str
    output: Budget

    def url(self, target: Target) -> URL:
        # `encoded`: not a byte of what was decided on may change on the way.
        return URL(f"http://{self.authority}{target.raw}", encoded=True)


def upstream_session() -> aiohttp.ClientSession:
    """A client that adds nothing of its own: no cookies, no redirects, no proxies of the environment, no decoding."""
    return aiohttp.ClientSession(
        # Shorter than the five seconds after which Node closes an idle connection: none is used that is about to close.
        connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=3),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        read_bufsize=_PIECE,
    )


async def pass_on(
    request: web.BaseRequest, target: Target, place: Place, headers: Headers, upstream: Upstream, finish: Finish
) -> web.StreamResponse:
    """The upstream's answer, already on its way to the browser. Raises TurnedAway while nothing has been sent yet."""
    silence = _PATIENT if place.way.patient else _ANSWER
    length = body_length(request, place)
    body = None
    if length:
        headers["Content-Length"] = str(length)
        body = _body(request.content, length)
    elif place.way.body and request.method not in ("GET", "HEAD"):
        headers["Content-Length"] = "0"
    try:
        async with upstream.session.request(
            request.method,
            upstream.url(target),
            headers=headers,
            data=body,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=silence),
        ) as answer:
            _check(answer, place)
            return await _pass_back(request, answer, place, upstream.output, finish)
    except (aiohttp.ClientError, TimeoutError) as error:
        # The client's own slowness shows as a failure of the request that waits for it.
        slow = body is not None and not request.content.is_eof()
        raise TurnedAway(refusal.TOO_SLOW if slow else refusal.AWAY) from error


def body_length(request: web.BaseRequest, place: Place) -> int:
    """How long the request's body is. Raises TurnedAway when that is not said, or more than the address takes."""
    if "Transfer-Encoding" in request.headers:
        raise TurnedAway(refusal.LENGTH_NEEDED)
    length = request.content_length or 0
    if length > (0 if request.method in ("GET", "HEAD") else place.way.body):
        raise TurnedAway(refusal.BODY_TOO_LARGE)
    return length


async def _body(content: aiohttp.StreamReader, length: int) -> AsyncIterator[bytes]:
    async with asyncio.timeout(_BODY_START + length / _BODY_RATE):
        async for piece in content.iter_any():
            yield piece


def _check(answer: aiohttp.ClientResponse, place: Place) -> None:
    """Looks at an answer before any of it is passed back. Raises TurnedAway."""
    if answer.status in (502, 503, 504) and "Content-Type" not in answer.headers:
        raise TurnedAway(refusal.AWAY)  # the proxy's own two words, when not even the hub's error page could be had
    if is_compressed(answer.headers):
        raise TurnedAway(refusal.AWAY)
    if place.way.area is not Area.SANDBOX:
        return
    if is_attachment(answer.headers):
        raise TurnedAway(refusal.DOWNLOAD)
    if (answer.content_length or 0) > _LARGEST_ANSWER:
        raise TurnedAway(refusal.ANSWER_TOO_LARGE)


async def _pass_back(
    request: web.BaseRequest, answer: aiohttp.ClientResponse, place: Place, output: Budget, finish: Finish
) -> web.StreamResponse:
    headers = to_browser(answer.headers, place)
    status = finish(answer.status, headers)
    response = web.StreamResponse(status=status, reason=answer.reason, headers=headers)
    meter = _Meter(place, output)
    # The first piece is weighed before the status line goes out, so that a refusal can still be said.
    pieces = answer.content.iter_any()
    first = await anext(pieces, b"")
    meter.count(first)
    if answer.content_length is not None:
        response.content_length = answer.content_length
    await response.prepare(request)
    await _write(response, first)
    try:
        async for piece in pieces:
            meter.count(piece)
            await _write(response, piece)
    except TurnedAway as turned:
        # Half of it is out; the connection breaks, so that nobody takes the half for the whole.
        raise CutShort(turned.refusal) from turned
    except (aiohttp.ClientError, TimeoutError) as error:
        raise CutShort(refusal.AWAY) from error
    await response.write_eof()
    return response


class CutShort(ConnectionResetError):  # noqa: N818 - a decision carried out
    """An answer had to be broken off; the server closes the connection without an end of the answer."""

    def __init__(self, why: refusal.Refusal) -> None:
        super().__init__(why.code)
        self.refusal = why


class _Meter:
    """Weighs what a sandbox answers; anything else is weightless."""

    def __init__(self, place: Place, output: Budget) -> None:
        self._place, self._output, self._seen = place, output, 0

    def count(self, piece: bytes) -> None:
        """Raises TurnedAway when this answer, or this minute, has become too large."""
        if self._place.way.area is not Area.SANDBOX:
            return
        self._seen += len(piece)
        if self._seen > _LARGEST_ANSWER:
            raise TurnedAway(refusal.ANSWER_TOO_LARGE)
        if not self._place.way.free and not self._output.take((self._place.person, self._place.contract), len(piece)):
            raise TurnedAway(refusal.OUTPUT_SPENT)


async def _write(response: web.StreamResponse, piece: bytes) -> None:
    if piece:
        async with asyncio.timeout(_WRITE):
            await response.write(piece)
