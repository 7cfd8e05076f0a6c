"""A system of its own in a temporary place, driven by its command line, its REST and its data door."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as flight_sql
import httpx
from adbc_driver_flightsql import DatabaseOptions

from access_broker.walkthrough.telling import Differs

_CODE = re.compile(r"\[AMANAT:([A-Z0-9_]+)\]")
_PORTS = 8
START_SECONDS = 180  # it ends when all answers; a busy machine may take long


@dataclass
class System:
    """`start` returns when everything answers; `stop` sends SIGTERM and waits."""

    state: Path
    said: str = ""
    process: subprocess.Popen[bytes] | None = None
    addresses: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        ready = self.state.parent / "ready.json"
        log = self.state.parent / "up.log"
        command = [*_AMANAT, "up", "--state", str(self.state), "--ready-file", str(ready)]
        with log.open("wb") as file:
            self.process = subprocess.Popen([*command, "--port-base", str(_free_ports())], stderr=file)
        deadline = time.monotonic() + START_SECONDS
        while not ready.exists():
            self.said = log.read_text(errors="replace")
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise Differs(f"the system did not start: {self.said[-400:]}")
            time.sleep(0.05)
        self.said = log.read_text(errors="replace")
        self.addresses = json.loads(ready.read_text())

    def stop(self) -> int:
        """The exit status."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def amanat(self, *arguments: str, given: str | None = None) -> str:
        """Stdout of a command on this state folder. Raises Differs with its stderr when it fails."""
        command = [*_AMANAT, *arguments, "--state", str(self.state)]
        done = subprocess.run(command, text=True, capture_output=True, input=given, timeout=300)
        if done.returncode:
            raise Differs(done.stderr.strip()[-400:])
        return done.stdout.strip()

    def rest(self, token: str, method: str, path: str, body: Any = None) -> httpx.Response:
        headers = {"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {})
        with httpx.Client(trust_env=False, timeout=60) as client:
            return client.request(method, self.addresses["api"] + path, json=body, headers=headers)

    def done(self, token: str, method: str, path: str, body: Any = None) -> Any:
        """The answer of a request that must succeed."""
        answer = self.rest(token, method, path, body)
        if not answer.is_success:
            raise Differs(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def refused(self, token: str, method: str, path: str, body: Any = None) -> list[tuple[str, str]]:
        """(code, rule) of every reason of a request that must be refused."""
        answer = self.rest(token, method, path, body)
        if answer.is_success:
            raise Differs(f"{method} {path} was answered")
        problem = answer.json()
        return [(e["code"], e["rule"]) for e in problem.get("errors") or [problem]]

    def connect(self, token: str) -> Any:
        options = {DatabaseOptions.AUTHORIZATION_HEADER.value: f"Bearer {token}"}
        return flight_sql.connect(self.addresses["flight_sql"], db_kwargs=options, autocommit=True)

    def ask(self, token: str, sql: str) -> list[tuple[Any, ...]]:
        """The rows of one statement; a refusal raises the driver's own exception."""
        with self.connect(token) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def refusal(self, token: str, sql: str) -> str:
        """The code a statement is refused with."""
        try:
            rows = self.ask(token, sql)
        except flight_sql.Error as error:
            return code_of(str(error))
        raise Differs(f"{len(rows)} rows were released")


def code_of(text: str) -> str:
    found = _CODE.search(text)
    if found is None:
        raise Differs(f"a refusal without a code: {text[:200]}")
    return found.group(1)


_AMANAT = [sys.executable, "-m", "access_broker"]


def _free_ports() -> int:
    """The first of neighbouring ports that were free a moment ago."""
    for base in range(33_000 + os.getpid() % 2000, 60_000, _PORTS):
        probes = [socket.socket() for _ in range(_PORTS)]
        try:
            for port, probe in enumerate(probes, base):
                probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        finally:
            for probe in probes:
                probe.close()
        return base
    raise Differs("no free ports")
