from __future__ import annotations

import asyncio
import io
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from hub.guard import forward

from .conftest import LAB, OUTPUT, World, let_in

pytestmark = pytest.mark.anyio


async def test_a_request_arrives_as_it_was_decided_on_and_its_answer_comes_back(world: World) -> None:
    def answer(request: web.BaseRequest) -> web.Response:
        return web.Response(
            status=201, text="saved", headers={"ETag": "e", "Set-Cookie": f"_xsrf=1; Path={LAB}/", "X-Odd": "1"}
        )

    world.upstream.answer = answer
    raw = f"{LAB}/api/contents/%D8%A7%20(1)!.ipynb?content=0&1795&x=%2f"
    async with world.client.put(URL(world.url + raw, encoded=True), data=b"{}", headers={"X-XSRFToken": "1"}) as got:
        assert (got.status, await got.text()) == (201, "saved")
        assert got.headers["ETag"] == "e"
        assert "_xsrf" in got.headers["Set-Cookie"]
        assert "X-Odd" not in got.headers
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert got.headers["Server"] == "amanat"
    (seen,) = world.upstream.seen
    assert (seen.method, seen.raw_path, world.upstream.bodies) == ("PUT", raw, [b"{}"])
    assert seen.headers["Host"] == f"127.0.0.1:{world.port}"
    assert seen.headers["X-Forwarded-For"] == "127.0.0.1"
    assert seen.headers["Content-Length"] == "2"
    assert "Transfer-Encoding" not in seen.headers


async def test_a_large_body_streams_through(world: World) -> None:
    content = b"x" * 3_000_000
    async with world.client.put(f"{world.url}{LAB}/api/contents/a.ipynb", data=io.BytesIO(content)) as got:
        assert got.status == 200
    assert world.upstream.bodies == [content]


async def test_redirects_and_not_modified_pass_unfollowed(world: World) -> None:
    world.upstream.answer = lambda request: web.Response(status=302, headers={"Location": "/hub/login?next=%2Fhub"})
    async with world.client.get(f"{world.url}/hub/home", allow_redirects=False) as got:
        assert (got.status, got.headers["Location"]) == (302, "/hub/login?next=%2Fhub")
    world.upstream.answer = lambda request: web.Response(status=304, headers={"ETag": "e"})
    async with world.client.get(f"{world.url}/hub/static/a.css", headers={"If-None-Match": "e"}) as got:
        assert (got.status, await got.read()) == (304, b"")
    assert len(world.upstream.seen) == 2


async def test_head_has_the_length_and_no_body(world: World) -> None:
    world.upstream.answer = lambda request: web.Response(text="12345")
    async with world.client.head(f"{world.url}/hub/home") as got:
        assert (got.status, got.headers["Content-Length"], await got.read()) == (200, "5", b"")


async def test_an_event_stream_arrives_piece_by_piece(world: World) -> None:
    go_on = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await stream.prepare(request)
        await stream.write(b"data: 1\n\n")
        await asyncio.wait_for(go_on.wait(), 5)
        await stream.write(b"data: 2\n\n")
        return stream

    world.upstream.answer = answer
    async with world.client.get(f"{world.url}/hub/api/users/sara/servers/health-1/progress") as got:
        assert await got.content.readuntil(b"\n\n") == b"data: 1\n\n"
        go_on.set()
        assert await got.content.read() == b"data: 2\n\n"


async def test_a_browser_that_leaves_takes_its_request_with_it(world: World) -> None:
    left = asyncio.Event()

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        try:
            await asyncio.sleep(30)
        finally:
            left.set()
        return web.Response()

    world.upstream.answer = answer
    with pytest.raises(TimeoutError):
        await world.client.get(f"{world.url}/hub/home", timeout=aiohttp.ClientTimeout(total=0.3))
    await asyncio.wait_for(left.wait(), 5)


async def test_a_download_is_refused(world: World) -> None:
    headers = {"Content-Disposition": "attachment; filename=a.csv"}
    world.upstream.answer = lambda request: web.Response(text="rows", headers=headers)
    async with world.client.get(f"{world.url}{LAB}/api/contents/a.csv") as got:
        assert got.status == 403
        assert "rows" not in await got.text()
    assert ("GET", f"{LAB}/api/contents/a.csv", 403, "DOWNLOAD_NOT_OFFERED", "sara", 1) in await world.lines()


