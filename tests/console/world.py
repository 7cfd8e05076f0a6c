"""The console over records in memory, and a browser without a screen that keeps cookies and fills in forms."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from fastapi import FastAPI

from access_broker.api.app import create_api
from access_broker.api.services import Extras, Secrets
from access_broker.console.here import PREFIX
from access_broker.console.router import create_console
from access_broker.domain.audit import AuditEvent
from access_broker.domain.contracts import Contract
from access_broker.domain.people import Role
from tests.console.fake_sign_in import FakeSignIn
from tests.support.broker import PASSWORDS, Checked
from tests.support.factories import ITO, NOW, make_records, make_scenario, person
from tests.support.fakes import FixedClock, InMemoryRecords, ScriptedPolicy, speak
from tests.support.http import Client

ORIGIN = "http://broker"
_FORM_WORD = re.compile(r'name="form_word" value="([^"]+)"')
OPERATOR = person("operator", ITO, Role.OPERATOR)


@dataclass
class World:
    """`verified` is what reading the chain anew finds, `ticks` the seconds that have passed.

    `spent`: (contract, UTC day) → statements, `epsilon_spent`: contract → millionths; whatever is not in them, the
    console cannot see.
    """

    records: InMemoryRecords
    clock: FixedClock
    policy: ScriptedPolicy = field(default_factory=ScriptedPolicy)
    sign_in: FakeSignIn = field(default_factory=FakeSignIn)
    verified: Checked = field(default_factory=Checked)
    told: list[str] = field(default_factory=list)
    ticks: float = 0.0
    spent: dict[tuple[str, str], int] = field(default_factory=dict)
    epsilon_spent: dict[str, int] = field(default_factory=dict)
    parts: dict[str, bool] = field(default_factory=lambda: {"broker": True, "hub": False})

    def __post_init__(self) -> None:
        console = create_console(self.sign_in, lambda: self.parts, lambda: self.ticks)
        extras = Extras(
            lambda *_: make_scenario(),
            lambda: self.verified,
            self.told.append,
            (console,),
            spent=lambda contract, day: self.spent.get((contract, day)),
            epsilon_spent=lambda contract: self.epsilon_spent.get(contract),
        )
        secrets = Secrets("operator", "hub", "guard")
        self.app: FastAPI = create_api(self.records, self.policy, self.clock, PASSWORDS, speak, secrets, extras)

    def restart(self) -> None:
        """The broker again, with the same records and an empty memory."""
        self.__post_init__()

    def browser(self, who: str = "", language: str = "en") -> Browser:
        """A browser in which `who` has signed in, if anybody."""
        browser = Browser(Client(self.app), self.sign_in)
        if language:
            browser.cookies["amanat-language"] = language
        if who:
            self.sign_in.person = who
            assert browser.get("/contracts").status_code == 200
        return browser


@dataclass
class Browser:
    client: Client
    sign_in: FakeSignIn
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, follow: bool = True, **headers: str) -> httpx.Response:
        return self._go("GET", path, follow, headers)

    def post(self, path: str, follow: bool = True, word: str | None = None, **fields: str) -> httpx.Response:
        """Send a form as our page would: with this login's word, from this origin."""
        known = word if word is not None else self.word()
        return self.send(path, fields | {"form_word": known}, follow, Origin=ORIGIN)

    def send(self, path: str, fields: dict[str, str], follow: bool = False, **headers: str) -> httpx.Response:
        return self._go("POST", path, follow, headers, fields)

    def word(self) -> str:
        found = _FORM_WORD.search(self.get("/contracts").text)
        assert found, "no form on the page"
        return unescape(found[1])

    def _go(
        self, method: str, path: str, follow: bool, headers: dict[str, str], form: dict[str, str] | None = None
    ) -> httpx.Response:
        url = path if path.startswith("/services") else f"{PREFIX}{path}"
        for _ in range(8):
            response = self._once(method, url, headers, form)
            if not (follow and response.is_redirect):
                return response
            url, method, form = urljoin(url, response.headers["location"]), "GET", None
            if not urlsplit(url).path.startswith(PREFIX):
                return response
        raise AssertionError("round and round")

    def _once(self, method: str, url: str, headers: dict[str, str], form: dict[str, str] | None) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**({"Cookie": cookie} if cookie else {}), **headers}
        options: dict[str, Any] = {"headers": sent} | ({"data": form} if form is not None else {})
        response = self.client.request(method, url, **options)
        for line in response.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value, _, attributes = rest.partition(";")
            if "max-age=0" in attributes.lower():
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return response


def make_world(*contracts: Contract, **changes: Any) -> World:
    clock = FixedClock(NOW)
    records = make_records(*contracts, clock=clock)
    with records.write() as writer:
        writer.save_person(OPERATOR, AuditEvent("test.arranged", "test", "operator", "F-1"))
    return World(records, clock, **changes)
