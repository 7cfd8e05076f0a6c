"""The guard at work: both doors open and refusal lines on their way, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.guard.book import RefusalBook
from hub.guard.budget import Budget
from hub.guard.doors import Door, InnerDoor, PublicDoor
from hub.guard.forward import Upstream, upstream_session
from hub.guard.options import Options
from hub.guard.server import DoorServer, serve

_MINUTE = 60.0
_STOPPING = 2.0  # seconds that requests under way are given when the guard stops
_PER_SANDBOX = 64


@dataclass(frozen=True)
class Sockets:
    """What is bound before rights are given up. `inner` is None where the system runs without sandboxes."""

    public: socket.socket
    inner: socket.socket | None
    tls: ssl.SSLContext | None


async def run(options: Options, sockets: Sockets) -> None:
    """Serves until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with opened(options, sockets):
        await stop.wait()


@asynccontextmanager
async def opened(options: Options, sockets: Sockets) -> AsyncIterator[None]:
    """Both doors answer within this context."""
    system = options.settings.system
    async with upstream_session() as session:
        book = RefusalBook(system.broker, options.settings.guard_secret, session)
        writing = asyncio.create_task(book.run())
        output = Budget(options.output_bytes, _MINUTE)
        to_proxy = Upstream(session, f"127.0.0.1:{system.ports.proxy}", output)
        public = PublicDoor(options, to_proxy, book)
        servers = [await _open(public, sockets.public, sockets.tls, per_address=options.per_address)]
        if sockets.inner is not None and system.sandboxes is not None:
            to_hub = Upstream(session, f"127.0.0.1:{system.ports.hub}", output)
            door = InnerDoor(system.sandboxes.pool, to_hub, book)
            servers.append(await _open(door, sockets.inner, per_address=_PER_SANDBOX))
        try:
            yield
        finally:
            await asyncio.gather(*(_shut(*server) for server in servers))
            writing.cancel()
            await book.flush(last=True)


async def _open(
    door: Door, listener: socket.socket, tls: ssl.SSLContext | None = None, **limits: int
) -> tuple[DoorServer, asyncio.Server]:
    server = DoorServer(door, door.answer, **limits)
    return server, await serve(server, listener, tls)


async def _shut(server: DoorServer, listening: asyncio.Server) -> None:
    listening.close()
    server.pre_shutdown()
    await server.shutdown(_STOPPING)
    await listening.wait_closed()
