"""The real hub behind the real proxy, before a scripted broker; without sandboxes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.hub.fake_broker import FakeBroker
from tests.hub.running_hub import Browser, RunningHub, running_hub

WARDEN = {"Authorization": "token " + "2" * 64}
CONSOLE = {"Authorization": "token " + "1" * 64}


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("hub"), {}) as running:
        yield running


@pytest.fixture
def broker(hub: RunningHub) -> FakeBroker:
    hub.broker.people.clear()
    hub.broker.refusals.clear()
    hub.broker.add("sara", "P1", "health-1")
    hub.broker.add("Sara", "P2")
    hub.broker.add("mina", groups=("monitoring",))
    return hub.broker


@pytest.fixture
def sara(hub: RunningHub, broker: FakeBroker) -> Browser:
    browser = hub.browser()
    assert browser.sign_in("sara").url.path == "/hub/home"
    return browser


def test_the_home_page_shows_each_contract_and_what_may_be_done(sara: Browser, broker: FakeBroker) -> None:
    page = sara.get("/hub/home").text
    assert 'action="/hub/spawn/sara/P1"' in page
    assert "Where do benefits go?" in page
    assert "2027-02-20" in page
    broker.add("sara", "P1", may_spawn=False)
    page = sara.get("/hub/home").text
    assert "/hub/spawn/sara/P1" not in page
    assert "[AMANAT:CONTRACT_CUT] (F-13)" in page


def test_pages_are_persian_from_the_first_string(hub: RunningHub, broker: FakeBroker) -> None:
    browser = hub.browser("de")
    page = browser.sign_in("sara").text
    assert '<html lang="fa" dir="rtl">' in page
    assert "سارا احمدی، خوش آمدید" in page
    assert "۱۴۰۵/۱۲/۰۲" in page
    assert "bootstrap.rtl.min.css" in page
    assert '<html lang="en" dir="ltr">' in browser.get("/hub/home?lang=en").text
    assert '<html lang="en" dir="ltr">' in browser.get("/hub/home").text


@pytest.mark.parametrize(
    ("person", "password"), [("sara", "wrong"), ("nobody", "wrong"), ("SARA", "wrong"), ("a b", "c")]
)
def test_a_wrong_sign_in_is_told_as_a_sentence(hub: RunningHub, broker: FakeBroker, person: str, password: str) -> None:
    browser = hub.browser()
    answer = browser.sign_in(person, password)
    assert answer.status_code == 403
    assert "ot right" in answer.text
    assert browser.get("/hub/home").url.path == "/hub/login"


def test_a_lockout_is_told_as_the_broker_tells_it(hub: RunningHub, broker: FakeBroker) -> None:
    broker.refuse("/hub/sign-ins", "TOO_MANY_ATTEMPTS", "", "Wait 40 seconds.", 429)
    browser = hub.browser()
    answer = browser.sign_in("sara")
    assert (answer.status_code, "Wait 40 seconds." in answer.text) == (429, True)


def test_without_the_broker_nobody_signs_in_and_the_page_says_why(hub: RunningHub, broker: FakeBroker) -> None:
    broker.refuse("/hub/sign-ins", "x", "", "y", 500)
    broker.refusals["/hub/sign-ins"].pop("code")
    browser = hub.browser()
    answer = browser.sign_in("sara")
    assert answer.status_code == 503
    assert "accounts cannot be reached" in answer.text


def test_two_people_whose_ids_differ_in_case_are_two(hub: RunningHub, sara: Browser) -> None:
    other = hub.browser()
    assert "P2" in other.sign_in("Sara").text
    assert "P2" not in sara.get("/hub/home").text
    assert other.client.post("/hub/spawn/sara/P1", data={"_xsrf": other.xsrf()}).status_code == 404


def test_a_refused_spawn_is_403_with_sentence_code_and_rule(sara: Browser, broker: FakeBroker) -> None:
    broker.refuse("/hub/spawns", "CONTRACT_CUT", "F-13", "[AMANAT:CONTRACT_CUT] (F-13) قطع شد. <b>", 409)
    for answer in (
        sara.client.post("/hub/spawn/sara/P1", data={"_xsrf": sara.xsrf()}),
        sara.client.get("/hub/spawn/sara/P1"),
    ):
        assert answer.status_code == 403
        assert "[AMANAT:CONTRACT_CUT] (F-13) قطع شد. &lt;b&gt;" in answer.text
    told = sara.client.post("/hub/api/users/sara/servers/P1", headers={"X-XSRFToken": sara.xsrf()})
    assert (told.status_code, "CONTRACT_CUT" in told.text) == (403, True)
    assert broker.told_of("/hub/spawns")[-1] == {"person": "sara", "contract": "P1"}


def test_a_broker_that_is_away_refuses_every_spawn(sara: Browser, broker: FakeBroker) -> None:
    broker.refuse("/hub/spawns", "x", "", "y", 500)
    broker.refusals["/hub/spawns"].pop("code")
    answer = sara.client.get("/hub/spawn/sara/P1")
    assert (answer.status_code, "nobody can be asked" in answer.text) == (503, True)


def test_a_broker_that_admits_where_no_sandboxes_are_is_not_believed(sara: Browser) -> None:
    answer = sara.client.get("/hub/spawn/sara/P1")
    assert (answer.status_code, "SPAWN_NOT_AVAILABLE" in answer.text) == (503, True)


def test_the_server_without_a_contract_is_refused(sara: Browser, broker: FakeBroker) -> None:
    before = len(broker.told_of("/hub/spawns"))
    answer = sara.client.post("/hub/api/users/sara/server", headers={"X-XSRFToken": sara.xsrf()})
    assert answer.status_code == 400
    assert len(broker.told_of("/hub/spawns")) == before


@pytest.mark.parametrize(
    "path",
    ["/hub/token", "/hub/admin", "/hub/spawn", "/hub/spawn/sara", "/hub/metrics", "/hub/accept-share?code=x"],
)
def test_pages_we_do_not_offer_are_not_there(sara: Browser, path: str) -> None:
    assert sara.client.get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/hub/api/users/sara/tokens"),
        ("GET", "/hub/api/users/sara/tokens"),
        ("GET", "/hub/api/users"),
        ("POST", "/hub/api/users/eve"),
        ("GET", "/hub/api/proxy"),
        ("POST", "/hub/api/shutdown"),
        ("POST", "/hub/api/shares/sara/P1"),
        ("POST", "/hub/api/users/Sara/servers/P2"),
        ("DELETE", "/hub/api/users/Sara/servers/P2"),
        ("POST", "/hub/api/groups/monitoring/users"),
    ],
)
def test_nobody_may_more_than_start_and_stop_their_own(sara: Browser, method: str, path: str) -> None:
    answer = sara.client.request(method, path, headers={"X-XSRFToken": sara.xsrf()}, json={"users": ["sara"]})
    assert answer.status_code in (403, 404), answer.text


def test_who_is_no_executor_starts_nothing(hub: RunningHub, broker: FakeBroker) -> None:
    browser = hub.browser()
    browser.sign_in("mina")
    assert browser.client.post("/hub/spawn/mina/P1", data={"_xsrf": browser.xsrf()}).status_code in (403, 404)
    assert {"person": "mina", "contract": "P1"} not in broker.told_of("/hub/spawns")


def test_a_disabled_person_is_out_within_seconds_whatever_they_hold(hub: RunningHub, broker: FakeBroker) -> None:
    browser = hub.browser()
    browser.sign_in("sara")
    elsewhere = hub.browser()
    elsewhere.sign_in("sara")
    broker.people["sara"]["disabled"] = True
    assert browser.get("/hub/home").url.path == "/hub/login"
    assert browser.client.post("/hub/spawn/sara/P1").status_code == 403
    deadline = time.monotonic() + 8
    while (page := elsewhere.get("/hub/spawn/sara/P1")).url.path != "/hub/login" and time.monotonic() < deadline:
        time.sleep(0.5)
    assert page.url.path == "/hub/login"


def test_the_warden_s_token_stops_servers_and_makes_none(hub: RunningHub, sara: Browser) -> None:
    api = f"http://127.0.0.1:{hub.ports.hub}/hub/api"
    assert httpx.get(f"{api}/users", headers=WARDEN).status_code == 200
    sara.client.get("/hub/spawn/sara/P1")
    assert httpx.delete(f"{api}/users/sara/servers/P1", headers=WARDEN).status_code == 204
    assert httpx.post(f"{api}/users/sara/servers/P1", headers=WARDEN).status_code in (403, 404)
    assert httpx.post(f"{api}/users/eve", headers=WARDEN).status_code in (403, 404)


def test_the_console_is_a_service_for_those_who_have_a_group(
    hub: RunningHub, sara: Browser, broker: FakeBroker
) -> None:
    ask = "/hub/api/oauth2/authorize?client_id=service-console&response_type=code&state=x&redirect_uri="
    answer = sara.client.get(ask + "/services/console/oauth_callback")
    assert answer.status_code == 302
    assert answer.headers["location"].startswith("/services/console/oauth_callback?code=")
    assert httpx.get(f"{hub.url}/hub/api/users", headers=CONSOLE).status_code == 403
    broker.add("guest", groups=())
    guest = hub.browser()
    guest.sign_in("guest")
    assert guest.client.get(ask + "/services/console/oauth_callback").status_code == 403


def test_every_page_forbids_frames_and_strangers_scripts(sara: Browser) -> None:
    for path in ("/hub/login", "/hub/home", "/hub/nothing-here"):
        headers = sara.client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'self'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_cookies_are_for_this_site_and_not_for_scripts(hub: RunningHub, broker: FakeBroker) -> None:
    browser = hub.browser()
    page = browser.client.get("/hub/login")
    token = page.text.split('name="_xsrf" value="')[1].split('"')[0]
    form = {"_xsrf": token, "username": "sara", "password": "correct horse"}
    cookies = browser.client.post("/hub/login", data=form).headers.get_list("set-cookie")
    login = next(cookie for cookie in cookies if cookie.startswith("jupyterhub-hub-login"))
    assert "HttpOnly" in login
    assert "SameSite=Lax" in login


def test_a_form_from_elsewhere_is_refused(sara: Browser) -> None:
    assert sara.client.post("/hub/spawn/sara/P1", data={"_xsrf": "guessed"}).status_code == 403
    assert sara.client.delete("/hub/api/users/sara/servers/P1").status_code == 403


def test_secrets_are_not_in_the_log_nor_readable_in_the_database(hub: RunningHub, sara: Browser) -> None:
    log, kept = hub.log(), b"".join(path.read_bytes() for path in Path(hub.state / "hub").iterdir())
    for secret in ("1" * 64, "2" * 64, "5" * 64, "7" * 64, "correct horse"):
        assert secret not in log
        assert secret.encode() not in kept


def test_errors_are_told_in_the_reader_s_language(hub: RunningHub, broker: FakeBroker) -> None:
    for language, sentence in (("fa", "چنین صفحه‌ای اینجا نیست"), ("en", "There is no such page here")):
        browser = hub.browser(language)
        broker.add("nima", "P1")
        browser.sign_in("nima")
        assert sentence in browser.get("/hub/nothing-here").text
        answer = browser.client.get("/hub/user/nima/P1/lab")
        assert answer.status_code == 424
        assert 'href="/hub/home"' in answer.text
