"""Forms that our page did not send for this login are not acted upon."""

from __future__ import annotations

import pytest

from access_broker.console.here import FORM_WORD
from access_broker.domain.contracts import ContractState
from tests.console.world import ORIGIN, World, make_world
from tests.support.factories import make_contract, position

PATH = "/contracts/P1/acceptance"


@pytest.fixture
def world() -> World:
    return make_world(make_contract("P1", ContractState.ACTIVE, acknowledged=()))


def accepted(world: World) -> bool:
    with world.records.read() as reader:
        contract = reader.contract("P1")
    return contract is not None and "analyst" in contract.acknowledged


def test_a_form_of_ours_is_acted_upon(world: World) -> None:
    assert world.browser("analyst").post(PATH, follow=False).status_code == 303
    assert accepted(world)


@pytest.mark.parametrize("word", ["", "wrong", "ناشناس"])
def test_a_form_without_the_word_of_this_login_is_not(world: World, word: str) -> None:
    browser = world.browser("analyst")
    before = position(world.records)
    answer = browser.post(PATH, word=word)

    assert answer.status_code == 403
    assert "not made by your present login" in answer.text
    assert position(world.records) == before


def test_the_word_of_another_login_is_worth_nothing(world: World) -> None:
    other = world.browser("chair").word()

    assert world.browser("analyst").post(PATH, word=other).status_code == 403
    assert not accepted(world)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://broker.evil.example"},
        {"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_a_form_from_elsewhere_is_not(world: World, headers: dict[str, str]) -> None:
    browser = world.browser("analyst")

    assert browser.send(PATH, {FORM_WORD: browser.word()}, **headers).status_code == 403
    assert not accepted(world)


@pytest.mark.parametrize("headers", [{"Origin": ORIGIN}, {"Sec-Fetch-Site": "same-origin", "Origin": "null"}])
def test_a_browser_that_says_it_came_from_our_page_is_believed(world: World, headers: dict[str, str]) -> None:
    browser = world.browser("analyst")

    assert browser.send(PATH, {FORM_WORD: browser.word()}, **headers).status_code == 303


def test_every_form_on_every_page_carries_the_word(world: World) -> None:
    for who, path in (("analyst", "/contracts/P1"), ("chair", "/contracts/P1"), ("operator", "/people")):
        text = world.browser(who).get(path).text
        assert text.count('method="post"') == text.count(f'name="{FORM_WORD}"') > 0


def test_a_page_is_closed_to_foreign_scripts_frames_and_caches(world: World) -> None:
    headers = world.browser("analyst").get("/contracts").headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_no_page_has_a_script_or_a_style_of_its_own(world: World) -> None:
    for who, path in (("analyst", "/contracts/P1"), ("chair", "/contracts/P1/acts/cut"), ("chair", "/running")):
        text = world.browser(who).get(path).text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "<style" not in text
        assert text.count("<script") == text.count("<script src=")
