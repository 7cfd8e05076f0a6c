"""Requests that no well-behaved client sends, byte by byte."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from hub.guard import forward, server

from .conftest import LAB, World, let_in

pytestmark = pytest.mark.anyio

HOST = b"Host: 127.0.0.1\r\n"


async def say(port: int, *pieces: bytes, pause: float = 0.0) -> bytes:
    """What comes back until the guard closes, or half a second of silence."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    said = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)
        async with asyncio.timeout(0.2):
            while piece := await reader.read(65536):
                said += piece
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.close()
    return said


@pytest.mark.parametrize(
    "head",
    [
        b"GET http://127.0.0.1/hub/home HTTP/1.1\r\n" + HOST,
        b"GET http://evil.example/ HTTP/1.1\r\n" + HOST,
        b"GET //evil.example/hub HTTP/1.1\r\n" + HOST,
        b"CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + HOST,
        b"OPTIONS * HTTP/1.1\r\n" + HOST,
        b"GET hub/home HTTP/1.1\r\n" + HOST,
        b"GET /hub/home#x HTTP/1.1\r\n" + HOST,
        b"GET /hub/\xd8\xa7 HTTP/1.1\r\n" + HOST,
        b"GET /hub/home HTTP/1.1\r\n",
        b"GET /hub/home HTTP/1.1\r\nHost: evil.example\r\n" + HOST,
        b"GET /hub/home HTTP/1.1\r\n" + HOST + HOST,
        b"GET /hub/home HTTP/1.0\r\n",
        b"GET /hub/ho me HTTP/1.1\r\n" + HOST,
        b"GET /hub/home HTTP/2.0\r\n" + HOST,
        b"GET /hub/home\r\n",
        b"GARBAGE\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n",
        b"GET /hub/home HTTP/1.1\r\n" + HOST + b"Bad Header: x\r\n",
        b"GET /hub/home HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n",
        b"GET /hub/home HTTP/1.1\r\n" + HOST + b"X: \x00\r\n",
        b"GET /hub/home HTTP/1.1\r\n" + HOST + b"Cookie: " + b"a" * 9000 + b"\r\n",
        b"GET /hub/home HTTP/1.1\r\n" + HOST + b"".join(b"X-%d: 1\r\n" % n for n in range(100)),
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST,
        b"POST /hub/login HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        b"POST /hub/login HTTP/1.1\r\n" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n",
        b"POST /hub/login HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n",
        b"POST /hub/login HTTP/1.1\r\n" + HOST + b"Content-Length: +1\r\n",
        b"POST /hub/login HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: xchunked\r\n",
    ],
)
async def test_malformed_and_odd_requests_reach_nobody(world: World, head: bytes) -> None:
    said = await say(world.port, head + b"\r\n")
    assert said == b"" or said.split(b" ")[1] in (b"400", b"404", b"405", b"411", b"421"), said[:200]
    assert b"Python" not in said
    assert b"Traceback" not in said
    assert not world.upstream.seen
    assert len(await world.lines()) == (1 if said else 0)


async def test_a_malformed_request_is_answered_without_repeating_it(world: World) -> None:
    said = await say(world.port, b"GET /<script>alert(1)</script> HTTP/9.9\r\nHost: <b>\r\n\r\n")
    assert said.split(b" ")[1] == b"400"
    assert b"script" not in said
    assert b"REQUEST_MALFORMED" in said


async def test_a_second_request_inside_a_refused_body_is_not_heard(world: World) -> None:
    hidden = b"GET /hub/home HTTP/1.1\r\n" + HOST + b"\r\n"
    for outer in (b"POST /hub/token", b"POST /hub/login"):
        length = b"Content-Length: %d\r\n" % len(hidden)
        said = await say(world.port, outer + b" HTTP/1.1\r\n" + HOST + length + b"\r\n" + hidden)
        assert said.count(b"HTTP/1.1 ") == 1
    assert [seen.method for seen in world.upstream.seen] == ["POST"]
    assert world.upstream.bodies == [hidden]


async def test_pipelined_requests_are_decided_one_by_one(world: World) -> None:
    one, two = (b"GET " + path + b" HTTP/1.1\r\n" + HOST + b"\r\n" for path in (b"/hub/home", b"/hub/admin"))
    said = await say(world.port, one + two)
    assert [part[:3] for part in said.split(b"HTTP/1.1 ")[1:]] == [b"200", b"404"]
    assert len(world.upstream.seen) == 1


async def test_a_head_that_never_ends_is_hung_up_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(server._LIMITS, "keepalive_timeout", 0.2)
    begun = asyncio.get_running_loop().time()
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)

    async def trickle() -> None:
        writer.write(b"GET /hub/home HTTP/1.1\r\n")
        while True:
            writer.write(b"X: y\r\n")
            await asyncio.sleep(0.02)

    trickling = asyncio.create_task(trickle())
    with suppress(ConnectionError):
        async with asyncio.timeout(5):
            assert await reader.read() == b""
    assert asyncio.get_running_loop().time() - begun < 2
    trickling.cancel()
    writer.close()


async def test_a_body_that_never_ends_is_hung_up_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "_BODY_START", 0.1)
    head = f"PUT {LAB}/api/contents/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n".encode()
    cookie = f"Cookie: {let_in()['Cookie']}\r\n\r\n".encode()
    said = await say(world.port, head + cookie + b"x")
    assert said.startswith(b"HTTP/1.1 408 ")


async def test_connections_are_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_MOST_CONNECTIONS", 5)
    held = [await asyncio.open_connection("127.0.0.1", world.port) for _ in range(5)]
    await asyncio.sleep(0.05)
    assert await say(world.port, b"GET /hub/home HTTP/1.1\r\n" + HOST + b"\r\n") == b""
    for _, writer in held:
        writer.close()
    await asyncio.sleep(0.05)
    assert (await say(world.port, b"GET /hub/home HTTP/1.1\r\n" + HOST + b"\r\n")).startswith(b"HTTP/1.1 200 ")


async def test_one_sandbox_holds_few_connections(world: World) -> None:
    held = [await asyncio.open_connection("127.0.0.1", world.inner_port) for _ in range(64)]
    await asyncio.sleep(0.05)
    assert await say(world.inner_port, b"GET /hub/api HTTP/1.1\r\nHost: hub\r\n\r\n") == b""
    for _, writer in held:
        writer.close()
