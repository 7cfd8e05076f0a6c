from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import pytest
from aiohttp import WSMsgType, web

from .conftest import KERNEL, LAB, OUTPUT, World, let_in

pytestmark = pytest.mark.anyio

CHANNELS = f"{LAB}/api/kernels/{KERNEL}/channels"
V1 = "v1.kernel.websocket.jupyter.org"
Talk = Callable[[web.WebSocketResponse], Awaitable[None]]


def speaking(talk: Talk, **options: Any) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    """A kernel's end of the websocket that does `talk`."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        socket = web.WebSocketResponse(max_msg_size=0, **options)
        await socket.prepare(request)
        await talk(socket)
        return socket

    return answer


async def echo(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        await socket.send_frame(
            message.data if isinstance(message.data, bytes) else message.data.encode(), message.type
        )


async def test_messages_pass_in_both_directions_whole_and_of_their_kind(world: World) -> None:
    world.upstream.answer = speaking(echo)
    async with world.client.ws_connect(f"{world.url}{CHANNELS}?session_id=1") as socket:
        await socket.send_str("سلام")
        assert await socket.receive_str() == "سلام"
        await socket.send_bytes(b"\x00" * 70_000)
        assert await socket.receive_bytes() == b"\x00" * 70_000
    assert socket.close_code == 1000
    (seen,) = world.upstream.seen
    assert seen.raw_path == f"{CHANNELS}?session_id=1"
    assert "permessage-deflate" not in seen.headers.get("Sec-WebSocket-Extensions", "")


@pytest.mark.parametrize(("offered", "taken"), [([V1], V1), (["v9.odd", V1], V1), (["v9.odd"], None), ([], None)])
async def test_only_the_kernels_own_subprotocol_is_agreed_on(
    world: World, offered: list[str], taken: str | None
) -> None:
    world.upstream.answer = speaking(echo, protocols=[V1, "v9.odd"])
    async with world.client.ws_connect(f"{world.url}{CHANNELS}", protocols=offered) as socket:
        assert socket.protocol == taken
        await socket.send_str("x")
        assert await socket.receive_str() == "x"


@pytest.mark.parametrize("code", [1000, 1001, 1011, 4321])
async def test_the_sandboxs_close_code_reaches_the_browser(world: World, code: int) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.close(code=code, message=b"bye")

    world.upstream.answer = speaking(talk)
    async with world.client.ws_connect(f"{world.url}{CHANNELS}") as socket:
        message = await socket.receive(5)
        assert (message.type, socket.close_code, message.extra) == (WSMsgType.CLOSE, code, "bye")


async def test_the_browsers_leaving_reaches_the_sandbox(world: World) -> None:
    ended = asyncio.Event()

    async def talk(socket: web.WebSocketResponse) -> None:
        await echo(socket)
        ended.set()

    world.upstream.answer = speaking(talk)
    socket = await world.client.ws_connect(f"{world.url}{CHANNELS}")
    socket._response.close()  # as a closed lid does: no goodbye
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_sandbox_that_vanishes_ends_the_websocket_at_once(world: World) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.receive()
        transport = socket.get_extra_info("socket")
        assert transport is not None
        socket._req.transport.abort()  # type: ignore[union-attr]

    world.upstream.answer = speaking(talk)
    async with world.client.ws_connect(f"{world.url}{CHANNELS}") as socket:
        await socket.send_str("go")
        begun = asyncio.get_running_loop().time()
        message = await socket.receive(5)
        assert message.type is WSMsgType.CLOSE
        assert socket.close_code == 1011
        assert asyncio.get_running_loop().time() - begun < 1


async def test_too_much_output_closes_with_1008_and_leaves_a_line(world: World) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        try:
            for _ in range(100):
                await socket.send_bytes(b"x" * (OUTPUT // 20))
        except ConnectionError:
            return

    world.upstream.answer = speaking(talk)
    got = 0
    async with world.client.ws_connect(f"{world.url}{CHANNELS}", max_msg_size=0) as socket:
        async for message in socket:
            got += len(message.data)
        assert socket.close_code == 1008
    assert got == OUTPUT
    async with world.client.get(f"{world.url}{LAB}/api/contents/a") as answer:
        assert answer.status == 429  # one budget for every way out of the sandbox
    lines = await world.lines()
    assert ("GET", CHANNELS, 429, "OUTPUT_BUDGET_SPENT", "sara", 1) in lines


async def test_one_message_that_is_too_large_is_not_even_taken_in(world: World) -> None:
    async def talk(socket: web.WebSocketResponse) -> None:
        await socket.send_bytes(b"x" * (OUTPUT + 1))
        await socket.receive()

    world.upstream.answer = speaking(talk)
    async with world.client.ws_connect(f"{world.url}{CHANNELS}", max_msg_size=0) as socket:
        message = await socket.receive(5)
        assert (message.type, socket.close_code) == (WSMsgType.CLOSE, 1008)
    assert {line[3] for line in await world.lines()} == {"ANSWER_TOO_LARGE"}


async def test_output_is_not_counted_against_another_sandbox(world: World) -> None:
    world.upstream.answer = speaking(echo)
    for base in (LAB, "/user/sara/health-2"):
        url = f"{world.url}{base}/api/kernels/{KERNEL}/channels"
        async with world.client.ws_connect(url, max_msg_size=0, headers=let_in(base)) as socket:
            await socket.send_bytes(b"x" * (OUTPUT - 1))
            assert len(await socket.receive_bytes()) == OUTPUT - 1


@pytest.mark.parametrize(("theirs", "ours"), [(403, 403), (404, 404), (503, 502), (200, 404)])
async def test_a_handshake_that_is_refused_inside_is_an_answer_outside(world: World, theirs: int, ours: int) -> None:
    world.upstream.answer = lambda request: web.Response(status=theirs)
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await world.client.ws_connect(f"{world.url}{CHANNELS}")
    assert refused.value.status == ours


async def test_a_websocket_of_another_site_is_refused(world: World) -> None:
    for origin in ("http://evil.example", "null", f"https://127.0.0.1:{world.port}", f"http://127.0.0.1:{world.port}0"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await world.client.ws_connect(f"{world.url}{CHANNELS}", origin=origin)
        assert refused.value.status == 403
    assert not world.upstream.seen
    world.upstream.answer = speaking(echo)
    async with world.client.ws_connect(f"{world.url}{CHANNELS}", origin=world.url):
        pass


async def test_the_address_of_a_websocket_takes_no_plain_request_and_others_no_upgrade(world: World) -> None:
    async with world.client.get(f"{world.url}{CHANNELS}") as got:
        assert got.status == 405
    for path in (f"{LAB}/api/contents", f"{LAB}/terminals/websocket/1", "/hub/home"):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await world.client.ws_connect(f"{world.url}{path}")
        assert refused.value.status in (400, 404)
    assert not world.upstream.seen
