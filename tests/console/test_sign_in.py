"""Coming in through the hub, staying in, and being out at once: at the hub, by the operator, or by oneself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from access_broker.console.here import PREFIX
from access_broker.console.logins import ASK_AGAIN_SECONDS, COOKIE
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.tokens import digest_of
from tests.console.world import World, make_world
from tests.support.factories import audit_kinds, give_token, make_contract, position


@pytest.fixture
def world() -> World:
    return make_world(make_contract("P1", ContractState.ACTIVE))


def is_revoked(world: World, token: str) -> bool:
    with world.records.read() as reader:
        kept = reader.token(digest_of(token))
    assert kept is not None
    return kept.revoked


def test_whoever_is_not_signed_in_goes_to_the_hub_and_comes_back_to_the_page(world: World) -> None:
    browser = world.browser()
    away = browser.get("/contracts?x=1", follow=False)

    assert away.status_code == 303
    assert away.headers["location"].startswith(f"{PREFIX}/oauth_callback?state=")
    world.sign_in.person = "analyst"
    back = browser._once("GET", away.headers["location"], {}, None)
    assert back.headers["location"] == f"{PREFIX}/contracts?x=1"
    assert browser.get("/contracts").status_code == 200
    assert "token.issued" in audit_kinds(world.records)


def test_the_cookie_is_for_the_console_only_and_no_script_reads_it(world: World) -> None:
    browser = world.browser()
    world.sign_in.person = "analyst"
    away = browser.get("/contracts", follow=False)
    back = browser._once("GET", away.headers["location"], {"X-Forwarded-Proto": "https, http"}, None)
    line = next(line for line in back.headers.get_list("set-cookie") if line.startswith(COOKIE + "="))

    assert f"Path={PREFIX}" in line
    assert {"HttpOnly", "SameSite=lax", "Secure"} <= {part.strip() for part in line.split(";")}


def test_without_tls_the_cookie_is_not_marked_secure_or_it_would_never_come_back(world: World) -> None:
    away = world.browser().get("/contracts", follow=False)

    assert "Secure" not in away.headers["set-cookie"]


@pytest.mark.parametrize("query", ["", "?state=state-0", "?code=good", "?state=state-9&code=good"])
def test_an_arrival_that_this_browser_did_not_begin_is_refused(world: World, query: str) -> None:
    world.sign_in.person = "analyst"
    world.browser().get("/contracts", follow=False)  # somebody else has begun state-0
    stranger = world.browser()
    answer = stranger.get(f"/oauth_callback{query}", follow=False)

    assert answer.status_code == 403
    assert COOKIE not in stranger.cookies


def test_a_state_is_good_for_one_arrival(world: World) -> None:
    browser = world.browser()
    world.sign_in.person = "analyst"
    away = browser.get("/contracts", follow=False)
    kept = dict(browser.cookies)
    assert browser._once("GET", away.headers["location"], {}, None).status_code == 303
    browser.cookies = kept

    assert browser._once("GET", away.headers["location"], {}, None).status_code == 403


def test_a_code_that_the_hub_does_not_know_lets_nobody_in(world: World) -> None:
    browser = world.browser()
    world.sign_in.person = "analyst"
    away = browser.get("/contracts", follow=False)

    answer = browser._once("GET", away.headers["location"].replace("good", "bad"), {}, None)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example", "/services/console\\evil", "/hub/home", ""]
)
def test_nobody_is_sent_elsewhere_from_here(world: World, back: str) -> None:
    answer = world.browser("analyst").get(f"/language/fa?back={back}", follow=False)

    assert answer.headers["location"] == f"{PREFIX}/"


def test_a_disabled_person_is_out_at_once(world: World) -> None:
    browser = world.browser("analyst")
    with world.records.write() as writer:
        person = writer.person("analyst")
        assert person is not None
        writer.save_person(replace(person, disabled=True), AuditEvent("test.arranged", "test", "analyst", "F-1"))
    answer = browser.get("/contracts")

    assert answer.status_code == 403
    assert "PERSON_DISABLED" in answer.text


def test_a_disabled_person_does_not_come_in(world: World) -> None:
    with world.records.write() as writer:
        person = writer.person("analyst")
        assert person is not None
        writer.save_person(replace(person, disabled=True), AuditEvent("test.arranged", "test", "analyst", "F-1"))
    world.sign_in.person = "analyst"
    answer = world.browser().get("/contracts")

    assert answer.status_code == 403
    assert "PERSON_DISABLED" in answer.text


def test_the_hub_is_asked_again_after_a_few_seconds_and_not_before(world: World) -> None:
    browser = world.browser("analyst")
    world.ticks = ASK_AGAIN_SECONDS - 0.1
    browser.get("/contracts")
    assert world.sign_in.asked == 0

    world.ticks = ASK_AGAIN_SECONDS
    browser.get("/contracts")
    browser.get("/contracts")
    assert world.sign_in.asked == 1


def test_signing_out_at_the_hub_ends_the_console_and_its_token(world: World) -> None:
    browser = world.browser("analyst")
    token = browser.cookies[COOKIE]
    world.sign_in.out.add("analyst")
    world.ticks += ASK_AGAIN_SECONDS
    answer = browser.get("/contracts", follow=False)

    assert answer.status_code == 303
    assert "oauth_callback" in answer.headers["location"]
    assert is_revoked(world, token)


def test_a_hub_that_does_not_answer_is_no_yes(world: World) -> None:
    browser = world.browser("analyst")
    world.sign_in.away = True
    world.ticks += ASK_AGAIN_SECONDS
    answer = browser.get("/contracts")

    assert answer.status_code == 503
    assert "does not answer" in answer.text
    world.sign_in.away = False
    assert browser.get("/contracts").status_code == 200


def test_signing_out_here_revokes_the_token_and_goes_on_to_the_hub(world: World) -> None:
    browser = world.browser("analyst")
    token = browser.cookies[COOKIE]
    answer = browser.post("/logout")

    assert answer.headers["location"] == "/hub/logout"
    assert is_revoked(world, token)
    assert COOKIE not in browser.cookies
    assert "token.revoked" in audit_kinds(world.records)


def test_after_a_restart_the_login_is_renewed_and_the_old_token_ends(world: World) -> None:
    browser = world.browser("analyst")
    token = browser.cookies[COOKIE]
    world.restart()
    browser.client._app = world.app

    assert browser.get("/contracts").status_code == 200
    assert browser.cookies[COOKIE] != token
    assert is_revoked(world, token)


def test_a_token_of_another_kind_in_the_cookie_opens_nothing(world: World) -> None:
    with world.records.read() as reader:
        contract = reader.contract("P1")
    give_token(world.records, "from-a-notebook", "analyst", contract)
    give_token(world.records, "from-the-command-line", "analyst")
    for text in ("from-a-notebook", "from-the-command-line", "made up"):
        browser = world.browser()
        browser.cookies[COOKIE] = text
        assert browser.get("/contracts", follow=False).status_code == 303


def test_a_part_of_a_page_asks_the_whole_page_to_sign_in_again(world: World) -> None:
    answer = world.browser().get("/running/live", follow=False, **{"HX-Request": "true"})

    assert answer.status_code == 401
    assert answer.headers["hx-refresh"] == "true"


def test_a_form_after_the_login_is_over_says_what_to_do(world: World) -> None:
    browser = world.browser("analyst")
    word = browser.word()
    browser.cookies.pop(COOKIE)
    before = position(world.records)
    answer = browser.post("/contracts/P1/acceptance", follow=False, word=word)

    assert answer.status_code == 401
    assert "Sign in again" in answer.text
    assert position(world.records) == before


def test_pages_are_spoken_in_the_language_of_the_browser_then_of_the_person(world: World) -> None:
    assert 'lang="en"' in world.browser("analyst").get("/contracts").text
    persian = world.browser("analyst", language="").get("/contracts").text
    assert '<html lang="fa" dir="rtl">' in persian
    assert "قراردادهای من" in persian


def test_choosing_a_language_is_remembered_for_the_hub_too(world: World) -> None:
    browser = world.browser("analyst")
    answer = browser.get(f"/language/fa?back={PREFIX}/contracts", follow=False)

    assert answer.headers["location"] == f"{PREFIX}/contracts"
    assert "Path=/;" in answer.headers["set-cookie"]
    assert 'lang="fa"' in browser.get("/contracts").text
    assert browser.get("/language/de").status_code == 404
