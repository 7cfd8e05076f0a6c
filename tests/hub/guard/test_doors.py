from __future__ import annotations

import asyncio
import io
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from .conftest import KERNEL, LAB, SECRET, SESSION, World

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("method", "path", "status", "why", "user"),
    [
        ("GET", "/hub/admin", 404, "ADDRESS_NOT_OFFERED", ""),
        ("GET", "/hub/api/users/omid", 404, "ADDRESS_NOT_OFFERED", "omid"),
        ("GET", f"{LAB}/files/rows.csv", 404, "ADDRESS_NOT_OFFERED", "sara"),
        ("POST", f"{LAB}/api/terminals", 404, "ADDRESS_NOT_OFFERED", "sara"),
        ("TRACE", "/hub/home", 405, "METHOD_NOT_OFFERED", ""),
        ("GET", "/hub/static/%2e%2e/admin", 400, "ADDRESS_NOT_PLAIN", ""),
        ("GET", "/hub//home", 400, "ADDRESS_NOT_PLAIN", ""),
    ],
)
async def test_a_refusal_reaches_nobody_and_leaves_a_line(
    world: World, method: str, path: str, status: int, why: str, user: str
) -> None:
    url = URL(f"{world.url}{path}?code=one-time", encoded=True)
    async with world.client.request(method, url) as got:
        assert got.status == status
        assert got.headers["Cache-Control"] == "no-store"
        problem = await got.json(content_type=None)
        assert problem["code"] == why
        assert problem["detail"]
    assert not world.upstream.seen
    assert await world.lines() == {(method, path, status, why, user, 1)}
    assert world.broker.secrets == {SECRET}


async def test_lines_are_sent_while_the_guard_runs(world: World) -> None:
    for _ in range(5):
        async with world.client.get(f"{world.url}/hub/admin") as got:
            assert got.status == 404
    async with asyncio.timeout(5):
        while not world.broker.batches:
            await asyncio.sleep(0.05)
    assert world.broker.lines == {("GET", "/hub/admin", 404, "ADDRESS_NOT_OFFERED", "", 5)}


async def test_a_person_reads_a_page_in_both_languages(world: World) -> None:
    async with world.client.get(f"{world.url}/hub/admin", headers={"Accept": "text/html"}) as got:
        page = await got.text()
        assert got.content_type == "text/html"
        assert "default-src 'none'" in got.headers.getall("Content-Security-Policy")[0]
    assert 'dir="rtl"' in page
    assert "این نشانی به جایی نمی‌رسد" in page
    assert "This address leads nowhere" in page
    assert "/hub/admin" not in page  # what was asked for is not repeated
    assert "<script" not in page


@pytest.mark.parametrize("path", ["/favicon.ico", "/robots.txt", f"{LAB}/api/nbconvert"])
async def test_what_browsers_ask_by_themselves_leaves_no_line(world: World, path: str) -> None:
    async with world.client.get(f"{world.url}{path}") as got:
        assert got.status == 404
    assert await world.lines() == set()


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "127.0.0.1@evil", "localhost.", "[::1]"]
)
async def test_an_unknown_host_is_refused(world: World, host: str) -> None:
    async with world.client.get(f"{world.url}/hub/home", headers={"Host": host}) as got:
        assert got.status == 421
    assert not world.upstream.seen


@pytest.mark.parametrize(
    "host", ["127.0.0.1:80", "localhost", "LOCALHOST:24703", "amanat.example", "Amanat.example:443"]
)
async def test_a_known_host_passes_with_any_port(world: World, host: str) -> None:
    async with world.client.get(f"{world.url}/hub/home", headers={"Host": host}) as got:
        assert got.status == 200
    assert world.upstream.seen[0].headers["Host"] == host


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "token abc"},
        {"Proxy-Authorization": "Basic abc"},
        {"Expect": "100-continue"},
        {"Content-Encoding": "gzip"},
        {"Upgrade": "h2c", "Connection": "Upgrade"},
    ],
)
async def test_headers_that_change_who_asks_or_what_is_meant_are_refused(world: World, headers: dict[str, str]) -> None:
    async with world.client.get(f"{world.url}/hub/home", headers=headers) as got:
        assert got.status == 400
        assert "abc" not in await got.text()
    assert not world.upstream.seen
    assert {line[3] for line in await world.lines()} == {"HEADER_NOT_OFFERED"}


