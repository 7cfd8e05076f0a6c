"""The HTTP server under both doors: limits on connections and headers, one answer for requests that cannot be read."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from hub.guard.refusal import FAULT, MALFORMED, Refusal

_log = logging.getLogger("amanat.guard")

_LONGEST_LINE = 8190
_LIMITS: dict[str, Any] = {
    # Seconds until a connection that has not sent a whole request head is closed.
    "keepalive_timeout": 30.0,
    "lingering_time": 2.0,
    "max_line_size": _LONGEST_LINE,
    "max_field_size": _LONGEST_LINE,
    "max_headers": 64,
    # Bodies pass as they are; and a small body must not unfold into a large one here.
    "auto_decompress": False,
    "access_log": None,
}
_HANDSHAKE = 10.0  # seconds
_MOST_CONNECTIONS = 2048

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Answer = Callable[[web.BaseRequest, Refusal], web.Response]


class DoorServer(web.Server):
    """`answer` is given what could not even be handed to `handler`. `per_address`: connections one address may hold."""

    def __init__(self, handler: Handler, answer: Answer, per_address: int = _MOST_CONNECTIONS) -> None:
        # A browser that goes away takes its request to the upstream with it.
        super().__init__(handler, handler_cancellation=True)
        self.answer = answer
        self._per_address = per_address

    def __call__(self) -> web.RequestHandler:
        return _Protocol(self, loop=asyncio.get_running_loop(), logger=_log, **_LIMITS)

    def connection_made(self, handler: web.RequestHandler, transport: asyncio.Transport) -> None:
        super().connection_made(handler, transport)
        held = self.connections
        if len(held) > _MOST_CONNECTIONS or self._held_by(handler) > self._per_address:
            transport.abort()

    def _held_by(self, handler: web.RequestHandler) -> int:
        address = _address(handler)
        return sum(_address(other) == address for other in self.connections)


class _Protocol(web.RequestHandler):
    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        """A request that could not be parsed, or a fault of ours. What was sent is not repeated in the answer."""
        manager = self._manager
        if request.writer.output_size > 0 or not isinstance(manager, DoorServer):
            raise ConnectionResetError  # half an answer is out: the connection ends, and nobody takes it for whole
        if status >= 500:
            _log.error("a request failed: %s", type(exc).__name__, exc_info=exc)
        response = manager.answer(request, FAULT if status >= 500 else MALFORMED)
        response.force_close()
        return response


async def serve(server: DoorServer, listener: socket.socket, tls: ssl.SSLContext | None = None) -> asyncio.Server:
    """Begins to answer on a socket that is already bound."""
    more: dict[str, Any] = {"ssl": tls, "ssl_handshake_timeout": _HANDSHAKE} if tls else {}
    return await asyncio.get_running_loop().create_server(server, sock=listener, backlog=512, **more)


def _address(handler: web.RequestHandler) -> str:
    peer = handler.peername
    return str(peer[0]) if isinstance(peer, tuple) else ""
