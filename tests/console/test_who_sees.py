"""Which page is open to whom. The link in the header and the page behind it give the same answer."""

from __future__ import annotations

import re

import pytest

from access_broker.console.here import PREFIX
from access_broker.domain.contracts import ContractState
from tests.console.world import World, make_world
from tests.support.factories import make_contract

SECTIONS = {
    "analyst": {"/contracts", "/refusals"},
    "chair": {"/committee", "/running", "/audit"},
    "herasat": {"/committee", "/running", "/audit"},
    "steward": {"/datasets"},
    "auditor": {"/running", "/audit"},
    "operator": {"/running", "/people", "/days", "/system"},
}
GUARDED = {
    "/committee",
    "/datasets",
    "/datasets/-/register",
    "/running",
    "/running/live",
    "/audit",
    "/people",
    "/days",
    "/system",
}
CONTRACT = {
    "/contracts/P1": {"analyst", "chair", "herasat", "steward", "auditor"},
    "/contracts/P1/reports": {"analyst", "chair", "herasat", "steward", "auditor"},
    "/contracts/P1/leaving": {"analyst", "chair", "herasat", "steward", "auditor"},
    "/contracts/P1/signals": {"chair", "herasat", "steward", "auditor"},
    "/contracts/P1/acts/cut": {"chair", "herasat"},
    "/contracts/P2/end": {"chair", "herasat", "steward", "auditor"},
    "/datasets/health": {"chair", "herasat", "steward"},
}


@pytest.fixture(scope="module")
def world() -> World:
    return make_world(make_contract("P1", ContractState.ACTIVE), make_contract("P2", ContractState.CUT))


@pytest.mark.parametrize("who", SECTIONS)
def test_the_header_leads_to_what_is_open_and_to_nothing_else(world: World, who: str) -> None:
    browser = world.browser(who)
    text = browser.get("/").text
    nav = text.split("<nav", 1)[1].split("</nav>")[0]
    linked = {path.removeprefix(PREFIX) for path in re.findall(r'href="([^"]+)"', nav)}

    assert linked == SECTIONS[who]
    assert all(browser.get(path).status_code == 200 for path in linked)


@pytest.mark.parametrize("who", SECTIONS)
@pytest.mark.parametrize("path", sorted(GUARDED))
def test_what_is_not_open_is_refused_with_a_rule(world: World, who: str, path: str) -> None:
    is_open = any(path.startswith(section) for section in SECTIONS[who])
    answer = world.browser(who).get(path)

    assert answer.status_code == (200 if is_open else 403)
    if not is_open:
        assert "NOT_PERMITTED" in answer.text
        assert re.search("F-2|S1-C2", answer.text)


@pytest.mark.parametrize("path", sorted(CONTRACT))
@pytest.mark.parametrize("who", [*SECTIONS, "outsider"])
def test_a_contract_that_is_somebody_elses_looks_like_none(world: World, who: str, path: str) -> None:
    answer = world.browser(who).get(path)
    if who in CONTRACT[path]:
        assert answer.status_code == 200
    else:
        assert answer.status_code in (403, 404)
        assert "NOT_FOUND" in answer.text or "NOT_PERMITTED" in answer.text


def test_a_party_does_not_see_how_its_contract_came_about(world: World) -> None:
    mine, theirs = (world.browser(who).get("/contracts/P2").text for who in ("analyst", "auditor"))

    assert "How it ended" not in mine
    assert "How it ended" in theirs


def test_there_is_nothing_behind_an_address_that_is_none(world: World) -> None:
    assert world.browser("chair").get("/nowhere/at/all").status_code == 404
    assert world.browser("chair").get("/contracts/P9").status_code == 404
    assert world.browser("chair").get("/contracts/P1/acts/burn").status_code == 422
    assert world.browser("chair").get("/contracts/P1/end").status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_shown_or_done_for_whoever_is_not_signed_in(world: World, method: str) -> None:
    browser = world.browser()
    for path in (*GUARDED, *CONTRACT, "/contracts", "/refusals", "/nowhere"):
        answer = browser._go(method, path, False, {}, {} if method == "POST" else None)
        assert answer.status_code in ((303,) if method == "GET" else (401, 405)), path
