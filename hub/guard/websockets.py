"""The websockets of kernels and of Lab's events: relayed message by message, what comes out of the sandbox counted.

Nothing is compressed, so that a message weighs what it shows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
from aiohttp import WSCloseCode, WSMsgType, web

from hub.guard import refusal
from hub.guard.budget import Budget
from hub.guard.forward import Upstream
from hub.guard.headers import Headers
from hub.guard.paths import Place
from hub.guard.refusal import Refusal, TurnedAway
from hub.guard.target import Target

_HEARTBEAT = 30.0  # seconds; a side that does not answer a ping within half of it is gone
_CLOSING = 2.0
_LARGEST_IN = 4 * 1024 * 1024  # a cell that is sent for execution
_LARGEST_OUT = 32 * 1024 * 1024  # one message out; it is held in memory here
_SUBPROTOCOL = "v1.kernel.websocket.jupyter.org"  # a browser that offers it gives up when nobody takes it
_SAYABLE = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014}) | frozenset(
    range(3000, 5000)
)
_Closing = tuple[int, str]


@dataclass(frozen=True)
class Wanted:
    """A websocket that was admitted: `note` writes the audit line should it be broken off."""

    target: Target
    place: Place
    headers: Headers
    note: Callable[[Refusal], None]


async def relay(request: web.BaseRequest, wanted: Wanted, upstream: Upstream) -> web.WebSocketResponse:
    """Relays until one side ends. Raises TurnedAway before it has begun."""
    if not web.WebSocketResponse().can_prepare(request):
        raise TurnedAway(refusal.METHOD_NOT_OFFERED)
    offered = {name.strip() for name in request.headers.get("Sec-WebSocket-Protocol", "").split(",")}
    inside = await _connect(wanted, upstream, offered & {_SUBPROTOCOL})
    outside = web.WebSocketResponse(
        heartbeat=_HEARTBEAT,
        compress=False,
        max_msg_size=_LARGEST_IN,
        decode_text=False,
        timeout=_CLOSING,
        protocols=[inside.protocol] if inside.protocol else [],
    )
    closing: _Closing = (WSCloseCode.GOING_AWAY, "")
    try:
        await outside.prepare(request)
        closing = await _first(_send_in(outside, inside), _send_out(inside, outside, wanted.place, upstream.output))
    except TurnedAway as away:
        # Before anything is awaited: a browser that leaves now would take this handler with it.
        wanted.note(away.refusal)
        closing = (WSCloseCode.POLICY_VIOLATION, f"[AMANAT:{away.refusal.code}]")
    except ConnectionError:
        closing = (WSCloseCode.GOING_AWAY, "")
    finally:
        # At once on both sides: a frozen sandbox answers no closing, and its person should not wait for it.
        await asyncio.gather(_close(inside, WSCloseCode.GOING_AWAY, ""), _close(outside, *closing))
    return outside


async def _connect(wanted: Wanted, upstream: Upstream, protocols: set[str]) -> aiohttp.ClientWebSocketResponse[Any]:
    try:
        return await upstream.session.ws_connect(
            upstream.url(wanted.target),
            headers=wanted.headers,
            protocols=protocols,
            heartbeat=_HEARTBEAT,
            compress=0,
            max_msg_size=min(_LARGEST_OUT, upstream.output.most),
            decode_text=False,
            timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSING),
        )
    except aiohttp.WSServerHandshakeError as error:
        raise TurnedAway(_handshake_refusal(error.status)) from error
    except (aiohttp.ClientError, TimeoutError) as error:
        raise TurnedAway(refusal.AWAY) from error


def _handshake_refusal(status: int) -> Refusal:
    """The sandbox's own no: not signed in there, no such kernel. Anything else is a part that does not answer."""
    return refusal.NOT_SIGNED_IN if status in (401, 403) else refusal.AWAY if status >= 500 else refusal.NOT_OFFERED


async def _first(*ways: Any) -> _Closing:
    """The result of whichever direction ends first; the other one is stopped."""
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        closing: _Closing = done.pop().result()
        return closing
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send_in(outside: web.WebSocketResponse, inside: aiohttp.ClientWebSocketResponse[Any]) -> _Closing:
    while True:
        message = await outside.receive()
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return _as_said(outside.close_code)
        await inside.send_frame(message.data, message.type)


async def _send_out(
    inside: aiohttp.ClientWebSocketResponse[Any], outside: web.WebSocketResponse, place: Place, output: Budget
) -> _Closing:
    """Raises TurnedAway when the sandbox has put out too much, in this message or in this minute."""
    while True:
        message = await inside.receive()
        if message.type is WSMsgType.ERROR and inside.close_code == WSCloseCode.MESSAGE_TOO_BIG:
            raise TurnedAway(refusal.ANSWER_TOO_LARGE)
        if message.type not in (WSMsgType.TEXT, WSMsgType.BINARY):
            return _as_said(inside.close_code, str(message.extra or "") if message.type is WSMsgType.CLOSE else "")
        if not output.take((place.person, place.contract), len(message.data)):
            raise TurnedAway(refusal.OUTPUT_SPENT)
        await outside.send_frame(message.data, message.type)


def _as_said(code: int | None, reason: str = "") -> _Closing:
    """The close code of one side as the other may hear it; a side that just vanished is 1011."""
    return (code, reason) if code in _SAYABLE else (WSCloseCode.INTERNAL_ERROR, "")


async def _close(side: web.WebSocketResponse | aiohttp.ClientWebSocketResponse[Any], code: int, reason: str) -> None:
    try:
        await side.close(code=code, message=reason.encode()[:120])
    except (ConnectionError, RuntimeError):
        return  # it was gone already, or had never begun
