"""A broker's door for the hub, scripted: what it is told it remembers, what it answers the test decides."""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "5" * 64
PASSWORD = "correct horse"


@dataclass
class FakeBroker:
    """`refusals`: end of a path → problem document. `slow`: end of a path → seconds. `people`: id → what is told."""

    pool: ipaddress.IPv4Network = field(default_factory=lambda: ipaddress.IPv4Network("198.18.240.0/20"))
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    refusals: dict[str, dict[str, Any]] = field(default_factory=dict)
    told: list[tuple[str, str, Any]] = field(default_factory=list)
    sandboxes: dict[str, dict[str, Any]] = field(default_factory=dict)
    slow: dict[str, float] = field(default_factory=dict)
    extracts: dict[str, bytes] = field(default_factory=dict)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        assert self.server
        return f"http://127.0.0.1:{self.server.server_address[1]}/api/v1"

    def add(
        self, person: str, *contracts: str, groups: tuple[str, ...] = ("executors",), may_spawn: bool = True
    ) -> None:
        row = {"problem_en": "Where do benefits go?", "problem_fa": "یارانه‌ها کجا می‌روند؟", "state": "active"}
        ends = {"ends_at": "2027-02-20T20:30:00Z", "may_spawn": may_spawn}
        why = "" if may_spawn else "[AMANAT:CONTRACT_CUT] (F-13) The contract was cut."
        self.people[person] = {
            "person": person,
            "name_en": "Sara Ahmadi",
            "name_fa": "سارا احمدی",
            "language": "fa",
            "disabled": False,
            "groups": list(groups),
            "contracts": [{"contract": name, **row, **ends, "why": why} for name in contracts],
        }

    def refuse(self, path: str, code: str, rule: str, detail: str, status: int = 403) -> None:
        self.refusals[path] = {"code": code, "rule": rule, "detail": detail, "status": status}

    def told_of(self, ending: str) -> list[Any]:
        return [body for _, path, body in self.told if path.endswith(ending)]

    # --- answers -------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, body: Any, headers: Any) -> tuple[int, Any]:
        self.told.append((method, path, body))
        time.sleep(next((seconds for ending, seconds in self.slow.items() if path.endswith(ending)), 0))
        for ending, problem in self.refusals.items():
            if path.endswith(ending):
                return int(problem["status"]), problem
        if path == "/hub/sign-ins":
            good = body["person"] in self.people and body["password"] == PASSWORD
            return (200, {"token": "unused"}) if good else (401, _problem("SIGN_IN_FAILED", "Not right."))
        if headers.get("X-Amanat-Hub") != SECRET:
            return 403, _problem("NOT_PERMITTED", "Not for you.")
        if path.startswith("/hub/people/"):
            person = self.people.get(path.removeprefix("/hub/people/"))
            known = person is not None and not person.get("disabled", False)
            return (200, person) if known else (403, _problem("PERSON_DISABLED", "You may not sign in any more."))
        if path == "/hub/spawns":
            return 200, self._admit(body)
        if path.startswith("/hub/extract/"):
            return 200, self.extracts[path.removeprefix("/hub/extract/")]
        if path == "/hub/sandboxes":
            return 200, list(self.sandboxes.values())
        if path.endswith("/ended"):
            self.sandboxes.pop(path.split("/")[3], None)
            return 204, None
        if path.endswith("/running"):
            known = self.sandboxes.get(path.split("/")[3])
            return (200, {}) if known else (404, _problem("NOT_FOUND", "There is none."))
        return 204, None

    def _admit(self, body: Any) -> dict[str, Any]:
        slot = 1 + max((row["slot"] for row in self.sandboxes.values()), default=0)
        subnet = ipaddress.IPv4Network((int(self.pool[8 * slot]), 29))
        place = {"subnet": str(subnet), "gateway": str(subnet[1]), "address": str(subnet[2])}
        sandbox = f"{len(self.told):012x}"
        row = {"sandbox": sandbox, "slot": slot, "generation": 1, **place}
        self.sandboxes[sandbox] = {**body, **row, "state": "starting", "must_end": None}
        return {**row, "token": "t" * 40, "expires_at": "2027-02-20T20:30:00Z", "language": "fa"}


def _problem(code: str, detail: str) -> dict[str, Any]:
    return {"code": code, "rule": "", "detail": detail}


@contextmanager
def fake_broker(port: int = 0) -> Iterator[FakeBroker]:
    broker = FakeBroker()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            path = self.path.removeprefix("/api/v1")
            status, answer = broker.answer(self.command, path, body, self.headers)
            content = answer if isinstance(answer, bytes) else b"" if answer is None else json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _serve  # noqa: N815 - the names http.server looks for

        def log_message(self, *_: Any) -> None:
            """Tests print what they need."""

    broker.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=broker.server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield broker
    finally:
        broker.server.shutdown()
        broker.server.server_close()
        thread.join()