async def test_a_token_that_lab_sends_to_its_sandbox_stays_outside(world: World) -> None:
    async with world.client.get(f"{world.url}{LAB}/api/me", headers={"Authorization": "token abc"}) as got:
        assert got.status == 200
    assert "Authorization" not in world.upstream.seen[0].headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_another_site_changes_nothing_in_a_persons_name(world: World, headers: dict[str, str]) -> None:
    async with world.client.post(f"{world.url}/hub/login", headers=headers) as got:
        assert (got.status, (await got.json(content_type=None))["code"]) == (403, "ORIGIN_FOREIGN")
    assert not world.upstream.seen
    async with world.client.get(f"{world.url}/hub/login", headers={"Sec-Fetch-Site": "cross-site"}) as got:
        assert got.status == 200  # a link that leads here is not an act


async def test_own_pages_may_act(world: World) -> None:
    for origin in (world.url, f"http://amanat.example:{world.port}"):
        async with world.client.post(
            f"{world.url}/hub/login", data={"a": "b"}, headers={"Origin": origin, "Sec-Fetch-Site": "same-origin"}
        ) as got:
            assert got.status == 200
    assert world.upstream.bodies == [b"a=b", b"a=b"]


async def test_bodies_have_a_largest_size_for_each_address(world: World) -> None:
    async with world.client.post(f"{world.url}/hub/login", data=b"x" * 70_000) as got:
        assert got.status == 413
    async with world.client.put(f"{world.url}{LAB}/api/contents/a.txt", data=b"x" * 70_000) as got:
        assert got.status == 200
    async with world.client.get(f"{world.url}/hub/home", data=b"x") as got:
        assert got.status == 413
    assert len(world.upstream.seen) == 1


async def test_a_body_says_its_length_first(world: World) -> None:
    async with world.client.post(f"{world.url}/hub/login", data=io.BytesIO(b"a=b"), chunked=True) as got:
        assert got.status == 411
    assert not world.upstream.seen


async def test_the_inner_door_takes_the_few_questions_of_a_single_user_server(world: World) -> None:
    token = {"Authorization": "token abc", "Cookie": "a=b", "Host": "hub:24707"}
    async with world.client.get(f"{world.inner}/hub/api/user", headers=token) as got:
        assert got.status == 200
    async with world.client.post(f"{world.inner}/hub/api/users/sara/activity", json={}, headers=token) as got:
        assert got.status == 200
    seen = world.hub.seen[0]
    assert seen.headers["Authorization"] == "token abc"
    assert "Cookie" not in seen.headers
    assert seen.headers["Host"].startswith("127.0.0.1:")
    assert not world.upstream.seen


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/hub/login"),
        ("POST", "/hub/login"),
        ("GET", "/hub/api/users"),
        ("POST", "/hub/api/users/sara/tokens"),
        ("POST", "/hub/api/users/sara/servers/health-1"),
        ("GET", "/hub/api/user?x=1"),
        ("GET", "/user/omid/health-2/lab"),
        ("GET", "/services/console/"),
        ("GET", "/hub/api/%75ser"),
    ],
)
async def test_the_inner_door_takes_nothing_else(world: World, method: str, path: str) -> None:
    async with world.client.request(method, URL(world.inner + path, encoded=True)) as got:
        assert got.status >= 400
    assert not world.hub.seen
    ((_, _, _, _, who, count),) = await world.lines()
    assert (who, count) == ("127.0.0.1", 1)


async def test_the_inner_door_takes_small_bodies_only(world: World) -> None:
    async with world.client.post(f"{world.inner}/hub/api/oauth2/token", data=b"x" * 20_000) as got:
        assert got.status == 413


