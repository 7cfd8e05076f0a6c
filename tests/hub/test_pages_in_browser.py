"""The hub's pages in a real browser, both languages: what a person sees, and what a screen reader needs."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Never

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.hub.fake_broker import PASSWORD
from tests.hub.running_hub import RunningHub, running_hub

AXE = Path(__file__).resolve().parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LOCALES = {"fa": "fa-IR", "en": "en-GB"}
NOTHING_LEAVES = {"fa": "هیچ چیز از سکو بیرون نمی‌رود", "en": "Nothing leaves the platform"}


def _not_run(reason: str) -> Never:
    if os.environ.get("AMANAT_DEMAND_BROWSER") == "1":
        pytest.fail(f"AMANAT_DEMAND_BROWSER=1, but {reason}", pytrace=False)
    pytest.skip(f"not run: {reason}")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = shutil.which("chromium")
    if program is None or not AXE.is_file():
        _not_run("there is no chromium or no axe-core; scripts/browser.sh and scripts/node.sh see to them")
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking", "--disable-dev-shm-usage"]
        launched = playwright.chromium.launch(executable_path=program, args=arguments)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def hub(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningHub]:
    with running_hub(tmp_path_factory.mktemp("pages"), {}) as running:
        running.broker.add("sara", "P1")
        yield running


@pytest.fixture(params=["fa", "en"])
def page(request: pytest.FixtureRequest, browser: Any, hub: RunningHub) -> Iterator[Page]:
    context = browser.new_context(base_url=hub.url, locale=LOCALES[request.param])
    yield context.new_page()
    context.close()


def flaws(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run()")
    return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]


def test_from_sign_in_to_a_refusal_and_back(page: Page, hub: RunningHub) -> None:
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if "Content Security Policy" in said.text else None)
    page.goto("/hub/login")
    assert not flaws(page)
    page.fill("#username_input", "sara")
    page.fill("#password_input", PASSWORD)
    page.click("#login_submit")
    page.wait_for_url("**/hub/home")
    assert not flaws(page)
    told = NOTHING_LEAVES[page.get_attribute("html", "lang") or ""]
    assert told in page.inner_text("#nothing-leaves")
    hub.broker.slow["/hub/spawns"] = 2.5
    page.locator("form button").click()
    page.wait_for_url("**/hub/spawn-pending/**")
    assert not flaws(page)
    page.wait_for_selector("[role=alert]", timeout=15000)  # the page has followed the start to its end by itself
    assert "SPAWN_NOT_AVAILABLE" in page.inner_text("[role=alert]")
    assert not flaws(page)
    hub.broker.slow.clear()
    direction = page.get_attribute("html", "dir")
    page.locator("header [hreflang]").click()
    assert page.get_attribute("html", "dir") != direction
    assert not faults


def test_nothing_is_asked_of_another_host(page: Page, hub: RunningHub) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/hub/login")
    page.wait_for_load_state("networkidle")
    assert any(url.endswith("woff2") for url in asked)
    assert all(url.startswith(hub.url) for url in asked)