async def test_a_compressed_answer_is_refused_because_it_weighs_less_than_it_shows(world: World) -> None:
    world.upstream.answer = lambda request: web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})
    async with world.client.get(f"{world.url}{LAB}/api/contents") as got:
        assert got.status == 502
    assert world.upstream.seen[0].headers["Accept-Encoding"] == "identity"


async def test_one_answer_of_a_sandbox_has_a_largest_size(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "_LARGEST_ANSWER", 1000)
    world.upstream.answer = lambda request: web.Response(body=b"x" * 1001)
    async with world.client.get(f"{world.url}{LAB}/static/a.js") as got:
        assert (got.status, (await got.json(content_type=None))["code"]) == (403, "ANSWER_TOO_LARGE")
    async with world.client.get(f"{world.url}/hub/static/a.js") as got:
        assert (got.status, len(await got.read())) == (200, 1001)


async def test_an_answer_that_does_not_say_its_size_is_broken_off(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forward, "_LARGEST_ANSWER", 100_000)

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        stream = web.StreamResponse()
        await stream.prepare(request)
        await stream.write(b"x" * 10_000)
        await asyncio.sleep(0.1)  # so that this much is on its way to the browser before it becomes too much
        for _ in range(40):
            await stream.write(b"x" * 10_000)
        return stream

    world.upstream.answer = answer
    async with world.client.get(f"{world.url}{LAB}/static/a.js") as got:
        assert len(await got.content.readexactly(10_000)) == 10_000
        with pytest.raises(aiohttp.ClientPayloadError):
            await got.content.readexactly(100_000)
    assert ("GET", f"{LAB}/static/a.js", 403, "ANSWER_TOO_LARGE", "sara", 1) in await world.lines()


async def test_what_a_sandbox_answers_counts_as_output(world: World) -> None:
    world.upstream.answer = lambda request: web.Response(body=b"x" * (OUTPUT // 2))
    other = "/user/sara/health-2"
    statuses = []
    for name in ("a", "b", "c"):
        async with world.client.get(f"{world.url}{LAB}/api/contents/{name}") as got:
            statuses.append(got.status)
    assert statuses == [200, 200, 429]
    async with world.client.get(f"{world.url}{other}/api/contents/c", headers=let_in(other)) as got:
        assert got.status == 200  # another sandbox has a budget of its own
    async with world.client.get(f"{world.url}{LAB}/static/main.js") as got:
        assert got.status == 200  # the program itself is not output
    assert ("GET", f"{LAB}/api/contents/c", 429, "OUTPUT_BUDGET_SPENT", "sara", 1) in await world.lines()


@pytest.mark.parametrize(("accept", "kind"), [("text/html,*/*", "text/html"), ("*/*", "application/problem+json")])
async def test_when_nobody_answers_behind_the_guard_a_page_says_what_to_do(
    world: World, accept: str, kind: str
) -> None:
    def answer(request: web.BaseRequest) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    world.upstream.answer = answer
    async with world.client.get(f"{world.url}/hub/home", headers={"Accept": accept, "Accept-Language": "fa"}) as got:
        text = await got.text()
        assert (got.status, got.content_type) == (502, kind)
    assert "PART_AWAY" in text
    assert "نیم دقیقه صبر کنید" in text
    assert await world.lines() == set()  # a fault is not a refusal


async def test_the_proxys_own_two_words_become_the_page(world: World) -> None:
    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 19\r\n\r\nService Unavailable")
        await asyncio.sleep(0.1)
        raise ConnectionResetError

    world.upstream.answer = answer
    async with world.client.get(f"{world.url}/hub/home") as got:
        assert (got.status, "PART_AWAY" in await got.text()) == (502, True)


async def test_the_hubs_own_error_page_is_passed_on(world: World) -> None:
    world.upstream.answer = lambda request: web.Response(status=503, text="<p>hub", content_type="text/html")
    async with world.client.get(f"{world.url}{LAB}/lab") as got:
        assert (got.status, await got.text()) == (503, "<p>hub")


async def test_an_answer_that_stops_halfway_does_not_look_whole(world: World) -> None:
    async def answer(request: web.BaseRequest) -> Any:
        stream = web.StreamResponse()
        stream.content_length = 1000
        await stream.prepare(request)
        await stream.write(b"x" * 10)
        await asyncio.sleep(0.05)
        assert request.transport is not None
        request.transport.abort()
        return stream

    world.upstream.answer = answer
    with pytest.raises(aiohttp.ClientPayloadError):
        async with world.client.get(f"{world.url}/hub/home") as got:
            await got.read()
