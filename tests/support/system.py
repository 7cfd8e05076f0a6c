"""A whole system on a folder of its own, driven from outside only: command line, Flight SQL, REST."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import adbc_driver_flightsql.dbapi as flight_sql
from adbc_driver_flightsql import DatabaseOptions

from tests.support.judge import CORPUS

ROOT = Path(__file__).parents[2]
AMANAT = [sys.executable, "-m", "access_broker"]
_CODE = re.compile(r"\[AMANAT:([A-Z0-9_]+)\]")

LONG = (
    "SELECT sum(sqrt(a.population + k.population)) FROM provinces a, provinces b, provinces c, provinces d, "
    "provinces e, provinces f, provinces g, provinces h, provinces i, provinces j, provinces k"
)
"""Minutes of computing over open data: a root for each of eight to the power of eleven rows."""


def free_ports(count: int = 8) -> int:
    """The first of `count` neighbouring ports that were free a moment ago."""
    for base in range(21_000 + os.getpid() % 2000, 32_000, 7):
        taken = False
        for port in range(base, base + count):
            with socket.socket() as probe:
                taken |= probe.connect_ex(("127.0.0.1", port)) == 0
        if not taken:
            return base
    raise AssertionError("no free ports")


@dataclass
class System:
    """`start` returns when everything answers; `stop` sends SIGTERM and checks that nothing is left."""

    state: Path
    policy: str = "embedded"
    options: tuple[str, ...] = ("--no-sandboxes", "--no-web")
    environment: dict[str, str] = field(default_factory=dict)
    port_base: int = field(default_factory=free_ports)
    _process: subprocess.Popen[str] | None = None
    _tokens: dict[tuple[str, str | None], str] = field(default_factory=dict)

    @property
    def ready_file(self) -> Path:
        return self.state.parent / f"{self.state.name}.{self.port_base}.ready.json"

    def start(self) -> System:
        command = [*AMANAT, "up", "--state", str(self.state), *self.options, "--policy", self.policy]
        command += ["--port-base", str(self.port_base), "--ready-file", str(self.ready_file)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, text=True, stderr=subprocess.PIPE, env=os.environ | self.environment
        )
        deadline = time.monotonic() + 60
        while not self.ready_file.exists():
            if self._process.poll() is not None:
                _, said = self._process.communicate()
                raise AssertionError(f"amanat up ended: {said}")
            assert time.monotonic() < deadline, "not ready in 60 s"
            time.sleep(0.05)
        return self

    @property
    def addresses(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.ready_file.read_text())
        return found

    def stop(self) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        assert self._process.wait(20) == 0
        assert self._process.stderr is not None
        self._process.stderr.close()
        self._process = None
        assert self.processes() == []

    def processes(self) -> list[int]:
        """Every process that has this state folder on its command line, workers' parents included."""
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    line = (entry / "cmdline").read_bytes().decode(errors="replace")
                except OSError:
                    continue
                if str(self.state) in line and "access_broker.main" in line:
                    found.append(int(entry.name))
        return found

    def pid_of(self, part: str) -> int:
        for pid in self.processes():
            if f"\0{part}\0" in Path(f"/proc/{pid}/cmdline").read_text():
                return pid
        raise AssertionError(f"no {part}")

    def amanat(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """A command on this state folder."""
        command = [*AMANAT, *arguments, "--state", str(self.state)]
        done = subprocess.run(
            command, cwd=ROOT, text=True, capture_output=True, timeout=600, env=os.environ | self.environment
        )
        assert not check or done.returncode == 0, done.stderr
        return done

    def load(self, scenario: Path) -> None:
        self.amanat("load", str(scenario))

    def token(self, person: str, contract: str | None = None) -> str:
        if (person, contract) not in self._tokens:
            extra = ["--contract", contract] if contract else []
            self._tokens[person, contract] = self.amanat("token", person, *extra).stdout.strip()
        return self._tokens[person, contract]

    def connect(self, token: str) -> Any:
        options = {DatabaseOptions.AUTHORIZATION_HEADER.value: f"Bearer {token}"}
        return flight_sql.connect(self.addresses["flight_sql"], db_kwargs=options, autocommit=True)

    def ask(self, contract: str, sql: str, person: str = "analyst") -> list[tuple[Any, ...]]:
        """The rows of one statement; a refusal raises the driver's own exception."""
        with self.connect(self.token(person, contract)) as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())

    def refusal(self, contract: str, sql: str, person: str = "analyst") -> str:
        """The code a statement is refused with, or "" when it is answered."""
        try:
            self.ask(contract, sql, person)
        except flight_sql.Error as error:
            return code_of(error)
        return ""


@contextmanager
def loaded(state: Path) -> Iterator[System]:
    """A running system with the corpus's contracts, without web and sandboxes."""
    system = System(state).start()
    try:
        system.load(CORPUS / "scenario.yaml")
        yield system
    finally:
        system.stop()


def code_of(error: BaseException | str) -> str:
    found = _CODE.search(str(error))
    assert found, f"a refusal without a code: {error}"
    return found.group(1)
