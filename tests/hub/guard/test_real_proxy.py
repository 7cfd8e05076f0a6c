"""Through the real proxy: what the guard decided on is what a sandbox and the hub are asked for."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import httpx
import pytest
from aiohttp import web
from yarl import URL

from hub.guard.__main__ import bind
from hub.guard.options import Options
from hub.guard.running import Sockets, opened
from hub.proxy import proxy_command
from hub.settings import GuardSettings, Ports, System
from tests.support.system import free_ports

from .conftest import KERNEL, LAB, SECRET, Upstream, let_in, listening
from .test_websockets import echo, speaking

pytestmark = pytest.mark.anyio

TOKEN = {"Authorization": "token abc"}


@pytest.fixture(scope="module")
def ports() -> Iterator[Ports]:
    """The ports of a proxy that runs."""
    ports = Ports(free_ports())
    command = proxy_command(ports.base)
    assert command, "there is no proxy: run scripts/node.sh"
    settings = {"PATH": os.environ["PATH"], "CONFIGPROXY_AUTH_TOKEN": "abc"}
    with subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as proxy:
        try:
            for _ in range(200):
                try:
                    httpx.get(f"http://127.0.0.1:{ports.proxy_api}/api/routes", timeout=2)
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield ports
        finally:
            proxy.kill()


@dataclass
class Behind:
    """`url`: the guard's. `sandbox`: what the proxy leads to below LAB."""

    url: str
    sandbox: Upstream
    client: aiohttp.ClientSession
    ports: Ports

    async def lead(self, path: str, target: int) -> None:
        """Adds a route, as the hub does."""
        url = f"http://127.0.0.1:{self.ports.proxy_api}/api/routes{path}"
        async with self.client.post(url, json={"target": f"http://127.0.0.1:{target}"}, headers=TOKEN) as done:
            assert done.status == 201


@pytest.fixture
async def behind(anyio_backend: str, ports: Ports) -> AsyncIterator[Behind]:
    public = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{public.getsockname()[1]}"
    system = System("http://127.0.0.1:1/api/v1", Path("/nowhere"), ports, url, None)
    options = Options(GuardSettings(system, SECRET), "127.0.0.1", None, None, 10**6)
    sandbox = Upstream()
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(aiohttp.ClientSession(headers=let_in()))
        target = await stack.enter_async_context(listening(sandbox))
        await stack.enter_async_context(opened(options, Sockets(public, None, None)))
        made = Behind(url, sandbox, client, ports)
        await made.lead(LAB, target)
        yield made


@pytest.mark.parametrize(
    "raw",
    [
        f"{LAB}/api/contents/%D8%B3%D8%A7%D9%84%20%DB%B1%DB%B4%DB%B0%DB%B5/(1)!'*~.ipynb?content=0&x=%2F&1795",
        f"{LAB}/lab/api/settings/@jupyterlab/apputils-extension:themes",
        f"{LAB}/lab/tree/a%40b%5B1%5D.ipynb?reset",
    ],
)
async def test_an_address_arrives_byte_for_byte(behind: Behind, raw: str) -> None:
    async with behind.client.get(URL(behind.url + raw, encoded=True)) as got:
        assert got.status == 200
    (seen,) = behind.sandbox.seen
    assert seen.raw_path == raw
    assert seen.headers["Host"] == behind.url.removeprefix("http://")
    assert seen.headers["X-Forwarded-For"].split(",")[0] == "127.0.0.1"
    assert seen.headers["X-Forwarded-Proto"].split(",")[0] == "http"


async def test_kernels_are_reached(behind: Behind) -> None:
    behind.sandbox.answer = speaking(echo)
    async with behind.client.ws_connect(f"{behind.url}{LAB}/api/kernels/{KERNEL}/channels") as socket:
        await socket.send_str("سلام")
        assert await socket.receive_str() == "سلام"


async def test_when_hub_and_sandbox_are_gone_the_page_says_so(behind: Behind) -> None:
    await behind.lead(LAB, behind.ports.api)  # where nothing listens in this test
    async with behind.client.get(f"{behind.url}{LAB}/lab", headers={"Accept": "text/html"}) as got:
        assert (got.status, "PART_AWAY" in await got.text()) == (502, True)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await behind.client.ws_connect(f"{behind.url}{LAB}/api/events/subscribe")
    assert refused.value.status == 502


async def test_the_hub_speaks_for_a_sandbox_that_is_gone(behind: Behind) -> None:
    async def error_page(request: web.BaseRequest) -> web.Response:
        assert request.path == "/hub/error/503"
        return web.Response(text="<p>hub", content_type="text/html")

    await behind.lead(LAB, behind.ports.api)
    hub = bind("127.0.0.1", behind.ports.hub)
    runner = web.ServerRunner(web.Server(error_page))
    await runner.setup()
    await web.SockSite(runner, hub).start()
    async with behind.client.get(f"{behind.url}{LAB}/lab") as got:
        assert (got.status, await got.text()) == (503, "<p>hub")
    await runner.cleanup()