async def test_the_inner_door_is_for_sandboxes(world: World) -> None:
    elsewhere = aiohttp.TCPConnector(local_addr=("127.0.99.9", 0))
    async with (
        aiohttp.ClientSession(connector=elsewhere) as client,
        client.get(f"{world.inner}/hub/api/user") as got,
    ):
        assert (got.status, (await got.json(content_type=None))["code"]) == (403, "WRONG_DOOR")
    assert not world.hub.seen


async def test_one_sandbox_cannot_flood_the_hub(world: World) -> None:
    statuses = set()
    for _ in range(70):
        async with world.client.get(f"{world.inner}/hub/api") as got:
            statuses.add(got.status)
    assert statuses == {200, 429}
    assert len(world.hub.seen) == 60
    neighbour = aiohttp.TCPConnector(local_addr=("127.0.0.9", 0))
    async with aiohttp.ClientSession(connector=neighbour) as client, client.get(f"{world.inner}/hub/api") as got:
        assert got.status == 200


async def test_without_a_pass_nothing_of_a_sandbox_is_shown(world: World) -> None:
    async with aiohttp.ClientSession(headers={"Cookie": SESSION}) as stranger:
        async with stranger.get(f"{world.url}{LAB}/lab/tree/a.ipynb?reset", allow_redirects=False) as got:
            assert (got.status, got.headers["Cache-Control"]) == (302, "no-store")
            asked = urlsplit(got.headers["Location"])
            assert asked.path == "/hub/api/oauth2/authorize"
            assert parse_qs(asked.query)["state"] == [f"guard:{LAB}/lab/tree/a.ipynb?reset"]
        for path in ("api/contents", "static/main.js", "oauth_callback?code=c&state=guard:x", "logout"):
            async with stranger.get(f"{world.url}{LAB}/{path}", allow_redirects=False) as got:
                assert (got.status, (await got.json(content_type=None))["code"]) == (403, "NOT_SIGNED_IN")
        async with stranger.put(f"{world.url}{LAB}/api/contents/a", data=b"x") as got:
            assert got.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stranger.ws_connect(f"{world.url}{LAB}/api/kernels/{KERNEL}/channels")
        assert refused.value.status == 403
    assert not world.upstream.seen


async def test_a_pass_for_one_sandbox_opens_no_other(world: World) -> None:
    for base in ("/user/sara/health-2", "/user/omid/health-1"):
        async with world.client.get(f"{world.url}{base}/lab", allow_redirects=False) as got:
            assert got.status == 302
    assert not world.upstream.seen


async def test_the_way_by_the_hub_ends_at_the_page_and_the_pass_stays_outside(world: World) -> None:
    def hub(request: web.BaseRequest) -> web.Response:
        to = f"{LAB}/oauth_callback?code=c&state=guard%3A{LAB.replace('/', '%2F')}%2Flab"
        asked = request.path == "/hub/api/oauth2/authorize"
        return web.Response(status=302, headers={"Location": to}) if asked else web.Response(text="lab")

    world.upstream.answer = hub
    async with aiohttp.ClientSession(
        cookies={"jupyterhub-session-id": "0a1b"}, cookie_jar=aiohttp.CookieJar(unsafe=True)
    ) as browser:
        async with browser.get(f"{world.url}{LAB}/lab") as got:
            assert (got.status, await got.text()) == (200, "lab")
            assert [step.status for step in got.history] == [302, 302]
        assert "amanat-pass" in str(browser.cookie_jar.filter_cookies(URL(f"{world.url}{LAB}")))
    assert [request.path for request in world.upstream.seen] == ["/hub/api/oauth2/authorize", f"{LAB}/lab"]
    assert all("amanat-pass" not in request.headers.get("Cookie", "") for request in world.upstream.seen)


async def test_a_planted_second_session_is_told_and_not_sent_round_in_circles(world: World) -> None:
    two = {"Cookie": f"{SESSION}; jupyterhub-session-id=planted"}
    async with world.client.get(f"{world.url}{LAB}/lab", headers=two, allow_redirects=False) as got:
        assert got.status == 403
