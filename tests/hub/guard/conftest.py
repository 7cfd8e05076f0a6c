"""A guard on free ports between a client and stand-ins for the proxy, the hub and the broker."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from multidict import CIMultiDict

from hub.guard.__main__ import bind
from hub.guard.options import Options
from hub.guard.passes import Passes
from hub.guard.running import Sockets, opened
from hub.settings import GuardSettings, Ports, Sandboxes, System

SECRET = "s3cret-of-the-guard"
OUTPUT = 200_000
LAB = "/user/sara/health-1"
KERNEL = "0a1b2c3d-0000-4000-8000-0123456789ab"
SESSION = "jupyterhub-session-id=0a1b"
Lines = set[tuple[str, str, int, str, str, int]]


def let_in(base: str = LAB) -> dict[str, str]:
    """The headers of a browser that the hub has let into the sandbox at `base`."""
    headers = CIMultiDict({"Location": f"{base}/oauth_callback?code=c"})
    Passes(SECRET, False).amend(SESSION, "", 302, headers)
    return {"Cookie": f"{SESSION}; {headers['Set-Cookie'].partition(';')[0]}"}


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@dataclass(frozen=True)
class _Ports(Ports):
    """Ports of servers that chose their own."""

    own_proxy: int = 0
    own_hub: int = 0

    @property
    def proxy(self) -> int:
        return self.own_proxy

    @property
    def hub(self) -> int:
        return self.own_hub


class Upstream:
    """Stands in for the proxy or the hub: remembers what came, answers what a test says."""

    def __init__(self) -> None:
        self.seen: list[web.BaseRequest] = []
        self.bodies: list[bytes] = []
        self.answer: Any = lambda request: web.Response(text="fine")

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.seen.append(request)
        if request.headers.get("Upgrade") is None:
            self.bodies.append(b"".join([piece async for piece in request.content.iter_any()]))
        answer = self.answer(request)
        return await answer if hasattr(answer, "__await__") else answer


class Broker:
    """Stands in for the broker's door for refusal lines."""

    def __init__(self) -> None:
        self.status = 204
        self.batches: list[list[dict[str, Any]]] = []
        self.secrets: set[str | None] = set()

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        assert (request.method, request.path) == ("POST", "/api/v1/hub/refusals")
        self.secrets.add(request.headers.get("X-Amanat-Guard"))
        if self.status == 204:
            self.batches.append(json.loads(await request.read())["items"])
        return web.Response(status=self.status)

    @property
    def lines(self) -> Lines:
        fields = ("method", "path", "status", "why", "user", "count")
        return {tuple(item[name] for name in fields) for batch in self.batches for item in batch}  # type: ignore[misc]


@dataclass
class World:
    """`url`: the public door; `inner`: the door for sandboxes, reached from 127.0.0.1, which the pool contains.
    `client`: a browser that may enter the sandbox at LAB."""

    client: aiohttp.ClientSession
    upstream: Upstream
    hub: Upstream
    broker: Broker
    port: int
    inner_port: int
    stack: AsyncExitStack = field(repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def inner(self) -> str:
        return f"http://127.0.0.1:{self.inner_port}"

    async def lines(self) -> Lines:
        """Stops the guard, which sends what waits, and tells every line the broker got."""
        await self.stack.aclose()
        return self.broker.lines


@asynccontextmanager
async def listening(handler: Any) -> AsyncIterator[int]:
    runner = web.ServerRunner(web.Server(handler, handler_cancellation=True), shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()


@pytest.fixture
async def world(anyio_backend: str) -> AsyncIterator[World]:
    upstream, hub, broker = Upstream(), Upstream(), Broker()
    public, inner = bind("127.0.0.1", 0), bind("127.0.0.1", 0)
    port, inner_port = public.getsockname()[1], inner.getsockname()[1]
    async with AsyncExitStack() as outer:
        proxy_port = await outer.enter_async_context(listening(upstream))
        hub_port = await outer.enter_async_context(listening(hub))
        broker_port = await outer.enter_async_context(listening(broker))
        system = System(
            f"http://127.0.0.1:{broker_port}/api/v1",
            Path("/nowhere"),
            _Ports(24700, proxy_port, hub_port),
            f"http://amanat.example:{port}",
            Sandboxes("0a1b", ipaddress.IPv4Network("127.0.0.0/20"), "image"),
        )
        options = Options(GuardSettings(system, SECRET), "127.0.0.1", None, None, OUTPUT)
        client = await outer.enter_async_context(aiohttp.ClientSession(auto_decompress=False, headers=let_in()))
        guard = await outer.enter_async_context(AsyncExitStack())
        await guard.enter_async_context(opened(options, Sockets(public, inner, None)))
        yield World(client, upstream, hub, broker, port, inner_port, guard)
