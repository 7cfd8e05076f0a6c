"""Every page in a real browser, in both languages: accessible by axe, inside the window, quiet under its own CSP."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from access_broker.console.here import PREFIX
from access_broker.domain.acts import WarningNotice
from access_broker.domain.agreement import text_digest
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import ContractState
from access_broker.domain.motions import Choice, Motion, Subject, Vote
from access_broker.domain.people import Committee
from access_broker.domain.sandboxes import Sandbox
from access_broker.domain.signals import Signal, SignalKind
from access_broker.domain.working_days import Closure
from access_broker.use_cases.calendar import today
from tests.console.world import World, make_world
from tests.support.factories import NOW, make_contract

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = {
    "analyst": [
        "/contracts",
        "/contracts/P1",
        "/contracts/P1/oversight",
        "/contracts/P3",
        "/contracts/P1/leaving",
        "/contracts/P1/reports",
        "/refusals",
    ],
    "chair": [
        "/committee",
        "/contracts/P2",
        "/contracts/P1/acts/warn",
        "/contracts/P1/acts/cut",
        "/contracts/P1/oversight",
        "/contracts/P3/leaving",
        "/contracts/P3/end",
        "/contracts/P3/oversight",
        "/running",
        "/datasets/health",
        "/motions/new?subject=approve_contract&about=P2",
        "/motions/motion-1",
        "/motions/motion-1/minutes",
        "/problems/clinics",
        "/contracts/P1",
        "/nowhere",
    ],
    "herasat": ["/guarantees"],
    "steward": ["/datasets", "/datasets/health", "/datasets/-/register"],
    "auditor": ["/audit", "/audit?since=never"],
    "operator": ["/people", "/days", "/system"],
}


def chromium() -> str:
    """Where the browser is. Skips where there is none, or no axe; fails instead where both are demanded."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    missing = [name for name, there in (("chromium", path), ("axe-core", AXE.is_file())) if not there]
    if missing or path is None:
        told = f"not run: {' and '.join(missing)} missing; install chromium and run scripts/node.sh"
        if os.environ.get("AMANAT_DEMAND_BROWSER") == "1":
            pytest.fail(told)
        pytest.skip(told)
    return path


@contextmanager
def served(world: World) -> Iterator[str]:
    config = uvicorn.Config(world.app, host="127.0.0.1", port=0, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def world() -> World:
    states = {"P1": ContractState.ACTIVE, "P2": ContractState.DRAFTED, "P3": ContractState.CUT}
    world = make_world(*(make_contract(id, state) for id, state in states.items()))
    event = AuditEvent("test.arranged", "test", "P1", "F-1")
    statement = {"text": 'SELECT "سن" FROM t WHERE "سن" > 30', "code": "NOT_GRANTED", "uses": []}
    with world.records.write() as writer:
        writer.save_warning(WarningNotice("P1", 1, "chair", NOW, "سطرها را پاک کنید."), event)
        writer.save_sandbox(Sandbox("a1b2c3d4e5f6", "analyst", "P1", 1, 1, "198.18.16.10", "d" * 64, NOW), event)
        writer.record(AuditEvent("query.refused", "analyst", "P1", "S3-P5", statement))
        writer.record(AuditEvent("query.allowed", "analyst", "P1", "S3-P5", statement))
        writer.file(Signal("P1", SignalKind.EGRESS, today(NOW), "", 12, 10, "S3-P8", NOW), event)
        writer.file(Closure("", today(NOW), "آلودگی هوا", "operator", NOW), event)
        draft = text_digest(make_contract("P2"))
        asked = (Committee.MONITORING, Subject.APPROVE_CONTRACT, "P2", "قرارداد شش‌ماهه", draft, "herasat", NOW)
        writer.file(Motion("motion-1", *asked), event)
        writer.file(
            Vote("motion-1", 1, "chair", 1, Choice.FOR, NOW, "مناسب است", (), ("health.citizens.income",)), event
        )
    return world


def opened(browser: Browser, url: str, language: str, complaints: list[str]) -> BrowserContext:
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    context.add_cookies([{"name": "amanat-language", "value": language, "url": url}])
    context.on("console", lambda m: complaints.append(m.text) if "Content Security Policy" in m.text else None)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    return context


def violations(page: Page) -> list[str]:
    """What axe holds against the page: rule, and where."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: dict[str, Any] = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [f"{v['id']}: {node['html'][:120]}" for v in found["violations"] for node in v["nodes"]]


@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_page_is_accessible_and_fits(browser: Browser, world: World, language: str) -> None:
    told: list[str] = []
    with served(world) as url:
        for who, paths in PAGES.items():
            world.sign_in.person = who
            complaints: list[str] = []
            context = opened(browser, url, language, complaints)
            page = context.new_page()
            for path in paths:
                page.goto(f"{PREFIX}{path}")
                told += [f"{who} {path}: {violation}" for violation in violations(page)]
                for wide in (1280, 390):
                    page.set_viewport_size({"width": wide, "height": 800})
                    width = page.evaluate("document.documentElement.scrollWidth")
                    told += [f"{who} {path}: {width} pixels in a window of {wide}"] if width > wide else []
            told += [f"{who}: {complaint}" for complaint in complaints]
            context.close()

    assert told == []


def test_a_cut_by_hand_and_its_end_by_itself(browser: Browser, world: World) -> None:
    world.sign_in.person = "chair"
    complaints: list[str] = []
    with served(world) as url:
        context = opened(browser, url, "fa", complaints)
        page = context.new_page()
        page.goto(f"{PREFIX}/contracts/P1/acts/cut")
        page.check('input[value="F-13"]')
        page.fill("#confirm", "P1")
        page.click("button.btn-danger")
        assert page.url.endswith("/contracts/P1/end")
        assert page.locator("#live .verdict-wait").count() == 1

        with world.records.write() as writer:
            writer._state.sandboxes.clear()
        page.wait_for_selector("#live tr.waiting >> nth=0")
        page.wait_for_function("() => !document.querySelector('#live').textContent.includes('a1b2c3d4e5f6')")
        context.close()

    assert complaints == []


def test_a_page_that_gets_no_answer_any_more_says_so(browser: Browser, world: World) -> None:
    world.sign_in.person = "chair"
    with served(world) as url:
        context = opened(browser, url, "en", [])
        page = context.new_page()
        page.goto(f"{PREFIX}/running")
        assert page.locator("[data-lost]").is_hidden()
        world.records.broken = RuntimeError("gone")
        page.wait_for_selector("[data-lost]", state="visible")
        world.records.broken = None
        page.wait_for_selector("[data-lost]", state="hidden")
        context.close()
