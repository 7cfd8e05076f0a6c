"""`amanat up`: the parts as processes of one machine, started stage by stage, watched, restarted, stopped together.

A part that dies is started again; while it is away whatever needs it is refused, never waved through.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from access_broker.adapters.state_dir import StateDir, write_atomically

START_SECONDS = 50
_RESTART_PAUSE = 0.5
_PR_SET_PDEATHSIG = 1
_MACHINE = {"PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "DOCKER_HOST"}
_DATA = {"AMANAT_RECORDS_URL", "AMANAT_ALLOW_MISSING_WALLS", "AMANAT_OPA", "AMANAT_SOURCES", "AMANAT_AUDIT_KEYS"}
_WEB = {
    "AMANAT_PUBLIC_ADDRESS",
    "AMANAT_TLS_CERT",
    "AMANAT_TLS_KEY",
    "AMANAT_OUTPUT_MB_PER_MINUTE",
    "AMANAT_CONNECTIONS_PER_ADDRESS",
    "AMANAT_HOME_MB",
    "AMANAT_BROKER_SILENCE",
}
_KEPT = _MACHINE | _DATA | _WEB


class StartFailed(Exception):  # noqa: N818 - shown to the operator as it stands
    """A part did not come up. The message says what to do."""


@dataclass
class Part:
    """One process. `ready` asks once whether it answers; `environment` is what it alone may know beside the common."""

    name: str
    command: list[str]
    ready: Callable[[], bool]
    environment: dict[str, str] = field(default_factory=dict, repr=False)
    folder: Path | None = None
    process: subprocess.Popen[bytes] | None = None
    started: list[float] = field(default_factory=list)


@dataclass
class Supervisor:
    """`stages`: parts of one stage start together; the next stage begins when all of them answer."""

    state: StateDir
    stages: list[list[Part]]
    addresses: dict[str, Any]
    ready_file: Path | None = None
    _stopping: bool = False

    def run(self) -> None:
        """Start everything, announce it, watch until SIGTERM or Ctrl-C, stop everything."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        try:
            for stage in self.stages:
                for part in stage:
                    self._start(part)
                for part in stage:
                    self._await(part)
            self.state.announce(self.addresses)
            if self.ready_file:
                write_atomically(self.ready_file, json.dumps(self.addresses))
            while not self._stopping:
                self._watch()
                time.sleep(0.2)
        finally:
            self.state.withdraw()
            if self.ready_file:
                self.ready_file.unlink(missing_ok=True)
            self._end_all()

    @property
    def parts(self) -> list[Part]:
        return [part for stage in self.stages for part in stage]

    def _stop(self, *_: object) -> None:
        self._stopping = True

    def _start(self, part: Part) -> None:
        log = (self.state.logs / f"{part.name}.log").open("ab")
        # a new session: Ctrl-C at the terminal reaches only us, and we stop the parts in order
        part.process = subprocess.Popen(
            part.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=child_environment() | part.environment,
            cwd=part.folder,
            preexec_fn=partial(_end_with, os.getpid()),
        )
        log.close()
        part.started = [*part.started[-9:], time.monotonic()]

    def _await(self, part: Part) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not part.ready():
            if part.process is None or part.process.poll() is not None:
                raise StartFailed(f"{part.name} ended while starting:\n{self._last_words(part)}")
            if self._stopping or time.monotonic() > deadline:
                raise StartFailed(f"{part.name} did not answer in {START_SECONDS} s; see {self.state.logs}")
            time.sleep(0.05)

    def _watch(self) -> None:
        for part in self.parts:
            if part.process is not None and part.process.poll() is not None and not self._stopping:
                recent = [t for t in part.started if time.monotonic() - t < 30]
                time.sleep(_RESTART_PAUSE * len(recent))
                print(f"{part.name} ended ({part.process.returncode}); starting it again", file=sys.stderr)
                self._start(part)

    def _last_words(self, part: Part) -> str:
        lines = (self.state.logs / f"{part.name}.log").read_text(errors="replace").splitlines()
        return "\n".join(lines[-8:])

    def _end_all(self) -> None:
        for part in reversed(self.parts):
            if part.process is not None and part.process.poll() is None:
                part.process.terminate()
        deadline = time.monotonic() + 8
        for part in reversed(self.parts):
            if part.process is None:
                continue
            try:
                part.process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                part.process.kill()
                part.process.wait()


def _end_with(parent: int) -> None:
    """In the child: SIGTERM when the supervisor dies, however it dies. A door without it must not stay open."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os._exit(0)


def child_environment() -> dict[str, str]:
    """What the parts may know of our environment: nothing but what is named here."""
    kept = {k: v for k, v in os.environ.items() if k in _KEPT}
    # The ledger's tables are small: threads that wait for each other cost three times what they bring.
    return kept | {"PYTHONUNBUFFERED": "1", "OPENBLAS_NUM_THREADS": "1"}


def answers(url: str) -> Callable[[], bool]:
    """A `ready` that asks an HTTP address for 200."""

    def ask() -> bool:
        try:
            return httpx.get(url, timeout=2, trust_env=False).status_code == 200
        except httpx.HTTPError:
            return False

    return ask


def responds(url: str) -> Callable[[], bool]:
    """A `ready` for a part that answers strangers with a refusal: any answer at all will do."""

    def ask() -> bool:
        try:
            httpx.get(url, timeout=2, trust_env=False, verify=False)  # noqa: S501 - is anybody there, no more
        except httpx.HTTPError:
            return False
        return True

    return ask


def exists(path: Path) -> Callable[[], bool]:
    """A `ready` for a part that leaves a mark once it serves; an old mark is removed first."""
    path.unlink(missing_ok=True)
    return path.exists
